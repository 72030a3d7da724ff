// The world for what disappears: both sandboxes, a database, and an engine that can be stopped, killed and started again.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Connection } from '@jsforce/jsforce-node'
import { startSalesforceSandbox } from '@plumbline/sandbox-salesforce'
import { startS4Sandbox } from '@plumbline/sandbox-sap-s4hana'
import { freshDatabase } from '../../test/support/postgres.ts'
import { type ComparisonLine, Db, type Engine, type Problems, serve, startEngine } from '../src/index.ts'
import { metadata, type Parting, partedProject } from './parted.project.ts'
import { until } from './world.ts'

export type Parted = Awaited<ReturnType<typeof startParted>>
/** What JSON from outside is to a test: looked into, not typed. */
export type Json = ReturnType<typeof JSON.parse>

const workerFile = fileURLToPath(new URL('./parted.worker.ts', import.meta.url))

export async function startParted(gone: Parting = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-parted-'))
  const database = await freshDatabase()
  const salesforce = await startSalesforceSandbox({ port: 0, pubsubPort: 0, dataFolder: join(folder, 'sf'), metadata })
  const s4 = await startS4Sandbox({ port: 0, dataFolder: join(folder, 's4') })
  Object.assign(process.env, {
    PARTED_SALESFORCE: salesforce.url,
    PARTED_PUBSUB: `localhost:${salesforce.pubsubPort}`,
    PARTED_S4: s4.url,
  })
  const org = new Connection({
    version: '67.0',
    oauth2: { clientId: 'sandbox-admin', clientSecret: 'sandbox-admin-secret', loginUrl: salesforce.url },
    callOptions: { client: 'people' },
  })
  const db = new Db(database.url, 2)
  const login = () => org.authorize({ grant_type: 'client_credentials' })
  await login()
  let engine: Engine | undefined
  let gateway: { url: string; close(): Promise<void> } | undefined
  let worker: ChildProcess | undefined
  const json = { 'content-type': 'application/json' }
  const ask = async (url: string, method: string, body?: unknown): Promise<Json> =>
    (await fetch(url, { method, ...(body !== undefined && { headers: json, body: JSON.stringify(body) }) })).json()

  const world = {
    org,
    db,
    salesforce,
    s4,
    login,
    /** Starts an engine here, and waits until it is ready. */
    async start() {
      engine = await startEngine({ project: partedProject(gone), databaseUrl: database.url })
      gateway = await serve(engine, { port: 0 })
      await until(async () => (await engine?.ready())?.ready)
    },
    async stop() {
      await gateway?.close()
      await engine?.close()
      engine = gateway = undefined
    },
    /** Starts an engine in a process of its own. */
    async startElsewhere() {
      const env = { ...process.env, PARTED_DATABASE: database.url, PARTED_GONE: JSON.stringify(gone) }
      const child = spawn(process.execPath, ['--conditions=plumbline-source', workerFile], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      worker = child
      await new Promise<void>((resolve, reject) => {
        child.stdout?.once('data', () => resolve())
        child.once('exit', code => reject(new Error(`The worker ended with ${code}`)))
      })
    },
    /** As a machine dies: nothing is finished, nothing said. */
    async kill() {
      const child = worker
      if (!child) return
      worker = undefined
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
    get: (path: string): Promise<Json> => ask(`${gateway?.url}${path}`, 'GET'),
    post: (path: string, body: object): Promise<Json> => ask(`${gateway?.url}${path}`, 'POST', body),
    problems: async (): Promise<Problems['problems']> => (await ask(`${gateway?.url}/api/problems`, 'GET')).problems,
    inS4: (door: string, body: object): Promise<Json> => ask(`${s4.url}/_sandbox/${door}`, 'POST', body),
    inSalesforce: (method: string, door: string, body?: object): Promise<Json> =>
      ask(`${salesforce.url}/_sandbox/${door}`, method, body),
    async journal(sandbox: { url: string }): Promise<Json[]> {
      return (await ask(`${sandbox.url}/_sandbox/journal?limit=100000`, 'GET')).entries
    },
    async create(object: string, row: Record<string, unknown>): Promise<string> {
      const saved = await org.sobject(object).create(row)
      if (!saved.success) throw new Error(JSON.stringify(saved.errors))
      return saved.id
    },
    async customer(name: string): Promise<string> {
      const made = await world.inS4('customers', { name, country: 'DE', currency: 'EUR' })
      return made.customer.BusinessPartner
    },
    /** Somebody in the ERP calls a partner by another name. */
    async renamePartner(number: string, name: string): Promise<void> {
      const service = `${s4.url}/sap/opu/odata/sap/API_BUSINESS_PARTNER`
      const signed = { accept: 'application/json', authorization: `Basic ${btoa('sandbox:sandbox')}` }
      const token = await fetch(`${service}/`, {
        headers: { ...signed, 'x-csrf-token': 'Fetch' },
      })
      const renamed = await fetch(`${service}/A_BusinessPartner('${number}')`, {
        method: 'PATCH',
        headers: {
          ...signed,
          'content-type': 'application/json',
          'x-csrf-token': token.headers.get('x-csrf-token') ?? '',
          cookie: token.headers
            .getSetCookie()
            .map(one => one.split(';')[0])
            .join('; '),
          'if-match': '*',
        },
        body: JSON.stringify({ OrganizationBPName1: name }),
      })
      if (!renamed.ok) throw new Error(await renamed.text())
    },
    async partner(number: string): Promise<Json> {
      const url = `${s4.url}/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BusinessPartner('${number}')`
      const headers = { accept: 'application/json', authorization: `Basic ${btoa('sandbox:sandbox')}` }
      const answer: Json = await (await fetch(url, { headers })).json()
      return answer.d
    },
    deal: (name: string, AccountId: string | undefined, StageName = 'Prospecting'): Promise<string> =>
      world.create('Opportunity', { Name: name, StageName, CloseDate: '2030-12-31', ...(AccountId && { AccountId }) }),
    /** The record that an account, opportunity or partner is, by its native id. */
    async refOf(system: string, object: string, nativeId: string): Promise<string | undefined> {
      const [row] = await db.query<{ ref: string }>(
        `select coalesce(r.alias_of, l.ref) as ref from link l left join record r on r.ref = l.ref
         where l.system = $1 and l.object = $2 and l.native_id = $3`,
        [system, object, nativeId],
      )
      return row?.ref
    },
    async fieldsOf(ref: string): Promise<Json> {
      const [row] = await db.query<{ fields: Json }>('select fields from record where ref = $1', [ref])
      return row?.fields
    },
    /** Customers whose account and partner are one thing to us. */
    async known(account: string, number: string): Promise<string> {
      return until(async () => {
        const [a, b] = [
          await world.refOf('sales', 'Account', account),
          await world.refOf('s4', 'BusinessPartner', number),
        ]
        return a !== undefined && a === b ? a : undefined
      })
    },
    eventsOf: async (type: string): Promise<Json[]> => {
      const { events } = await world.get('/api/events?limit=500')
      return events.filter((event: Json) => event.type === type)
    },
    async sweep(system: string, more: object = {}): Promise<ComparisonLine> {
      const begun: ComparisonLine = await world.post(`/api/systems/${system}/sweep`, { by: 'test', ...more })
      return until(async () => {
        const now: ComparisonLine = await world.get(`/api/comparisons/${begun.comparison}`)
        return now.state === 'ended' ? now : undefined
      }, 60_000)
    },
    async close() {
      await world.kill()
      await world.stop()
      await Promise.all([salesforce.close(), s4.close()])
      await db.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return world
}
