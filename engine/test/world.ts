// A small real world for a test: the sandboxes, a database of its own, the example's project, and an engine that runs it. The
// consent service is there where a test asks for it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Connection } from '@jsforce/jsforce-node'
import { startConsentSandbox } from '@plumbline/sandbox-consent'
import { startSalesforceSandbox } from '@plumbline/sandbox-salesforce'
import { startS4Sandbox } from '@plumbline/sandbox-sap-s4hana'
import type { Project } from '@plumbline/sdk'
import { freshDatabase } from '../../test/support/postgres.ts'
import { type Engine, serve, startEngine } from '../src/index.ts'

const metadata = fileURLToPath(new URL('../../examples/quote-to-cash/salesforce.metadata.json', import.meta.url))

export type World = Awaited<ReturnType<typeof startWorld>>
type Entry = { n: number; kind: string; object: string; id: string; by: string; fields: Record<string, unknown> }

export type WorldOptions = {
  readonly before?: (org: Connection) => Promise<void>
  /** Of another org than the example's. */
  readonly metadata?: string
  /** Hears what the engine writes into its log. */
  readonly log?: (sentence: string, facts?: Record<string, unknown>) => void
  /** Another project, made of the example. */
  readonly project?: (example: Project) => Project
  /** With the consent service, whose clock and limit may be a test's own. */
  readonly consent?: { readonly now?: () => number; readonly requestsPerSecond?: number }
}

export async function startWorld(options: WorldOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-world-'))
  const database = await freshDatabase()
  const salesforce = await startSalesforceSandbox({
    port: 0,
    pubsubPort: 0,
    dataFolder: join(folder, 'sf'),
    metadata: options.metadata ?? metadata,
  })
  const s4 = await startS4Sandbox({ port: 0, dataFolder: join(folder, 's4') })
  const consent = options.consent
    ? await startConsentSandbox({ port: 0, dataFolder: join(folder, 'consent'), ...options.consent })
    : undefined
  Object.assign(process.env, {
    SALESFORCE_URL: salesforce.url,
    SALESFORCE_PUBSUB: `localhost:${salesforce.pubsubPort}`,
    S4_URL: s4.url,
    ...(consent && { CONSENT_URL: consent.url, CONSENT_POLL_MS: '100' }),
  })
  const org = new Connection({
    version: '67.0',
    oauth2: { clientId: 'sandbox-admin', clientSecret: 'sandbox-admin-secret', loginUrl: salesforce.url },
  })
  await org.authorize({ grant_type: 'client_credentials' })
  await options.before?.(org)
  const { default: example } = (await import('@plumbline/example-quote-to-cash')) as { default: Project }
  // A real service is given 20 s to carry out what it did not answer.
  for (const { role, connector } of example.systems)
    if (role === 'consent') Object.assign(connector.limits, { longestCallMs: 3_000 })
  const asked = consent ? example : { ...example, systems: example.systems.filter(({ role }) => role !== 'consent') }
  const project = options.project?.(asked) ?? asked
  const engine: Engine = await startEngine({
    project,
    databaseUrl: database.url,
    ...(options.log && { log: options.log }),
  })
  const api = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
  return {
    org,
    engine,
    url: api.url,
    salesforce,
    s4,
    consent,
    get: async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>,
    post: async <T>(path: string, body: object): Promise<T> => (await post(api.url + path, body)) as T,
    inS4: (door: string, body: object): Promise<unknown> => post(`${s4.url}/_sandbox/${door}`, body),
    faultsOf: (sandbox: { url: string }, faults: object | undefined) =>
      fetch(
        `${sandbox.url}/_sandbox/faults`,
        faults ? { method: 'PUT', headers: json, body: JSON.stringify(faults) } : { method: 'DELETE' },
      ),
    journal: (sandbox: { url: string }, object: string): Promise<Entry[]> => journal(sandbox.url, object),
    close: async () => {
      await api.close()
      await engine.close()
      await Promise.all([salesforce.close(), s4.close(), consent?.close()])
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const json = { 'content-type': 'application/json' }
const post = async (url: string, body: object): Promise<unknown> =>
  (await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(body) })).json()

async function journal(url: string, object: string): Promise<Entry[]> {
  const { entries } = (await (await fetch(`${url}/_sandbox/journal?object=${object}&limit=100000`)).json()) as {
    entries: Entry[]
  }
  return entries.filter(entry => entry.by !== 'seed')
}

/** Waits until something holds and answers it; fails with the last answer otherwise. */
export async function until<T>(what: () => Promise<T | undefined | false>, withinMs = 20_000): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await what()
    if (found) return found
    if (performance.now() > end) throw new Error(`It did not come about within ${withinMs} ms: ${what.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

export async function newProduct(org: Connection, name: string, code: string | undefined): Promise<string> {
  const Product2Id = await create(org, 'Product2', {
    Name: name,
    IsActive: true,
    ...(code !== undefined && { ProductCode: code }),
  })
  await create(org, 'PricebookEntry', {
    Pricebook2Id: await standardBook(org),
    Product2Id,
    UnitPrice: 100,
    IsActive: true,
  })
  return Product2Id
}

export const newAccount = (org: Connection, name: string, number: string | undefined): Promise<string> =>
  create(org, 'Account', { Name: name, ...(number !== undefined && { AccountNumber: number }) })

/** What a sales person does: a quote for an account over some lines; accepted when it says so. */
export async function newQuote(
  org: Connection,
  AccountId: string,
  lines: readonly { product: string; quantity: number; price: number }[],
  accept = true,
): Promise<{ id: string; number: string }> {
  const Pricebook2Id = await standardBook(org)
  const OpportunityId = await create(org, 'Opportunity', {
    Name: 'Deal',
    StageName: 'Prospecting',
    CloseDate: '2030-12-31',
    AccountId,
    Pricebook2Id,
  })
  const id = await create(org, 'Quote', { Name: 'Quote', OpportunityId, Pricebook2Id })
  for (const { product, quantity, price } of lines) {
    const PricebookEntryId = await first(org, `SELECT Id FROM PricebookEntry WHERE Product2Id = '${product}'`)
    await create(org, 'QuoteLineItem', { QuoteId: id, PricebookEntryId, Quantity: quantity, UnitPrice: price })
  }
  if (accept) await acceptQuote(org, id)
  return { id, number: String((await org.sobject('Quote').retrieve(id)).QuoteNumber) }
}
const acceptQuote = (org: Connection, Id: string): Promise<unknown> =>
  org.sobject('Quote').update({ Id, Status: 'Accepted' })

const standardBook = (org: Connection): Promise<string> =>
  first(org, 'SELECT Id FROM Pricebook2 WHERE IsStandard = true')
const first = async (org: Connection, soql: string): Promise<string> => String((await org.query(soql)).records[0]?.Id)
async function create(org: Connection, object: string, row: Record<string, unknown>): Promise<string> {
  const saved = await org.sobject(object).create(row)
  if (!saved.success) throw new Error(JSON.stringify(saved.errors))
  return saved.id
}
