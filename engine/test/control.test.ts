// A person at the controls: systems are paused and resumed, sandboxes misbehave when told to, and whoever looks on is told.
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type JourneyPage,
  type PauseAnswer,
  type Problems,
  type Pulse,
  type Sandboxes,
  type SystemLine,
  type Systems,
  serve,
} from '../src/index.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

let world: World
let acme: string
let gear: string
let gateway: Awaited<ReturnType<typeof serve>>

beforeAll(async () => {
  world = await startWorld({
    before: async org => {
      acme = await newAccount(org, 'Acme', '10100001')
      gear = await newProduct(org, 'Gear', 'TG11')
    },
  })
  gateway = await serve(world.engine, { port: 0, sandboxes: [world.salesforce.url, world.s4.url] })
}, 90_000)
afterAll(async () => {
  await gateway?.close()
  await world?.close()
})

type Answer<B> = { readonly status: number; readonly body: B }
async function send<B>(method: string, path: string, body: object): Promise<Answer<B>> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(gateway.url + path, { method, headers, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as B }
}
const pause = (system: string, reason: string) =>
  send<PauseAnswer>('POST', `/api/systems/${system}/pause`, { by: 'kim', reason })
const resume = (system: string) => send<PauseAnswer>('POST', `/api/systems/${system}/resume`, { by: 'lee' })
const system = async (name: string): Promise<NonNullable<SystemLine['now']>> => {
  const found = (await world.get<Systems>('/api/systems')).systems.find(one => one.system === name)?.now
  if (!found) throw new Error(`There is no system ${name}`)
  return found
}
const journey = async (number: string) =>
  (await world.get<JourneyPage>(`/api/journeys?search=${number}`)).journeys.at(0)
const quote = () => newQuote(world.org, acme, [{ product: gear, quantity: 2, price: 17.55 }])
const orders = async (number: string) =>
  (await world.journal(world.s4, 'A_SalesOrder')).filter(
    entry => entry.kind === 'create' && entry.fields.PurchaseOrderByCustomer === number,
  )
const booked = (number: string) => until(async () => (await orders(number)).at(0))

test('while the ERP is paused nothing is asked of it: what waits says who paused it and why, and goes on when it is resumed', async () => {
  expect(await pause('s4', 'month-end closing')).toMatchObject({
    status: 200,
    body: { system: 's4', paused: { by: 'kim', reason: 'month-end closing', since: expect.any(String) } },
  })
  const { number } = await quote()
  const waiting = await until(async () => {
    const found = await journey(number)
    return found?.waitsFor?.because?.includes('paused') ? found : undefined
  })
  expect(waiting).toMatchObject({
    state: 'waiting',
    waitsFor: {
      kind: 'system',
      because: 's4 is paused by kim: month-end closing',
      todo: expect.stringMatching(/^Resume it/),
    },
  })
  expect(await until(async () => ((await system('s4')).queue > 0 ? system('s4') : undefined))).toMatchObject({
    paused: { by: 'kim', reason: 'month-end closing' },
    // What else changed just before the pause is in the queue too.
    waiting: { questions: 1 },
    oldestWaitingSince: expect.any(String),
    worthWaiting: [{ amount: '35.10', currency: 'EUR' }],
  })
  const { problems } = await world.get<Problems>('/api/problems')
  expect(problems.find(one => one.kind === 'lane')).toMatchObject({
    state: 'paused',
    reason: 's4 is paused by kim: month-end closing.',
    todo: 'Resume it when it may be called again: plumb resume s4.',
  })
  expect(await orders(number)).toEqual([])
  expect(await resume('s4')).toMatchObject({ status: 200, body: { system: 's4', paused: null } })
  await booked(number)
  expect(await orders(number)).toHaveLength(1)
  await until(async () => {
    const { paused, queue, worthWaiting } = await system('s4')
    return paused === null && queue === 0 && worthWaiting.length === 0
  })
  const { events } = await world.get<{ events: { type: string; subject: string; data: object }[] }>(
    '/api/events?limit=500',
  )
  expect(events.filter(event => event.subject === 's4')).toMatchObject([
    { type: 'system.paused', data: { by: 'kim', reason: 'month-end closing' } },
    { type: 'system.resumed', data: { by: 'lee' } },
  ])
})

test('while the CRM is paused what it is to be told waits in line, and nothing is lost or told twice', async () => {
  const { number } = await quote()
  const order = await booked(number)
  await until(async () => ((await system('sales')).queue === 0 ? true : undefined))
  await pause('sales', 'a deployment')
  await world.inS4('warehouse/ship', { salesOrder: order.id })
  const held = await until(async () => {
    const now = await system('sales')
    return now.waiting.due + now.waiting.blocked > 0 ? now : undefined
  })
  expect(held.paused).toMatchObject({ by: 'kim', reason: 'a deployment' })
  const before = await world.journal(world.salesforce, 'Shipment__c')
  const meanwhile = await quote()
  await resume('sales')
  await until(async () => {
    const after = await world.journal(world.salesforce, 'Shipment__c')
    return after.length > before.length && (await system('sales')).queue === 0
  })
  const made = (await world.journal(world.salesforce, 'Shipment__c')).filter(entry => entry.kind === 'create')
  expect(made.length - before.filter(entry => entry.kind === 'create').length).toBe(1)
  // What was accepted in the meantime was heard, and is understood now.
  await booked(meanwhile.number)
})

test('a pause that comes and goes while quotes come in holds none of them back for good, and doubles none', async () => {
  let all: string[] | undefined
  const quotes = Promise.all(Array.from({ length: 6 }, quote)).then(made => {
    all = made.map(one => one.number)
    return all
  })
  while (!all) {
    await pause('s4', 'off and on')
    await resume('s4')
  }
  for (const number of await quotes) {
    await booked(number)
    expect(await orders(number)).toHaveLength(1)
  }
})

test('pausing what is paused keeps since when, resuming what runs changes nothing, and both say who', async () => {
  const first = await pause('s4', 'closing')
  const second = await pause('s4', 'closing takes longer')
  expect(second.body.paused).toEqual({ ...first.body.paused, reason: 'closing takes longer' })
  await resume('s4')
  expect(await resume('s4')).toMatchObject({ status: 200, body: { paused: null } })
  expect(await pause('nowhere', 'why not')).toMatchObject({ status: 404, body: { code: 'not-found' } })
  for (const body of [{}, { by: 'kim' }, { by: 'kim', reason: ' ' }, { by: '', reason: 'closing' }])
    expect((await send('POST', '/api/systems/s4/pause', body)).status, JSON.stringify(body)).toBe(400)
})

test('a sandbox fails when its switch is turned, and works again when it is turned back', async () => {
  const { sandboxes } = (await (await fetch(`${gateway.url}/api/sandboxes`)).json()) as Sandboxes
  expect(sandboxes.map(one => [one.system, one.problem])).toEqual([
    ['sales', null],
    ['s4', null],
  ])
  expect(sandboxes.find(one => one.system === 's4')?.switches).toContainEqual({
    switch: 'down',
    label: expect.any(String),
    says: expect.any(String),
    on: false,
  })
  expect(await send('PUT', '/api/sandboxes/s4/switches/down', { on: true })).toMatchObject({
    status: 200,
    body: { switch: 'down', on: true },
  })
  const { number } = await quote()
  await until(async () => (await system('s4')).breaker.state === 'open' || (await journey(number))?.reason !== null)
  expect(await orders(number)).toEqual([])
  await send('PUT', '/api/sandboxes/s4/switches/down', { on: false })
  await booked(number)
  expect(await orders(number)).toHaveLength(1)
  expect(await send('PUT', '/api/sandboxes/s4/switches/upside-down', { on: true })).toMatchObject({ status: 404 })
  expect(await send('PUT', '/api/sandboxes/nowhere/switches/down', { on: true })).toMatchObject({ status: 404 })
  expect(await send('PUT', '/api/sandboxes/s4/switches/down', { on: 'yes, please' })).toMatchObject({ status: 400 })
  expect(await world.get<Sandboxes>('/api/sandboxes')).toEqual({ sandboxes: [] })
  await expect(serve(world.engine, { port: 0, sandboxes: ['http://evil.example:4603'] })).rejects.toThrow(
    /on this machine/,
  )
})

/** One who looks on: what it was told so far, and how to stop looking. */
async function lookOn(url = gateway.url) {
  const stop = new AbortController()
  const response = await fetch(`${url}/api/stream`, { signal: stop.signal })
  const told: { event: string; data: string }[] = []
  const read = async (): Promise<void> => {
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? []
        if (event) told.push({ event, data })
      }
    }
  }
  const ended = read().catch(() => undefined)
  const pulses = (): Pulse[] => told.filter(one => one.event === 'changed').map(one => JSON.parse(one.data) as Pulse)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    pulses,
    ended,
    stop: () => stop.abort(),
  }
}
const listeners = async (): Promise<number> =>
  (
    await world.engine.db.query(
      "select 1 as one from pg_stat_activity where datname = current_database() and query like 'listen %'",
    )
  ).length

test('whoever looks on is told that something changed, with the numbers of the moment; one listens for all', async () => {
  const before = await listeners()
  const viewers = await Promise.all(Array.from({ length: 20 }, () => lookOn()))
  for (const { status, type } of viewers) expect([status, type]).toEqual([200, 'text/event-stream'])
  for (const { pulses } of viewers) await until(async () => pulses().length > 0)
  await pause('s4', 'to be seen')
  for (const { pulses } of viewers)
    await until(
      async () =>
        pulses()
          .at(-1)
          ?.systems.find(one => one.system === 's4')?.paused,
    )
  expect(await listeners()).toBe(before + 1)
  await resume('s4')
  const { number } = await quote()
  await booked(number)
  for (const { pulses } of viewers) {
    await until(
      async () =>
        pulses()
          .at(-1)
          ?.systems.find(one => one.system === 's4')?.paused === false,
    )
    await until(async () => (pulses().at(-1)?.journeys.waiting ?? 0) > 0)
  }
  for (const viewer of viewers) viewer.stop()
  await until(async () => (await listeners()) === before)
})

test('only so many look on at once, and all are let go when the gateway stops', async () => {
  const other = await serve(world.engine, { port: 0 })
  const viewers = await Promise.all(Array.from({ length: 100 }, () => lookOn(other.url)))
  expect(viewers.every(viewer => viewer.status === 200)).toBe(true)
  const refused = await fetch(`${other.url}/api/stream`)
  expect(refused.status).toBe(503)
  expect(await refused.json()).toMatchObject({ code: 'stream-full' })
  await other.close()
  await Promise.all(viewers.map(viewer => viewer.ended))
  await expect(fetch(`${other.url}/healthz`)).rejects.toThrow()
})

test('a sandbox that is away is said to be away', async () => {
  await world.s4.close()
  // The world closes it once more at the end.
  Object.assign(world.s4, { close: async () => undefined })
  const { sandboxes } = (await (await fetch(`${gateway.url}/api/sandboxes`)).json()) as Sandboxes
  expect(sandboxes.find(one => one.system === 's4')).toMatchObject({
    switches: [],
    problem: expect.stringMatching(/^The sandbox of s4 does not answer at http:/),
  })
  expect(await send('PUT', '/api/sandboxes/s4/switches/down', { on: true })).toMatchObject({
    status: 502,
    body: { code: 'sandbox-away', todo: expect.any(String) },
  })
})
