// A sweep of a system whose records say nothing of when their entries changed. It finds what no event told, takes nothing older for
// news, and looks but once at what stays as it is.
import { contract, fill, id, linesOf, listOf, mapping, objectOf, project, role, text, whereFound } from '@plumbline/sdk'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type ComparisonLine, type Engine, type EventPage, serve, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Basket = contract(
  'basket',
  {
    name: text('Name').ownedBy('shop'),
    lines: linesOf('Lines', { keyedBy: 'line' }, { part: text('Part').ownedBy('shop').optional() }),
  },
  { knownBy: ['name'], livesIn: { shop: whereFound() } },
)
const shop = role('shop', { holds: [Basket] })

/** Its records have the stamps that they are given. */
class StampedShelf extends Shelf {
  readonly stamps = new Map<string, number>()
  /** Held back after a page was read. */
  pagesWait: Promise<unknown> = Promise.resolve()
  pages = 0

  override seen(id: string) {
    return { ...super.seen(id), position: { at: this.stamps.get(id) ?? 0 } }
  }

  /** A basket of one line, as it is now. */
  basket(id: string, part: string, stamp: number): void {
    this.rows.set(id, { Name: `Basket ${id}`, Lines: [{ Id: `${id}-1`, Part: part }] })
    this.stamps.set(id, stamp)
  }

  /** Tells of its line alone. */
  tellLine(id: string, part: string, at: number): void {
    const { id: native } = this.seen(id)
    this.tell({
      ...{ object: 'Line', id: `${id}-1` as typeof native, kind: 'seen', mask: ['Part'], fields: { Part: part } },
      ...{ position: { at }, entryOf: { object: 'Thing', list: 'Lines', parent: native } },
    })
  }
}
const shelf = new StampedShelf()

let database: TestDatabase
let engine: Engine
let api: Awaited<ReturnType<typeof serve>>
const longAgo = Date.now() - 86_400_000
const began = Date.now() + 60_000
/** A time by the shelf's clock. */
const second = (n: number): number => began + n * 1_000

beforeAll(async () => {
  database = await freshDatabase()
  const plain = shelfConnector(shelf)
  const inShop = plain.object('Thing', {
    fields: { Id: id(), Name: text('Name'), Lines: listOf('Lines', { Id: id(), Part: text('Part') }) },
    read: plain.objects.Thing.read,
    list: async () => {
      const records = [...shelf.rows.keys()].map(one => shelf.seen(one))
      shelf.pages++
      await shelf.pagesWait
      return { records }
    },
    entries: { Lines: 'Line' },
  })
  const basket = mapping(Basket, objectOf(inShop, 'Thing'), {
    name: 'Name',
    lines: { each: 'Lines', id: 'Id', fields: { part: 'Part' } },
  })
  const baskets = project('baskets', {
    contracts: [Basket],
    roles: [shop],
    systems: [fill(shop, 'counter', inShop, {}, { mappings: [basket] })],
    routes: [],
    workflows: [],
  })
  shelf.basket('old', 'A', longAgo)
  engine = await startEngine({ project: baskets, databaseUrl: database.url })
  api = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
  await until(async () => (await partOf('old')) === 'A')
}, 60_000)
afterAll(async () => {
  await api?.close()
  await engine?.close()
  await database?.drop()
})
beforeEach(() => {
  shelf.pagesWait = Promise.resolve()
})

const get = async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>
async function partOf(id: string): Promise<string | undefined> {
  const [row] = await engine.db.query<{ fields: { lines?: readonly { part?: string }[] } }>(
    'select r.fields from link l join record r on r.ref = l.ref where l.object = $1 and l.native_id = $2',
    ['Thing', id],
  )
  return row?.fields.lines?.[0]?.part
}
const quiet = () =>
  until(async () => {
    const [row] = await engine.db.query<{ n: number }>('select count(*)::int as n from inbox')
    return shelf.unheard === 0 && row?.n === 0
  })
async function told(id: string, part: string, at: number): Promise<void> {
  shelf.tellLine(id, part, at)
  await until(async () => (await partOf(id)) === part)
  await quiet()
}

async function beginSweep(): Promise<() => Promise<ComparisonLine>> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ by: 'test' })
  const asked = await fetch(`${api.url}/api/systems/counter/sweep`, { method: 'POST', headers, body })
  const { comparison } = (await asked.json()) as ComparisonLine
  return () =>
    until(async () => {
      const now = await get<ComparisonLine>(`/api/comparisons/${comparison}`)
      return now.state === 'ended' && now
    })
}
const sweep = async (): Promise<ComparisonLine> => (await beginSweep())()
const changes = async (): Promise<number> =>
  (await get<EventPage>('/api/events?limit=500')).events.filter(one => one.type === 'record.changed').length

test('a lost change of an entry is found, though the entry was heard of later than the record says, and is looked at but once', async () => {
  shelf.basket('b', 'A', second(1))
  shelf.tell(shelf.seen('b'))
  await until(async () => (await partOf('b')) === 'A')
  await told('b', 'B', second(5))
  // What was told is what there is; then it changes in silence.
  shelf.basket('b', 'C', shelf.stamps.get('b') ?? 0)
  const before = shelf.reads
  expect((await sweep()).found).toMatchObject({ changed: 1, unknown: 0, gone: 0 })
  expect(await partOf('b')).toBe('C')
  expect((await sweep()).found).toMatchObject({ changed: 0, unknown: 0, gone: 0 })
  expect(shelf.reads).toBe(before + 1)
  // What was told before that, and comes late, is no news.
  shelf.tellLine('b', 'A', second(4))
  await quiet()
  expect(await partOf('b')).toBe('C')
})

test('a page that is older than what was heard since undoes nothing, and is no discovery', async () => {
  shelf.basket('c', 'A', second(1))
  shelf.tell(shelf.seen('c'))
  await until(async () => (await partOf('c')) === 'A')
  await quiet()
  const page = Promise.withResolvers<void>()
  shelf.pagesWait = page.promise
  const { pages } = shelf
  const ended = await beginSweep()
  await until(async () => shelf.pages > pages)
  shelf.basket('c', 'B', shelf.stamps.get('c') ?? 0)
  await told('c', 'B', second(5))
  page.resolve()
  expect((await ended()).found).toMatchObject({ changed: 0, unknown: 0, gone: 0 })
  expect(await partOf('c')).toBe('B')
})

test('a line that goes takes its newer stamp with it: the record is found to be older than it was held to be', async () => {
  shelf.basket('d', 'A', second(5))
  shelf.tell(shelf.seen('d'))
  await until(async () => (await partOf('d')) === 'A')
  shelf.rows.set('d', { Name: 'Basket d', Lines: [] })
  shelf.stamps.set('d', second(1))
  expect((await sweep()).found).toMatchObject({ changed: 1 })
  expect(await partOf('d')).toBe(undefined)
  expect((await sweep()).found).toMatchObject({ changed: 0 })
})

test('a lost change of an entry is news, though its record is as old as the first load', async () => {
  const before = await changes()
  shelf.basket('old', 'B', longAgo)
  expect((await sweep()).found).toMatchObject({ changed: 1 })
  expect(await partOf('old')).toBe('B')
  expect(await changes()).toBe(before + 1)
})

test('an entry that is only hinted at is news, though its record is as old as the first load', async () => {
  const before = await changes()
  shelf.basket('old', 'C', longAgo)
  const { id: native } = shelf.seen('old')
  shelf.tell({
    ...{ object: 'Line', id: 'old-1' as typeof native, kind: 'look again', mask: [], fields: {} },
    ...{ position: { at: second(9) }, entryOf: { object: 'Thing', list: 'Lines' } },
  })
  await until(async () => (await partOf('old')) === 'C')
  await until(async () => (await changes()) === before + 1)
})
