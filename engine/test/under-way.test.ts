// What is heard and decided while a write of ours is under way: nothing of it is lost, and nothing is written twice.
import {
  always,
  contract,
  fill,
  mapping,
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
import { type Engine, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Item = contract(
  'item',
  { name: text('Name').ownedBy('shop'), note: text('Note').ownedBy('shop').optional() },
  { knownBy: ['name'], livesIn: { shop: whereFound(), store: always() } },
)
const shop = role('shop', { holds: [Item] })
const store = role('store', { holds: [Item] })

/** Its creates are looked up by their key; while it is silent it carries out what it is sent, and neither answers nor shows it. */
class Cellar extends Shelf {
  isSilent = false
  readonly #made = new Map<string, string>()

  override write(write: Write): WriteEnd {
    const end = super.write(write)
    if (end.end === 'written') this.#made.set(write.key, end.id)
    return this.isSilent ? { end: 'unknown', reason: 'no answer came' } : end
  }

  find({ key }: Write): Observation[] {
    const made = this.#made.get(key)
    return made === undefined || this.isSilent ? [] : [this.seen(made)]
  }
}

let database: TestDatabase
let engine: Engine
let counter: Shelf
let cellar: Cellar
beforeEach(async () => {
  database = await freshDatabase()
  counter = new Shelf()
  cellar = new Cellar()
  cellar.signs = 'plumbline'
  const inShop = shelfConnector(counter)
  const made = shelfConnector(cellar)
  const find = async (_: unknown, writes: readonly Write[]) => writes.map(write => cellar.find(write))
  const inStore = made.object('Thing', { ...made.objects.Thing, find })
  const rules = { name: 'Name', note: 'Note' } as const
  const client = { client: 'plumbline' }
  const items = project('items', {
    contracts: [Item],
    roles: [shop, store],
    systems: [
      fill(shop, 'counter', inShop, client, { mappings: [mapping(Item, objectOf(inShop, 'Thing'), rules)] }),
      fill(store, 'cellar', inStore, client, { mappings: [mapping(Item, objectOf(inStore, 'Thing'), rules)] }),
    ],
    workflows: [],
  })
  engine = await startEngine({ project: items, databaseUrl: database.url })
  await until(async () => (await engine.ready()).ready)
  counter.put('c1', { Name: 'Seal', Note: 'dry' }, 'kim')
  await until(async () => cellar.rows.size === 1)
  await quiet()
  cellar.writes.length = 0
})
afterEach(async () => {
  await engine.close()
  await database.drop()
})

/** The id that the store gave it. */
const stored = '1'
const inCellar = () => cellar.rows.get(stored)
const quiet = () =>
  until(async () => {
    if (counter.unheard + cellar.unheard > 0) return false
    const [row] = await engine.db.query<{ busy: boolean }>(
      "select exists (select from inbox) or exists (select from delivery where state = 'due') as busy",
    )
    return row?.busy === false
  })

test('what somebody edits and is decided on while a write is under way is put right after it', async () => {
  const answer = Promise.withResolvers<void>()
  cellar.answersWait = answer.promise
  counter.put('c1', { Name: 'Ring' }, 'kim')
  await until(async () => inCellar()?.Name === 'Ring')
  cellar.put(stored, { Note: 'wet' }, 'clerk')
  await until(async () => (await engine.db.query("select from dispute where field = 'note'")).length === 1)
  answer.resolve()
  await until(async () => inCellar()?.Note === 'dry')
  await quiet()
  expect(cellar.writes.map(write => write.fields)).toEqual([{ Name: 'Ring' }, { Note: 'dry' }])
})

test('what a system makes of a write is accepted also when its event is understood before its answer', async () => {
  cellar.makes = fields => (typeof fields.Name === 'string' ? { ...fields, Name: fields.Name.toUpperCase() } : fields)
  const answer = Promise.withResolvers<void>()
  cellar.answersWait = answer.promise
  counter.put('c1', { Name: 'Ring' }, 'kim')
  await until(async () => {
    const [held] = await engine.db.query<{ native: { Name: string } }>(
      "select native from holding where system = 'cellar'",
    )
    return held?.native.Name === 'RING'
  })
  answer.resolve()
  await quiet()
  counter.put('c1', { Note: 'cold' }, 'kim')
  await until(async () => inCellar()?.Note === 'cold')
  await quiet()
  expect(cellar.writes.map(write => write.fields)).toEqual([{ Name: 'Ring' }, { Note: 'cold' }])
  expect(await engine.db.query('select from dispute')).toEqual([])
})

test('a create that is found by its key carried what was known when it was sent: what was decided since is brought there too', async () => {
  cellar.isSilent = true
  counter.put('c2', { Name: 'Ring' }, 'kim')
  await until(async () => cellar.rows.size === 2)
  counter.put('c2', { Name: 'Clamp' }, 'kim')
  await until(async () => (await engine.db.query("select from record where fields ->> 'name' = 'Clamp'")).length === 1)
  cellar.isSilent = false
  await until(async () => cellar.rows.get('2')?.Name === 'Clamp')
  await quiet()
  expect(cellar.writes.map(write => write.fields)).toEqual([{ Name: 'Ring' }, { Name: 'Clamp' }])
  expect(cellar.rows.size).toBe(2)
})
