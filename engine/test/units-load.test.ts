// What is heard together is understood together: a basket goes on by itself that was heard before the part that says its units.
import {
  contract,
  count,
  fill,
  id,
  linesOf,
  listOf,
  lookup,
  mapping,
  type NativeId,
  type Observation,
  objectOf,
  project,
  ref,
  role,
  text,
  units,
  whereFound,
} from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, type Problems, serve, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Units = units('units', {
  keptBy: 'goods',
  says: 'What is counted',
  factors: [{ unit: 'dozen', is: '12', of: 'piece' }],
})
const Part = contract(
  'part',
  {
    name: text('Name').ownedBy('works'),
    soldBy: text('Sold by').ownedBy('works').optional(),
    countedIn: text('Counted in').ownedBy('works').optional(),
  },
  { knownBy: ['name'], livesIn: { works: whereFound() } },
)
const Basket = contract(
  'basket',
  {
    name: text('Name').ownedBy('works'),
    lines: linesOf(
      'Lines',
      { keyedBy: 'line' },
      { part: ref(Part).ownedBy('works'), quantity: count('Quantity').ownedBy('works') },
    ),
  },
  { knownBy: ['name'], livesIn: { works: whereFound() } },
)

let database: TestDatabase
let shelf: Shelf
let engine: Engine
let gateway: Awaited<ReturnType<typeof serve>>
beforeEach(async () => {
  database = await freshDatabase()
  shelf = new Shelf()
  const items = { Id: id(), Part: lookup('Part'), Quantity: count('Quantity') }
  const made = shelfConnector(shelf)
    .object('Part', {
      fields: { Id: id(), Name: text('Name'), SoldBy: text('Sold by'), CountedIn: text('Counted in') },
    })
    .object('Basket', { fields: { Id: id(), Name: text('Name'), Items: listOf('Items', items) } })
  const works = role('works', { holds: [Part, Basket] })
  engine = await startEngine({
    databaseUrl: database.url,
    project: project('baskets', {
      contracts: [Part, Basket],
      roles: [works],
      systems: [
        fill(
          works,
          'works',
          made,
          {},
          {
            mappings: [
              mapping(Part, objectOf(made, 'Part'), { name: 'Name', soldBy: 'SoldBy', countedIn: 'CountedIn' }),
              mapping(Basket, objectOf(made, 'Basket'), {
                name: 'Name',
                lines: {
                  each: 'Items',
                  id: 'Id',
                  fields: {
                    part: 'Part',
                    quantity: { field: 'Quantity', counted: Units, of: 'part', ours: 'soldBy', theirs: 'countedIn' },
                  },
                },
              }),
            ],
          },
        ),
      ],
      workflows: [],
      tables: [Units],
    }),
  })
  gateway = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
})
afterEach(async () => {
  await gateway?.close()
  await engine?.close()
  await database?.drop()
})

const get = async <T>(path: string): Promise<T> => (await fetch(gateway.url + path)).json() as Promise<T>
const seen = (object: string, key: string, fields: Record<string, unknown>): Observation => ({
  ...shelf.seen(key),
  object,
  fields: { Id: key as NativeId, ...fields },
})
const problems = async () => (await get<Problems>('/api/problems')).problems.map(({ what }) => what)

/** Of the basket's line, once it is understood. */
const quantity = () =>
  until(async () => {
    const [row] = await engine.db.query<{ quantity: string }>(
      "select fields -> 'lines' -> 0 ->> 'quantity' as quantity from record where contract = 'basket' and version > 0",
    )
    return row?.quantity
  })

test('a basket and its part, heard in one go', async () => {
  const Items = [{ Id: 'i1', Part: 'p1', Quantity: 24 }]
  shelf.tell(
    seen('Basket', 'b1', { Name: 'B1', Items }),
    seen('Part', 'p1', { Name: 'Bolt', SoldBy: 'dozen', CountedIn: 'piece' }),
  )
  expect(await quantity()).toBe('2')
  expect(await problems()).toEqual([])
})

test('a basket whose part is heard later, and says its units one after the other', async () => {
  shelf.tell(seen('Basket', 'b1', { Name: 'B1', Items: [{ Id: 'i1', Part: 'p1', Quantity: 24 }] }))
  await until(async () => (await problems()).length === 2)
  shelf.tell(seen('Part', 'p1', { Name: 'Bolt', CountedIn: 'piece' }))
  await until(async () => (await problems()).join() === '"Sold by" of Part Bolt (units)')
  shelf.tell(seen('Part', 'p1', { Name: 'Bolt', SoldBy: 'dozen', CountedIn: 'piece' }))
  await until(async () => (await problems()).length === 0)
  expect(await quantity()).toBe('2')
})
