// A write that was sent and not answered may be carried out seconds later. What was sent since must not be undone by it.
import {
  always,
  contract,
  fill,
  mapping,
  objectOf,
  project,
  role,
  text,
  type Write,
  type WriteEnd,
  whereFound,
} from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const lateMs = 1_500

/** Upserts by key, as Salesforce does by an external id. The first write of each name in `slow` is not answered, and carried out late. */
class SlowShelf extends Shelf {
  readonly slow = new Set<string>()
  readonly names: string[] = []
  readonly #made = new Map<string, string>()

  override write(write: Write): WriteEnd {
    const name = String(write.fields.Name)
    if (!this.slow.delete(name)) return this.#carryOut(write)
    setTimeout(() => this.#carryOut(write), lateMs)
    return { end: 'unknown', reason: 'no answer came' }
  }

  #carryOut(write: Write): WriteEnd {
    this.names.push(String(write.fields.Name))
    const id = write.id ?? (this.#made.get(write.key) as Write['id'])
    const end = super.write(id === undefined ? write : { ...write, id })
    if (end.end === 'written') this.#made.set(write.key, end.id)
    return end
  }
}

const Item = contract(
  'item',
  { name: text('Name').ownedBy('shop') },
  { knownBy: ['name'], livesIn: { shop: whereFound(), store: always() } },
)
const shop = role('shop', { holds: [Item] })
const store = role('store', { holds: [Item] })
const shelves = { shop: new Shelf(), store: new SlowShelf() }

let database: TestDatabase
let engine: Engine
beforeAll(async () => {
  database = await freshDatabase()
  const inShop = shelfConnector(shelves.shop)
  const slow = shelfConnector(shelves.store)
  const inStore = slow.object('Thing', { ...slow.objects.Thing, createIdempotency: 'externalId' })
  const items = project('items', {
    contracts: [Item],
    roles: [shop, store],
    systems: [
      fill(shop, 'counter', inShop, {}, { mappings: [mapping(Item, objectOf(inShop, 'Thing'), { name: 'Name' })] }),
      fill(store, 'cellar', inStore, {}, { mappings: [mapping(Item, objectOf(inStore, 'Thing'), { name: 'Name' })] }),
    ],
    routes: [],
    workflows: [],
  })
  engine = await startEngine({ project: items, databaseUrl: database.url })
  await until(async () => (await engine.ready()).ready)
})
afterAll(async () => {
  await engine.close()
  await database.drop()
})

/** The shop names a thing one after the other, each as soon as the store has shown the one before. */
async function name(thing: string, ...names: readonly string[]): Promise<string[]> {
  for (const name of names) {
    shelves.shop.put(thing, { Name: name })
    await until(async () => shelves.store.names.includes(name))
  }
  await new Promise(resolve => setTimeout(resolve, 2 * lateMs))
  return shelves.store.names.filter(one => names.includes(one))
}

test('a create that comes late undoes no later change', async () => {
  shelves.store.slow.add('first')
  expect(await name('a', 'first', 'second')).toEqual(['first', 'first', 'second'])
}, 30_000)

test('an update that comes late undoes no later change', async () => {
  shelves.store.slow.add('green')
  expect(await name('b', 'red', 'green', 'blue')).toEqual(['red', 'green', 'green', 'blue'])
}, 30_000)
