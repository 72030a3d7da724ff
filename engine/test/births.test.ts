// A journey that waits for all records about something is woken when another journey gives birth to one, at once and not
// by the sweep, although no system has the record yet.
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
import { expect, test } from 'vitest'
import { freshDatabase } from '../../test/support/postgres.ts'
import { type JourneyPage, serve, startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

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

test('a birth wakes who waits for all records about what it points to', async () => {
  const shelves = { shop: new Shelf(), store: new Shelf() }
  const inShop = shelfConnector(shelves.shop)
  const inStore = shelfConnector(shelves.store)
  const wishes = project('wishes', {
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
            mapping(Wish, objectOf(inShop, 'Thing'), {
              name: 'Name',
              status: { field: 'State', read: state => (state === 'granted' ? 'granted' : 'open') },
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
            mapping(Gift, objectOf(inStore, 'Thing'), { name: 'Name', wish: { skip: 'it does not ask why' } }),
          ],
        },
      ),
    ],
    workflows: [
      workflow('grant', {
        says: 'A granted wish becomes a gift, once a person agrees',
        startsWhen: becomes(Wish, 'granted'),
        checkpoints: ['Agreed'],
        async run(wish, { step, ask, open, reach }) {
          await ask('parents', 'Really?', { answers: ['yes', 'no'], within: '1 day' })
          reach('Agreed')
          await step('Make the gift', () => open(Gift, { from: wish, in: store }))
        },
      }),
      workflow('watch', {
        says: 'Looks for the gifts of a wish',
        startsWhen: becomes(Wish, 'granted'),
        checkpoints: ['Seen'],
        async run(wish, { untilAll, reach }) {
          await untilAll(Gift, wish, gifts => gifts.length > 0, { within: '1 day' })
          reach('Seen')
        },
      }),
    ],
  })
  const database = await freshDatabase()
  const said: string[] = []
  const engine = await startEngine({ project: wishes, databaseUrl: database.url, log: sentence => said.push(sentence) })
  const api = await serve(engine, { port: 0 })
  const get = async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>
  const post = (path: string, body: object): Promise<Response> =>
    fetch(api.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  try {
    await until(async () => (await engine.ready()).ready)
    await post('/api/systems/depot/pause', { by: 'kim', reason: 'stocktaking' })
    shelves.shop.put('w1', { Name: 'A Pony', State: 'granted' })
    await until(async () => (await get<JourneyPage>('/api/journeys?workflow=watch&waits=record')).journeys.length === 1)
    const task = await until(async () => (await get<{ tasks: { task: string }[] }>('/api/tasks')).tasks[0])

    await post(`/api/tasks/${task.task}/answer`, { answer: 'yes', by: 'Mum' })

    await until(
      async () => (await get<JourneyPage>('/api/journeys?workflow=watch&state=done')).journeys.length === 1,
      40_000,
    )
    expect(shelves.store.writes).toEqual([])
    expect(said.filter(sentence => sentence.includes('had not been woken'))).toEqual([])
  } finally {
    await api.close()
    await engine.close()
    await database.drop()
  }
})
