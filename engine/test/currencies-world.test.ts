// One Salesforce that sells in euros and in dollars: a quote, its order and its invoice are what they are in every system.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FieldExplained } from '../src/index.ts'
import { newAccount, newProduct, startWorld, until, type World } from './world.ts'

const exampleOrg = new URL('../../examples/quote-to-cash/salesforce.metadata.json', import.meta.url)

let world: World
let folder: string
/** Sold in euros to a customer in Germany, and in dollars to one in the United States. */
const sold: Record<'EUR' | 'USD', { account: string; entry: string; price: number }> = {
  EUR: { account: '', entry: '', price: 17.55 },
  USD: { account: '', entry: '', price: 21 },
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-currencies-'))
  const metadata = join(folder, 'metadata.json')
  const org = { ...JSON.parse(readFileSync(exampleOrg, 'utf8')), currencies: ['EUR', 'USD'] }
  await writeFile(metadata, JSON.stringify(org))
  process.env.SALESFORCE_CURRENCIES = 'several'
  world = await startWorld({ metadata })
  await world.inS4('customers', { id: '10900001', name: 'Bravo Inc', country: 'US', currency: 'USD' })
  await world.inS4('materials', { material: 'US11', price: '21.00', currency: 'USD' })
  sold.EUR.account = await newAccount(world.org, 'Acme', '10100001')
  sold.USD.account = await newAccount(world.org, 'Bravo Inc', '10900001')
  sold.EUR.entry = await priceOf(await newProduct(world.org, 'Gear', 'TG11'), 'EUR')
  sold.USD.entry = await priceOf(await newProduct(world.org, 'Gear for the US', 'US11'), 'USD')
}, 90_000)
afterAll(async () => {
  delete process.env.SALESFORCE_CURRENCIES
  await world?.close()
  await rm(folder, { recursive: true, force: true })
})

const made = async (object: string, record: Record<string, unknown>): Promise<string> => {
  const saved = await world.org.sobject(object).create(record)
  if (saved.success) return saved.id
  throw new Error(JSON.stringify(saved.errors))
}
const found = async <T>(soql: string): Promise<T[]> => (await world.org.query<T & object>(soql)).records

/** The product's price in a currency; it has one in euros already. */
async function priceOf(Product2Id: string, CurrencyIsoCode: string): Promise<string> {
  const [inEuros] = await found<{ Id: string; Pricebook2Id: string }>(
    `SELECT Id, Pricebook2Id FROM PricebookEntry WHERE Product2Id = '${Product2Id}'`,
  )
  if (CurrencyIsoCode === 'EUR') return inEuros?.Id ?? ''
  const { Pricebook2Id } = inEuros ?? {}
  return made('PricebookEntry', { Pricebook2Id, Product2Id, CurrencyIsoCode, UnitPrice: 21, IsActive: true })
}

async function quoteIn(CurrencyIsoCode: 'EUR' | 'USD'): Promise<{ id: string; line: string; number: string }> {
  const { account: AccountId, entry: PricebookEntryId, price: UnitPrice } = sold[CurrencyIsoCode]
  const [book] = await found<{ Id: string }>('SELECT Id FROM Pricebook2 WHERE IsStandard = true')
  const priced = { Pricebook2Id: book?.Id, CurrencyIsoCode }
  const deal = { Name: 'Deal', StageName: 'Prospecting', CloseDate: '2030-12-31', AccountId }
  const OpportunityId = await made('Opportunity', { ...deal, ...priced })
  const id = await made('Quote', { Name: 'Quote', OpportunityId, ...priced })
  const line = await made('QuoteLineItem', { QuoteId: id, PricebookEntryId, Quantity: 2, UnitPrice })
  return { id, line, number: String((await world.org.sobject('Quote').retrieve(id)).QuoteNumber) }
}

const totalOf = async (quote: string): Promise<unknown> =>
  (await world.get<FieldExplained>(`/api/explain/quote/${quote}/total`)).value

type Amounts = { CurrencyIsoCode: string; ERP_Net_Total__c: number; ERP_Order_Number__c: string }
const orderFor = async (quote: string): Promise<Amounts | undefined> => {
  const columns = 'CurrencyIsoCode, ERP_Net_Total__c, ERP_Order_Number__c'
  return (
    await found<Amounts>(`SELECT ${columns} FROM Order WHERE PoNumber = '${quote}' AND ERP_Net_Total__c != null`)
  )[0]
}

test.each([
  { currency: 'EUR', total: '35.10', reduced: '34.00' },
  { currency: 'USD', total: '42.00', reduced: '40.00' },
] as const)(
  'a quote in $currency becomes an order and an invoice in $currency',
  async ({ currency, total, reduced }) => {
    const { id, line, number } = await quoteIn(currency)
    await until(async () => JSON.stringify(await totalOf(number)) === JSON.stringify({ amount: total, currency }))

    // An event tells the new amount and not what it is in.
    await world.org.sobject('QuoteLineItem').update({ Id: line, UnitPrice: Number(reduced) / 2 })
    await until(async () => JSON.stringify(await totalOf(number)) === JSON.stringify({ amount: reduced, currency }))

    await world.org.sobject('QuoteLineItem').update({ Id: line, UnitPrice: Number(total) / 2 })
    await world.org.sobject('Quote').update({ Id: id, Status: 'Accepted' })
    const order = await until(() => orderFor(number))
    expect(order).toMatchObject({ CurrencyIsoCode: currency, ERP_Net_Total__c: Number(total) })
    const items = await found(`SELECT CurrencyIsoCode, UnitPrice FROM OrderItem WHERE Order.PoNumber = '${number}'`)
    expect(items).toMatchObject([{ CurrencyIsoCode: currency, UnitPrice: Number(total) / 2 }])

    await world.inS4('warehouse/ship', { salesOrder: order.ERP_Order_Number__c })
    await world.inS4('clerk/invoice', { salesOrder: order.ERP_Order_Number__c })
    const invoices = await until(async () => {
      const of = `Order__r.PoNumber = '${number}'`
      const rows = await found(`SELECT CurrencyIsoCode, Net_Amount__c FROM Invoice__c WHERE ${of}`)
      return rows.length > 0 && rows
    })
    expect(invoices).toMatchObject([{ CurrencyIsoCode: currency, Net_Amount__c: Number(total) }])
  },
)
