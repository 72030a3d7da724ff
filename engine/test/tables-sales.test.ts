// Payment terms between the real sandboxes: what finance has not said yet holds its quotes and orders back, in both directions
// and through the death of a process, and lets them go exactly once.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JourneyPage, Problems, Tables, WordAnswer } from '../src/index.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const flags = ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning']

let world: World
let account: string
let product: string
const workers: ChildProcess[] = []

beforeAll(async () => {
  world = await startWorld({ consent: {} })
  account = await newAccount(world.org, 'Terms and Sons', '10100001')
  product = await newProduct(world.org, 'Trolley', 'TG11')
}, 60_000)
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL')
  await world?.close()
})

/** Another process of the same project, on the same database. */
async function startWorker(): Promise<ChildProcess> {
  const worker = spawn(process.execPath, [...flags, main, 'worker', '--database', world.engine.db.url, '--json'], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  workers.push(worker)
  await once(worker.stdout as NonNullable<typeof worker.stdout>, 'data')
  return worker
}

async function acceptedQuote(terms: string): Promise<string> {
  const { id, number } = await newQuote(world.org, account, [{ product, quantity: 10, price: 17.51 }], false)
  await world.org.sobject('Quote').update({ Id: id, Payment_Terms__c: terms, Status: 'Accepted' })
  return number
}

const say = async (value: string, system: string, native: string, more: object = {}): Promise<WordAnswer> =>
  (await (
    await fetch(`${world.url}/api/tables/payment%20terms/words`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value, system, native, by: 'kim', why: 'agreed with the customer', ...more }),
    })
  ).json()) as WordAnswer
const incidents = async () => (await world.get<Problems>('/api/problems')).problems.filter(one => one.kind === 'value')
const missing = async () => (await world.get<Tables>('/api/tables')).tables.flatMap(one => one.missing)
/** The orders that were created in the ERP, by their reference, each as often as it was. */
const ordered = async () =>
  (await world.journal(world.s4, 'A_SalesOrder'))
    .filter(entry => entry.kind === 'create')
    .map(({ fields }) => ({ quote: fields.PurchaseOrderByCustomer, terms: fields.CustomerPaymentTerms }))

test('sales offers terms that finance never heard of: three quotes wait under one incident and are booked once it is said', async () => {
  await startWorker()
  const quotes = [await acceptedQuote('Net 75'), await acceptedQuote('Net 75'), await acceptedQuote('Net 75')]
  const [incident] = await until(async () => {
    const found = await incidents()
    return found[0]?.holdsBack === 3 && found
  })
  expect(incident).toMatchObject({
    what: '"Net 75" of sales (payment terms)',
    blocks: { journeys: 0, worth: [{ amount: '525.30', currency: 'EUR' }] },
  })
  const [waiting] = await missing()
  expect(waiting).toMatchObject({ keptBy: 'finance', way: 'read', value: 'Net 75', records: 3 })
  expect(waiting?.held.map(one => one.title).toSorted()).toEqual(quotes.map(number => `Quote ${number}`).toSorted())
  expect((await world.get<JourneyPage>('/api/journeys')).journeys).toEqual([])

  expect(await say('net 75', 'sales', 'Net 75', { dryRun: true })).toMatchObject({
    releases: { records: 3, worth: [{ amount: '525.30', currency: 'EUR' }] },
    stillUnknownIn: ['s4'],
  })
  await say('net 75', 's4', 'NT75')
  await say('net 75', 'sales', 'Net 75')

  await until(async () => (await ordered()).length === 3, 60_000)
  await until(async () => (await missing()).length === 0)
  expect((await ordered()).toSorted((a, b) => String(a.quote).localeCompare(String(b.quote)))).toEqual(
    quotes.toSorted().map(quote => ({ quote, terms: 'NT75' })),
  )
}, 120_000)

test('terms that the ERP has no word for hold the orders back, not their quotes; a process that dies meanwhile changes nothing', async () => {
  const worker = workers[0] ?? (await startWorker())
  await say('net 90', 'sales', 'Net 90')
  const before = (await ordered()).length
  const quotes = [await acceptedQuote('Net 90'), await acceptedQuote('Net 90')]
  await until(async () => (await missing())[0]?.records === 2)
  const [waiting] = await missing()
  expect(waiting).toMatchObject({
    system: 's4',
    way: 'write',
    value: 'net 90',
    journeys: 2,
    worth: [{ amount: '350.20', currency: 'EUR' }],
  })

  // One process is killed just as finance says it.
  const said = say('net 90', 's4', 'NT90')
  worker.kill('SIGKILL')
  expect(await said).toMatchObject({ releases: { records: 2, journeys: 2 } })

  await until(async () => (await ordered()).length === before + 2, 60_000)
  await until(async () => (await missing()).length === 0, 60_000)
  const since = (await ordered()).filter(one => quotes.includes(String(one.quote)))
  expect(since.map(one => one.terms)).toEqual(['NT90', 'NT90'])
}, 120_000)

test('the clerk gives a booked order terms that finance never heard of: the order waits, and sales sees them once it is said', async () => {
  const quote = await acceptedQuote('Net 30')
  const order = await until(async () => {
    const [row] = (
      await world.org.query(`SELECT Id, ERP_Order_Number__c, Payment_Terms__c FROM Order WHERE PoNumber = '${quote}'`)
    ).records
    return row?.ERP_Order_Number__c ? row : undefined
  }, 40_000)
  expect(order.Payment_Terms__c).toBe('Net 30')

  await changeInS4(String(order.ERP_Order_Number__c), { CustomerPaymentTerms: 'ZN10' })
  const found = await until(async () => (await missing())[0])
  expect(found).toMatchObject({ system: 's4', way: 'read', value: 'ZN10', records: 1 })

  await say('net 10', 'sales', 'Net 10')
  await say('net 10', 's4', 'ZN10')
  const inSales = async () => (await world.org.sobject('Order').retrieve(String(order.Id))).Payment_Terms__c
  await until(async () => (await inSales()) === 'Net 10')
}, 90_000)

/** What a clerk does at the desk, over the ERP's own door. */
async function changeInS4(order: string, fields: object): Promise<void> {
  const service = `${world.s4.url}/sap/opu/odata/sap/API_SALES_ORDER_SRV`
  const authorization = `Basic ${Buffer.from('sandbox:sandbox').toString('base64')}`
  const first = await fetch(`${service}/`, {
    headers: { authorization, 'x-csrf-token': 'Fetch', accept: 'application/json' },
  })
  const answer = await fetch(`${service}/A_SalesOrder('${order}')`, {
    method: 'PATCH',
    headers: {
      authorization,
      cookie: first.headers
        .getSetCookie()
        .map(one => one.split(';')[0])
        .join('; '),
      'x-csrf-token': first.headers.get('x-csrf-token') ?? '',
      'content-type': 'application/json',
      'if-match': '*',
    },
    body: JSON.stringify({ d: fields }),
  })
  expect(answer.status).toBe(204)
}
