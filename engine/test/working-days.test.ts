// Deadlines in working days, through a real engine: each journey counts by the calendar of the system that it goes to.
import {
  becomes,
  type Calendar,
  contract,
  type DateOnly,
  derive,
  fill,
  mapping,
  objectOf,
  oneOf,
  type Project,
  project,
  role,
  route,
  routed,
  text,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import {
  type Engine,
  type Instances,
  instancesOf,
  type JourneyLine,
  type JourneyPage,
  serve,
  startEngine,
  type Tasks,
} from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Wish = contract(
  'wish',
  {
    name: text('Name').ownedBy('shop'),
    region: text('Region').ownedBy('shop').optional(),
    status: oneOf('Status', 'open', 'granted').ownedBy('shop'),
  },
  { knownBy: ['name'], livesIn: { shop: whereFound() } },
)
const Gift = contract(
  'gift',
  {
    number: text('Number').ownedBy('store').optional(),
    name: text('Name').ownedBy('shop'),
    region: text('Region').settledAtBirth().optional(),
  },
  {
    bornBy: 'grant',
    from: derive(Wish, { name: 'name', region: 'region' }),
    knownBy: ['name'],
    livesIn: { store: routed() },
  },
)
const shop = role('shop', { holds: [Wish] })
const store = role('store', { holds: [Gift] })

/** Where it is about this hour now, so that no day ends while a test runs; its clocks never change. */
function zoneWhereItIs(hour: number): string {
  const ahead = hour - new Date().getUTCHours()
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`
}
/** All week people work, but on these days from today on. */
function workedBut(zone: string, ...ahead: number[]): Calendar {
  const today = Date.parse(new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format())
  const holidays = ahead.map(days => new Date(today + days * 86_400_000).toISOString().slice(0, 10) as DateOnly)
  return { zone, weekend: [], holidays }
}

let database: TestDatabase
let shelves: { readonly shop: Shelf; readonly eu: Shelf; readonly us: Shelf }
let engine: Engine | undefined
let gateway: Awaited<ReturnType<typeof serve>> | undefined
beforeEach(async () => {
  database = await freshDatabase()
  shelves = { shop: new Shelf(), eu: new Shelf(), us: new Shelf() }
})
afterEach(async () => {
  await stops()
  await database.drop()
})
async function stops(): Promise<void> {
  await gateway?.close()
  await engine?.close()
  gateway = undefined
  engine = undefined
}

const isSent = (number: string | undefined): boolean => {
  if (number === 'unreadable') throw new Error('Nobody can read that number')
  return number === 'sent'
}

type Store = { readonly serves: string; readonly calendar: Calendar }
function wishes(eu: Store, us: Store): Project {
  const inShop = shelfConnector(shelves.shop)
  const wish = mapping(Wish, objectOf(inShop, 'Thing'), {
    name: 'Name',
    region: 'Says',
    status: { field: 'State', read: state => (state === 'granted' ? 'granted' : 'open') },
  })
  const storeOf = (name: 'eu' | 'us', { serves, calendar }: Store) => {
    const native = shelfConnector(shelves[name])
    const gift = mapping(Gift, objectOf(native, 'Thing'), { number: 'Number', name: 'Name', region: 'Says' })
    return fill(store, name, native, {}, { serves: [serves], calendar, mappings: [gift] })
  }
  return project('wishes', {
    contracts: [Wish, Gift],
    roles: [shop, store],
    systems: [fill(shop, 'counter', inShop, {}, { mappings: [wish] }), storeOf('eu', eu), storeOf('us', us)],
    routes: [route(store, { by: 'region', whenEmpty: 'eu' })],
    workflows: [
      workflow('grant', {
        says: 'A granted wish becomes a gift',
        startsWhen: becomes(Wish, 'granted'),
        checkpoints: ['Sent'],
        within: { Sent: '3 working days' },
        async run(wish, { ask, step, open, until, reach }) {
          await ask('parents', 'A pony?', {
            answers: ['yes'],
            within: '2 working days',
            escalate: { to: 'grandparents', after: '1 working day' },
          })
          const gift = await step('Make the gift', () => open(Gift, { from: wish, in: store }))
          await until(gift, ({ number }) => isSent(number), { within: '1 working day' })
          reach('Sent')
          await ask('parents', 'Did it please?', { answers: ['yes'], within: '1 working day', for: gift.ref })
        },
      }),
    ],
  })
}
async function runs(one: Project): Promise<void> {
  await stops()
  const running = await startEngine({ databaseUrl: database.url, project: one })
  engine = running
  gateway = await serve(running, { port: 0 })
  await until(async () => (await running.ready()).ready)
}
const grant = (name: string, region?: string): void =>
  shelves.shop.put(name, { Name: name, State: 'granted', ...(region && { Says: region }) })

const get = async <T>(path: string): Promise<T> => (await fetch(`${gateway?.url}${path}`)).json() as Promise<T>
const taskOf = (name: string, question: string) =>
  until(async () =>
    (await get<Tasks>('/api/tasks')).tasks.find(one => one.title === `Wish ${name}` && one.question === question),
  )
async function answersYes(task: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ answer: 'yes', by: 'Mum' })
  await fetch(`${gateway?.url}/api/tasks/${task}/answer`, { method: 'POST', headers, body })
}
const journeyOf = async (name: string): Promise<JourneyLine | undefined> =>
  (await get<JourneyPage>('/api/journeys')).journeys.find(one => one.title === `Wish ${name}`)
const waiting = (name: string, kind: string): Promise<JourneyLine> =>
  until(async () => {
    const journey = await journeyOf(name)
    return journey?.waitsFor?.kind === kind ? journey : undefined
  })

/** Whole hours between two moments. */
const hours = (from: unknown, to: unknown): number =>
  Math.round((Date.parse(String(to)) - Date.parse(String(from))) / 3_600_000)
const hoursOf = async (name: string, question: string) => {
  const { askedAt, dueAt, escalatesAt } = await taskOf(name, question)
  return { due: hours(askedAt, dueAt), escalates: escalatesAt && hours(askedAt, escalatesAt) }
}
const hoursToSent = async (name: string) => {
  const journey = await journeyOf(name)
  return [journey?.checkpoints[0]?.dueAt, journey?.lateAt].map(at => hours(journey?.startedAt, at))
}

test('the same question, checkpoint and wait is due later where there are holidays', async () => {
  const eu = { serves: 'DE', calendar: workedBut(zoneWhereItIs(12)) }
  const us = { serves: 'US', calendar: workedBut(zoneWhereItIs(14), 1, 2) }
  await runs(wishes(eu, us))
  grant('german', 'DE')
  grant('american', 'US')
  grant('anywhere')
  expect(await hoursOf('german', 'A pony?')).toEqual({ due: 48, escalates: 24 })
  expect(await hoursOf('american', 'A pony?')).toEqual({ due: 96, escalates: 72 })
  expect(await hoursOf('anywhere', 'A pony?')).toEqual({ due: 48, escalates: 24 })
  expect(await hoursToSent('german')).toEqual([72, 72])
  expect(await hoursToSent('american')).toEqual([120, 120])

  for (const name of ['german', 'american']) await answersYes((await taskOf(name, 'A pony?')).task)
  const waits = await Promise.all(['german', 'american'].map(name => waiting(name, 'record')))
  expect(waits.map(({ waitsFor }) => hours(waitsFor?.since, waitsFor?.until))).toEqual([24, 72])
})

test('what was begun on a holiday is due as if it had begun when the next working day does', async () => {
  const zone = zoneWhereItIs(12)
  const calendar = workedBut(zone, 0)
  await runs(wishes({ serves: 'DE', calendar }, { serves: 'US', calendar: workedBut(zone) }))
  grant('german', 'DE')
  const { dueAt } = await taskOf('german', 'A pony?')
  const [holiday = ''] = calendar.holidays ?? []
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  const midnight = new Date(Date.parse(holiday) + 3 * 86_400_000).toISOString().slice(0, 10)
  expect(shown.format(Math.round(Date.parse(String(dueAt)) / 60_000) * 60_000)).toBe(`${midnight} 00:00`)
})

test('what has begun keeps its moment when calendars change; what begins counts by the store in which the gift was born', async () => {
  const [here, there] = [zoneWhereItIs(12), zoneWhereItIs(14)]
  await runs(wishes({ serves: 'DE', calendar: workedBut(here) }, { serves: 'US', calendar: workedBut(there, 1, 2) }))
  grant('asked', 'US')
  grant('given', 'US')
  await answersYes((await taskOf('given', 'A pony?')).task)
  await waiting('given', 'record')
  await until(async () => shelves.us.rows.size === 1)
  expect(await hoursOf('asked', 'A pony?')).toEqual({ due: 96, escalates: 72 })

  await runs(wishes({ serves: 'US', calendar: workedBut(here) }, { serves: 'DE', calendar: workedBut(there, 1) }))
  grant('new', 'US')
  expect(await hoursOf('new', 'A pony?')).toEqual({ due: 48, escalates: 24 })
  expect(await hoursOf('asked', 'A pony?')).toEqual({ due: 96, escalates: 72 })
  const { waitsFor } = await waiting('given', 'record')
  expect(hours(waitsFor?.since, waitsFor?.until)).toBe(72)
  expect(await hoursToSent('given')).toEqual([120, 120])

  const [gift = ''] = shelves.us.rows.keys()
  shelves.us.put(gift, { Number: 'sent' })
  expect(await hoursOf('given', 'Did it please?')).toEqual({ due: 48, escalates: null })
  expect((await hoursToSent('given'))[0]).toBe(120)
})

test('a run that fails does not begin a wait anew', async () => {
  const calendar = workedBut(zoneWhereItIs(12), 1)
  await runs(wishes({ serves: 'DE', calendar }, { serves: 'US', calendar: workedBut('UTC') }))
  grant('german', 'DE')
  await answersYes((await taskOf('german', 'A pony?')).task)
  const before = await waiting('german', 'record')
  const [gift = ''] = await until(async () => shelves.eu.rows.size === 1 && [...shelves.eu.rows.keys()])

  shelves.eu.put(gift, { Number: 'unreadable' })
  await until(async () => (await journeyOf('german'))?.reason?.includes('Nobody can read that number'))
  shelves.eu.put(gift, { Number: 'packed' })
  const after = await until(async () => {
    const journey = await journeyOf('german')
    return journey?.reason === null && journey.waitsFor?.kind === 'record' ? journey : undefined
  })
  expect(hours(before.waitsFor?.since, before.waitsFor?.until)).toBe(48)
  expect(after.waitsFor).toEqual(before.waitsFor)
})

test('whoever asks for the instances is told of the working days of each, and how they differ', async () => {
  const calendar = { zone: 'Europe/Berlin', holidays: ['2001-12-25', '2998-12-25', '2998-12-26'] as const }
  const other = { zone: 'UTC', weekend: ['sunday'], holidays: ['2998-12-25'] } as const
  await runs(wishes({ serves: 'DE', calendar }, { serves: 'US', calendar: other }))
  const { roles } = await get<Instances>('/api/instances')
  expect(roles[0]?.instances).toMatchObject([{ instance: 'counter', calendar: null, deviations: [] }])
  expect(roles[1]?.instances).toMatchObject([
    {
      instance: 'eu',
      calendar: { zone: 'Europe/Berlin', holidays: 2, next: '2998-12-25' },
      deviations: [
        { what: 'calendar: zone', here: 'Europe/Berlin', elsewhere: 'UTC in us' },
        { what: 'calendar: weekend', here: 'saturday, sunday', elsewhere: 'sunday in us' },
        { what: 'calendar: holidays', here: '2998-12-26', elsewhere: 'none in us' },
      ],
    },
    { instance: 'us', calendar: { zone: 'UTC', holidays: 1, next: '2998-12-25' }, deviations: { length: 3 } },
  ])
})

test('a zone that does not exist is shown as it stands', () => {
  const eu = { serves: 'DE', calendar: { zone: 'Europe/Nowhere', holidays: ['2998-12-25'] as const } }
  const { roles } = instancesOf(wishes(eu, { serves: 'US', calendar: { zone: 'UTC' } }), Date.now())
  expect(roles[1]?.instances[0]).toMatchObject({ calendar: { zone: 'Europe/Nowhere', next: '2998-12-25' } })
})
