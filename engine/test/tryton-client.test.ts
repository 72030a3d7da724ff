// What Tryton's own Python client shows and does: the sale is there, its prices are those that Plumbline was asked, and each thing
// done at the client is soon in Salesforce.
import type { Connection } from '@jsforce/jsforce-node'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { between, oneOf, randomOf } from '../../test/support/random.ts'
import { startTryton, type Tryton } from '../../test/support/tryton/index.ts'
import { withTryton } from '../../test/support/with-tryton.ts'
import { type Client, clientOf } from './tryton-client.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

vi.setConfig({ testTimeout: 400_000, hookTimeout: 600_000 })

let erp: Tryton
let client: Client
let world: World
let account: string
const skus = new Map<string, string>()

beforeAll(async () => {
  erp = await startTryton()
  client = clientOf(erp)
  world = await startWorld({
    // Asked for changes as often as the connector does by itself: what is measured here is what a customer has.
    project: example => withTryton(example, erp, {}),
    before: async (org: Connection) => {
      account = await newAccount(org, 'Unlimited SA', 'CUST-NOLIM')
      for (const code of ['WID-100', 'GAD-300']) skus.set(code, await newProduct(org, `Product ${code}`, code))
    },
  })
})
afterAll(async () => {
  await client?.close()
  await world?.close()
  await erp?.stop()
})

/** Generous: the machine has others to serve. The product is asked for ten seconds on a quiet one; what it took is printed. */
const patience = 120_000
const took: string[] = []
async function comesBack(what: string, soql: string, isThere: (row: Record<string, unknown>) => boolean) {
  const began = performance.now()
  const row = await until(async () => (await world.org.query(soql)).records.find(isThere), patience)
  took.push(`${what} ${((performance.now() - began) / 1_000).toFixed(1)} s`)
  return row
}

test("the sale is found at Tryton's own client; shipped, invoiced, part-paid and paid there, each is back in Salesforce", async () => {
  const quote = await newQuote(world.org, account, [
    { product: skus.get('WID-100') ?? '', quantity: 12, price: 85 },
    { product: skus.get('GAD-300') ?? '', quantity: 3, price: 17.99 },
  ])
  const ofQuote = `SELECT Id, Status, ERP_Order_Number__c, ERP_Net_Total__c FROM Order WHERE QuoteId = '${quote.id}'`
  const order = await comesBack('booked', ofQuote, row => row.Status === 'Activated')
  expect(await client.order('find', quote.number)).toEqual([
    {
      ...{ number: order.ERP_Order_Number__c, state: 'processing', party: 'CUST-NOLIM' },
      ...{ net: '1073.97', tax: '107.40', gross: '1181.37' },
      lines: [
        ['WID-100', 12, '85.00', '1020.00'],
        ['GAD-300', 3, '17.99', '53.97'],
      ],
    },
  ])
  expect(order.ERP_Net_Total__c).toBe(1073.97)

  const [delivery] = await client.order('ship', quote.number)
  await comesBack('shipped', ofQuote, row => row.Status === 'Shipped')
  const shipments = 'SELECT Delivery_Number__c FROM Shipment__c'
  await comesBack('its delivery', shipments, row => row.Delivery_Number__c === delivery)

  const [invoice] = await client.order('invoice', quote.number)
  await comesBack('invoiced', ofQuote, row => row.Status === 'Invoiced')
  const invoices = `SELECT Status__c, Gross_Amount__c FROM Invoice__c WHERE Invoice_Number__c = '${invoice}'`
  await comesBack('its invoice', invoices, row => row.Status__c === 'Open' && row.Gross_Amount__c === 1181.37)

  const payments = 'SELECT Amount__c FROM Payment__c'
  expect(await client.order('pay', quote.number, '181.37')).toEqual({ state: 'posted', open: '1000.00' })
  await comesBack('paid in part', payments, row => row.Amount__c === 181.37)
  expect((await world.org.query(invoices)).records).toMatchObject([{ Status__c: 'Open' }])
  expect(await client.order('pay', quote.number)).toMatchObject({ state: 'paid' })
  await comesBack('the rest', payments, row => row.Amount__c === 1000)
  await comesBack('paid', invoices, row => row.Status__c === 'Paid')
  console.log(`From Tryton's client to Salesforce: ${took.join(', ')}`)
})

test("prices are those that Tryton's own client fills in, to the last cent of a tax", async () => {
  const random = randomOf(1, 'client')
  for (let at = 0; at < 6; at++) {
    const lines = (['WID-100', 'GAD-300'] as const)
      .slice(between(random, 0, 1))
      .map(product => ({ product, quantity: oneOf(random, [1, 2, 3, 7, 9, 10, 11, 99, 100, 101]) }))
    const { answer } = await world.post<{
      answer: { net: { amount: string }; tax: { amount: string }; lines: { unit: { amount: string } }[] }
    }>('/api/questions/price', { customer: 'CUST-NOLIM', lines })
    const sold = await client.order(
      'sell',
      'CUST-NOLIM',
      lines.map(({ product, quantity }) => [product, quantity]),
    )
    expect([answer.net.amount, answer.tax.amount], JSON.stringify(lines)).toEqual([sold.net, sold.tax])
    expect(answer.lines.map(({ unit }) => Number(unit.amount))).toEqual(
      sold.lines.map(([, , unit]: string[]) => Number(unit)),
    )
  }
})
