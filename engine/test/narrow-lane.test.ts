// A system that takes one call at a time, and long for each: what waits for its turn has begun nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  becomes,
  contract,
  derive,
  fill,
  mapping,
  objectOf,
  oneOf,
  project,
  ref,
  role,
  routed,
  text,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, type JourneyPage, type Story, serve, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const callMs = 400
/** Less than two calls take: whoever began before its turn would be too late by then. */
const sendWithinMs = 700
const wishes = 8

const Wish = contract(
  'wish',
  { name: text('Name').ownedBy('shop'), status: oneOf('Status', 'open', 'granted').ownedBy('shop') },
  { knownBy: ['name'], livesIn: { shop: whereFound() } },
)
const Gift = contract(
  'gift',
  { name: text('Name').ownedBy('shop'), wish: ref(Wish).ownedBy('shop') },
  {
    bornBy: 'grant',
    from: derive(Wish, { name: 'name', wish: 'ref' }),
    knownBy: ['name'],
    livesIn: { store: routed() },
  },
)
const shop = role('shop', { holds: [Wish] })
const store = role('store', { holds: [Gift] })
const shelves = { shop: new Shelf(), store: new Shelf() }

let database: TestDatabase
let engine: Engine
let api: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  database = await freshDatabase()
  const inShop = shelfConnector(shelves.shop)
  const quick = shelfConnector(shelves.store)
  const inStore = quick.object('Thing', {
    ...quick.objects.Thing,
    batch: 1,
    write: async (shelf, writes) => {
      await sleep(callMs)
      return writes.map(write => shelf.write(write))
    },
  })
  engine = await startEngine({
    databaseUrl: database.url,
    sendWithinMs,
    project: project('gifts', {
      contracts: [Wish, Gift],
      roles: [shop, store],
      systems: [
        fill(
          shop,
          'counter',
          inShop,
          {},
          {
            mappings: [
              mapping(Wish, objectOf(inShop, 'Thing'), { name: 'Name', status: { field: 'State', read: as } }),
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
              mapping(Gift, objectOf(inStore, 'Thing'), { name: 'Name', wish: { skip: 'the depot does not ask why' } }),
            ],
            limits: { concurrency: 1 },
          },
        ),
      ],
      workflows: [
        workflow('grant', {
          says: 'A granted wish becomes a gift',
          startsWhen: becomes(Wish, 'granted'),
          checkpoints: ['Made'],
          async run(wish, { step, open, reach }) {
            await step('Make the gift', () => open(Gift, { from: wish, in: store }))
            reach('Made')
          },
        }),
      ],
    }),
  })
  api = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
})
afterAll(async () => {
  await api?.close()
  await engine?.close()
  await database?.drop()
})

const as = (state: unknown): 'granted' | 'open' => (state === 'granted' ? 'granted' : 'open')
const get = async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>

test('each is sent once, when its turn has come, however long that took', async () => {
  for (let n = 1; n <= wishes; n++) shelves.shop.put(`w${n}`, { Name: `Wish ${n}`, State: 'granted' })
  const done = await until(async () => {
    const { journeys } = await get<JourneyPage>('/api/journeys?state=done')
    return journeys.length === wishes && journeys
  })
  expect(shelves.store.writes.map(({ fields }) => fields.Name).toSorted()).toEqual(
    Array.from({ length: wishes }, (_, i) => `Wish ${i + 1}`),
  )
  const stories = await Promise.all(done.map(({ journey }) => get<Story>(`/api/journeys/${journey}`)))
  for (const { timeline } of stories) {
    const sent = timeline.filter(moment => moment.kind === 'delivery')
    expect(sent.map(moment => moment.sentence)).toEqual([expect.stringMatching(/ in depot: written$/)])
  }
}, 40_000)
