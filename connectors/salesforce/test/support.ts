// A sandbox of Salesforce with the connector on it, and some master data.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startSalesforceSandbox } from '@plumbline/sandbox-salesforce'
import {
  count,
  day,
  type Fields,
  type Heard,
  type Host,
  id,
  instant,
  listOf,
  lookup,
  money,
  type NativeId,
  type ObjectSpec,
  type Observation,
  oneOf,
  text,
  type Unreadable,
  type Write,
  type WriteEnd,
} from '@plumbline/sdk'
import { type SalesforceApi, salesforce, sobject } from '../src/index.ts'

export const org = salesforce
  .object(
    'Account',
    sobject('Account', {
      Id: id(),
      Name: text('Name'),
      AccountNumber: text('Account Number'),
      BillingCity: text('City'),
      AnnualRevenue: money('Revenue'),
    }),
  )
  .object('Product2', sobject('Product2', { Id: id(), Name: text('Name'), ProductCode: text('Product Code') }))
  .object(
    'Quote',
    sobject(
      'Quote',
      {
        Id: id(),
        QuoteNumber: text('Quote Number'),
        AccountId: lookup('Account'),
        TotalPrice: money('Total Price'),
        Status: text('Status'),
        ExpirationDate: day('Expires'),
        QuoteLineItems: listOf('Lines', {
          Id: id(),
          Product2Id: lookup('Product2'),
          Quantity: count('Quantity'),
          UnitPrice: money('Sales Price'),
        }),
      },
      { lists: { QuoteLineItems: { object: 'QuoteLineItem', parent: 'QuoteId' } } },
    ),
  )
  .object(
    'Order',
    sobject(
      'Order',
      {
        Id: id(),
        Plumbline_Ref__c: text('Plumbline Ref'),
        AccountId: lookup('Account'),
        ERP_Order_Number__c: text('ERP Order Number'),
        PoNumber: text('PO Number'),
        ERP_Net_Total__c: money('ERP Net Total'),
        Status: oneOf('Status', 'Draft', 'Activated', 'Shipped', 'Invoiced'),
        EffectiveDate: day('Start'),
        OrderItems: listOf('Order Products', {
          Id: id(),
          Plumbline_Line__c: text('Plumbline Line'),
          Product2Id: lookup('Product2'),
          Quantity: count('Quantity'),
          UnitPrice: money('Unit Price'),
        }),
      },
      { lists: { OrderItems: { object: 'OrderItem', parent: 'OrderId' } } },
    ),
  )
  .object(
    'Invoice__c',
    sobject('Invoice__c', {
      Id: id(),
      Plumbline_Ref__c: text('Plumbline Ref'),
      Order__c: lookup('Order'),
      Invoice_Number__c: text('Invoice Number'),
      Status__c: oneOf('Status', 'Open', 'Paid'),
      Net_Amount__c: money('Net Amount'),
      Invoice_Date__c: day('Invoice Date'),
      CreatedDate: instant('Created'),
    }),
  )
  .object(
    'Consent__c',
    sobject('Consent__c', {
      Id: id(),
      Plumbline_Ref__c: text('Plumbline Ref'),
      Source__c: text('Source'),
      Plumbline_Note__c: text('Plumbline Note'),
      Decided_At__c: instant('Decided At'),
    }),
  )
type Name = 'Consent__c' | 'Account' | 'Product2' | 'Quote' | 'Order' | 'Invoice__c'
export const objectNamed = (name: Name): ObjectSpec<SalesforceApi, Fields> => org.objects[name] as never

const metadata = join(import.meta.dirname, '../../../examples/quote-to-cash/salesforce.metadata.json')

export const host: Host = {
  fetch: (input, init) => fetch(input, init),
  now: () => Date.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
  uuid: () => crypto.randomUUID(),
  log: () => {},
}
export const eur = (amount: string) => ({ amount, currency: 'EUR' })
export const usd = (amount: string) => ({ amount, currency: 'USD' })
export const native = (id: string) => id as NativeId

/** An org of one currency, unless it is given several. */
export async function startOrg(more: { keepAliveMs?: number; currencies?: readonly string[] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'sf-'))
  const sandbox = await startSalesforceSandbox({ port: 0, pubsubPort: 0, dataFolder: folder, metadata, ...more })
  const settings = {
    loginUrl: sandbox.url,
    clientId: 'sandbox-admin',
    clientSecret: 'sandbox-admin-secret',
    pubsub: `localhost:${sandbox.pubsubPort}`,
    pubsubTls: 'self-signed',
    channel: '/data/ChangeEvents',
    client: 'plumbline',
    currency: 'EUR',
    currencies: more.currencies ? 'several' : undefined,
    apiVersion: '67.0',
  }
  const api = await org.spec.connect(settings, host)
  const door = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${sandbox.url}/_sandbox/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return JSON.parse(await response.text())
  }
  /** What a person does in Salesforce. */
  const person = async (method: string, path: string, body?: unknown): Promise<{ id: string }> => {
    const session = await api.sessions.current()
    const response = await fetch(`${sandbox.url}/services/data/v67.0${path}`, {
      method,
      headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer}`)
    return answer ? JSON.parse(answer) : { id: '' }
  }
  return {
    sandbox,
    settings,
    api,
    door,
    person,
    create: async (object: string, fields: unknown) => native((await person('POST', `/sobjects/${object}`, fields)).id),
    faults: (body: unknown) => door('PUT', 'faults', body),
    calm: () => door('DELETE', 'faults'),
    close: async () => {
      org.spec.close?.(api)
      await sandbox.close()
      await rm(folder, { recursive: true })
    },
  }
}
export type Org = Awaited<ReturnType<typeof startOrg>>

/** An account, two products with standard prices, and an opportunity to quote on. */
export async function stock(org: Org) {
  const account = await org.create('Account', { Name: 'Acme', AccountNumber: '10100001' })
  const { records } = JSON.parse(
    JSON.stringify(
      await org.person('GET', `/query?q=${encodeURIComponent('SELECT Id FROM Pricebook2 WHERE IsStandard = true')}`),
    ),
  )
  const priceBook = records[0].Id
  const products: NativeId[] = []
  for (const code of ['TG11', 'TG12']) {
    const product = await org.create('Product2', { Name: `Product ${code}`, ProductCode: code, IsActive: true })
    await org.create('PricebookEntry', { Pricebook2Id: priceBook, Product2Id: product, UnitPrice: 10, IsActive: true })
    products.push(product)
  }
  const opportunity = await org.create('Opportunity', {
    Name: 'Deal',
    StageName: 'Prospecting',
    CloseDate: '2027-01-01',
    AccountId: account,
    Pricebook2Id: priceBook,
  })
  const [first = native(''), second = native('')] = products
  return { account, products: [first, second] as const, opportunity, priceBook }
}

export async function write(org: Org, name: Name, ...writes: Write[]): Promise<readonly WriteEnd[]> {
  return (await objectNamed(name).write?.(org.api, writes)) ?? []
}
export const read = async (org: Org, name: Name, ...ids: string[]) =>
  (await objectNamed(name).read?.(org.api, ids.map(native))) ?? []

/** Where the feed stands now: without a cursor it begins with all that Salesforce remembers. */
async function now(system: Org): Promise<string> {
  const stopping = new AbortController()
  let cursor = ''
  const feed = org.spec.follow?.(system.api, { objects: [], specs: org.objects as never, signal: stopping.signal })
  for await (const batch of feed ?? []) {
    // The same place twice: nothing is left to tell.
    if (batch.cursor === cursor) stopping.abort()
    cursor = batch.cursor
  }
  return cursor
}

/** Listens from now, or from a cursor, until `enough` says so; `during` runs once the subscription stands. */
export async function listen(
  system: Org,
  from: { cursor?: string; objects: readonly Name[]; pause?: (batch: Heard) => Promise<unknown> },
  enough: (heard: readonly Observation[], unreadable: readonly Unreadable[]) => boolean,
  during: () => Promise<unknown> = async () => {},
) {
  const stopping = new AbortController()
  const heard: Observation[] = []
  const unreadable: Unreadable[] = []
  const begin = from.cursor ?? (await now(system))
  let cursor: string | undefined = begin
  const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(8_000)])
  const feed = org.spec.follow?.(system.api, {
    objects: from.objects,
    cursor: begin,
    specs: org.objects as never,
    signal,
  })
  const acted = setTimeout(150).then(during)
  for await (const batch of feed ?? []) {
    cursor = batch.cursor
    for (const one of batch.heard) 'unreadable' in one ? unreadable.push(one) : heard.push(one)
    await from.pause?.(batch)
    if (enough(heard, unreadable)) stopping.abort()
  }
  await acted
  return { heard, unreadable, cursor: cursor ?? '' }
}
