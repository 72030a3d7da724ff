// The sweep over a whole quote to cash: what was written, heard and answered is what the systems have, to the last field. And
// what becomes of an order that the ERP lost.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ComparisonLine, JourneyPage, Problems, Systems } from '../src/index.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

let world: World
let salesOrder: string
beforeAll(async () => {
  world = await startWorld()
  await world.inS4('materials', { material: 'GEAR', price: '100.00', stock: '1000' })
  await world.inS4('customers', { id: '10109999', name: 'Acme', country: 'DE', currency: 'EUR' })
  const product = await newProduct(world.org, 'Gear', 'GEAR')
  const account = await newAccount(world.org, 'Acme', '10109999')
  const line = { product, price: 100 }
  await newQuote(world.org, account, [
    { ...line, quantity: 2 },
    { ...line, quantity: 3 },
  ])
  salesOrder = await created('A_SalesOrder')
  await world.inS4('warehouse/ship', { salesOrder })
  await world.inS4('clerk/invoice', { salesOrder })
  await world.inS4('clerk/pay', { billingDocument: await created('A_BillingDocument') })
  await until(async () => (await world.get<JourneyPage>('/api/journeys')).journeys.some(one => one.state === 'done'))
  await quiet()
}, 90_000)
afterAll(() => world.close())

/** The key of the one document that was made. */
const created = (object: string): Promise<string> =>
  until(async () => {
    const made = (await world.journal(world.s4, object)).find(one => one.kind === 'create')
    return made && String('key' in made ? made.key : made.id)
  })

const quiet = (): Promise<boolean> =>
  until(async () =>
    (await world.get<Systems>('/api/systems')).systems.every(({ now }) => now?.queue === 0 && now.feed.unread === 0),
  )

async function sweep(system: string, more: object = {}): Promise<ComparisonLine> {
  const { comparison } = await world.post<ComparisonLine>(`/api/systems/${system}/sweep`, { by: 'test', ...more })
  return until(async () => {
    const now = await world.get<ComparisonLine>(`/api/comparisons/${comparison}`)
    return now.state === 'ended' ? now : undefined
  }, 60_000)
}

test.each(['sales', 's4'])(
  'in %s nothing differs, nothing is unknown, nothing is missing',
  async system => {
    const { found, progress } = await sweep(system, { preview: true })
    expect(found).toMatchObject({ changed: 0, unknown: 0, gone: 0 })
    expect(found.read).toBeGreaterThan(5)
    expect(Object.values(progress).every(one => one.phase === 'done')).toBe(true)
  },
  90_000,
)

test('an order that the ERP lost is closed in the CRM', async () => {
  await world.inS4('clerk/archive', { salesOrder })
  expect((await sweep('s4', { object: 'SalesOrder' })).found).toMatchObject({ gone: 1 })
  await until(async () => (await world.org.query('select Id from Order where Cancelled__c = true')).totalSize === 1)
  await quiet()
  expect((await world.get<Problems>('/api/problems')).problems).toEqual([])
}, 60_000)

test('what is asked of a system that is not there, or an object that nobody maps, is refused in words', async () => {
  const ask = async (system: string, more: object) =>
    world.post<{ code: string; detail: string }>(`/api/systems/${system}/sweep`, { by: 'test', ...more })
  expect(await ask('nowhere', {})).toMatchObject({ code: 'not-found' })
  expect(await ask('sales', { object: 'Lead' })).toMatchObject({
    code: 'not-found',
    detail: 'sales has no mapped object "Lead".',
  })
  expect(await world.get('/api/comparisons/c-none')).toMatchObject({ code: 'not-found' })
})
