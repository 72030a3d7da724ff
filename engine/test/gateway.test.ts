// The admin API through its own door, over a database with rows of every kind.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import type { Released } from '../src/gateway/retry.ts'
import { type Gateway, serve } from '../src/gateway/server.ts'
import { planOf } from '../src/kernel/plan.ts'
import type { JourneyPage } from '../src/observe/journeys.ts'
import type { Numbers } from '../src/observe/numbers.ts'
import type { Owners } from '../src/observe/owners.ts'
import type { Problems } from '../src/observe/problems.ts'
import type { Story } from '../src/observe/story.ts'
import type { Wire } from '../src/observe/words.ts'
import { Db } from '../src/store/db.ts'
import { migrate } from '../src/store/migrate.ts'
import { bookedQuote, delivery, invoiced, lane, paperProject } from './gateway.fixtures.ts'

let database: TestDatabase
let db: Db
let gateway: Gateway
const health = { ready: true, waitingFor: [] as string[] }

beforeAll(async () => {
  database = await freshDatabase()
  db = new Db(database.url)
  await migrate(db)
  gateway = await serve({ db, plan: planOf(paperProject), ready: async () => health }, { port: 0 })
})
afterAll(async () => {
  await gateway?.close()
  await db?.close()
  await database?.drop()
})

type Answer<B> = { readonly status: number; readonly type: string; readonly body: B }

async function call<B>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<B>> {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: (await response.json()) as B,
  }
}
const get = <B>(path: string): Promise<Answer<B>> => call('GET', path)

test('health is ready only when everything is', async () => {
  expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ready' } })
  health.ready = false
  health.waitingFor = ['the first load of s4']
  expect(await get('/healthz')).toMatchObject({
    status: 503,
    body: { status: 'starting', waitingFor: ['the first load of s4'] },
  })
  health.ready = true
  health.waitingFor = []
})

test('a journey is found by the number of anything that belongs to it, and tells its story in the order of time', async () => {
  const given = await bookedQuote(db, '00000012', '17')
  await invoiced(db, given, '90000003')
  for (const asked of ['j-00000012', '00000012', '17', '90000003', '0Q000000012', given.order]) {
    const { status, body } = await get<Wire<Story>>(`/api/journeys/${asked}`)
    expect(status, asked).toBe(200)
    expect(body.journeys.map(one => one.journey)).toEqual([given.journey])
    expect(body.records.map(one => one.title)).toEqual(['Quote 00000012', 'Order 17', 'Invoice 90000003'])
  }
  const { body } = await get<Wire<Story>>('/api/journeys/17')
  const told = body.timeline.map(moment => `${moment.kind}: ${moment.sentence}`)
  expect(told[0]).toBe('heard: sales told: Quote 0Q000000012 has Status and Total (Quote 00000012)')
  expect(told).toContain('delivery: Create Order 17 in s4: written')
  expect(told).toContain('step: Book the order: done')
  expect(told).toContain('checkpoint: Booked')
  expect(told.at(-1)).toBe('wait: Waits for Order 17: until shipped')
  const times = body.timeline.map(moment => Date.parse(moment.at))
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('what nobody knows is said so, with what to do', async () => {
  const { status, type, body } = await get('/api/journeys/nonsense')
  expect(status).toBe(404)
  expect(type).toContain('application/problem+json')
  expect(body).toMatchObject({
    code: 'not-found',
    status: 404,
    detail: expect.stringContaining('nonsense'),
    todo: expect.any(String),
  })
})

test('the list says what a journey waits for and why', async () => {
  const refused = await bookedQuote(db, '00000021', '21', 'Book the order')
  await delivery(db, refused.order, 's4', 'parked', { reason: 'Material 4711 is blocked', todo: 'Unblock it.' })
  const parent = await bookedQuote(db, '00000022', '22', 'Book the order')
  await delivery(db, parent.order, 's4', 'waiting', { waitsFor: refused.order })
  const { body } = await get<Wire<JourneyPage>>('/api/journeys?search=0000002&state=open')
  expect(body.journeys.map(one => one.title).sort()).toEqual(['Quote 00000021', 'Quote 00000022'])
  const waits = new Map(body.journeys.map(one => [one.journey, one.waitsFor]))
  expect(waits.get(refused.journey)).toMatchObject({
    kind: 'system',
    because: 's4 refused it: Material 4711 is blocked',
    todo: 'Unblock it.',
  })
  expect(waits.get(parent.journey)).toMatchObject({
    because: 's4 does not have Order 21 yet: Material 4711 is blocked',
    todo: 'Unblock it.',
  })
  expect(body.facets.byState.waiting).toBeGreaterThanOrEqual(2)
})

test('the list says which checkpoints a journey passed, and by when the others are due', async () => {
  const { journey } = await bookedQuote(db, '00000023', '23')
  const { body } = await get<Wire<JourneyPage>>('/api/journeys?search=00000023')
  const [line] = body.journeys.filter(one => one.journey === journey)
  expect(line?.checkpoints).toEqual([
    { checkpoint: 'Accepted', reachedAt: expect.any(String), dueAt: null },
    { checkpoint: 'Booked', reachedAt: expect.any(String), dueAt: null },
    { checkpoint: 'Shipped', reachedAt: null, dueAt: expect.any(String) },
  ])
  const dueInMs = Date.parse(line?.checkpoints[2]?.dueAt ?? '') - Date.parse(line?.startedAt ?? '')
  expect(dueInMs).toBe(30 * 24 * 3_600_000)
})

test('pages follow each other without gaps or repeats', async () => {
  for (let n = 100; n < 107; n++) await bookedQuote(db, `P${n}`, `9${n}`)
  const seen: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const { body }: Answer<Wire<JourneyPage>> = await get(
      `/api/journeys?search=Quote+P1&limit=3${after && `&after=${after}`}`,
    )
    seen.push(...body.journeys.map(one => one.title))
    after = body.next
  }
  expect(seen).toEqual(['P106', 'P105', 'P104', 'P103', 'P102', 'P101', 'P100'].map(number => `Quote ${number}`))
  expect(await get('/api/journeys?after=nonsense')).toMatchObject({ status: 400, body: { code: 'bad-cursor' } })
  expect(await get('/api/journeys?limit=many')).toMatchObject({ status: 400, body: { code: 'bad-request' } })
})

test('an answer wakes its journey, and is given once', async () => {
  const { journey } = await bookedQuote(db, '00000031', '31')
  await db.query(
    `insert into task (task, journey, name, desk, question, answers, facts, due_at)
     values ('t-31', $1, 'Let it through?', 'credit desk', 'Let it through?', '{yes,no}', '{"limit":"1"}', now() - interval '1 hour')`,
    [journey],
  )
  expect((await get<{ tasks: unknown }>('/api/tasks?desk=credit+desk')).body.tasks).toMatchObject([
    { task: 't-31', title: 'Quote 00000031', late: true },
  ])
  expect((await get<Wire<JourneyPage>>(`/api/journeys?search=00000031`)).body.journeys[0]?.waitsFor).toMatchObject({
    kind: 'answer',
    what: 'an answer of the credit desk',
    task: 't-31',
  })
  expect(await call('POST', '/api/tasks/t-31/answer', { answer: 'perhaps', by: 'kim' })).toMatchObject({
    status: 422,
    body: { code: 'not-an-answer', answers: ['yes', 'no'] },
  })
  expect(await call('POST', '/api/tasks/t-31/answer', { answer: 'yes' })).toMatchObject({ status: 400 })
  expect(await call('POST', '/api/tasks/t-31/answer', { answer: 'yes', by: 'kim' })).toMatchObject({
    status: 200,
    body: { journey, by: 'kim' },
  })
  expect(
    await db.query('select state, due_at <= clock_timestamp() as due from journey where journey = $1', [journey]),
  ).toEqual([{ state: 'ready', due: true }])
  expect(await call('POST', '/api/tasks/t-31/answer', { answer: 'no', by: 'lee' })).toMatchObject({
    status: 409,
    body: { code: 'answered-already', answer: 'yes', answeredBy: 'kim' },
  })
  expect(await call('POST', '/api/tasks/t-99/answer', { answer: 'no', by: 'lee' })).toMatchObject({ status: 404 })
})

test('a retry releases what is meant and nothing else; a preview changes nothing', async () => {
  const stuck = await bookedQuote(db, '00000041', '41')
  const other = await bookedQuote(db, '00000042', '42')
  for (const { journey, order } of [stuck, other]) {
    await db.query(`update journey set state = 'stuck', reason = 'It cannot go on' where journey = $1`, [journey])
    await delivery(db, order, 'sales', 'parked', { reason: 'Refused' })
  }
  const released = { journeys: [stuck.journey], deliveries: [{ ref: stuck.order, system: 'sales' }] }
  expect(await call('POST', '/api/retry', { journey: '41', dryRun: true })).toMatchObject({
    status: 200,
    body: { dryRun: true, ...released },
  })
  const both = await call<Released>('POST', '/api/retry', { journeys: ['41', other.journey, '41'], dryRun: true })
  expect(both.body.journeys.toSorted()).toEqual([stuck.journey, other.journey].sort())
  expect(await call('POST', '/api/retry', { journeys: ['41', 'nowhere'] })).toMatchObject({
    status: 404,
    body: { detail: 'Nothing is known as "nowhere".' },
  })
  expect(await call('POST', '/api/retry', { journey: '41' })).toMatchObject({
    status: 200,
    body: { dryRun: false, ...released },
  })
  expect(await call('POST', '/api/retry', { journey: '41' })).toMatchObject({ body: { journeys: [], deliveries: [] } })
  const states = await db.query('select state from journey where journey = any($1) order by journey', [
    [stuck.journey, other.journey],
  ])
  expect(states.map(row => row.state)).toEqual(['ready', 'stuck'])
  expect((await call<Released>('POST', '/api/retry', { system: 'sales' })).body.deliveries).toEqual([
    { ref: other.order, system: 'sales' },
  ])
  expect((await call<Released>('POST', '/api/retry', { all: true })).body.journeys).toEqual([other.journey])
  expect(await call('POST', '/api/retry', {})).toMatchObject({ status: 400, body: { code: 'nothing-named' } })
  expect(await call('POST', '/api/retry', { system: 'nowhere' })).toMatchObject({ status: 404 })
})

test('problems name the record, the reason and what to do', async () => {
  await lane(db, 's4')
  const { order, invoice } = await bookedQuote(db, '00000051', '51', 'Book the order')
  await delivery(db, order, 's4', 'parked', { reason: 'The customer is blocked' })
  await delivery(db, invoice, 's4', 'waiting', { waitsFor: order })
  await delivery(db, 'payment-1', 's4', 'waiting', { waitsFor: invoice })
  await db.query(
    `update lane set closed_until = clock_timestamp() + interval '1 hour', reason = 'It does not answer' where system = 's4'`,
  )
  await db.query(
    `insert into inbox (system, object, native_id, changes, parked, reason) values ('sales', 'Quote', '0Qx', '{}', true, 'The change could not be read')`,
  )
  await db.query(`insert into feed (system, reason, tries) values ('s4', 'Its cursor is too old', 2)`)
  const { body } = await get<Wire<Problems>>('/api/problems')
  const told = body.problems.map(one => `${one.kind}: ${one.what}: ${one.reason}`)
  expect(told).toContain('delivery: Order 51 in s4: The customer is blocked')
  expect(body.problems.find(one => one.ref === order)?.holdsBack).toBe(2)
  // The journey that opens the order stands still, with what it is worth.
  expect(body.problems.find(one => one.ref === order)?.blocks).toEqual({
    journeys: 1,
    worth: [{ amount: '1234.00', currency: 'EUR' }],
  })
  expect(body.problems.some(one => one.ref === invoice)).toBe(false)
  expect(told).toContain('lane: Calls to s4: It does not answer')
  expect(told).toContain('change: Quote 0Qx of sales: The change could not be read')
  expect(told).toContain('feed: Changes from s4: Its cursor is too old')
  expect(body.counts).toMatchObject({ lane: 1, feed: 1, change: 1 })
})

test('systems and numbers say how the whole is doing', async () => {
  await lane(db, 's4')
  await db.query(
    `insert into permit (system, slot, worker, until) values ('s4', 0, 'w', clock_timestamp() + interval '1 minute'), ('s4', 1, null, null)`,
  )
  const { body } = await get<{ systems: unknown }>('/api/systems')
  expect(body.systems).toMatchObject([
    { system: 'sales', role: 'crm', connector: 'paper' },
    { system: 's4', role: 'erp', now: { limit: { concurrency: 4, perSecond: null }, inUse: 0 } },
  ])
  const numbers = (await get<Wire<Numbers>>('/api/numbers')).body
  expect(numbers.journeys.open).toBeGreaterThan(0)
  expect(numbers.journeys.byCheckpoint).toContainEqual(
    expect.objectContaining({ workflow: 'quote-to-cash', checkpoint: 'Booked' }),
  )
})

test('a record is explained: its fields, their sources and what each system has', async () => {
  const { order } = await bookedQuote(db, '00000061', '61')
  await db.query(
    `insert into holding (ref, system, object, native_id, native) values ($1, 's4', 'Order', '61', '{"No":"61"}')`,
    [order],
  )
  const { body } = await get(`/api/records/${order}`)
  expect(body).toMatchObject({
    title: 'Order 61',
    fields: { number: '61' },
    systems: [{ system: 's4', nativeId: '61', state: 'current' }],
    holdings: [{ system: 's4', native: { No: '61' } }],
  })
  expect(await get('/api/records/order-x')).toMatchObject({ status: 404 })
})

test('what no database can keep is a mistake of the caller', async () => {
  const reason = { by: 'Ida', reason: 'why\u0000not' }
  const forged = Buffer.from(JSON.stringify(['0', 'x'])).toString('base64url')
  const refused: readonly (readonly [string, string, unknown?])[] = [
    ['POST', '/api/systems/s4/pause', reason],
    ['POST', '/api/tasks/%00/answer', { answer: 'yes', by: 'Ida' }],
    ['GET', '/api/records/%00'],
    ['GET', `/api/tasks?after=${forged}`],
  ]
  for (const [method, path, body] of refused)
    expect(await call(method, path, body), path).toMatchObject({ status: 400 })
})

test('events are followed by their sequence', async () => {
  for (const seq of [1, 2, 3]) {
    await db.query(
      `insert into event (id, type, subject, data, seq) values (gen_random_uuid(), 'journey.done', 'quote-1', '{}', $1)`,
      [seq],
    )
  }
  await db.query(
    `insert into event (id, type, subject, data) values (gen_random_uuid(), 'journey.done', 'quote-1', '{}')`,
  )
  expect((await get('/api/events?after=1')).body).toMatchObject({ events: [{ seq: 2 }, { seq: 3 }], next: 3 })
  expect((await get('/api/events?limit=1')).body).toMatchObject({ events: [{ seq: 1 }], next: 1 })
  expect((await get('/api/events?after=now')).body).toEqual({ events: [], next: 3 })
  expect(await get('/api/events?after=soon')).toMatchObject({ status: 400 })
})

test('an address that the API does not have is said so', async () => {
  expect(await get('/api/nothing')).toMatchObject({ status: 404, body: { code: 'no-such-address' } })
})

test('whose each field is, and what every role does with it', async () => {
  const { status, body } = await get<Owners>('/api/owners')
  expect(status).toBe(200)
  expect(body.roles).toEqual([
    { role: 'crm', name: 'CRM', called: 'the CRM', systems: ['sales'] },
    { role: 'erp', name: 'ERP', called: 'the ERP', systems: ['s4'] },
  ])
  const order = body.contracts.find(one => one.contract === 'order')
  expect(order?.presence).toMatchObject([
    { role: 'crm', holds: true, lives: 'always' },
    { role: 'erp', holds: true, lives: 'always' },
  ])
  const quote = order?.fields.find(one => one.field === 'quote')
  expect(quote).toMatchObject({
    owner: 'crm',
    cells: [
      { role: 'crm', part: 'owns', systems: [{ part: 'skips', reason: 'not of interest to these tests' }] },
      { role: 'erp', part: 'skips', says: 'not kept: not of interest to these tests' },
    ],
  })
  // The ERP does not have quotes at all.
  const number = body.contracts.find(one => one.contract === 'quote')?.fields[0]
  expect(number?.cells[1]).toMatchObject({ role: 'erp', part: 'none', systems: [] })
})
