// Two records become one, and the child records of the former go along: an edit of one, which does not name its record, finds it.
import {
  contract,
  fill,
  id,
  linesOf,
  listOf,
  mapping,
  type NativeId,
  type Observation,
  objectOf,
  project,
  role,
  text,
  type Write,
  type WriteEnd,
  whereFound,
} from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, type Problems, serve, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

type Row = Readonly<Record<string, string>>
type Mail = { readonly Id: string; readonly Client: string; readonly Address: string; readonly Line?: string }

/** Clients on a shelf whose e-mails are records of their own. */
class Clients {
  readonly shelf = new Shelf()
  readonly rows = new Map<string, Row>()
  readonly mails = new Map<string, Mail>()
  readonly #mergedInto = new Map<string, string>()

  put(client: string, fields: Row): void {
    this.rows.set(client, { ...this.rows.get(client), ...fields })
    const mask = Object.keys(fields)
    this.shelf.tell({ ...this.seen(client), mask, fields })
  }

  /** It tells what changed of the e-mail, and not whose it is. */
  edit(mail: string, Address: string): void {
    this.mails.set(mail, { ...(this.mails.get(mail) as Mail), Address })
    this.#tellOf(mail, { kind: 'seen', mask: ['Address'], fields: { Address } })
  }
  take(mail: string): void {
    this.mails.delete(mail)
    this.#tellOf(mail, { kind: 'gone', mask: [], fields: {} })
  }

  write({ id: client = '' as NativeId, fields, lists }: Write): WriteEnd {
    this.rows.set(client, { ...this.rows.get(client), ...(fields as Row) })
    const { add = [], change = [], remove = [] } = lists.Mails ?? {}
    for (const mail of add) {
      const Id = `${client}-${this.mails.size}`
      this.mails.set(Id, { Id, Client: client, ...(mail as Pick<Mail, 'Address' | 'Line'>) })
    }
    for (const { id: mail, ...is } of change) this.mails.set(mail, { ...(this.mails.get(mail) as Mail), ...is })
    for (const mail of remove) this.mails.delete(mail)
    const { fields: native, position } = this.seen(client)
    return { end: 'written', id: client, native, position }
  }

  /** As Salesforce does it: the e-mails are the survivor's, and who is read for the other is led to it. */
  merge(loser: string, winner: string): void {
    const moved = [...this.mails.values()].filter(mail => mail.Client === loser)
    for (const mail of moved) this.mails.set(mail.Id, { ...mail, Client: winner })
    this.rows.delete(loser)
    this.#mergedInto.set(loser, winner)
    this.#hint(loser)
    for (const mail of moved) this.#tellOf(mail.Id, { kind: 'seen', mask: [], fields: {} }, winner)
  }
  /** Out of the recycle bin comes the record alone: its e-mails stay where they are. */
  takeBack(loser: string, fields: Row): void {
    this.#mergedInto.delete(loser)
    this.rows.set(loser, fields)
    this.#hint(loser)
  }

  seen(client: string): Observation {
    const { position } = this.shelf.seen(client)
    const about = { object: 'Client', id: client as NativeId, mask: 'all', position } as const
    const into = this.#mergedInto.get(client)
    if (into !== undefined) return { ...about, kind: 'gone', fields: {}, into: into as NativeId }
    const Mails = [...this.mails.values()]
      .filter(mail => mail.Client === client)
      .map(({ Id, Address, Line = null }) => ({ Id, Address, Line }))
    return { ...about, kind: 'seen', fields: { Id: client, ...this.rows.get(client), Mails } }
  }
  addressesOf = (client: string): string[] =>
    [...this.mails.values()].flatMap(mail => (mail.Client === client ? [mail.Address] : [])).sort()
  knows = (client: string): boolean => this.rows.has(client) || this.#mergedInto.has(client)

  #hint(client: string): void {
    this.shelf.tell({ ...this.seen(client), kind: 'look again', mask: [], fields: {} })
  }
  #tellOf(mail: string, told: Pick<Observation, 'kind' | 'mask' | 'fields'>, client?: string): void {
    const { position } = this.shelf.seen(mail)
    const entryOf = { object: 'Client', list: 'Mails', ...(client !== undefined && { parent: client as NativeId }) }
    this.shelf.tell({ object: 'Mail', id: mail as NativeId, position, entryOf, ...told })
  }
}

const Client = contract(
  'client',
  {
    number: text('Number').ownedBy('erp').optional(),
    name: text('Name').ownedBy('crm'),
    mails: linesOf('E-mails', { keyedBy: 'line' }, { address: text('Address').ownedBy('crm') }),
  },
  { match: 'number', knownBy: ['name'], livesIn: { crm: whereFound(), erp: whereFound() } },
)
const sales = role('crm', { holds: [Client] })
const books = role('erp', { holds: [Client] })

function connectorOf(clients: Clients) {
  const mails = listOf('E-mails', { Id: id(), Address: text('Address'), Line: text('Line') })
  return shelfConnector(clients.shelf).object('Client', {
    fields: { Id: id(), Number: text('Number'), Name: text('Name'), Mails: mails },
    entries: { Mails: 'Mail' },
    read: async (_, ids) => ids.filter(clients.knows).map(one => clients.seen(one)),
    write: async (_, writes) => writes.map(write => clients.write(write)),
    list: async () => ({ records: [...clients.rows.keys()].map(one => clients.seen(one)) }),
  })
}

let database: TestDatabase
let crm: Clients
let erp: Clients
let engine: Engine
let gateway: Awaited<ReturnType<typeof serve>>
beforeEach(async () => {
  database = await freshDatabase()
  crm = new Clients()
  erp = new Clients()
  const [atCrm, atErp] = [connectorOf(crm), connectorOf(erp)]
  const rules = { number: 'Number', name: 'Name' } as const
  const each = { each: 'Mails', id: 'Id', key: 'Line', fields: { address: 'Address' } } as const
  engine = await startEngine({
    databaseUrl: database.url,
    project: project('clients', {
      contracts: [Client],
      roles: [sales, books],
      systems: [
        fill(
          sales,
          'crm',
          atCrm,
          {},
          { mappings: [mapping(Client, objectOf(atCrm, 'Client'), { ...rules, mails: each })] },
        ),
        fill(
          books,
          'erp',
          atErp,
          {},
          { mappings: [mapping(Client, objectOf(atErp, 'Client'), { ...rules, mails: each })] },
        ),
      ],
      routes: [],
      workflows: [],
    }),
  })
  gateway = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
})
afterEach(async () => {
  await gateway.close()
  await engine.close()
  await database.drop()
})

const get = async <T>(path: string): Promise<T> => (await fetch(`${gateway.url}${path}`)).json() as Promise<T>
type Mails = readonly { readonly address: string }[]
/** The e-mails of a client, by its name or an id of a system. */
const mailsOf = async (client: string): Promise<string[]> => {
  const { value } = await get<{ value?: Mails }>(`/api/explain/client/${client}/mails`)
  return (value ?? []).map(mail => mail.address).sort()
}
const has = (client: string, ...addresses: readonly string[]): Promise<unknown> =>
  until(async () => (await mailsOf(client)).join() === [...addresses].sort().join())
const refOf = async (system: string, client: string): Promise<string | undefined> => {
  const [row] = await engine.db.query<{ ref: string }>(
    `select coalesce(alias_of, ref) as ref from link join record using (ref) where system = $1 and object = 'Client' and native_id = $2`,
    [system, client],
  )
  return row?.ref
}
const areOne = (one: [string, string], other: [string, string]): Promise<unknown> =>
  until(async () => (await refOf(...one)) !== undefined && (await refOf(...one)) === (await refOf(...other)))
const atRest = (): Promise<unknown> =>
  until(async () => (await engine.db.query('select from inbox where not parked')).length === 0)
const nothingIsWrong = (): Promise<unknown> =>
  until(async () => (await get<Problems>('/api/problems')).problems.length === 0)

/** A client with these e-mails, and told of. */
function client(of: Clients, key: string, fields: Row, ...mails: readonly string[]): void {
  for (const mail of mails) of.mails.set(mail, { Id: mail, Client: key, Address: `${mail}@first` })
  of.rows.set(key, fields)
  of.shelf.tell(of.seen(key))
}

test('a client is found by its number: an e-mail that is edited or taken away afterwards is the one client’s', async () => {
  client(crm, 'c1', { Name: 'Acme' }, 'm1', 'm2')
  client(erp, 'e1', { Name: 'Acme', Number: '100' })
  await until(async () => (await refOf('crm', 'c1')) && (await refOf('erp', 'e1')))
  crm.put('c1', { Number: '100' })
  await areOne(['crm', 'c1'], ['erp', 'e1'])

  crm.edit('m1', 'm1@later')
  await has('e1', 'm1@later', 'm2@first')
  crm.take('m2')
  await until(async () => erp.addressesOf('e1').join() === 'm1@later')
  await nothingIsWrong()
})

test('an e-mail that was left behind when two clients became one is the one client’s, too', async () => {
  client(crm, 'c1', { Name: 'Acme' }, 'm1')
  client(erp, 'e1', { Name: 'Acme', Number: '100' })
  const own = await until(async () => (await refOf('erp', 'e1')) && refOf('crm', 'c1'))
  crm.put('c1', { Number: '100' })
  await areOne(['crm', 'c1'], ['erp', 'e1'])
  await atRest()
  // As Plumbline kept it before.
  await engine.db.query(
    `update link set ref = $1 || '/' || split_part(ref, '/', 2) where system = 'crm' and object = 'Mail'`,
    [own],
  )

  crm.edit('m1', 'm1@later')
  await has('e1', 'm1@later')
  await nothingIsWrong()
})

test('the CRM makes one of two clients: the e-mails of both are the survivor’s, and stay that when the merge is taken back', async () => {
  client(crm, 'c1', { Name: 'Acme' }, 'm1', 'm2')
  client(crm, 'c2', { Name: 'Acme Group' }, 'm3')
  await has('c1', 'm1@first', 'm2@first')
  await has('c2', 'm3@first')
  crm.merge('c1', 'c2')
  await areOne(['crm', 'c1'], ['crm', 'c2'])
  await has('c2', 'm1@first', 'm2@first', 'm3@first')

  crm.edit('m1', 'm1@later')
  await has('c2', 'm1@later', 'm2@first', 'm3@first')
  crm.take('m2')
  await has('c2', 'm1@later', 'm3@first')

  crm.takeBack('c1', { Name: 'Acme' })
  await until(async () => (await refOf('crm', 'c1')) !== (await refOf('crm', 'c2')))
  crm.edit('m1', 'm1@last')
  await has('c2', 'm1@last', 'm3@first')
  await has('c1')
  await nothingIsWrong()
})

test('of a client and its copy, whose e-mails carry the same key, the survivor has both', async () => {
  const copied = { Client: 'c1', Address: 'same@first', Line: 'k1' }
  crm.mails.set('m1', { Id: 'm1', ...copied })
  crm.mails.set('m2', { Id: 'm2', ...copied, Client: 'c2' })
  client(crm, 'c1', { Name: 'Acme' })
  client(crm, 'c2', { Name: 'Acme Group' })
  await has('c1', 'same@first')
  await has('c2', 'same@first')
  crm.merge('c1', 'c2')
  await has('c2', 'same@first', 'same@first')

  crm.edit('m1', 'm1@later')
  await has('c2', 'same@first', 'm1@later')
  crm.edit('m2', 'm2@later')
  await has('c2', 'm2@later', 'm1@later')
  await nothingIsWrong()
})

test('an e-mail of a client that another system still has twice is not the survivor’s there', async () => {
  for (const [key, number] of [
    ['1', '100'],
    ['2', '200'],
  ] as const) {
    client(erp, `e${key}`, { Name: `Acme ${key}`, Number: number }, `x${key}`)
    client(crm, `c${key}`, { Name: `Acme ${key}`, Number: number })
    await areOne(['crm', `c${key}`], ['erp', `e${key}`])
  }
  await atRest()
  crm.merge('c1', 'c2')
  await areOne(['erp', 'e1'], ['erp', 'e2'])
  await atRest()

  erp.edit('x1', 'x1@later')
  await until(async () => erp.shelf.unheard === 0)
  await atRest()
  const [held] = await engine.db.query<{ native: { Mails: Mail[] } }>(
    "select native from holding where system = 'erp' and native_id = 'e2'",
  )
  expect(held?.native.Mails.map(mail => mail.Id)).toEqual(['x2'])
})
