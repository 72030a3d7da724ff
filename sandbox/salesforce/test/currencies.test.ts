// An org with several currencies, by the unmodified clients; and one that never heard of any.
import type { Connection } from '@jsforce/jsforce-node'
import { expect, test } from 'vitest'
import { connect, listener } from './pubsub.ts'
import { call, eventually, type Json, login, METADATA, newFolder, sellSomething, startSandbox } from './support.ts'

const SEVERAL = { ...METADATA, currencies: ['EUR', 'USD'] }
const startSeveral = (dataFolder = newFolder()) => startSandbox({ metadata: SEVERAL, dataFolder })

const fieldOf = async (connection: Connection, object: string): Promise<Json> =>
  (await connection.sobject(object).describe()).fields.find(field => field.name === 'CurrencyIsoCode')
const currencyOf = async (connection: Connection, object: string, id: string | undefined): Promise<unknown> =>
  (await connection.sobject(object).retrieve(id ?? '')).CurrencyIsoCode
const make = async (connection: Connection, object: string, record: Record<string, unknown>): Promise<string> =>
  (await connection.sobject(object).create(record)).id ?? ''

/** A price of the first product in dollars, beside the one that it has. */
async function priceInDollars(connection: Connection, entryId: string | undefined): Promise<string> {
  const entry = await connection.sobject('PricebookEntry').retrieve(entryId ?? '')
  return make(connection, 'PricebookEntry', {
    Pricebook2Id: entry.Pricebook2Id,
    Product2Id: entry.Product2Id,
    CurrencyIsoCode: 'USD',
    UnitPrice: 12,
    IsActive: true,
  })
}

test('its objects have a currency each, of those that are active, and lines have no say in theirs', async () => {
  const connection = await login(await startSeveral())
  expect(await fieldOf(connection, 'Quote')).toMatchObject({
    type: 'picklist',
    label: 'Currency ISO Code',
    length: 3,
    restrictedPicklist: true,
    createable: true,
    updateable: true,
    defaultedOnCreate: true,
    picklistValues: [
      { value: 'EUR', label: 'Euro', defaultValue: true, active: true },
      { value: 'USD', label: 'US Dollar', defaultValue: false, active: true },
    ],
  })
  expect(await fieldOf(connection, 'Invoice__c')).toMatchObject({ createable: true, updateable: true })
  expect(await fieldOf(connection, 'PricebookEntry')).toMatchObject({ createable: true, updateable: false })
  for (const lines of ['OpportunityLineItem', 'QuoteLineItem', 'OrderItem'])
    expect(await fieldOf(connection, lines)).toMatchObject({ createable: false, updateable: false, nillable: false })
  expect(await fieldOf(connection, 'User')).toBeUndefined()
})

test('a record is in the corporate currency unless it says otherwise, and queries tell and filter it', async () => {
  const connection = await login(await startSeveral())
  const euros = await make(connection, 'Account', { Name: 'Acme', AnnualRevenue: 10 })
  const dollars = await make(connection, 'Account', { Name: 'Bee', AnnualRevenue: 20, CurrencyIsoCode: 'usd' })
  const { records } = await connection.query('SELECT Id, CurrencyIsoCode, AnnualRevenue FROM Account ORDER BY Name')
  expect(records).toMatchObject([
    { Id: euros, CurrencyIsoCode: 'EUR', AnnualRevenue: 10 },
    { Id: dollars, CurrencyIsoCode: 'USD', AnnualRevenue: 20 },
  ])
  const filtered = await connection.query("SELECT Id FROM Account WHERE CurrencyIsoCode = 'USD'")
  expect(filtered.records.map(({ Id }) => Id)).toEqual([dollars])
  const unsaid = await make(connection, 'Account', { Name: 'Sea', CurrencyIsoCode: null })
  expect(await currencyOf(connection, 'Account', unsaid)).toBe('EUR')
  // Its name changes, not its numbers.
  await connection.sobject('Account').update({ Id: dollars, CurrencyIsoCode: 'EUR' })
  expect(await connection.sobject('Account').retrieve(dollars)).toMatchObject({
    CurrencyIsoCode: 'EUR',
    AnnualRevenue: 20,
  })
  await connection.sobject('Account').update({ Id: dollars, CurrencyIsoCode: 'USD' })
  await connection.sobject('Account').update({ Id: dollars, CurrencyIsoCode: null })
  expect(await currencyOf(connection, 'Account', dollars)).toBe('EUR')
})

test('a currency that is not active is refused', async () => {
  const connection = await login(await startSeveral())
  expect(await call(connection, 'POST', '/sobjects/Account', { Name: 'Sea', CurrencyIsoCode: 'CHF' })).toMatchObject({
    status: 400,
    body: [
      {
        errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        message: 'Currency ISO Code: bad value for restricted picklist field: CHF',
        fields: ['CurrencyIsoCode'],
      },
    ],
  })
})

test('a product has a price in each currency, the standard one first', async () => {
  const connection = await login(await startSeveral())
  const { entryIds } = await sellSomething(connection, 1)
  const book = await make(connection, 'Pricebook2', { Name: 'Wholesale', IsActive: true })
  const { Product2Id } = await connection.sobject('PricebookEntry').retrieve(entryIds[0] ?? '')
  const inDollars = { Pricebook2Id: book, Product2Id, CurrencyIsoCode: 'USD', UnitPrice: 9, IsActive: true }
  await expect(make(connection, 'PricebookEntry', inDollars)).rejects.toMatchObject({
    errorCode: 'STANDARD_PRICE_NOT_DEFINED',
  })
  await priceInDollars(connection, entryIds[0])
  await expect(priceInDollars(connection, entryIds[0])).rejects.toMatchObject({ errorCode: 'DUPLICATE_VALUE' })
  const like = await make(connection, 'PricebookEntry', { ...inDollars, UseStandardPrice: true })
  expect(await connection.sobject('PricebookEntry').retrieve(like)).toMatchObject({
    CurrencyIsoCode: 'USD',
    UnitPrice: 12,
  })
})

test('a line takes a price in the currency of its quote, order or opportunity, and that stays while it has lines', async () => {
  const connection = await login(await startSeveral())
  const { accountId, opportunityId, pricebookId, entryIds } = await sellSomething(connection, 1)
  const dollars = await priceInDollars(connection, entryIds[0])
  const parents = [
    {
      parent: 'Quote',
      line: 'QuoteLineItem',
      by: 'QuoteId',
      record: { Name: 'Q', OpportunityId: opportunityId, Pricebook2Id: pricebookId },
    },
    {
      parent: 'Order',
      line: 'OrderItem',
      by: 'OrderId',
      record: { AccountId: accountId, Status: 'Draft', EffectiveDate: '2026-11-22', Pricebook2Id: pricebookId },
    },
    {
      parent: 'Opportunity',
      line: 'OpportunityLineItem',
      by: 'OpportunityId',
      record: { Name: 'O', StageName: 'Prospecting', CloseDate: '2026-12-31', Pricebook2Id: pricebookId },
    },
  ]
  for (const { parent, line, by, record } of parents) {
    const id = await make(connection, parent, { ...record, CurrencyIsoCode: 'USD' })
    await expect(
      make(connection, line, { [by]: id, PricebookEntryId: entryIds[0], Quantity: 1, UnitPrice: 5 }),
    ).rejects.toMatchObject({
      errorCode: 'FIELD_INTEGRITY_EXCEPTION',
      message: expect.stringContaining(
        `pricebook entry currency code does not match ${parent.toLowerCase()} currency code`,
      ),
    })
    const lineId = await make(connection, line, { [by]: id, PricebookEntryId: dollars, Quantity: 2, UnitPrice: 5 })
    expect(await currencyOf(connection, line, lineId)).toBe('USD')
    await expect(connection.sobject(line).update({ Id: lineId, CurrencyIsoCode: 'EUR' })).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
    })
    await expect(connection.sobject(parent).update({ Id: id, CurrencyIsoCode: 'EUR' })).rejects.toMatchObject({
      errorCode: 'FIELD_INTEGRITY_EXCEPTION',
    })
    expect(await currencyOf(connection, parent, id)).toBe('USD')
  }
})

test('a line of an opportunity that names a product finds its price in the right currency', async () => {
  const connection = await login(await startSeveral())
  const { pricebookId, entryIds } = await sellSomething(connection, 1)
  const PricebookEntryId = await priceInDollars(connection, entryIds[0])
  const { Product2Id } = await connection.sobject('PricebookEntry').retrieve(PricebookEntryId)
  for (const [CurrencyIsoCode, entry] of [
    ['EUR', entryIds[0]],
    ['USD', PricebookEntryId],
  ]) {
    const deal = { Name: 'O', StageName: 'Prospecting', CloseDate: '2026-12-31', Pricebook2Id: pricebookId }
    const OpportunityId = await make(connection, 'Opportunity', { ...deal, CurrencyIsoCode })
    const line = await make(connection, 'OpportunityLineItem', { OpportunityId, Product2Id, Quantity: 1, UnitPrice: 5 })
    expect(await connection.sobject('OpportunityLineItem').retrieve(line)).toMatchObject({
      PricebookEntryId: entry,
      CurrencyIsoCode,
    })
  }
})

test('an event tells the currency of a new record and a new currency of an old one, and nothing of it else', async () => {
  const sandbox = await startSeveral()
  const client = await connect(sandbox)
  const { heard, hear } = listener()
  const connection = await login(sandbox)
  const id = await make(connection, 'Account', { Name: 'Bee', AnnualRevenue: 20, CurrencyIsoCode: 'USD' })
  await connection.sobject('Account').update({ Id: id, AnnualRevenue: 30 })
  await connection.sobject('Account').update({ Id: id, CurrencyIsoCode: 'EUR' })
  client.subscribeFromEarliestEvent('/data/AccountChangeEvent', hear, 100)
  await eventually(() => (heard.events.length >= 3 ? true : undefined))
  expect(heard.events.map(({ payload }) => [payload.CurrencyIsoCode, payload.AnnualRevenue])).toEqual([
    ['USD', 20],
    [null, 30],
    ['EUR', null],
  ])
  expect(heard.events[1]?.payload.ChangeEventHeader.changedFields).not.toContain('CurrencyIsoCode')
  expect(heard.events[2]?.payload.ChangeEventHeader.changedFields).toContain('CurrencyIsoCode')
})

test('an org that gets its second currency later keeps what it has in the corporate one', async () => {
  const dataFolder = newFolder()
  const before = await startSandbox({ dataFolder })
  const { entryIds } = await sellSomething(await login(before), 1)
  await before.close()
  const connection = await login(await startSeveral(dataFolder))
  expect(await currencyOf(connection, 'PricebookEntry', entryIds[0])).toBe('EUR')
  await priceInDollars(connection, entryIds[0])
  const { records } = await connection.query('SELECT CurrencyIsoCode FROM PricebookEntry ORDER BY CurrencyIsoCode')
  expect(records.map(({ CurrencyIsoCode }) => CurrencyIsoCode)).toEqual(['EUR', 'USD'])
})

test('an org with one currency does not know the field', async () => {
  const connection = await login(await startSandbox())
  expect(await fieldOf(connection, 'Quote')).toBeUndefined()
  await expect(connection.query('SELECT CurrencyIsoCode FROM Account')).rejects.toMatchObject({
    errorCode: 'INVALID_FIELD',
  })
  await expect(make(connection, 'Account', { Name: 'Acme', CurrencyIsoCode: 'EUR' })).rejects.toMatchObject({
    errorCode: 'INVALID_FIELD',
  })
})

test('currencies that are none are refused before it starts', async () => {
  for (const currencies of [['EUR', 'Dollar'], ['EUR', 'EUR'], 'euro'])
    await expect(startSandbox({ metadata: { ...METADATA, currencies } })).rejects.toThrow(
      '"currencies" lists ISO codes',
    )
})
