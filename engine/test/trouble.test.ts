// What goes wrong is seen within seconds, in business words, with what to do; the others flow on.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

let world: World
let acme: string
let gear: string
const old: string[] = []

beforeAll(async () => {
  world = await startWorld({
    before: async org => {
      acme = await newAccount(org, 'Acme', '10100001')
      gear = await newProduct(org, 'Gear', 'TG11')
      for (let n = 0; n < 5; n++)
        old.push((await newQuote(org, acme, [{ product: gear, quantity: 1, price: 10 }])).number)
      // Salesforce tells times by the second: what was accepted in the very second of the first start counts as live.
      await new Promise(resolve => setTimeout(resolve, 2_100))
    },
  })
}, 90_000)
afterAll(() => world?.close())

type Journey = {
  journey: string
  title: string
  state: string
  checkpoint: string | null
  reason: string | null
  todo: string | null
}
type Line = Journey & { waitsFor: { because: string | null; todo: string | null } | null }
/** Journeys as the list shows them: why one waits is its own reason, or that of what it waits for. */
const journeys = async (search: string): Promise<Journey[]> =>
  (await world.get<{ journeys: Line[] }>(`/api/journeys?search=${search}`)).journeys.map(({ waitsFor, ...line }) => ({
    ...line,
    reason: waitsFor?.because ?? line.reason,
    todo: waitsFor?.todo ?? line.todo,
  }))
const journeyOf = (number: string): Promise<Journey> => until(async () => (await journeys(number))[0])
const ordersFor = async (number: string) =>
  (await world.journal(world.s4, 'A_SalesOrder')).filter(
    entry => entry.kind === 'create' && entry.fields.PurchaseOrderByCustomer === number,
  )
const booked = (number: string) =>
  until(async () => ((await ordersFor(number)).length > 0 ? ordersFor(number) : undefined))
const stuck = (number: string, words: RegExp): Promise<Journey> =>
  until(async () => (await journeys(number)).find(journey => words.test(journey.reason ?? '')), 5_000)
const oneLine = () => [{ product: gear, quantity: 2, price: 17.55 }]

test('quotes accepted before the first start begin no journey', async () => {
  expect((await world.get<{ journeys: Journey[] }>('/api/journeys')).journeys).toEqual([])
  expect(await world.journal(world.s4, 'A_SalesOrder')).toEqual([])
})

test('an unknown customer is named, and the quote goes on as soon as the customer is known', async () => {
  const stranger = await newAccount(world.org, 'Stranger Ltd', undefined)
  const { number } = await newQuote(world.org, stranger, [{ product: gear, quantity: 2, price: 15 }])
  const waiting = await stuck(number, /Customer Stranger Ltd is not known in s4/)
  expect(waiting.todo).toMatch(/Customer number/)
  const other = await newQuote(world.org, acme, oneLine())
  expect(await booked(other.number)).toHaveLength(1)
  await world.org.sobject('Account').update({ Id: stranger, AccountNumber: '10100002' })
  const [order] = await booked(number)
  expect(order?.fields.SoldToParty).toBe('10100002')
})

test('a product that the ERP does not know is named, and others flow on', async () => {
  const gadget = await newProduct(world.org, 'Gadget', undefined)
  const { number } = await newQuote(world.org, acme, [...oneLine(), { product: gadget, quantity: 1, price: 350.1 }])
  const waiting = await stuck(number, /Product Gadget is not known in s4/)
  expect(waiting.todo).toMatch(/SKU/)
  expect(await booked((await newQuote(world.org, acme, oneLine())).number)).toHaveLength(1)
  await world.org.sobject('Product2').update({ Id: gadget, ProductCode: 'TG12' })
  expect(await booked(number)).toHaveLength(1)
})

test('over the credit limit a person is asked: yes books it, no stops it', async () => {
  await world.inS4('clerk/credit-limit', { customer: '10100003', limit: '100.00' })
  const poor = await newAccount(world.org, 'Poor Ltd', '10100003')
  const tasks = () =>
    world.get<{ tasks: { task: string; question: string; desk: string }[] }>('/api/tasks').then(answer => answer.tasks)
  for (const [answer, orders] of [
    ['no', 0],
    ['yes', 1],
  ] as const) {
    const { number } = await newQuote(world.org, poor, [{ product: gear, quantity: 10, price: 17.55 }])
    const task = await until(async () => (await tasks()).find(task => task.question.includes(number)), 5_000)
    expect(task.desk).toBe('credit desk')
    await world.post(`/api/tasks/${task.task}/answer`, { answer, by: 'Carla' })
    if (orders === 0)
      expect(await until(async () => (await journeyOf(number)).state === 'stopped' && journeyOf(number))).toMatchObject(
        { reason: 'Credit was refused' },
      )
    else await booked(number)
    expect(await ordersFor(number)).toHaveLength(orders)
  }
})

test('a malformed event is kept and shown, and holds nothing up', async () => {
  await world.faultsOf(world.salesforce, { pubsub: { malformedRate: 1 } })
  await newAccount(world.org, 'Garbled', undefined)
  type Problem = { reason: string; todo: string | null }
  const problem = await until(
    async () =>
      (await world.get<{ problems: Problem[] }>('/api/problems')).problems.find(one =>
        /cannot be read/.test(one.reason),
      ),
    5_000,
  )
  expect(problem.todo).toMatch(/nothing else/)
  await world.faultsOf(world.salesforce, undefined)
  expect(await booked((await newQuote(world.org, acme, oneLine())).number)).toHaveLength(1)
})

test('an ERP that commits and does not answer gets no second order', async () => {
  await world.faultsOf(world.s4, { seed: 7, commitThenDrop: { rate: 1, match: 'POST .*A_SalesOrder$' } })
  const { number } = await newQuote(world.org, acme, oneLine())
  await booked(number)
  await until(async () => (await journeyOf(number)).checkpoint === 'Booked')
  await world.faultsOf(world.s4, undefined)
  expect(await ordersFor(number)).toHaveLength(1)
})

test('an ERP that commits seconds after it dropped the reply gets no second order either', async () => {
  await world.faultsOf(world.s4, {
    seed: 7,
    dropThenCommit: { rate: 1, delayMs: 2_500, match: 'POST .*A_SalesOrder$' },
  })
  const { number } = await newQuote(world.org, acme, oneLine())
  const waiting = await until(async () => (await journeyOf(number)).reason !== null && journeyOf(number), 5_000)
  expect(waiting.reason).toMatch(/did not answer|no answer|closed/i)
  await until(async () => (await journeyOf(number)).checkpoint === 'Booked')
  await world.faultsOf(world.s4, undefined)
  expect(await ordersFor(number)).toHaveLength(1)
})

test('what Salesforce shows of an order equals the ERP to the cent, and no write echoes', async () => {
  const { number } = await newQuote(world.org, acme, [
    { product: gear, quantity: 3, price: 17.63 },
    { product: gear, quantity: 7, price: 17.49 },
  ])
  const [order] = await booked(number)
  const inSalesforce = await until(
    async () =>
      (
        await world.org.query<{ Id: string }>(
          `SELECT Id, Status, TotalAmount, ERP_Net_Total__c, ERP_Order_Number__c FROM Order WHERE ERP_Order_Number__c = '${order?.id}'`,
        )
      ).records[0],
  )
  expect(inSalesforce).toMatchObject({
    Status: 'Activated',
    TotalAmount: 175.32,
    ERP_Net_Total__c: 175.32,
    ERP_Order_Number__c: order?.id,
  })
  expect(order?.fields.TotalNetAmount).toBe('175.32')
  await new Promise(resolve => setTimeout(resolve, 1_000))
  const ours = (await world.journal(world.salesforce, 'Order')).filter(
    entry => entry.id === inSalesforce.Id && entry.by === 'plumbline',
  )
  // One transaction: the order, then its activation after its items.
  expect(ours.filter(entry => entry.kind === 'create')).toHaveLength(1)
  expect(
    (await world.journal(world.s4, 'A_SalesOrder')).filter(entry => entry.id === order?.id && entry.by === 'sandbox'),
  ).toHaveLength(1)
})
