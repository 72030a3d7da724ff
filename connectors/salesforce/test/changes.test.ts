// What the sandbox never sends: gaps, overflows, differences, compound fields, fields that no event carries.
import { count, id, lookup, money, text } from '@plumbline/sdk'
import avsc from 'avsc'
import { describe, expect, it } from 'vitest'
import { EventSchema } from '../src/avro.ts'
import { observationsOf, type Target } from '../src/changes.ts'
import { eur, usd } from './support.ts'

const strings = { type: 'array', items: 'string' }
const changeType = {
  type: 'enum',
  name: 'ChangeType',
  symbols: ['CREATE', 'UPDATE', 'DELETE', 'UNDELETE', 'GAP_UPDATE', 'GAP_OVERFLOW'],
}
const header = {
  type: 'record',
  name: 'ChangeEventHeader',
  fields: [
    { name: 'entityName', type: 'string' },
    { name: 'recordIds', type: strings },
    { name: 'changeType', type: changeType },
    { name: 'changeOrigin', type: 'string' },
    { name: 'commitTimestamp', type: 'long' },
    { name: 'commitNumber', type: 'long' },
    { name: 'commitUser', type: 'string' },
    { name: 'nulledFields', type: strings },
    { name: 'diffFields', type: strings },
    { name: 'changedFields', type: strings },
  ],
}
const optional = (name: string, type: unknown) => ({ name, type: ['null', type], default: null })
const address = { type: 'record', name: 'Address', fields: [optional('Street', 'string'), optional('City', 'string')] }
const json = {
  type: 'record',
  name: 'AccountChangeEvent',
  namespace: 'com.sforce.eventbus',
  fields: [
    { name: 'ChangeEventHeader', type: header },
    {
      name: 'Name',
      type: ['null', 'string', { type: 'record', name: 'PersonName', fields: [optional('LastName', 'string')] }],
      default: null,
    },
    optional('BillingAddress', address),
    optional('ShippingAddress', 'Address'),
    optional('Revenue__c', 'double'),
    optional('Description', 'string'),
    optional('ParentId', 'string'),
    optional('Seats__c', 'double'),
    optional('LastModifiedDate', 'long'),
    optional('CurrencyIsoCode', 'string'),
  ],
}
const schema = new EventSchema(JSON.stringify(json))
const target: Target = {
  object: 'Account',
  fields: {
    Id: id(),
    Name: text('Name'),
    BillingCity: text('City'),
    Revenue__c: money('Revenue'),
    Description: text('Words'),
    ParentId: lookup('Account'),
    Seats__c: count('Seats'),
  },
}

function hear(
  event: Record<string, unknown>,
  fields: Record<string, unknown> = {},
  of: Target = target,
  currencies: 'one' | 'several' = 'one',
) {
  const told = {
    entityName: 'Account',
    recordIds: ['0014H00002LbR7Q'],
    changeType: 'UPDATE',
    changeOrigin: '',
    commitTimestamp: 1_000_000_500,
    commitNumber: 7,
    commitUser: '005000000000001AAA',
    nulledFields: [],
    diffFields: [],
    changedFields: [],
    ...event,
  }
  const empty = Object.fromEntries(json.fields.slice(1).map(({ name }) => [name, null]))
  const payload = avsc.Type.forSchema(JSON.parse(JSON.stringify(json))).toBuffer({
    ...empty,
    ...fields,
    ChangeEventHeader: told,
  })
  return observationsOf(schema.decode(payload), schema, of, currencies === 'one' ? 'EUR' : undefined)
}

describe('an update', () => {
  it('speaks of the fields in its bitmaps only, whatever their case, and of parts of compounds', () => {
    const [seen] = hear(
      { changedFields: ['0x0110', '2-0x02'], nulledFields: ['0x40'] },
      {
        Revenue__c: 1234567890123.45,
        BillingAddress: { Street: null, City: 'Ulm' },
        Seats__c: 3,
        LastModifiedDate: 1_000_000_000,
      },
    )
    expect(seen).toEqual({
      object: 'Account',
      id: '0014H00002LbR7QQAV',
      kind: 'seen',
      mask: ['BillingCity', 'Revenue__c', 'ParentId'],
      fields: { BillingCity: 'Ulm', Revenue__c: eur('1234567890123.45'), ParentId: null },
      position: { at: 1_000_000_000, seq: 7 },
      by: '005000000000001AAA',
    })
    expect(hear({ changedFields: ['0xa2'] }, { Name: 'Acme', Seats__c: 2 })[0]?.mask).toEqual([
      'Name',
      'Description',
      'Seats__c',
    ])
  })

  it('asks to look again at a text that is told as a difference', () => {
    const [seen, again] = hear({ changedFields: ['0x20'], diffFields: ['0x20'] }, { Description: '--- \n+++ 0815' })
    expect(seen).toMatchObject({ kind: 'seen', mask: [] })
    expect(again).toMatchObject({ kind: 'look again', id: '0014H00002LbR7QQAV' })
  })

  it('asks to look again where a bitmap cannot be read', () => {
    expect(hear({ changedFields: ['all of them'] })).toMatchObject([{ kind: 'look again' }])
  })

  it('asks to look again for fields that no event carries', () => {
    const derived: Target = { ...target, fields: { ...target.fields, Total__c: money('Total') } }
    expect(hear({ changedFields: ['0x02'] }, { Name: 'Acme' }, derived)).toMatchObject([
      { kind: 'seen', mask: ['Name'] },
      { kind: 'look again' },
    ])
  })

  it('of many records is one observation each', () => {
    const ids = hear(
      { recordIds: ['001000000000001', '001000000000002'], changedFields: ['0x02'] },
      { Name: 'Same' },
    ).map(({ id }) => id)
    expect(ids).toEqual(['001000000000001AAA', '001000000000002AAA'])
  })
})

describe('a gap', () => {
  it('is looked up again; an overflow or a wildcard is looked up for all', () => {
    expect(hear({ changeType: 'GAP_UPDATE' })).toMatchObject([{ kind: 'look again', id: '0014H00002LbR7QQAV' }])
    expect(hear({ changeType: 'GAP_OVERFLOW' })).toMatchObject([{ kind: 'look again', id: '*', object: 'Account' }])
    expect(hear({ recordIds: ['001*'] })).toMatchObject([{ kind: 'look again', id: '*' }])
  })
})

describe('of an org with several currencies', () => {
  const several = (event: Record<string, unknown>, fields: Record<string, unknown>) =>
    hear(event, fields, target, 'several').map(({ kind, mask, fields }) => ({ kind, mask, fields }))
  const again = { kind: 'look again', mask: [], fields: {} }

  it('an amount that comes without its currency is asked for, and never taken for the usual one', () => {
    expect(several({ changedFields: ['0x12'] }, { Name: 'Acme', Revenue__c: 10 })).toEqual([
      { kind: 'seen', mask: ['Name'], fields: { Name: 'Acme' } },
      again,
    ])
  })

  it('a new record tells its currency, and so does a channel that enriches its events with it', () => {
    const [created] = several({ changeType: 'CREATE' }, { Revenue__c: 10, CurrencyIsoCode: 'USD' })
    expect(created?.fields.Revenue__c).toEqual(usd('10.00'))
    expect(several({ changedFields: ['0x10'] }, { Revenue__c: 10, CurrencyIsoCode: 'USD' })).toEqual([
      { kind: 'seen', mask: ['Revenue__c'], fields: { Revenue__c: usd('10.00') } },
    ])
  })

  it('another currency is another value of every amount', () => {
    expect(several({ changedFields: ['0x0200'] }, { CurrencyIsoCode: 'USD' })).toEqual([
      { kind: 'seen', mask: [], fields: {} },
      again,
    ])
  })

  it('no amount at all is in no currency, and a record without amounts is none of its business', () => {
    expect(several({ changedFields: ['0x10'], nulledFields: ['0x10'] }, {})).toEqual([
      { kind: 'seen', mask: ['Revenue__c'], fields: { Revenue__c: null } },
    ])
    const nameless: Target = { object: 'Account', fields: { Id: id(), Name: text('Name') } }
    expect(
      hear({ changedFields: ['0x0202'] }, { Name: 'Acme', CurrencyIsoCode: 'USD' }, nameless, 'several'),
    ).toHaveLength(1)
  })
})

it('in an org with one currency, what an event says of one changes nothing', () => {
  expect(hear({ changedFields: ['0x0210'] }, { Revenue__c: 10, CurrencyIsoCode: 'USD' })).toMatchObject([
    { kind: 'seen', mask: ['Revenue__c'], fields: { Revenue__c: eur('10.00') } },
  ])
})

it('names our own client, and takes the time of the commit when no other is told', () => {
  // A deleted account may live on in another: it is looked up.
  const [gone] = hear({ changeType: 'DELETE', changeOrigin: 'com/salesforce/api/rest/67.0;client=plumbline' })
  expect(gone).toMatchObject({ kind: 'look again', by: 'plumbline', position: { at: 1_000_000_000, seq: 7 } })
})
