// Fields that nobody owns alone: what counts when both sides edit one before either has heard of the other. Two systems with
// clocks of their own, a real engine, its admin API.
import { contract, fill, mapping, objectOf, project, role, text, whereFound } from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type DisputePage, type Engine, serve, startEngine, type Tasks } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const because = 'both sides speak with the customer'
const Person = contract(
  'person',
  {
    number: text('Number').ownedBy('crm'),
    phone: text('Phone').sharedBy(['crm', 'erp'], { agreed: 'latest', because }),
    salutation: text('Salutation').sharedBy(['crm', 'erp'], { agreed: 'ask', because }),
  },
  { match: 'number', knownBy: ['number'], livesIn: { crm: whereFound(), erp: whereFound() }, desk: 'data desk' },
)
const crm = role('crm', { holds: [Person] })
const erp = role('erp', { holds: [Person] })

let database: TestDatabase
let sales: Shelf
let works: Shelf
let engine: Engine
let gateway: Awaited<ReturnType<typeof serve>>
/** The systems' clocks; an hour behind ours, so that nothing is of the future. */
let clock: number

beforeEach(async () => {
  database = await freshDatabase()
  clock = Date.now() - 3_600_000
  sales = new Shelf()
  works = new Shelf()
  sales.now = works.now = () => clock
  const inSales = shelfConnector(sales)
  const inWorks = shelfConnector(works)
  const rules = { number: 'Number', phone: 'Name', salutation: 'Note' } as const
  engine = await startEngine({
    databaseUrl: database.url,
    project: project('people', {
      contracts: [Person],
      roles: [crm, erp],
      systems: [
        fill(crm, 'sales', inSales, {}, { mappings: [mapping(Person, objectOf(inSales, 'Thing'), rules)] }),
        fill(erp, 'works', inWorks, {}, { mappings: [mapping(Person, objectOf(inWorks, 'Thing'), rules)] }),
      ],
      workflows: [],
    }),
  })
  gateway = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
  const person = { Number: '17', Name: '+1 000', Note: 'Hello' }
  works.put('w', person, 'clerk')
  await until(async () => (await engine.db.query("select 1 from holding where system = 'works'")).length === 1)
  sales.put('s', person, 'kim')
  await quiet()
  works.writes.length = 0
  sales.writes.length = 0
})
afterEach(async () => {
  await gateway?.close()
  await engine?.close()
  await database.drop()
})

const get = async <T>(path: string): Promise<T> => (await fetch(gateway.url + path)).json() as Promise<T>
async function post(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.status).toBe(200)
}
const disputes = async (): Promise<DisputePage['disputes']> => (await get<DisputePage>('/api/disputes')).disputes
const quiet = () =>
  until(async () => {
    if (sales.unheard + works.unheard > 0) return false
    const [busy] = await engine.db.query<{ busy: boolean }>(
      `select exists (select from inbox where not parked) or exists (select from dispute where due)
         or exists (select from delivery where state = 'due') or not exists (select from holding where system = 'sales') as busy`,
    )
    return busy?.busy === false
  })
const inSales = () => sales.rows.get('s')
const inWorks = () => works.rows.get('w')

/** What works edits is known, and cannot reach sales yet; then sales edits the same. */
async function meeting(byWorks: object, betweenMs: number, bySales: object): Promise<void> {
  await post('/api/systems/sales/pause', { by: 'test', reason: 'so that two edits meet' })
  clock += 60_000
  works.put('w', { ...byWorks }, 'clerk')
  const [field] = Object.entries(byWorks)
  await until(
    async () => (await engine.db.query('select 1 from record where fields::text like $1', [`%${field?.[1]}%`])).length,
  )
  clock += betweenMs
  sales.put('s', { ...bySales }, 'kim')
  await until(async () => (await disputes()).length > 0)
  await post('/api/systems/sales/resume', { by: 'test' })
  await quiet()
}

test('an edit of either side reaches the other, once, and is no dispute', async () => {
  works.put('w', { Name: '+1 111' }, 'clerk')
  await until(async () => inSales()?.Name === '+1 111')
  await quiet()
  sales.put('s', { Name: '+1 222' }, 'kim')
  await until(async () => inWorks()?.Name === '+1 222')
  await quiet()
  expect(sales.writes.map(write => write.fields)).toEqual([{ Name: '+1 111' }])
  expect(works.writes.map(write => write.fields)).toEqual([{ Name: '+1 222' }])
  expect(await disputes()).toEqual([])
})

test('of two edits that meet the later counts, in both systems, and the older is kept with whose it was', async () => {
  await meeting({ Name: '+1 111' }, 60_000, { Name: '+1 222' })
  expect([inSales()?.Name, inWorks()?.Name]).toEqual(['+1 222', '+1 222'])
  expect(await disputes()).toMatchObject([
    { system: 'works', by: 'clerk', wanted: '+1 111', held: '+1 222', became: 'older', owner: null },
  ])
})

test('also when the later is heard of first', async () => {
  await meeting({ Name: '+1 111' }, -30_000, { Name: '+1 222' })
  expect([inSales()?.Name, inWorks()?.Name]).toEqual(['+1 111', '+1 111'])
  expect(await disputes()).toMatchObject([
    { system: 'sales', by: 'kim', wanted: '+1 222', held: '+1 111', became: 'older' },
  ])
})

test('within the same second the role that is named first wins, whose clock is not asked', async () => {
  await meeting({ Name: '+1 111' }, -400, { Name: '+1 222' })
  expect([inSales()?.Name, inWorks()?.Name]).toEqual(['+1 222', '+1 222'])
})

test('a clock that is ahead wins nothing: no edit is later than when it was heard of', async () => {
  works.now = () => Date.now() + 86_400_000
  sales.now = () => Date.now() + 2_000
  await meeting({ Name: '+1 111' }, 0, { Name: '+1 222' })
  expect([inSales()?.Name, inWorks()?.Name]).toEqual(['+1 222', '+1 222'])
})

test('where the desk is asked it sees both values and whose they are, and what it takes goes everywhere', async () => {
  await meeting({ Note: 'Good morning' }, 60_000, { Note: 'Dear all' })
  expect([inSales()?.Note, inWorks()?.Note]).toEqual(['Good morning', 'Good morning'])
  const [task] = (await get<Tasks>('/api/tasks?desk=data%20desk')).tasks
  expect(task).toMatchObject({
    question:
      'kim in sales wants salutation "Dear all" instead of "Good morning" on Person 17; clerk in works said "Good morning", and nobody owns it alone. Which is right?',
    answers: ['keep', 'take'],
  })
  expect(await disputes()).toMatchObject([{ task: task?.task, answers: ['keep', 'take'] }])
  await post(`/api/tasks/${task?.task}/answer`, { answer: 'take', by: 'Ada' })
  await until(async () => inWorks()?.Note === 'Dear all' && inSales()?.Note === 'Dear all')
  await quiet()
  expect(await disputes()).toMatchObject([{ became: 'applied', decidedBy: 'Ada' }])
})
