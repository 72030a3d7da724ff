// The list of journeys as an operator uses it, over HTTP: filters, facets, orders and pages.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Gateway, serve } from '../src/gateway/server.ts'
import type { JourneyPage, SearchHits } from '../src/gateway/types.ts'
import { planOf } from '../src/kernel/plan.ts'
import { Db } from '../src/store/db.ts'
import { migrate } from '../src/store/migrate.ts'
import { bookedQuote, invoiced, paperProject } from './gateway.fixtures.ts'
import { until } from './world.ts'

let database: TestDatabase
let db: Db
let gateway: Gateway

beforeAll(async () => {
  database = await freshDatabase()
  db = new Db(database.url)
  await migrate(db)
  gateway = await serve(
    { db, plan: planOf(paperProject), ready: async () => ({ ready: true, waitingFor: [] }) },
    { port: 0 },
  )
  await givenJourneys()
})
afterAll(async () => {
  await gateway?.close()
  await db?.close()
  await database?.drop()
})

type Journey = {
  readonly number: string
  readonly state: string
  readonly stage: string | null
  readonly ago: string
  readonly worth: string | null
  readonly waits: string | null
  readonly systems: string
  /** From now; a minus is late. */
  readonly due: string | null
}
const journeys: readonly Journey[] = [
  {
    number: 'A1',
    state: 'waiting',
    stage: 'Booked',
    ago: '10 minutes',
    worth: '500',
    waits: 'record',
    systems: '{s4,sales}',
    due: '2 days',
  },
  {
    number: 'A2',
    state: 'waiting',
    stage: 'Booked',
    ago: '2 hours',
    worth: '5000.50',
    waits: 'record',
    systems: '{s4,sales}',
    due: '-1 hours',
  },
  {
    number: 'A3',
    state: 'waiting',
    stage: 'Accepted',
    ago: '3 days',
    worth: '50000',
    waits: 'answer',
    systems: '{sales}',
    due: '1 day',
  },
  {
    number: 'A4',
    state: 'waiting',
    stage: 'Accepted',
    ago: '20 days',
    worth: '500000',
    waits: 'system',
    systems: '{s4,sales}',
    due: '-10 days',
  },
  {
    number: 'A5',
    state: 'stuck',
    stage: null,
    ago: '20 minutes',
    worth: null,
    waits: 'person',
    systems: '{sales}',
    due: null,
  },
  {
    number: 'A6',
    state: 'ready',
    stage: 'Booked',
    ago: '1 minute',
    worth: '700',
    waits: 'record',
    systems: '{sales}',
    due: '3 days',
  },
  {
    number: 'A7',
    state: 'done',
    stage: 'Shipped',
    ago: '5 hours',
    worth: '900',
    waits: null,
    systems: '{s4,sales}',
    due: null,
  },
]

async function givenJourneys(): Promise<void> {
  for (const [n, { number, state, stage, ago, worth, waits, systems, due }] of journeys.entries()) {
    const { journey } = await bookedQuote(db, number, `77${n}`)
    await db.query(
      `update journey set state = $2, checkpoint = $3, started_at = now() - $4::interval, worth = $5, waits = $6, systems = $7,
         late_at = now() + $8::interval, ended_at = case when $2 = 'done' then now() end, reason = case when $2 = 'stuck' then 'It cannot go on' end
       where journey = $1`,
      [journey, state, stage, ago, worth, waits, systems, due],
    )
  }
}

const list = async (query: string): Promise<JourneyPage> =>
  (await (await fetch(`${gateway.url}/api/journeys?${query}`)).json()) as JourneyPage
const numbersIn = ({ journeys }: JourneyPage): string[] => journeys.map(one => one.title.replace('Quote ', ''))
const counts = (facet: readonly { value: string; count: number }[]): Record<string, number> =>
  Object.fromEntries(facet.filter(one => one.count > 0).map(({ value, count }) => [value, count]))

describe('filters', () => {
  test.each([
    ['state=open', ['A6', 'A1', 'A5', 'A2', 'A3', 'A4']],
    ['state=stuck', ['A5']],
    ['state=done', ['A7']],
    ['stage=Accepted', ['A3', 'A4']],
    ['stage=', ['A5']],
    ['late=true', ['A2', 'A4']],
    ['system=s4', ['A1', 'A2', 'A7', 'A4']],
    ['age=hour', ['A6', 'A1', 'A5']],
    ['age=day&state=open', ['A2']],
    ['age=week', ['A3']],
    ['age=older', ['A4']],
    ['worth=under-1k&state=open', ['A6', 'A1']],
    ['worth=1k-10k', ['A2']],
    ['worth=over-100k', ['A4']],
    ['waits=record', ['A1', 'A2']],
    ['waits=answer', ['A3']],
    ['waits=system', ['A4']],
    ['waits=person', ['A5']],
    ['system=s4&late=true&worth=1k-10k', ['A2']],
    ['system=s4&waits=answer', []],
    ['workflow=quote-to-cash&state=ready', ['A6']],
    ['workflow=another', []],
  ])('%s shows what it says', async (query, numbers) => {
    expect(numbersIn(await list(query))).toEqual(numbers)
  })

  test('a line says its systems and what it waits for', async () => {
    const [line] = (await list('search=A4')).journeys
    expect(line).toMatchObject({ systems: ['s4', 'sales'], waitsFor: { kind: 'system' }, late: true })
  })
})

describe('facets', () => {
  test('count open journeys, with what they are worth', async () => {
    const { facets } = await list('state=open')
    expect(facets).toMatchObject({ total: 6, late: 2, byState: { ready: 1, waiting: 4, stuck: 1 } })
    expect(counts(facets.byAge)).toEqual({ hour: 3, day: 1, week: 1, older: 1 })
    expect(counts(facets.byWorth)).toEqual({ 'under-1k': 2, '1k-10k': 1, '10k-100k': 1, 'over-100k': 1 })
    expect(counts(facets.byWait)).toEqual({ record: 2, answer: 1, system: 1, person: 1 })
    expect(counts(facets.bySystem)).toEqual({ sales: 6, s4: 3 })
    expect(facets.worth).toEqual([{ amount: '556200.50', currency: 'EUR' }])
    expect(facets.byCheckpoint).toEqual([
      expect.objectContaining({ checkpoint: null, count: 1, worth: [] }),
      expect.objectContaining({ checkpoint: 'Accepted', count: 2, worth: [{ amount: '550000.00', currency: 'EUR' }] }),
      expect.objectContaining({ checkpoint: 'Booked', count: 3, worth: [{ amount: '6200.50', currency: 'EUR' }] }),
    ])
  })

  test('count what the list shows, when nothing is chosen', async () => {
    const { facets, journeys } = await list('')
    expect(facets.total).toBe(journeys.length)
    expect(facets.byState).toEqual({ ready: 1, waiting: 4, stuck: 1 })
  })

  test('heed what else is chosen, and not themselves', async () => {
    const { facets } = await list('system=s4&state=waiting')
    // By itself the chosen system would leave no other to choose.
    expect(counts(facets.bySystem)).toEqual({ sales: 4, s4: 3 })
    expect(facets.byState).toEqual({ ready: 0, waiting: 3, stuck: 0 })
    expect(counts(facets.byAge)).toEqual({ hour: 1, day: 1, older: 1 })
    expect(facets.total).toBe(3)
    expect(facets.late).toBe(2)
  })

  test('of an end count what ended so', async () => {
    const { facets } = await list('state=done')
    expect(facets).toMatchObject({ total: 1, worth: [{ amount: '900.00', currency: 'EUR' }] })
    expect(facets.byState).toEqual({ ready: 1, waiting: 4, stuck: 1 })
    expect(facets.lastDay).toMatchObject({ done: 1, started: 5 })
  })

  test('of a search count what was found', async () => {
    const { facets } = await list('search=A2')
    expect(facets).toMatchObject({ total: 1, late: 1, byState: { ready: 0, waiting: 1, stuck: 0 } })
  })
})

describe('orders and pages', () => {
  test.each([
    ['newest', ['A6', 'A1', 'A5', 'A2', 'A3', 'A4']],
    ['oldest', ['A4', 'A3', 'A2', 'A5', 'A1', 'A6']],
    ['worth', ['A4', 'A3', 'A2', 'A6', 'A1', 'A5']],
    ['due', ['A4', 'A2', 'A3', 'A1', 'A6', 'A5']],
  ])('by %s, page by page without gaps or repeats', async (sort, numbers) => {
    const seen: string[] = []
    for (let after = ''; ; ) {
      const page = await list(`state=open&sort=${sort}&limit=2${after && `&after=${after}`}`)
      seen.push(...numbersIn(page))
      if (page.next === null) break
      after = page.next
    }
    expect(seen).toEqual(numbers)
  })

  test('a page of another order is refused, and so is what is no page', async () => {
    const { next } = await list('sort=worth&limit=2')
    const forged = Buffer.from(JSON.stringify(['worth', "1'; select 1", 'j'])).toString('base64url')
    for (const query of [
      `sort=due&after=${next}`,
      `sort=worth&after=${forged}`,
      'after=%00',
      `after=${'x'.repeat(501)}`,
    ]) {
      const answer = await fetch(`${gateway.url}/api/journeys?${query}`)
      expect(answer.status, query).toBe(400)
      expect(answer.headers.get('content-type')).toContain('problem+json')
    }
  })
})

describe('search', () => {
  const search = async (q: string): Promise<SearchHits['hits']> =>
    ((await (await fetch(`${gateway.url}/api/search?q=${encodeURIComponent(q)}`)).json()) as SearchHits).hits

  test('finds by any number, an id of a system, and how a number begins', async () => {
    const { invoice } = await bookedQuote(db, 'S-100', '4500').then(async given => {
      await invoiced(db, given, '90004500')
      return given
    })
    const quote = { kind: 'journey', title: 'Quote S-100', number: 'S-100', journey: 'j-S-100', state: 'waiting' }
    const order = {
      kind: 'record',
      title: 'Order 4500',
      journey: 'j-S-100',
      systems: [{ system: 's4', object: 'Order', nativeId: '4500' }],
    }
    expect(await search('S-100')).toMatchObject([{ title: 'Order 4500' }, quote])
    expect(await search('0Q0S-100')).toMatchObject([quote])
    expect(await search('j-S-100')).toMatchObject([quote])
    expect(await search('450')).toMatchObject([order])
    expect(await search('quote s-1')).toMatchObject([quote])
    expect(await search(invoice)).toMatchObject([{ kind: 'record', title: 'Invoice 90004500', journey: 'j-S-100' }])
    expect(await search('9000')).toMatchObject([{ title: 'Invoice 90004500' }])
    expect(await search('nothing like it')).toEqual([])
  })

  test.each([
    ['wildcards', '%'],
    ['an underscore', '_1'],
    ['quotes', `'; drop table record; --`],
    ['an emoji', '🦄'],
    ['half an emoji', '\ud83e'.toWellFormed()],
    ['the last character there is', '\u{10ffff}'],
    ['a backslash', '\\'],
  ])('%s are characters like any other', async (_, text) => {
    expect(await search(text)).toEqual([])
    expect((await list(`search=${encodeURIComponent(text)}`)).journeys).toEqual([])
  })

  test.each([
    ['nothing', ''],
    ['blanks', '%20%20'],
    ['ten kilobytes', 'x'.repeat(10_000)],
    ['a NUL', 'a%00b'],
  ])('%s is refused in words', async (_, text) => {
    for (const path of [`/api/search?q=${text}`, `/api/journeys?search=${text}`, `/api/journeys/${text}`]) {
      if (path === '/api/journeys/') continue
      const answer = await fetch(gateway.url + path)
      expect(answer.status, path).toBe(400)
      const said = (await answer.json()) as { code: string; detail: string }
      expect(said.code).toBe('bad-request')
      expect(said.detail.length).toBeLessThan(300)
    }
  })
})

test('of very many open journeys the count is the same for all who ask at once, and right a second later', async () => {
  const more = (from: number, upTo: number): Promise<unknown> =>
    db.query(
      `insert into journey (journey, workflow, ref, once, state, due_at, title)
       select 'j-many-' || n, 'quote-to-cash', 'quote-many-' || n, '', 'waiting', 'infinity', 'Quote of many ' || n from generate_series($1::int, $2::int) n`,
      [from, upTo],
    )
  await more(1, 10_000)
  const { total } = (await list('')).facets
  expect(total).toBeGreaterThanOrEqual(10_000)
  await more(10_001, 10_005)
  await until(async () => (await list('')).facets.total === total + 5)
  const all = await Promise.all(Array.from({ length: 5 }, () => list('state=waiting&limit=1')))
  expect(new Set(all.map(page => page.facets.total)).size).toBe(1)
})
