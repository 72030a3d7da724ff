// The README, read by somebody who has never seen the project, and done word for word in a fresh clone.
import { Connection } from '@jsforce/jsforce-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clone, freshClone } from './support/clone.ts'
import { blocksOf } from './support/pages.ts'
import { Reader } from './support/reader.ts'

let clone: Clone
let reader: Reader

beforeAll(async () => {
  clone = await freshClone()
  reader = await Reader.in(clone.folder)
  // Whoever has made the change here already sees it made once more, from the beginning.
  await reader.undo(blocksOf('README.md'))
})
afterAll(async () => {
  await reader?.stop()
  await clone?.remove()
})

/** Offered before anybody thought of the date in the ERP. */
let olderQuote: string

test('what the README says is done from top to bottom, and is as it shows', async () => {
  const blocks = blocksOf('README.md')
  const change = blocks.findIndex(block => block.language === 'diff')
  await reader.read(blocks.slice(0, change))
  olderQuote = await offer(await salesforce(), '2030-06-30')
  await reader.read(blocks.slice(change))
}, 240_000)

test('a quote that is older than the change brings its date too, when it is accepted', async () => {
  const org = await salesforce()
  await accept(org, olderQuote)
  const number = await numberOf(org, olderQuote)
  expect((await theOrderOf(number)).RequestedDeliveryDate).toBe(sapDay('2030-06-30'))
})

test('the date that sales enters on a quote stands on the order in the ERP, and in Salesforce, not a day off', async () => {
  const org = await salesforce()
  const quote = await aQuote(org, '2030-03-31')
  const order = await theOrderOf(quote.number)
  expect(order.RequestedDeliveryDate).toBe(sapDay('2030-03-31'))
  expect(await madeInS4(order.SalesOrder)).toMatchObject([
    { by: 'sandbox', fields: { RequestedDeliveryDate: Date.parse('2030-03-31T00:00:00Z') } },
  ])
  expect(await dateInSalesforce(org, order.SalesOrder, '2030-03-31')).toBe('2030-03-31')
})

test('the order is booked: the ERP moves its date and Salesforce follows', async () => {
  const org = await salesforce()
  const { number } = await aQuote(org, '2030-01-01')
  const order = await theOrderOf(number)
  await changeInS4(order.SalesOrder, { RequestedDeliveryDate: sapDay('2030-02-28') })
  expect(await dateInSalesforce(org, order.SalesOrder, '2030-02-28')).toBe('2030-02-28')
  expect((await theOrderOf(number)).RequestedDeliveryDate).toBe(sapDay('2030-02-28'))
})

test('the order is booked: a date that is edited in Salesforce is put right there, and is told of as a change request', async () => {
  const org = await salesforce()
  const { number } = await aQuote(org, '2030-05-01')
  const order = await theOrderOf(number)
  await dateInSalesforce(org, order.SalesOrder, '2030-05-01')
  const { records } = await org.query(`select Id from Order where ERP_Order_Number__c = '${order.SalesOrder}'`)
  await org.sobject('Order').update({ Id: String(records[0]?.Id), Requested_Delivery_Date__c: '2029-12-24' })
  const seen: Event[] = []
  const asked = await until(async () => {
    const { events } = await json<{ events: Event[] }>(`${reader.url(4600)}/api/events?after=${seen.at(-1)?.seq ?? 0}`)
    seen.push(...events)
    return seen.find(event => event.type === 'change.requested')
  })
  expect(asked.data).toMatchObject({
    contract: 'order',
    system: 'sales',
    wanted: { requestedDelivery: '2029-12-24' },
    held: { requestedDelivery: '2030-05-01' },
  })
  expect(await dateInSalesforce(org, order.SalesOrder, '2030-05-01')).toBe('2030-05-01')
  expect((await theOrderOf(number)).RequestedDeliveryDate).toBe(sapDay('2030-05-01'))
})

test('a quote without a date becomes an order all the same, and Salesforce learns the day that the ERP chose', async () => {
  const org = await salesforce()
  const order = await theOrderOf((await aQuote(org, undefined)).number)
  const day = new Date(Number(/\d+/.exec(order.RequestedDeliveryDate)?.[0])).toISOString().slice(0, 10)
  expect(await dateInSalesforce(org, order.SalesOrder, day)).toBe(day)
})

// ---- Salesforce

async function salesforce(): Promise<Connection> {
  const login = { clientId: 'sandbox-admin', clientSecret: 'sandbox-admin-secret', loginUrl: reader.url(4601) }
  const org = new Connection({ version: '67.0', oauth2: login })
  await org.authorize({ grant_type: 'client_credentials' })
  return org
}

async function aQuote(org: Connection, wanted: string | undefined): Promise<{ number: string }> {
  const quote = await offer(org, wanted)
  await accept(org, quote)
  return { number: await numberOf(org, quote) }
}

const accept = (org: Connection, Id: string): Promise<unknown> =>
  org.sobject('Quote').update({ Id, Status: 'Accepted' })
const numberOf = async (org: Connection, quote: string): Promise<string> =>
  String((await org.sobject('Quote').retrieve(quote)).QuoteNumber)

async function offer(org: Connection, wanted: string | undefined): Promise<string> {
  const first = async (soql: string): Promise<string> => String((await org.query(soql)).records[0]?.Id)
  const Pricebook2Id = await first('select Id from Pricebook2 where IsStandard = true')
  const AccountId = await first("select Id from Account where AccountNumber = '10100001'")
  const PricebookEntryId = await first("select Id from PricebookEntry where ProductCode = 'TG11'")
  const create = async (object: string, row: Record<string, unknown>): Promise<string> => {
    const saved = await org.sobject(object).create(row)
    if (!saved.success) throw new Error(JSON.stringify(saved.errors))
    return saved.id
  }
  const deal = { Name: 'Seals', AccountId, Pricebook2Id, StageName: 'Prospecting', CloseDate: '2030-12-31' }
  const OpportunityId = await create('Opportunity', deal)
  const Requested_Delivery_Date__c = wanted ?? null
  const Id = await create('Quote', { Name: 'Seals', OpportunityId, Pricebook2Id, Requested_Delivery_Date__c })
  await create('QuoteLineItem', { QuoteId: Id, PricebookEntryId, Quantity: 2, UnitPrice: 17.55 })
  return Id
}

/** The date of the order in Salesforce once it is this one; else what it is at last. */
async function dateInSalesforce(org: Connection, order: string, expected: string): Promise<unknown> {
  let last: unknown
  await until(async () => {
    const soql = `select Requested_Delivery_Date__c from Order where ERP_Order_Number__c = '${order}'`
    last = (await org.query(soql)).records[0]?.Requested_Delivery_Date__c
    return last === expected
  }).catch(() => undefined)
  return last
}

// ---- S/4HANA

type Order = { readonly SalesOrder: string; readonly RequestedDeliveryDate: string }
type Event = { readonly seq: number; readonly type: string; readonly data: unknown }

const ORDERS = '/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder'
const asClerk = { authorization: `Basic ${btoa('clerk:clerk')}`, accept: 'application/json' }

const sapDay = (day: string): string => `/Date(${Date.parse(`${day}T00:00:00Z`)})/`

const theOrderOf = (quote: string): Promise<Order> =>
  until(async () => {
    const url = `${reader.url(4603)}${ORDERS}?$filter=PurchaseOrderByCustomer eq '${quote}'`
    const { d } = await json<{ d: { results: Order[] } }>(url, asClerk)
    return d.results[0]
  })

/** What the ERP's own journal says of how an order was made. */
async function madeInS4(number: string): Promise<unknown[]> {
  const url = `${reader.url(4603)}/_sandbox/journal?object=A_SalesOrder&limit=100000`
  const { entries } = await json<{ entries: { id: string; kind: string }[] }>(url)
  return entries.filter(({ id, kind }) => id === number && kind === 'create')
}

/** As a person at the ERP's own screen: with the token and the version that SAP asks for. */
async function changeInS4(number: string, fields: object): Promise<void> {
  const url = `${reader.url(4603)}${ORDERS}('${number}')`
  const seen = await fetch(url, { headers: { ...asClerk, 'x-csrf-token': 'fetch' } })
  const changed = await fetch(url, {
    method: 'PATCH',
    headers: {
      ...asClerk,
      'content-type': 'application/json',
      'x-csrf-token': seen.headers.get('x-csrf-token') ?? '',
      'if-match': seen.headers.get('etag') ?? '',
      cookie: seen.headers.getSetCookie().join('; '),
    },
    body: JSON.stringify(fields),
  })
  // The warehouse was at the same order in the same moment: the person looks again.
  if (changed.status === 412) return changeInS4(number, fields)
  if (!changed.ok) throw new Error(`S/4HANA answered ${changed.status}: ${await changed.text()}`)
}

async function json<T>(url: string, headers: Record<string, string> = {}): Promise<T> {
  return (await (await fetch(url, { headers })).json()) as T
}

async function until<T>(what: () => Promise<T | undefined | false>): Promise<T> {
  const end = performance.now() + 50_000
  for (;;) {
    const found = await what()
    if (found) return found
    if (performance.now() > end) throw new Error(`It did not come about: ${what.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
