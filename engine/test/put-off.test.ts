// Journeys whose question cannot be answered now: what wakes them, and what they cost until then.
import {
  answers,
  becomes,
  contract,
  fill,
  id,
  mapping,
  objectOf,
  oneOf,
  type Project,
  project,
  question,
  ref,
  role,
  text,
  Unavailable,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, serve, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Wish = contract(
  'wish',
  {
    number: text('Number').ownedBy('store').optional(),
    name: text('Name').ownedBy('shop'),
    status: oneOf('Status', 'open', 'granted', 'kept').ownedBy('shop'),
  },
  { match: 'number', knownBy: ['name', 'number'], livesIn: { shop: whereFound(), store: whereFound() } },
)
const Stock = question('stock', { wish: ref(Wish) }, { place: text('Place') })
const shop = role('shop', { holds: [Wish] })
const store = role('store', { holds: [Wish], answers: [Stock] })
type Grant = Parameters<typeof workflow<typeof Wish.fields, 'Begun'>>[1]['run']

/** A store that can be asked where something is, while it is not down. */
class Store extends Shelf {
  isDown = false
  readonly asked: string[] = []
  where(thing: string): { place: string } {
    if (this.isDown) throw new Unavailable('Nobody is there', undefined, { systemIsDown: true })
    this.asked.push(thing)
    return { place: 'below' }
  }
}

let database: TestDatabase
let engine: Engine
let gateway: Awaited<ReturnType<typeof serve>>
let counter: Shelf
let depot: Store

beforeEach(async () => {
  database = await freshDatabase()
  counter = new Shelf()
  depot = new Store()
})
afterEach(async () => {
  await gateway?.close()
  await engine?.close()
  await database.drop()
})

function projectWith(run: Grant): Project {
  const inShop = shelfConnector(counter)
  const inStore = shelfConnector(depot).question('where', {
    asks: { wish: id() },
    answers: { place: text('Place') },
    run: async (_, { wish }) => depot.where(String(wish)),
  })
  const statuses = ['open', 'granted', 'kept'] as const
  return project('wishes', {
    contracts: [Wish],
    roles: [shop, store],
    systems: [
      fill(
        shop,
        'counter',
        inShop,
        {},
        {
          mappings: [
            mapping(Wish, objectOf(inShop, 'Thing'), {
              number: 'Number',
              name: 'Name',
              status: { field: 'State', read: state => statuses.find(one => one === state) ?? 'open' },
            }),
          ],
        },
      ),
      fill(
        store,
        'depot',
        inStore,
        {},
        {
          mappings: [
            mapping(Wish, objectOf(inStore, 'Thing'), {
              number: 'Number',
              name: 'Name',
              status: { skip: 'The shop alone knows' },
            }),
          ],
          answers: [answers(Stock, inStore, 'where')],
        },
      ),
    ],
    workflows: [
      workflow('grant', {
        says: 'A granted wish is looked for',
        startsWhen: becomes(Wish, 'granted'),
        checkpoints: ['Begun'],
        run,
      }),
    ],
  })
}
const looksForIt: Grant = async (wish, { step }) => {
  await step('Look for it', () => store.ask(Stock, { wish: { contract: 'wish', id: wish.ref.id } }))
}
async function running(run: Grant = looksForIt): Promise<void> {
  engine = await startEngine({ project: projectWith(run), databaseUrl: database.url })
  gateway = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
}

const inDepot = (number: string) => depot.put(number, { Number: number, Name: number })
const known = async (many: number): Promise<unknown> =>
  until(async () => (await query("select 1 from link where system = 'depot'")).length === many)
const grant = (number: string) => counter.put(number, { Number: number, Name: number, State: 'granted' })
const door = (path: string, body: object) =>
  fetch(`${gateway.url}/api/systems/depot/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'kim', ...body }),
  })
const pause = () => door('pause', { reason: 'stocktaking' })
const resume = () => door('resume', {})
const query = <R extends Record<string, unknown>>(sql: string): Promise<R[]> => engine.db.query<R>(sql)
const putOff = (words: RegExp, many = 1) =>
  until(async () => {
    const rows = await query<{ reason: string | null }>("select reason from journey where state = 'waiting'")
    return rows.filter(row => words.test(row.reason ?? '')).length === many
  })
const ended = (many = 1) =>
  until(async () => (await query("select 1 from journey where state = 'done'")).length === many)

test('a journey that waited for a record, and then for a paused system, goes on when that is resumed', async () => {
  await running()
  grant('W1')
  await putOff(/is not known in depot/)
  await pause()
  inDepot('W1')
  await putOff(/depot is paused by kim/)
  await resume()
  await ended()
  expect(await query('select 1 from wait')).toEqual([])
})

test('while one strand of a journey waits for a paused system, the others go on', async () => {
  await running(async (wish, { step, until }) => {
    await Promise.all([
      until(wish, wish => wish.status === 'kept', { within: '30 days' }),
      step('Look for it', () => store.ask(Stock, { wish: { contract: 'wish', id: wish.ref.id } })),
    ])
  })
  inDepot('W1')
  await known(1)
  await pause()
  grant('W1')
  await putOff(/depot is paused by kim/)
  expect(await query("select 1 from wait where name like 'Until %' and due_at is not null")).toHaveLength(1)
  counter.put('W1', { State: 'kept' })
  await until(async () => (await query("select 1 from step where kind = 'until'")).length === 1)
  expect(depot.asked).toEqual([])
  await resume()
  await ended()
})

test('while a system is down what it put off rests, but for one that tries it; then all go on, the oldest first', async () => {
  await running()
  const numbers = Array.from({ length: 12 }, (_, n) => `W${n}`)
  for (const number of numbers) inDepot(number)
  await known(numbers.length)
  depot.isDown = true
  for (const number of numbers) grant(number)
  await putOff(/Nobody is there/, numbers.length)
  const resting = () =>
    query("select 1 from journey where worker is null and due_at > clock_timestamp() + interval '20 minutes'")
  await until(async () => (await resting()).length === numbers.length)
  const [oldest] = await query<{ title: string }>('select title from journey order by started_at limit 1')
  depot.isDown = false
  await ended(numbers.length)
  expect(oldest?.title).toBe(`Wish ${depot.asked[0]}`)
  expect([...depot.asked].sort()).toEqual([...numbers].sort())
})

test('a record that becomes known while a journey is being put off for it holds none of them back', async () => {
  await running()
  const numbers = Array.from({ length: 40 }, (_, n) => `W${n}`)
  for (const number of numbers) {
    grant(number)
    // Heard a little later each time: before the journey asks, while it is being put off, and after.
    setTimeout(() => inDepot(number), Number(number.slice(1)) * 8)
  }
  await ended(numbers.length)
})

test('a journey that waits for a record that no system has rests until it is there', async () => {
  await running()
  grant('W1')
  await putOff(/is not known in depot/)
  await until(
    async () =>
      (await query("select 1 from journey where due_at > clock_timestamp() + interval '20 minutes'")).length === 1,
  )
  inDepot('W1')
  await ended()
})

test('what nobody woke is found by the state of the lane alone', async () => {
  await running()
  inDepot('W1')
  await known(1)
  await pause()
  grant('W1')
  await putOff(/depot is paused by kim/)
  // As it is when a process ends between two rounds, or somebody mends the row by hand.
  await query("update lane set paused = false where system = 'depot'")
  await ended()
})
