// A system that takes few calls, because each takes long or because only so many may start: what waits for its turn has begun
// nothing. And a write that cannot even be begun, which holds up no other.
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
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, type JourneyPage, type Story, serve, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

/** Whoever began much before its turn would be too late by then. */
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

type Case = { readonly callMs: number; readonly limits: { readonly concurrency: number; readonly perSecond?: number } }

async function startCase({ callMs, limits }: Case) {
  const shelves = { shop: new Shelf(), store: new Shelf() }
  const database: TestDatabase = await freshDatabase()
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
  const engine: Engine = await startEngine({
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
              mapping(Gift, objectOf(inStore, 'Thing'), {
                // A careless one: it may cut through the middle of a letter.
                name: { field: 'Name', read: String, write: name => name.slice(0, 8) },
                wish: { skip: 'the depot does not ask why' },
              }),
            ],
            limits,
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
  const api = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
  const get = async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>
  onTestFinished(async () => {
    await api.close()
    await engine.close()
    await database.drop()
  })
  return {
    shelves,
    get,
    /** The stories of so many that are done. */
    async done(many: number): Promise<Story[]> {
      const done = await until(async () => {
        const { journeys } = await get<JourneyPage>('/api/journeys?state=done')
        return journeys.length === many && journeys
      })
      return Promise.all(done.map(({ journey }) => get<Story>(`/api/journeys/${journey}`)))
    },
  }
}

const as = (state: unknown): 'granted' | 'open' => (state === 'granted' ? 'granted' : 'open')
const grant = (shelf: Shelf, many: number): void => {
  for (let n = 1; n <= many; n++) shelf.put(`w${n}`, { Name: `Wish ${n}`, State: 'granted' })
}
const sentTo = (shelf: Shelf): unknown[] => shelf.writes.map(({ fields }) => fields.Name).toSorted()
const names = (many: number): string[] => Array.from({ length: many }, (_, i) => `Wish ${i + 1}`)

test.each<[string, Case]>([
  ['one call at a time, and long for each', { callMs: 400, limits: { concurrency: 1 } }],
  ['four calls at once, of which two start a second', { callMs: 1, limits: { concurrency: 4, perSecond: 2 } }],
])(
  '%s: each is sent once, when its turn has come, however long that took',
  async (_, limited) => {
    const { shelves, done } = await startCase(limited)
    grant(shelves.shop, wishes)
    for (const { timeline } of await done(wishes)) {
      const sent = timeline.filter(moment => moment.kind === 'delivery')
      expect(sent.map(moment => moment.sentence)).toEqual([expect.stringMatching(/ in depot: written$/)])
    }
    expect(sentTo(shelves.store)).toEqual(names(wishes))
  },
  40_000,
)

test('a write of which not even a note can be kept holds up none that was begun with it, and says why it waits', async () => {
  const { shelves, get, done } = await startCase({ callMs: 1, limits: { concurrency: 4 } })
  shelves.shop.put('w0', { Name: 'Wish 12\u{1F381}', State: 'granted' })
  grant(shelves.shop, wishes)
  await done(wishes)
  expect(sentTo(shelves.store)).toEqual(names(wishes))
  const open = async () => (await get<JourneyPage>('/api/journeys?state=open')).journeys
  await expect
    .poll(open)
    .toMatchObject([{ waitsFor: { system: 'depot', because: expect.stringMatching(/^It could not be begun: /) } }])
}, 40_000)
