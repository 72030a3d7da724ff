// An amount is written in a system's own currency at the rate of its day, or waits until treasury says one.
import {
  always,
  contract,
  count,
  day,
  fill,
  id,
  mapping,
  money,
  objectOf,
  project,
  rates,
  role,
  text,
  whereFound,
} from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, type Problems, serve, startEngine, type Table } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Rates = rates('exchange rates', {
  keptBy: 'treasury',
  says: 'What one currency is of another',
  starts: [{ from: 'USD', to: 'EUR', since: '2026-01-01', rate: '0.92' }],
})
const Bill = contract(
  'bill',
  { number: text('Number').ownedBy('erp'), date: day('Date').ownedBy('erp'), gross: money('Gross').ownedBy('erp') },
  { knownBy: ['number'], livesIn: { erp: whereFound(), crm: always() } },
)
const erp = role('erp', { holds: [Bill] })
const crm = role('crm', { holds: [Bill] })

const bills = (shelf: Shelf) =>
  shelfConnector(shelf).object('Thing', {
    fields: { Id: id(), Number: text('Number'), Date: day('Date'), Gross: money('Gross'), Lines: count('Lines') },
    read: async (_, ids) => ids.filter(one => shelf.rows.has(one)).map(one => shelf.seen(one)),
    list: async () => ({ records: [...shelf.rows.keys()].map(one => shelf.seen(one)) }),
    write: async (_, writes) => writes.map(write => shelf.write(write)),
    find: async (_, writes) => writes.map(() => []),
  })

const shelves = { ledger: new Shelf(), sales: new Shelf() }
let database: TestDatabase
let engine: Engine
let api: Awaited<ReturnType<typeof serve>>

beforeAll(async () => {
  const [inLedger, inSales] = [bills(shelves.ledger), bills(shelves.sales)]
  database = await freshDatabase()
  engine = await startEngine({
    project: project('bills', {
      contracts: [Bill],
      roles: [erp, crm],
      systems: [
        fill(
          erp,
          'ledger',
          inLedger,
          {},
          {
            mappings: [mapping(Bill, objectOf(inLedger, 'Thing'), { number: 'Number', date: 'Date', gross: 'Gross' })],
          },
        ),
        fill(
          crm,
          'sales',
          inSales,
          {},
          {
            mappings: [
              mapping(Bill, objectOf(inSales, 'Thing'), {
                number: 'Number',
                date: 'Date',
                gross: { field: 'Gross', converted: Rates, to: 'EUR', on: 'date' },
              }),
            ],
          },
        ),
      ],
      workflows: [],
      tables: [Rates],
    }),
    databaseUrl: database.url,
  })
  api = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
})
afterAll(async () => {
  await api?.close()
  await engine?.close()
  await database?.drop()
})

const get = async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>
const say = async (since: string, rate: string, more: object = {}): Promise<unknown> =>
  (
    await fetch(`${api.url}/api/tables/exchange%20rates/rates`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: 'USD', to: 'EUR', since, rate, by: 'tess', why: 'monthly rates', ...more }),
    })
  ).json()
const bill = (number: string, date: string | null, amount: string, currency = 'USD'): void =>
  shelves.ledger.put(number, { Number: number, Date: date, Gross: { amount, currency } })
const shown = (number: string): unknown => {
  const write = shelves.sales.writes.find(one => one.fields.Number === number)
  return write?.fields.Gross
}

test('an amount is shown at the rate of its day; one in the currency of the system stays as it is', async () => {
  bill('B1', '2026-06-30', '100.00')
  bill('B2', '2026-06-30', '100.00', 'EUR')
  await until(async () => shown('B1') && shown('B2'))
  expect([shown('B1'), shown('B2')]).toEqual([
    { amount: '92.00', currency: 'EUR' },
    { amount: '100.00', currency: 'EUR' },
  ])
})

test('a rate of a later day is never taken: the bill waits until treasury says one that was valid then', async () => {
  bill('B3', '2025-12-30', '50.00')
  bill('B4', '2025-12-31', '70.00')
  const waiting = await until(async () => {
    const { problems } = await get<Problems>('/api/problems')
    return problems.length === 2 && problems.toSorted((a, b) => a.what.localeCompare(b.what))
  })
  expect(waiting[0]).toMatchObject({
    kind: 'value',
    what: 'USD to EUR on 2025-12-30 (exchange rates)',
    todo: "The treasury desk adds it: plumb table 'exchange rates' rate USD EUR 2025-12-30 <rate>. What waits then goes on by itself.",
    blocks: { worth: [{ amount: '50.00', currency: 'USD' }] },
  })
  expect(await say('2025-12-31', '0.9', { dryRun: true })).toMatchObject({ releases: { records: 1 } })
  expect(await say('2025-12-01', '0.8571')).toMatchObject({ was: null, releases: { records: 2 } })
  await until(async () => shown('B3') && shown('B4'))
  expect([shown('B3'), shown('B4')]).toEqual([
    { amount: '42.86', currency: 'EUR' },
    { amount: '60.00', currency: 'EUR' },
  ])
  expect(shelves.sales.writes.filter(one => one.fields.Number === 'B3')).toHaveLength(1)
  const { rates, history } = await get<Table>('/api/tables/exchange%20rates')
  expect(rates?.map(one => one.since)).toEqual(['2026-01-01', '2025-12-01'])
  expect(history[0]).toMatchObject({ by: 'tess', value: 'USD since 2025-12-01', system: 'EUR' })
})

test('an amount without a day says what it lacks, and goes on when the record has one', async () => {
  bill('B5', null, '10.00')
  const problem = await until(async () => (await get<Problems>('/api/problems')).problems[0])
  expect(problem.reason).toContain('the record has no date that says at which rate')
  bill('B5', '2026-02-01', '10.00')
  await until(async () => shown('B5'))
  expect(shown('B5')).toEqual({ amount: '9.20', currency: 'EUR' })
  await until(async () => (await get<Problems>('/api/problems')).problems.length === 0)
})

test('what is no rate is refused', async () => {
  expect(await say('2026-02-30', '0.9')).toMatchObject({ code: 'bad-request', detail: '"2026-02-30" is not a day.' })
  for (const wrong of ['0', '-1', '1e3', '0.000', 'much'])
    expect(await say('2026-03-01', wrong)).toMatchObject({ code: 'bad-request' })
})
