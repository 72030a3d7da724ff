// What the list and the stories show of journeys that an engine really runs: their systems, what they wait for, and what
// came and went before and after mapping.
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
  ref,
  role,
  routed,
  stages,
  text,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, type JourneyPage, type SearchHits, type Story, serve, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Wish = contract(
  'wish',
  {
    name: text('Name').ownedBy('shop'),
    child: text('Child').ownedBy('shop').personal(),
    note: text('Note').ownedBy('shop').optional(),
    status: oneOf('Status', 'open', 'granted').ownedBy('shop'),
  },
  { knownBy: ['name'], livesIn: { shop: whereFound() } },
)
const Gift = contract(
  'gift',
  {
    number: text('Number').ownedBy('store').optional(),
    name: text('Name').ownedBy('shop'),
    wish: ref(Wish).ownedBy('shop'),
    status: stages('Status', 'made', 'sent').ownedBy('store'),
  },
  {
    bornBy: 'grant',
    from: derive(Wish, { name: 'name', wish: 'ref' }),
    knownBy: ['number'],
    livesIn: { store: routed() },
  },
)
const shop = role('shop', { holds: [Wish] })
const store = role('store', { holds: [Gift] })

let database: TestDatabase
let engine: Engine
let api: Awaited<ReturnType<typeof serve>>
const shelves = { shop: new Shelf(), store: new Shelf() }

const get = async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>
const journeyOf = async (search: string): Promise<JourneyPage['journeys'][number] | undefined> =>
  (await get<JourneyPage>(`/api/journeys?search=${encodeURIComponent(search)}`)).journeys[0]

function wishes(): Project {
  const inShop = shelfConnector(shelves.shop)
  const inStore = shelfConnector(shelves.store)
  const wish = mapping(Wish, objectOf(inShop, 'Thing'), {
    name: 'Name',
    child: 'Child',
    note: 'Note',
    status: { field: 'State', read: state => (state === 'granted' ? 'granted' : 'open') },
  })
  const gift = mapping(Gift, objectOf(inStore, 'Thing'), {
    number: 'Number',
    name: 'Name',
    wish: { skip: 'the depot does not ask why' },
    status: { from: ['State'], read: thing => (thing.State === 'sent' ? 'sent' : 'made') },
  })
  return project('wishes', {
    contracts: [Wish, Gift],
    roles: [shop, store],
    systems: [
      fill(shop, 'counter', inShop, {}, { mappings: [wish] }),
      fill(store, 'depot', inStore, {}, { mappings: [gift] }),
    ],
    workflows: [
      workflow('grant', {
        says: 'A granted wish becomes a gift, is sent, and somebody says whether it pleased',
        startsWhen: becomes(Wish, 'granted'),
        checkpoints: ['Made', 'Sent'],
        async run(wish, { step, ask, open, until, reach }) {
          const gift = await step('Make the gift', () => open(Gift, { from: wish, in: store }))
          reach('Made')
          await until(gift, gift => gift.status.reached('sent'), { within: '1 day' })
          reach('Sent')
          await ask('parents', 'Did it please?', { answers: ['yes', 'no'], within: '1 day' })
        },
      }),
    ],
  })
}

beforeAll(async () => {
  database = await freshDatabase()
  engine = await startEngine({ project: wishes(), databaseUrl: database.url })
  api = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
})
afterAll(async () => {
  await api?.close()
  await engine?.close()
  await database?.drop()
})

test('a journey is found by its systems and by what it waits for, as both change', async () => {
  shelves.shop.put('w1', { Name: 'A Pony', Child: 'Kim', State: 'granted' })
  const made = await until(async () => {
    const found = await journeyOf('a pony')
    return found?.checkpoint === 'Made' && found.waitsFor ? found : undefined
  })
  expect(made).toMatchObject({ systems: ['counter', 'depot'], waitsFor: { kind: 'record' }, state: 'waiting' })
  const { journeys } = await get<JourneyPage>('/api/journeys?system=depot&waits=record&stage=Made')
  expect(journeys.map(one => one.journey)).toEqual([made.journey])

  shelves.store.put('1', { State: 'sent' })
  await until(async () => (await journeyOf('A PONY'))?.waitsFor?.kind === 'answer')
  expect((await get<JourneyPage>('/api/journeys?waits=record')).journeys).toEqual([])
  const asked = await get<JourneyPage>('/api/journeys?waits=answer')
  expect(asked.journeys.map(one => one.journey)).toEqual([made.journey])
  expect(asked.facets.byWait).toContainEqual({ value: 'answer', count: 1 })
})

test('a story shows what came and what went, before and after mapping, without what is personal', async () => {
  const story = await until(async () => {
    const found = await get<Story>('/api/journeys/A%20Pony')
    return found.timeline?.some(moment => moment.kind === 'delivery') ? found : undefined
  })
  const [heard] = story.timeline.filter(moment => moment.kind === 'heard' && moment.system === 'counter')
  expect(heard?.payload).toEqual({
    native: { Id: 'w1', Name: 'A Pony', State: 'granted' },
    canonical: { name: 'A Pony', status: 'granted' },
    cut: 'Personal, and not shown: Child.',
  })
  expect(JSON.stringify(heard)).not.toContain('Kim')
  const [sent] = story.timeline.filter(moment => moment.kind === 'delivery')
  expect(sent?.payload).toEqual({ native: { Name: 'A Pony' }, canonical: { name: 'A Pony' }, cut: null })
})

test('what is too large to be shown is left out, says so, and hides nothing else', async () => {
  shelves.shop.put('w2', { Name: 'A long story', Child: 'Lee', Note: 'x'.repeat(70_000), State: 'open' })
  const story = await until(async () => {
    const found = await get<Story>('/api/journeys/a%20LONG%20story')
    return found.timeline ? found : undefined
  })
  const payload = story.timeline.find(moment => moment.kind === 'heard')?.payload
  expect(payload?.native).toMatchObject({ Name: 'A long story', State: 'open' })
  expect(payload?.cut).toContain('Too large to be shown: Note (69 KB), note (69 KB).')
})

test('a record that is renamed is found by its new name, and no longer by the old one', async () => {
  const search = async (q: string): Promise<string[]> =>
    (await get<SearchHits>(`/api/search?q=${encodeURIComponent(q)}`)).hits.map(hit => hit.title)
  shelves.shop.put('w3', { Name: 'Électric  Train Set', Child: 'Mo', State: 'open' })
  await until(async () => (await search('electric t')).length === 1)
  expect(await search('TRAIN')).toEqual(['Wish Électric  Train Set'])
  expect(await search('set')).toEqual(['Wish Électric  Train Set'])
  shelves.shop.put('w3', { Name: 'Steam Train' })
  await until(async () => (await search('steam')).length === 1)
  expect(await search('electric')).toEqual([])
  expect(await search('set')).toEqual([])
  expect(await search('train')).toEqual(['Wish Steam Train'])
})
