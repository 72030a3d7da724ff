// An org with several currencies: every amount comes in the currency of its record, and goes there in no other.
import { id, money, type NativeId, text, type Write } from '@plumbline/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sobject } from '../src/index.ts'
import { eur, host, listen, native, type Org, objectNamed, org, read, startOrg, stock, usd, write } from './support.ts'

let system: Org
let goods: Awaited<ReturnType<typeof stock>>
/** The first product in dollars too; the second is sold in euros alone. */
let dollarPrice: string
beforeAll(async () => {
  system = await startOrg({ keepAliveMs: 200, currencies: ['EUR', 'USD'] })
  goods = await stock(system)
  dollarPrice = await system.create('PricebookEntry', {
    Pricebook2Id: goods.priceBook,
    Product2Id: goods.products[0],
    CurrencyIsoCode: 'USD',
    UnitPrice: 12,
    IsActive: true,
  })
})
afterAll(() => system.close())

const invoice = (ref: string, fields: Record<string, unknown>): Write => ({
  key: ref,
  fields: { Plumbline_Ref__c: ref, Invoice_Number__c: ref, ...fields },
  lists: {},
})
const order = (
  ref: string,
  lines: readonly Record<string, unknown>[],
  fields: Record<string, unknown> = {},
): Write => ({
  key: ref,
  fields: { Plumbline_Ref__c: ref, AccountId: goods.account, Status: 'Draft', ...fields },
  lists: {
    OrderItems: {
      add: lines.map((line, at) => ({ Plumbline_Line__c: `l${at}`, Quantity: 1, ...line })),
      change: [],
      remove: [],
    },
  },
})
const written = async (object: 'Order' | 'Invoice__c' | 'Account', one: Write): Promise<string> => {
  const [end] = await write(system, object, one)
  if (end?.end === 'written') return end.id
  throw new Error(JSON.stringify(end))
}
const fieldsOf = async (object: 'Order' | 'Invoice__c' | 'Quote', id: string) =>
  (await read(system, object, id))[0]?.fields
const currencyIn = async (object: string, id: string) =>
  JSON.parse(JSON.stringify(await system.person('GET', `/sobjects/${object}/${id}`))).CurrencyIsoCode

const quoteInDollars = async () => {
  const quote = await system.create('Quote', {
    Name: 'Q',
    OpportunityId: goods.opportunity,
    Pricebook2Id: goods.priceBook,
    CurrencyIsoCode: 'USD',
  })
  const line = await system.create('QuoteLineItem', {
    QuoteId: quote,
    PricebookEntryId: dollarPrice,
    Quantity: 2,
    UnitPrice: 350.1,
  })
  return { quote, line }
}

describe('what is read', () => {
  it('is in the currency of its record, lines included, whichever way it is read', async () => {
    const { quote } = await quoteInDollars()
    const inEuros = await system.create('Invoice__c', { Net_Amount__c: 7 })
    const inDollars = await system.create('Invoice__c', { Net_Amount__c: 7, CurrencyIsoCode: 'USD' })
    expect(await fieldsOf('Quote', quote)).toMatchObject({
      TotalPrice: usd('700.20'),
      QuoteLineItems: [{ UnitPrice: usd('350.10') }],
    })
    const amounts = (records: readonly { id: string; fields: Readonly<Record<string, unknown>> }[] = []) =>
      [inEuros, inDollars].map(id => records.find(record => record.id === id)?.fields.Net_Amount__c)
    const { list, changed } = objectNamed('Invoice__c')
    expect(amounts((await list?.(system.api))?.records)).toEqual([eur('7.00'), usd('7.00')])
    expect(amounts((await changed?.(system.api, 0))?.records)).toEqual([eur('7.00'), usd('7.00')])
    expect((await fieldsOf('Invoice__c', inDollars)) ?? {}).not.toHaveProperty('CurrencyIsoCode')
  })
})

describe('a new record', () => {
  it('gets the currency of its amounts; one without amounts the usual one', async () => {
    const inDollars = await written('Invoice__c', invoice('I-1', { Net_Amount__c: usd('10.00') }))
    expect(await currencyIn('Invoice__c', inDollars)).toBe('USD')
    expect(await currencyIn('Invoice__c', await written('Invoice__c', invoice('I-2', {})))).toBe('EUR')
    const account: Write = { key: 'a', fields: { Name: 'Bee', AnnualRevenue: usd('5.00') }, lists: {} }
    expect(await currencyIn('Account', await written('Account', account))).toBe('USD')
  })

  it('has lines with prices in it', async () => {
    const line = { Product2Id: goods.products[0], UnitPrice: usd('11.00') }
    const id = await written('Order', order('O-1', [line], { Status: 'Activated' }))
    expect(await currencyIn('Order', id)).toBe('USD')
    expect(await fieldsOf('Order', id)).toMatchObject({
      Status: 'Activated',
      OrderItems: [{ UnitPrice: usd('11.00') }],
    })
    const inEuros = { Product2Id: goods.products[0], UnitPrice: eur('9.00') }
    expect(await currencyIn('Order', await written('Order', order('O-2', [inEuros])))).toBe('EUR')
  })

  it('is refused where a product has no price in it', async () => {
    const line = { Product2Id: goods.products[1], UnitPrice: usd('11.00') }
    expect(await write(system, 'Order', order('O-3', [line]))).toMatchObject([
      { end: 'refused', reason: expect.stringContaining('has no active entry in USD in price book') },
    ])
  })

  it('is refused with amounts in two currencies, alone', async () => {
    const mixed = order('O-4', [{ Product2Id: goods.products[0], UnitPrice: eur('9.00') }], {
      ERP_Net_Total__c: usd('9.00'),
    })
    const sound = order('O-5', [{ Product2Id: goods.products[0], UnitPrice: eur('9.00') }])
    expect(await write(system, 'Order', mixed, sound)).toMatchObject([
      {
        end: 'refused',
        reason: 'Salesforce, Order: its amounts are in USD and in EUR, and a record of Salesforce has one currency',
        todo: expect.any(String),
      },
      { end: 'written' },
    ])
  })

  it('in a currency that the org does not have is refused in its words', async () => {
    const francs = { Net_Amount__c: { amount: '1.00', currency: 'CHF' } }
    expect(await write(system, 'Invoice__c', invoice('I-3', francs))).toMatchObject([
      { end: 'refused', reason: expect.stringContaining('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, CurrencyIsoCode') },
    ])
  })
})

describe('a record that is there', () => {
  it('takes amounts in its own currency and refuses others, which leave it as it was', async () => {
    const one = native(await written('Invoice__c', invoice('I-4', { Net_Amount__c: usd('10.00') })))
    const other = native(await written('Invoice__c', invoice('I-5', { Net_Amount__c: usd('10.00') })))
    const change = (id: typeof one, amount: object): Write => ({
      key: `${id}`,
      id,
      fields: { Net_Amount__c: amount, Status__c: 'Paid' },
      lists: {},
    })
    expect(await write(system, 'Invoice__c', change(one, eur('20.00')), change(other, usd('20.00')))).toMatchObject([
      {
        end: 'refused',
        reason: 'Salesforce, Invoice__c: its amounts are to be in EUR, and the record is in USD',
        todo: expect.stringContaining('Convert'),
      },
      { end: 'written' },
    ])
    expect(await fieldsOf('Invoice__c', one)).toMatchObject({ Net_Amount__c: usd('10.00'), Status__c: null })
    expect(await fieldsOf('Invoice__c', other)).toMatchObject({ Net_Amount__c: usd('20.00'), Status__c: 'Paid' })
  })

  it('takes lines with prices in its own currency, whether they say an amount or not', async () => {
    const line = { Product2Id: goods.products[0], UnitPrice: usd('11.00') }
    const id = native(await written('Order', order('O-6', [line])))
    const grown = (entry: Record<string, unknown>): Write => ({
      key: 'k',
      id,
      fields: {},
      lists: {
        OrderItems: { add: [{ Quantity: 1, Product2Id: goods.products[0], ...entry }], change: [], remove: [] },
      },
    })
    expect(await write(system, 'Order', grown({ Plumbline_Line__c: 'more' }))).toMatchObject([{ end: 'written' }])
    expect(await write(system, 'Order', grown({ UnitPrice: eur('9.00') }))).toMatchObject([
      { end: 'refused', reason: 'Salesforce, Order: its amounts are to be in EUR, and the record is in USD' },
    ])
    const { OrderItems } = (await fieldsOf('Order', id)) ?? {}
    expect(OrderItems).toMatchObject([{ UnitPrice: usd('11.00') }, { UnitPrice: usd('12.00') }])
  })
})

it('that currencies could not be asked for is said of no record that was made', async () => {
  const created: Write = { key: 'n', fields: { Name: 'Never made' }, lists: {} }
  const changed: Write = { key: 'u', id: goods.account, fields: { AnnualRevenue: eur('1.00') }, lists: {} }
  await system.faults({ unavailable: { rate: 1, match: '/query' } })
  await expect(write(system, 'Account', created, changed)).rejects.toMatchObject({ name: 'Unavailable' })
  await system.calm()
  const { entries } = await system.door('GET', 'journal?object=Account&limit=100000')
  expect(entries.filter((entry: { fields: { Name?: string } }) => entry.fields.Name === 'Never made')).toEqual([])
})

it('a project that maps the currency itself decides it, for all amounts that it writes', async () => {
  const { write: send } = sobject('Invoice__c', {
    Id: id(),
    Net_Amount__c: money('Net Amount'),
    CurrencyIsoCode: text('Currency'),
  })
  const put = async (fields: Record<string, unknown>, id?: NativeId) =>
    (await send?.(system.api, [{ key: 'k', fields, lists: {}, ...(id && { id }) }]))?.[0]
  const made = await put({ CurrencyIsoCode: 'USD' })
  const invoice = made?.end === 'written' ? made.id : native('')
  expect(await currencyIn('Invoice__c', invoice)).toBe('USD')
  expect(await put({ CurrencyIsoCode: 'EUR', Net_Amount__c: usd('1.00') }, invoice)).toMatchObject({
    end: 'refused',
    reason: 'Salesforce, Invoice__c: its amounts are to be in USD, and the record is in EUR',
  })
  expect(await put({ CurrencyIsoCode: 'EUR', Net_Amount__c: eur('1.00') }, invoice)).toMatchObject({ end: 'written' })
  expect(await fieldsOf('Invoice__c', invoice)).toMatchObject({ Net_Amount__c: eur('1.00') })
})

describe('the feed', () => {
  it('tells amounts in the currency that came with them, and asks for a reading where none came', async () => {
    let quote = native('')
    let line = native('')
    const { heard } = await listen(
      system,
      { objects: ['Quote'] },
      heard => heard.some(({ fields }) => fields.Status === 'Presented'),
      async () => {
        ;({ quote, line } = await quoteInDollars())
        await system.person('PATCH', `/sobjects/QuoteLineItem/${line}`, { UnitPrice: 400 })
        await system.person('PATCH', `/sobjects/Quote/${quote}`, { Status: 'Presented' })
      },
    )
    const of = (id: string) => heard.filter(one => one.id === id)
    expect(of(line)).toMatchObject([
      { kind: 'seen', fields: { UnitPrice: usd('350.10') } },
      { kind: 'seen', mask: [] },
      { kind: 'look again', entryOf: { object: 'Quote', list: 'QuoteLineItems' } },
    ])
    const [created, ...later] = of(quote)
    expect(created).toMatchObject({ kind: 'seen', fields: { TotalPrice: usd('0.00') } })
    expect(later.map(({ kind, mask }) => [kind, mask])).toEqual([
      ['seen', []],
      ['look again', []],
      ['seen', []],
      ['look again', []],
      ['seen', ['Status']],
    ])
  })
})

it('an org with one currency does not know the field, and says so', async () => {
  const single = await startOrg()
  const api = await org.spec.connect({ ...single.settings, currencies: 'several' }, host)
  await expect(objectNamed('Invoice__c').list?.(api)).rejects.toMatchObject({
    name: 'Refused',
    message: expect.stringContaining("No such column 'CurrencyIsoCode'"),
  })
  await single.close()
})

it('a setting that is no word of it is refused before anything is read', () => {
  expect(() => org.spec.connect({ ...system.settings, currencies: 'many' }, host)).toThrow(
    'Salesforce keeps amounts in "one" currency or in "several", and the setting is "many"',
  )
})
