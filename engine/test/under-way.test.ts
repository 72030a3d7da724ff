// What is heard and decided while a write of ours is under way: nothing of it is lost, and nothing is written twice.
import { always, contract, fill, mapping, objectOf, project, role, text, whereFound } from '@plumbline/sdk'
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

let database: TestDatabase
let engine: Engine
let counter: Shelf
let cellar: Shelf
beforeEach(async () => {
  database = await freshDatabase()
  counter = new Shelf()
  cellar = new Shelf()
  cellar.signs = 'plumbline'
  const inShop = shelfConnector(counter)
  const inStore = shelfConnector(cellar)
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
