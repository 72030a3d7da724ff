// What the schemas promise is what records are: every record of a sale from the quote to the payment, as JSON Schema sees it.

import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

let world: World
beforeAll(async () => {
  let customer = ''
  let product = ''
  world = await startWorld({
    before: async org => {
      customer = await newAccount(org, 'Maschinenbau Nord', '10100001')
      product = await newProduct(org, 'Gear', 'TG11')
    },
  })
  const { org } = world
  const quote = await newQuote(org, customer, [{ product, quantity: 5, price: 17.55 }])
  const salesOrder = await until(async () => {
    const [order] = (await org.query(`SELECT ERP_Order_Number__c FROM Order WHERE QuoteId = '${quote.id}'`)).records
    return order?.ERP_Order_Number__c
  })
  await world.inS4('warehouse/ship', { salesOrder })
  const { billingDocument } = (await world.inS4('clerk/invoice', { salesOrder })) as {
    billingDocument: { BillingDocument: string }
  }
  await world.inS4('clerk/pay', { billingDocument: billingDocument.BillingDocument })
  await until(async () => (await org.query('SELECT Id FROM Payment__c')).records[0])
}, 90_000)
afterAll(() => world?.close())

type Row = { ref: string; contract: string; fields: object }
const recordsOf = (contract: string): Promise<Row[]> =>
  world.engine.db.query<Row>(
    `select ref, contract, fields from record r where contract = $1 and version > 0 and alias_of is null
       and (select count(*) from holding h where h.ref = r.ref and not gone) >= $2`,
    // What only one of two systems knows yet lacks what the other owns.
    [contract, ['quote'].includes(contract) ? 1 : 2],
  )
const schemaOf = (contract: string): Promise<object> => world.get<object>(`/api/contracts/${contract}/schema`)

function validator(schema: object) {
  const ajv = new Ajv2020({ strict: true, allErrors: true })
  addFormats.default(ajv)
  for (const word of ['x-contract', 'x-version', 'x-owner', 'x-personal', 'x-ref', 'x-extras', 'x-ubl'])
    ajv.addKeyword(word)
  return ajv.compile(schema)
}

test.each(['customer', 'product', 'quote', 'order', 'shipment', 'invoice', 'payment'])(
  'each %s fits the schema of its contract',
  async contract => {
    const fits = validator(await schemaOf(contract))
    const records = await recordsOf(contract)
    expect(records.length).toBeGreaterThan(0)
    for (const { ref, fields } of records) expect([ref, fits(fields), fits.errors]).toEqual([ref, true, null])
  },
)

test('money that is a number, a quantity that is a text, an unknown status: no schema lets them pass', async () => {
  const fits = validator(await schemaOf('order'))
  const [order] = await recordsOf('order')
  const wrong = (change: object): boolean => fits({ ...order?.fields, ...change })
  expect(wrong({})).toBe(true)
  expect(wrong({ total: { amount: 87.75, currency: 'EUR' } })).toBe(false)
  expect(wrong({ status: 'asleep' })).toBe(false)
  expect(wrong({ lines: [{ line: 'a', quantity: '5' }] })).toBe(false)
  expect(wrong({ customer: 'customer-1' })).toBe(false)
  // What a newer version of the contract has besides is no mistake.
  expect(wrong({ incoterms: 'EXW' })).toBe(true)
})

test('titles are labels, and each field says whose it is, and what a standard calls it', async () => {
  expect(await schemaOf('invoice')).toMatchObject({
    properties: { net: { 'x-ubl': 'Invoice/LegalMonetaryTotal/TaxExclusiveAmount' } },
  })
  expect(await schemaOf('order')).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:plumbline:quote-to-cash:order:1',
    title: 'Order',
    properties: {
      number: { title: 'Order number', 'x-owner': { role: 'erp' } },
      lines: {
        items: {
          properties: {
            quantity: {
              title: 'Quantity',
              'x-owner': { role: 'crm', until: 'booked', then: 'erp', later: 'try' },
            },
          },
        },
      },
    },
  })
})
