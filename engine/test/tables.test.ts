// A value that a table does not know holds its records back, all of them under one incident; adding it lets them go, once.
import {
  always,
  contract,
  fill,
  mapping,
  objectOf,
  type Project,
  project,
  role,
  table,
  text,
  whereFound,
} from '@plumbline/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freshDatabase } from '../../test/support/postgres.ts'
import { type Engine, type Problems, serve, startEngine, type Table, type WordAnswer } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Terms = table('payment terms', {
  keptBy: 'finance',
  says: 'When an invoice is to be paid',
  starts: { shop: { 'net 30': ['Net 30', '30 days'] }, depot: { 'net 30': 'NT30' } },
})
const Buyer = contract(
  'buyer',
  { name: text('Name').ownedBy('crm'), terms: text('Payment terms').ownedBy('crm').optional() },
  { knownBy: ['name'], livesIn: { crm: whereFound(), erp: always() } },
)
const crm = role('crm', { holds: [Buyer] })
const erp = role('erp', { holds: [Buyer] })

type World = Awaited<ReturnType<typeof startWorld>>

async function startWorld() {
  const shelves = { shop: new Shelf(), depot: new Shelf() }
  const inShop = shelfConnector(shelves.shop)
  const inDepot = shelfConnector(shelves.depot)
  const rules = { name: 'Name', terms: { field: 'Note', table: Terms } } as const
  const buyers: Project = project('buyers', {
    contracts: [Buyer],
    roles: [crm, erp],
    systems: [
      fill(crm, 'shop', inShop, {}, { mappings: [mapping(Buyer, objectOf(inShop, 'Thing'), rules)] }),
      fill(erp, 'depot', inDepot, {}, { mappings: [mapping(Buyer, objectOf(inDepot, 'Thing'), rules)] }),
    ],
    workflows: [],
    tables: [Terms],
  })
  const database = await freshDatabase()
  const said: string[] = []
  const start = (): Promise<Engine> =>
    startEngine({ project: buyers, databaseUrl: database.url, log: sentence => said.push(sentence) })
  const engines = [await start()]
  const looking = await startEngine({ project: buyers, databaseUrl: database.url, work: false })
  const api = await serve(looking, { port: 0 })
  await until(async () => (await engines[0]?.ready())?.ready)
  return {
    shelves,
    said,
    database,
    engines,
    start,
    get: async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>,
    say: async (value: string, system: string, native: string, more: object = {}): Promise<WordAnswer> =>
      (await (
        await fetch(`${api.url}/api/tables/payment%20terms/words`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ value, system, native, by: 'kim', why: 'a new customer pays so', ...more }),
        })
      ).json()) as WordAnswer,
    post: async <T>(path: string, body: object): Promise<T> =>
      (await (
        await fetch(api.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json()) as T,
    close: async () => {
      await api.close()
      await Promise.all([looking, ...engines].map(engine => engine.close()))
      await database.drop()
    },
  }
}

const incidents = async ({ get }: World) =>
  (await get<Problems>('/api/problems')).problems.filter(one => one.kind === 'value')
const creates = ({ shelves }: World): unknown[] => shelves.depot.writes.map(one => [one.fields.Name, one.fields.Note])

describe('a value that a table does not know', () => {
  let world: World
  beforeEach(async () => {
    world = await startWorld()
  })
  afterEach(() => world.close())

  test('read from a system: three records wait under one incident, and go on when somebody says what it means', async () => {
    world.shelves.shop.put('b1', { Name: 'Acme', Note: 'Net 45' })
    world.shelves.shop.put('b2', { Name: 'Bolt', Note: 'Net 45' })
    world.shelves.shop.put('b3', { Name: 'Cobb', Note: 'Net 45' })
    world.shelves.shop.put('b4', { Name: 'Dunn', Note: '30 days' })

    const [incident] = await until(async () => {
      const found = await incidents(world)
      return found[0]?.holdsBack === 3 && found
    })
    expect(incident).toMatchObject({
      what: '"Net 45" of shop (payment terms)',
      reason:
        'shop says "Net 45", which the table "payment terms" does not know. 3 records wait: Buyer Acme, Buyer Bolt, Buyer Cobb.',
      todo: "The finance desk adds it: plumb table 'payment terms' set <our value> shop 'Net 45'. What waits then goes on by itself.",
    })
    expect((await world.get<Problems>('/api/problems')).problems).toHaveLength(1)
    await until(async () => creates(world).length === 1)
    expect(creates(world)).toEqual([['Dunn', 'NT30']])

    const preview = await world.say('net 45', 'shop', 'Net 45', { dryRun: true })
    expect(preview).toMatchObject({ releases: { records: 3 }, stillUnknownIn: ['depot'] })
    expect(await incidents(world)).toHaveLength(1)

    await world.say('net 45', 'depot', 'NT45')
    await world.say('net 45', 'shop', 'Net 45')

    await until(async () => creates(world).length === 4)
    expect(creates(world).toSorted()).toEqual([
      ['Acme', 'NT45'],
      ['Bolt', 'NT45'],
      ['Cobb', 'NT45'],
      ['Dunn', 'NT30'],
    ])
    await until(async () => (await world.get<Problems>('/api/problems')).problems.length === 0)
    const { history } = await world.get<Table>('/api/tables/payment%20terms')
    expect(history[0]).toMatchObject({
      by: 'kim',
      why: 'a new customer pays so',
      value: 'net 45',
      system: 'shop',
      was: [],
      is: [{ native: 'Net 45', used: 'both' }],
    })
  })

  test('written to a system: what waits is left alone by retries and restarts, and is written once the word is there', async () => {
    await world.say('net 60', 'shop', 'Net 60')
    world.shelves.shop.put('b1', { Name: 'Acme', Note: 'Net 60' })
    world.shelves.shop.put('b2', { Name: 'Bolt', Note: 'Net 60' })
    const incident = await until(async () => (await incidents(world)).find(one => one.holdsBack === 2))
    expect(incident).toMatchObject({
      what: '"net 60" in depot (payment terms)',
      todo: "The finance desk adds it: plumb table 'payment terms' set 'net 60' depot <its value>. What waits then goes on by itself.",
    })

    const released = await world.post<{ deliveries: unknown[]; changes: unknown[] }>('/api/retry', { all: true })
    expect(released).toMatchObject({ deliveries: [], changes: [] })
    await world.engines.pop()?.close()
    world.engines.push(await world.start())
    await until(async () => (await world.engines[0]?.ready())?.ready)
    world.shelves.shop.put('b3', { Name: 'Cobb', Note: 'Net 30' })
    await until(async () => creates(world).length > 0)
    expect(creates(world)).toEqual([['Cobb', 'NT30']])

    expect(await world.say('net 60', 'depot', 'NT60')).toMatchObject({ releases: { records: 2 }, stillUnknownIn: [] })
    await until(async () => creates(world).length === 3)
    expect(creates(world).toSorted()).toEqual([
      ['Acme', 'NT60'],
      ['Bolt', 'NT60'],
      ['Cobb', 'NT30'],
    ])
  })

  test('a record that is put right in its system goes on without the table', async () => {
    world.shelves.shop.put('b1', { Name: 'Acme', Note: 'Net 45' })
    await until(async () => (await incidents(world)).length === 1)
    world.shelves.shop.put('b1', { Name: 'Acme', Note: 'Net 30' })
    await until(async () => creates(world).length === 1)
    expect(creates(world)).toEqual([['Acme', 'NT30']])
    await until(async () => (await incidents(world)).length === 0)
  })

  test('what only one system calls so is nobody else’s trouble: a value that another owns is put right there', async () => {
    world.shelves.shop.put('b1', { Name: 'Acme', Note: 'Net 30' })
    await until(async () => creates(world).length === 1)
    world.shelves.depot.put('1', { Note: 'ZZ99' })
    await until(async () => world.shelves.depot.rows.get('1')?.Note === 'NT30')
    expect(await incidents(world)).toEqual([])
  })

  test('of two names for one value the latest is written, and the other is read and left as it is', async () => {
    world.shelves.shop.put('b1', { Name: 'Acme', Note: 'Net 30' })
    await until(async () => creates(world).length === 1)
    const { was, is } = await world.say('net 30', 'depot', 'N030')
    expect({ was, is }).toEqual({
      was: [{ native: 'NT30', used: 'both' }],
      is: [
        { native: 'N030', used: 'both' },
        { native: 'NT30', used: 'read' },
      ],
    })
    world.shelves.shop.put('b1', { Name: 'Acme Ltd', Note: 'Net 30' })
    world.shelves.shop.put('b2', { Name: 'Bolt', Note: 'Net 30' })
    await until(async () => creates(world).length === 3)
    expect(world.shelves.depot.writes.map(one => one.fields).slice(1)).toEqual(
      expect.arrayContaining([{ Name: 'Acme Ltd' }, { Name: 'Bolt', Note: 'N030' }]),
    )
    expect(world.shelves.depot.rows.get('1')?.Note).toBe('NT30')
  })

  test('one name cannot stand for two values, and an entry can be taken out', async () => {
    expect(await world.say('net 31', 'depot', 'NT30')).toMatchObject({
      code: 'word-taken',
      detail: '"NT30" of depot is read as "net 30" already.',
    })
    expect(await world.say('net 31', 'depot', 'NT30', { used: 'written' })).toMatchObject({
      is: [{ native: 'NT30', used: 'written' }],
    })
    expect(await world.say('net 30', 'shop', '30 days', { used: 'none' })).toMatchObject({
      is: [{ native: 'Net 30', used: 'both' }],
    })
    const { entries } = await world.get<Table>('/api/tables/payment%20terms')
    expect(entries).toEqual([
      {
        value: 'net 30',
        in: { depot: [{ native: 'NT30', used: 'both' }], shop: [{ native: 'Net 30', used: 'both' }] },
      },
      { value: 'net 31', in: { depot: [{ native: 'NT30', used: 'written' }] } },
    ])
  })

  test('a value that is added while its records come in lets all of them go, in whichever process they are', async () => {
    world.engines.push(await world.start())
    const days = Array.from({ length: 12 }, (_, i) => 50 + i)
    await Promise.all(
      days.flatMap(day => [
        ...[1, 2, 3].map(async n =>
          world.shelves.shop.put(`b${day}-${n}`, { Name: `Buyer ${day}-${n}`, Note: `Net ${day}` }),
        ),
        world.say(`net ${day}`, 'shop', `Net ${day}`),
        world.say(`net ${day}`, 'depot', `NT${day}`),
      ]),
    )
    await until(async () => creates(world).length >= 36)
    await until(async () => (await world.get<Problems>('/api/problems')).problems.length === 0)
    expect(creates(world).toSorted()).toEqual(
      days.flatMap(day => [1, 2, 3].map(n => [`Buyer ${day}-${n}`, `NT${day}`])).toSorted(),
    )
    expect(world.said.filter(one => one.includes('had not been let go'))).toEqual([])
  })
})
