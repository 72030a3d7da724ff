// Questions to the ERP: a journey checks the quote's prices and asks a person beyond the tolerance; anybody may ask over the API.
import type { Connection } from '@jsforce/jsforce-node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

let world: World
let acme: string
let gear: string
let panel: string

const masterData = async (org: Connection): Promise<void> => {
  acme = await newAccount(org, 'Acme', '10100001')
  gear = await newProduct(org, 'Gear', 'TG11')
  panel = await newProduct(org, 'Panel', 'TG12')
}
beforeAll(async () => {
  world = await startWorld({ before: masterData })
}, 90_000)
afterAll(() => world?.close())
afterEach(async () => {
  await world.faultsOf(world.s4, undefined)
})

type Task = {
  readonly task: string
  readonly desk: string
  readonly question: string
  readonly facts: Readonly<Record<string, unknown>>
}
type Journey = { readonly state: string; readonly checkpoint: string | null; readonly reason: string | null }
const journeyOf = async (number: string): Promise<Journey | undefined> =>
  (await world.get<{ journeys: Journey[] }>(`/api/journeys?search=${number}`)).journeys[0]
const becomes = (number: string, test: (journey: Journey) => boolean): Promise<Journey> =>
  until(async () => {
    const journey = await journeyOf(number)
    return journey && test(journey) ? journey : undefined
  })
const taskFor = (number: string, desk: string): Promise<Task> =>
  until(async () =>
    (await world.get<{ tasks: Task[] }>('/api/tasks')).tasks.find(
      task => task.desk === desk && task.question.includes(number),
    ),
  )
const answer = (task: Task, answer: string) => world.post(`/api/tasks/${task.task}/answer`, { answer, by: 'Petra' })
const inErp = async (number: string) =>
  (await world.journal(world.s4, 'A_SalesOrder')).filter(
    entry => entry.kind === 'create' && entry.fields.PurchaseOrderByCustomer === number,
  )
const inCrm = async (number: string) =>
  (await world.journal(world.salesforce, 'Order')).filter(
    entry => entry.kind === 'create' && entry.fields.PoNumber === number,
  )
const eur = (amount: string) => ({ amount, currency: 'EUR' })

describe('a quote whose prices are not those of the ERP', () => {
  const offer = [
    {
      get product() {
        return gear
      },
      quantity: 10,
      price: 17.4,
    },
    {
      get product() {
        return panel
      },
      quantity: 2,
      price: 320,
    },
  ]

  test('is shown to the price desk line by line, and booked as quoted when it says yes', async () => {
    const { number } = await newQuote(world.org, acme, offer)
    const task = await taskFor(number, 'price desk')
    expect(task.question).toBe(
      `Quote ${number} differs from the ERP's prices on 1 of 2 lines. Book it at the quoted prices?`,
    )
    expect(task.facts).toEqual({
      quoted: eur('814.00'),
      erp: eur('875.70'),
      difference: eur('-61.70'),
      lines: [
        {
          product: 'TG12 Trading good 12',
          quantity: 2,
          quoted: eur('640.00'),
          erp: eur('700.20'),
          difference: eur('-60.20'),
          conditions: 'price 350.10 EUR for 1 PC; tax 19 % (133.04 EUR)',
        },
      ],
    })
    expect(await inErp(number)).toEqual([])
    await answer(task, 'yes')
    await becomes(number, journey => journey.checkpoint === 'Booked')
    const [order, ...others] = await inErp(number)
    expect([order?.fields.TotalNetAmount, others]).toEqual(['814.00', []])
    await until(async () => (await inCrm(number)).length > 0)
    const { records } = await world.org.query<{ Status: string; ERP_Net_Total__c: number }>(
      `SELECT Status, ERP_Net_Total__c FROM Order WHERE PoNumber = '${number}'`,
    )
    expect(records).toMatchObject([{ Status: 'Activated', ERP_Net_Total__c: 814 }])
  })

  test('is booked nowhere when it says no', async () => {
    const { number } = await newQuote(world.org, acme, offer)
    await answer(await taskFor(number, 'price desk'), 'no')
    expect(await becomes(number, journey => journey.state === 'stopped')).toMatchObject({
      checkpoint: 'Accepted',
      reason: 'The quoted prices were refused',
    })
    expect([await inErp(number), await inCrm(number)]).toEqual([[], []])
  })

  test('is nobody’s business within the tolerance', async () => {
    const { number } = await newQuote(world.org, acme, [{ product: gear, quantity: 10, price: 17.4 }])
    await becomes(number, journey => journey.checkpoint === 'Booked')
    const story = await world.get<{ timeline: { kind: string; sentence: string }[] }>(`/api/journeys/${number}`)
    const sentences = story.timeline.map(moment => moment.sentence)
    expect(sentences).toEqual(
      expect.arrayContaining([
        'Check prices: net 175.50 EUR, tax 33.35 EUR, 1 line',
        expect.stringMatching(/^Check credit: .*\bapproved\b.*exposure \d+\.\d\d EUR/),
        'Prices cleared',
      ]),
    )
    expect(story.timeline.some(moment => moment.kind === 'task')).toBe(false)
  })

  test('goes to the credit desk after the price desk when it is over the limit too', async () => {
    await world.inS4('clerk/credit-limit', { customer: '10100003', limit: '100.00' })
    const poor = await newAccount(world.org, 'Poor Ltd', '10100003')
    for (const [said, orders] of [
      ['no', 0],
      ['yes', 1],
    ] as const) {
      const { number } = await newQuote(world.org, poor, [{ product: panel, quantity: 1, price: 300 }])
      await answer(await taskFor(number, 'price desk'), 'yes')
      const task = await taskFor(number, 'credit desk')
      expect(task.facts).toMatchObject({ limit: eur('100.00'), asked: eur('300.00') })
      await answer(task, said)
      await becomes(number, journey => (orders === 0 ? journey.state === 'stopped' : journey.checkpoint === 'Booked'))
      expect(await inErp(number)).toHaveLength(orders)
      if (orders > 0) await until(async () => (await inCrm(number)).length === orders)
      else expect(await inCrm(number)).toEqual([])
    }
  })

  test('waits in plain words for a price in its currency, and goes on when there is one', async () => {
    await world.inS4('materials', { material: 'NEW-1', price: '5.00' })
    const [condition] = (await world.journal(world.s4, 'A_SlsPrcgConditionRecord')).slice(-1)
    await world.inS4('clerk/change-condition', { conditionRecord: condition?.id, delete: true })
    const gadget = await newProduct(world.org, 'Gadget', 'NEW-1')
    const { number } = await newQuote(world.org, acme, [{ product: gadget, quantity: 1, price: 5 }])
    const waiting = await becomes(number, journey => /has no price for NEW-1/.test(journey.reason ?? ''))
    expect(waiting.reason).toBe('s4 refuses to answer "price": S/4HANA has no price for NEW-1')
    await world.inS4('clerk/condition', { material: 'NEW-1', rate: '5.00', currency: 'USD' })
    await world.post('/api/retry', { journey: number })
    await becomes(number, journey => /Enter rate USD \/ EUR/.test(journey.reason ?? ''))
    const { problems } = await world.get<{ problems: { what: string; todo: string | null }[] }>('/api/problems')
    expect(problems).toContainEqual(expect.objectContaining({ what: `Quote ${number}`, todo: expect.any(String) }))
    await world.inS4('clerk/condition', { material: 'NEW-1', rate: '5.00' })
    await world.post('/api/retry', { journey: number })
    await becomes(number, journey => journey.checkpoint === 'Booked')
  })

  test('waits until an ERP that does not answer in time does', async () => {
    await world.faultsOf(world.s4, { latency: { ms: 7_000, match: 'Simulation' } })
    const { number } = await newQuote(world.org, acme, [{ product: gear, quantity: 10, price: 17.55 }])
    await becomes(number, journey => journey.reason === 's4 did not answer "price" within 5 seconds')
    await world.faultsOf(world.s4, undefined)
    await becomes(number, journey => journey.checkpoint === 'Booked')
    expect(await inErp(number)).toHaveLength(1)
  })
})

type Answered = { status: number; retryAfter: string | null; body: Record<string, unknown> }
const ask = async (question: string, body: unknown): Promise<Answered> => {
  const response = await fetch(`${world.url}/api/questions/${question}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as Record<string, unknown>,
  }
}
const priceOf = (customer: unknown, product: unknown, quantity = 1, more: object = {}) =>
  ask('price', { customer, lines: [{ product, quantity, ...more }] })
const simulations = async (): Promise<number> => {
  const stats = (await (await fetch(`${world.s4.url}/_sandbox/stats`)).json()) as { requests: Record<string, number> }
  return stats.requests['POST API_SALES_ORDER_SIMULATION_SRV/A_SalesOrderSimulation'] ?? 0
}

describe('anybody may ask the ERP', () => {
  test('with records named by number, name, native id of the CRM, or ref', async () => {
    const ref = await until(async () => {
      const { journeys } = await world.get<{ journeys: unknown[] }>('/api/journeys?limit=1')
      return journeys.length > 0 && (await refOf('Acme'))
    })
    const customers = ['10100001', 'acme', { number: '10100001' }, { system: 'sales', id: acme }, { ref }]
    for (const customer of customers) {
      const { status, body } = await priceOf(customer, { system: 'sales', id: gear }, 100)
      expect([status, body.answer], JSON.stringify({ customer, body })).toMatchObject([
        200,
        { net: eur('1620.00'), tax: eur('307.80'), lines: [{ line: '1', unit: eur('16.20') }] },
      ])
    }
  })

  test('when goods can be had, and whether credit suffices', async () => {
    expect((await ask('stock', { product: 'TG11', quantity: 7 })).body).toMatchObject({
      question: 'stock',
      system: 's4',
      answer: { plant: '1010', schedule: [{ quantity: 7 }] },
    })
    const credit = await ask('credit-check', { customer: '10100001', amount: eur('12.00') })
    expect(credit.body).toMatchObject({ question: 'credit check', answer: { approved: true }, cached: false })
  })

  test('once at a time, and an answer is given again until somebody wants a fresh one', async () => {
    const before = await simulations()
    const some = await Promise.all(Array.from({ length: 8 }, () => priceOf('10100001', 'TG12', 3)))
    expect(new Set(some.map(one => JSON.stringify(one.body.answer))).size).toBe(1)
    expect((await simulations()) - before).toBe(1)
    expect((await priceOf('10100001', 'TG12', 3)).body).toMatchObject({ cached: true })
    const fresh = await ask('price?fresh=true', { customer: '10100001', lines: [{ product: 'TG12', quantity: 3 }] })
    expect(fresh.body).toMatchObject({ cached: false })
    expect((await simulations()) - before).toBe(2)
  })

  test('and learns what is wrong with the question', async () => {
    const cases = [
      [{ lines: [] }, 'bad-request', 'customer is missing'],
      [{ customer: '10100001', lines: [] }, 'bad-request', 'lines is a list that is not empty'],
      [{ customer: '10100001', lines: [{ product: 'TG11' }] }, 'bad-request', 'lines.0.quantity is missing'],
      [{ customer: '10100001', lines: [{ product: 'TG11', quantity: '1' }] }, 'bad-request', 'is a number'],
      [{ customer: '10100001', discount: 5, lines: [] }, 'bad-request', 'discount is not asked for'],
      [{ customer: { system: 'sap', id: '1' }, lines: [] }, 'bad-request', 'names the system "sap"'],
      [{ customer: 'nobody', lines: [{ product: 'TG11', quantity: 1 }] }, 'record-unknown', 'no customer is known as'],
      [{ customer: 'TG11', lines: [{ product: 'TG11', quantity: 1 }] }, 'record-unknown', 'no customer is known as'],
    ] as const
    for (const [body, code, words] of cases) {
      const { body: problem } = await ask('price', body)
      expect(problem, JSON.stringify(body)).toMatchObject({ code, detail: expect.stringContaining(words) })
    }
    expect((await ask('weather', {})).body).toMatchObject({
      code: 'not-found',
      todo: expect.stringContaining('"price"'),
    })
  })

  test('and learns that the ERP does not know a record, or refuses, in its own words', async () => {
    await newAccount(world.org, 'Stranger Ltd', undefined)
    const stranger = await until(async () => {
      const asked = await priceOf('Stranger Ltd', 'TG11')
      return asked.body.detail !== 'customer: no customer is known as "Stranger Ltd".' && asked
    })
    expect(stranger).toMatchObject({
      status: 422,
      retryAfter: null,
      body: { code: 'record-unknown', detail: 'Customer Stranger Ltd is not known in s4.' },
    })
    const dollars = { customer: '10100001', currency: 'USD', lines: [{ product: 'TG11', quantity: 1 }] }
    expect(await ask('price', dollars)).toMatchObject({
      status: 422,
      body: { code: 'system-refuses', detail: expect.stringContaining('Enter rate EUR / USD') },
    })
  })

  test('and is told in time that the ERP is away, paused, or does not answer', async () => {
    await world.faultsOf(world.s4, { unavailable: { rate: 1, retryAfterSeconds: 3, match: 'Simulation' } })
    const away = await priceOf('10100001', 'TG11', 2)
    expect(away).toMatchObject({ status: 503, body: { code: 'system-away', system: 's4' } })
    expect(Number(away.retryAfter)).toBeGreaterThan(0)
    await world.faultsOf(world.s4, undefined)
    await until(async () => (await priceOf('10100001', 'TG11', 3)).status === 200)
    await world.faultsOf(world.s4, { latency: { ms: 8_000, match: 'Simulation' } })
    expect(await priceOf('10100001', 'TG11', 4)).toMatchObject({
      status: 504,
      body: { code: 'answer-late', detail: 's4 did not answer "price" within 5 seconds.' },
    })
    // More at once than the system allows: those beyond wait for a call that is free, and not for ever.
    const crowd = await Promise.all(Array.from({ length: 12 }, (_, n) => priceOf('10100001', 'TG11', 20 + n)))
    const codes = new Set(crowd.map(one => `${one.status} ${one.body.code}`))
    expect([...codes].sort()).toEqual(['429 system-busy', '504 answer-late'])
    await world.faultsOf(world.s4, undefined)
    await world.post('/api/systems/s4/pause', { by: 'Kim', reason: 'maintenance' })
    const paused = await until(async () => {
      const asked = await priceOf('10100001', 'TG11', 6)
      return asked.status === 503 && asked
    })
    expect(paused.body).toMatchObject({ code: 'system-paused', detail: 's4 is paused by Kim: maintenance.' })
    await world.post('/api/systems/s4/resume', { by: 'Kim' })
    await until(async () => (await priceOf('10100001', 'TG11', 5)).status === 200)
  }, 60_000)
})

const refOf = async (name: string): Promise<string | undefined> =>
  (
    await world.engine.db.query<{ ref: string }>(
      "select ref from record where contract = 'customer' and fields->>'name' = $1",
      [name],
    )
  )[0]?.ref
