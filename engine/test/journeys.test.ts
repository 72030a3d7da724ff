// Journeys as their authors meet them: undo, deadlines, loops, and code that changed under a journey in flight.
import {
  becomes,
  contract,
  derive,
  fill,
  mapping,
  objectOf,
  oneOf,
  type Project,
  project,
  role,
  routed,
  text,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Wish = contract(
  'wish',
  { name: text('Name').ownedBy('shop'), status: oneOf('Status', 'open', 'granted').ownedBy('shop') },
  { knownBy: ['name'], livesIn: { shop: whereFound() } },
)
const Gift = contract(
  'gift',
  { number: text('Number').ownedBy('store').optional(), name: text('Name').ownedBy('shop') },
  { bornBy: 'grant', from: derive(Wish, { name: 'name' }), knownBy: ['number'], livesIn: { store: routed() } },
)
const shop = role('shop', { holds: [Wish] })
const store = role('store', { holds: [Gift] })

type Grant = Parameters<typeof workflow<typeof Wish.fields, 'Begun'>>[1]['run']

let database: TestDatabase
let shelves: { shop: Shelf; store: Shelf }
let engine: Engine | undefined

beforeEach(async () => {
  database = await freshDatabase()
  shelves = { shop: new Shelf(), store: new Shelf() }
})
afterEach(async () => {
  await engine?.close()
  engine = undefined
  await database.drop()
})

function projectWith(run: Grant): Project {
  const inShop = shelfConnector(shelves.shop)
  const inStore = shelfConnector(shelves.store)
  const wish = mapping(Wish, objectOf(inShop, 'Thing'), {
    name: 'Name',
    status: { field: 'State', read: state => (state === 'granted' ? 'granted' : 'open') },
  })
  const gift = mapping(Gift, objectOf(inStore, 'Thing'), { number: 'Number', name: 'Name' })
  return project('wishes', {
    contracts: [Wish, Gift],
    roles: [shop, store],
    systems: [
      fill(shop, 'counter', inShop, {}, { mappings: [wish] }),
      fill(store, 'depot', inStore, { client: 'us' }, { mappings: [gift] }),
    ],
    workflows: [
      workflow('grant', {
        says: 'A granted wish becomes a gift',
        startsWhen: becomes(Wish, 'granted'),
        checkpoints: ['Begun'],
        run,
      }),
    ],
  })
}

async function running(run: Grant): Promise<Engine> {
  engine = await startEngine({ project: projectWith(run), databaseUrl: database.url })
  await until(async () => (await engine?.ready())?.ready)
  return engine
}
const grantAWish = (): void => shelves.shop.put('w1', { Name: 'a pony', State: 'granted' })
type Row = { state: string; reason: string | null }
const journey = async (): Promise<Row | undefined> =>
  (await engine?.db.query<Row>('select state, reason from journey'))?.[0]
const becomesTrue = (test: (row: Row) => boolean): Promise<Row> =>
  until(async () => {
    const row = await journey()
    return row && test(row) ? row : undefined
  })

test('the echo of our own write wakes nobody who waits for a change of the record', async () => {
  let runs = 0
  const { db } = await running(async (wish, { step, open, until }) => {
    runs++
    const gift = await step('Make the gift', () => open(Gift, { from: wish, in: store }))
    await until(gift, gift => gift.number === 'N9', { within: '1 day' })
  })
  grantAWish()
  await until(async () => (await journey())?.state === 'waiting' && runs === 2)
  const echo = { ...shelves.store.seen('1'), by: 'us' }

  shelves.store.tell(echo)

  const heardAt = async (): Promise<number | undefined> =>
    (await db.query<{ at: number }>(`select (position ->> 'at')::float8 as at from holding where system = 'depot'`))[0]
      ?.at
  await until(async () => (await heardAt()) === echo.position.at)
  shelves.store.put('1', { Number: 'N9' })
  expect((await becomesTrue(row => row.state !== 'waiting')).reason).toBeNull()
  await becomesTrue(row => row.state === 'done')
  expect(runs).toBe(3)
})

test('stop undoes what was done: the opened record is closed where it is', async () => {
  const { db } = await running(async (wish, { step, ask, open, stop }) => {
    await step('Make the gift', { do: () => open(Gift, { from: wish, in: store }), undo: gift => gift.cancel() })
    if ((await ask('parents', 'Really?', { answers: ['yes', 'no'], within: '1 hour' })) === 'no')
      stop('The parents said no')
  })
  grantAWish()
  await until(async () => (await db.query('select 1 from task')).length === 1)
  await db.query("update task set answer = 'no', answered_by = 'Mum', answered_at = now()")
  await db.query("update journey set state = 'ready', due_at = now()")
  expect(await becomesTrue(row => row.state === 'stopped')).toMatchObject({ reason: 'The parents said no' })
  await until(async () => shelves.store.writes.some(write => write.close))
  await until(async () => (await db.query("select 1 from delivery where state <> 'idle'")).length === 0)
  expect(shelves.store.writes.map(write => write.close)).toEqual([false, true])
})

test('a question that nobody answers in time is answered so, and its task is closed', async () => {
  const answers: string[] = []
  const { db } = await running(async (_, { ask }) => {
    answers.push(await ask('parents', 'Really?', { answers: ['yes'], within: '1 second' }))
  })
  grantAWish()
  await becomesTrue(row => row.state === 'done')
  expect(answers).toEqual(['no answer'])
  expect(await db.query('select answer from task')).toEqual([{ answer: 'no answer' }])
})

test('a step that was renamed while a journey is under way is not done a second time', async () => {
  const first = await running(async (wish, { step, ask, open }) => {
    await step('Make the gift', () => open(Gift, { from: wish, in: store }))
    await ask('parents', 'Really?', { answers: ['yes'], within: '1 hour' })
  })
  grantAWish()
  await until(async () => (await first.db.query('select 1 from task')).length === 1)
  await first.close()
  await running(async (wish, { step, open }) => {
    await step('Create the gift', () => open(Gift, { from: wish, in: store }))
  })
  await engine?.db.query("update journey set state = 'ready', due_at = now()")
  const stuck = await becomesTrue(row => row.state === 'stuck')
  expect(stuck.reason).toContain('no longer has the step "Make the gift"')
  expect(shelves.store.writes).toHaveLength(1)
})

test('a question that no longer goes on to another desk waits for its answer, and costs nothing meanwhile', async () => {
  const asked = { answers: ['yes'], within: '1 hour' } as const
  const first = await running(async (_, { ask }) => {
    await ask('parents', 'Really?', { ...asked, escalate: { to: 'grandparents', after: '1 second' } })
  })
  grantAWish()
  await until(async () => (await first.db.query('select 1 from task')).length === 1)
  await first.close()
  const { db } = await running(async (_, { ask }) => {
    await ask('parents', 'Really?', asked)
  })
  await until(async () => (await db.query('select 1 from task where escalates_at < clock_timestamp()')).length === 1)
  await until(
    async () =>
      (await db.query("select 1 from journey where due_at > clock_timestamp() + interval '30 minutes'")).length,
  )
  expect(await db.query('select 1 from task where escalated_at is not null')).toEqual([])
})

test('steps side by side and in loops each happen once', async () => {
  const { db } = await running(async (wish, { step, open }) => {
    await Promise.all(
      ['red', 'blue', 'green'].map(colour =>
        step('Make a gift', () => open(Gift, { from: wish, in: store, with: { name: colour } }), { for: colour }),
      ),
    )
  })
  grantAWish()
  await becomesTrue(row => row.state === 'done')
  expect(shelves.store.writes.map(write => write.fields.Name).sort()).toEqual(['blue', 'green', 'red'])
  expect(await db.query("select count(*)::int as n from link where system = 'depot'")).toEqual([{ n: 3 }])
})

test('a name used twice, and an undo that fails, are told and stop nobody else', async () => {
  const { db } = await running(async (wish, { step, stop }) => {
    if (wish.name === 'twice') {
      await step('Do it', async () => 1)
      await step('Do it', async () => 2)
    }
    if (wish.name === 'cannot undo') {
      await step('Pay', {
        do: async () => 'paid',
        undo: async () => {
          throw new Error('the bank is closed')
        },
      })
      stop('Changed our mind')
    }
  })
  for (const name of ['twice', 'cannot undo', 'fine']) shelves.shop.put(name, { Name: name, State: 'granted' })
  const reasons = () =>
    db.query<{ title: string; state: string; reason: string | null }>(
      'select title, state, reason from journey order by title',
    )
  await until(async () => (await reasons()).filter(row => row.reason !== null || row.state === 'done').length === 3)
  expect(await reasons()).toMatchObject([
    { title: 'Wish cannot undo', reason: expect.stringContaining('"Pay" could not be undone') },
    { title: 'Wish fine', state: 'done' },
    { title: 'Wish twice', reason: expect.stringContaining('"Do it" is used twice') },
  ])
})
