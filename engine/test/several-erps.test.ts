// Several ERPs behind one Salesforce: each order is in the one that serves its account's legal entity, and nowhere else.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type S4Sandbox, startS4Sandbox } from '@plumbline/sandbox-sap-s4hana'
import type { Instance, Project } from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JourneyPage, QuestionAnswered, Story, Systems, Tasks } from '../src/index.ts'
import { newProduct, newQuote, startWorld, until, type World } from './world.ts'

let folder: string
let britain: S4Sandbox
let world: World
let product: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-britain-'))
  britain = await startS4Sandbox({ port: 0, dataFolder: folder })
  world = await startWorld({ project: withBritain })
  product = await newProduct(world.org, 'Trading good', 'TG11')
})
afterAll(async () => {
  await world?.close()
  await britain?.close()
  await rm(folder, { recursive: true, force: true })
})

/** One more file of the example's `instances`, as a value. */
function withBritain(example: Project): Project {
  const german = example.systems.find(({ instance }) => instance === 's4')
  if (!german) throw new Error('The example has no s4')
  const uk: Instance = {
    ...german,
    instance: 'uk',
    serves: ['GB01'],
    settings: { ...german.settings, url: britain.url },
  }
  return { ...example, systems: [...example.systems, uk] }
}

async function anAccount(Name: string, AccountNumber: string, Legal_Entity__c?: string): Promise<string> {
  const saved = await world.org
    .sobject('Account')
    .create({ Name, AccountNumber, ...(Legal_Entity__c && { Legal_Entity__c }) })
  if (!saved.success) throw new Error(JSON.stringify(saved.errors))
  return saved.id
}
const aQuote = (account: string, price = 17.55) => newQuote(world.org, account, [{ product, quantity: 2, price }])

/** The orders that an ERP has under a quote's number, asked of its own journal. */
async function ordersIn(erp: { url: string }, reference: string): Promise<string[]> {
  const made = (await world.journal(erp, 'A_SalesOrder')).filter(({ kind }) => kind === 'create')
  return made.filter(({ fields }) => fields.PurchaseOrderByCustomer === reference).map(({ id }) => id)
}
const bookedIn = (erp: { url: string }, reference: string): Promise<string> =>
  until(async () => (await ordersIn(erp, reference))[0])
async function journeyOf(number: string) {
  const [found] = (await world.get<JourneyPage>(`/api/journeys?search=${number}`)).journeys
  return (
    found && { ...found, reason: found.waitsFor?.because ?? found.reason, todo: found.waitsFor?.todo ?? found.todo }
  )
}
const routing = async (number: string): Promise<string[]> =>
  (await world.get<Story>(`/api/journeys/${number}`)).timeline.flatMap(
    ({ sentence }) => /goes to .*$/.exec(sentence) ?? [],
  )

test('the same number in two ERPs is two customers, and each order is in the ERP of its account', async () => {
  const berlin = await anAccount('Berlin Works', '10100001')
  const london = await anAccount('London Works', '10100001', 'GB01')
  const [german, british] = await Promise.all([aQuote(berlin), aQuote(london)])
  await Promise.all([bookedIn(world.s4, german.number), bookedIn(britain, british.number)])
  expect(await ordersIn(britain, german.number)).toEqual([])
  expect(await ordersIn(world.s4, british.number)).toEqual([])
  expect(await routing(german.number)).toEqual(["goes to s4 because the account's legal entity is empty"])
  expect(await routing(british.number)).toEqual(["goes to uk because the account's legal entity is GB01"])
})

test('a question is put to the ERP of the customer, or of the legal entity that it names', async () => {
  const london = await anAccount('Leeds Works', '10100002', 'GB01')
  const price = { customer: { system: 'sales', id: london }, lines: [{ product: 'TG11', quantity: 1 }] }
  const ask = (question: string, body: object) =>
    world.post<QuestionAnswered & { code?: string; detail?: string }>(`/api/questions/${question}`, body)
  await until(async () => (await ask('price', price)).system === 'uk')
  expect((await ask('stock', { product: 'TG11', quantity: 1, legalEntity: 'GB01' })).system).toBe('uk')
  expect((await ask('stock', { product: 'TG11', quantity: 1 })).system).toBe('s4')
  expect(await ask('stock', { product: 'TG11', quantity: 1, legalEntity: 'FR01' })).toMatchObject({
    code: 'not-routed',
    detail: 'What is asked has the legal entity FR01, which no erp serves.',
  })
})

test('an account that no ERP serves holds up its order, in words; corrected, it goes on by itself', async () => {
  const account = await anAccount('Lyon Works', '10100003', 'FR01')
  const { number } = await aQuote(account)
  const journey = await until(async () => {
    const found = await journeyOf(number)
    return found?.reason ? found : undefined
  })
  expect(journey).toMatchObject({
    reason: 'Customer Lyon Works has the legal entity FR01, which no erp serves',
    todo: 'Correct its legal entity, or let a system serve FR01; the journey then goes on by itself',
  })
  await world.org.sobject('Account').update({ Id: account, Legal_Entity__c: 'GB01' })
  await bookedIn(britain, number)
  expect(await ordersIn(world.s4, number)).toEqual([])
})

test('an account that moves while the price desk decides has its order in the ERP that priced it', async () => {
  await world.inS4('customers', { id: '10300001', name: 'Roaming Works', country: 'DE' })
  const account = await anAccount('Roaming Works', '10300001')
  const { number } = await aQuote(account, 30)
  const task = await until(async () =>
    (await world.get<Tasks>('/api/tasks')).tasks.find(({ question }) => question.includes(number)),
  )
  await world.org.sobject('Account').update({ Id: account, Legal_Entity__c: 'GB01' })
  const price = { customer: { system: 'sales', id: account }, lines: [{ product: 'TG11', quantity: 1 }] }
  await until(async () =>
    (await world.post<{ detail?: string }>('/api/questions/price', price)).detail?.includes('not known in uk'),
  )
  await world.post(`/api/tasks/${task.task}/answer`, { answer: 'yes', by: 'Petra' })
  await bookedIn(world.s4, number)
  expect(await routing(number)).toEqual([
    "goes to s4 because this journey's price was asked there; the account's legal entity was empty then",
  ])
  await until(async () => (await ordersOf(account)).length === 1)
  expect(await ordersIn(britain, number)).toEqual([])
})

test('an order stays where it was booked, whatever becomes of its account', async () => {
  const account = await anAccount('Moving Works', '10200001')
  const { number } = await aQuote(account, 16.67)
  const order = await bookedIn(world.s4, number)
  await until(async () => (await ordersOf(account)).length === 1)
  await world.org.sobject('Account').update({ Id: account, Legal_Entity__c: 'GB01' })
  await world.inS4('warehouse/ship', { salesOrder: order })
  await until(async () => (await ordersOf(account))[0]?.Status === 'Shipped')
  expect(await ordersIn(britain, number)).toEqual([])
})
const ordersOf = async (account: string) =>
  (await world.org.query<{ Status: string }>(`SELECT Id, Status FROM Order WHERE AccountId = '${account}'`)).records

test('an ERP that is down stops its own orders only, and has them when it is back', async () => {
  const [berlin, london] = await Promise.all([
    anAccount('Bonn Works', '10100004'),
    anAccount('Bath Works', '10100004', 'GB01'),
  ])
  await world.faultsOf(britain, { unavailable: { rate: 1 } })
  const [german, british] = await Promise.all([aQuote(berlin), aQuote(london)])
  await bookedIn(world.s4, german.number)
  const stuck = await until(async () => {
    const found = await journeyOf(british.number)
    return found?.reason ? found : undefined
  })
  expect(stuck.reason).toMatch(/^uk /)
  const states = await until(async () => {
    const { systems } = await world.get<Systems>('/api/systems')
    const found = systems.map(({ system, now }) => [system, now?.breaker.state] as const)
    return found.some(([, state]) => state === 'open') && found
  })
  expect(states).toEqual([
    ['sales', 'closed'],
    ['s4', 'closed'],
    ['uk', 'open'],
  ])
  await world.faultsOf(britain, undefined)
  await bookedIn(britain, british.number)
  expect(await ordersIn(britain, british.number)).toHaveLength(1)
  expect(await ordersIn(world.s4, british.number)).toEqual([])
})
