// A quote in another currency than that of the books of the real ERP behind it: nobody is left waiting for what cannot come.
import type { Project } from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTryton, type Tryton } from '../../test/support/tryton/index.ts'
import { withTryton } from '../../test/support/with-tryton.ts'
import type { JourneyPage } from '../src/index.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 600_000 })

let erp: Tryton
let world: World
const there = { account: '', widget: '' }

beforeAll(async () => {
  erp = await startTryton()
  world = await startWorld({
    project: example => inEuros(withTryton(example, erp)),
    before: async org => {
      there.account = await newAccount(org, 'Unlimited SA', 'CUST-NOLIM')
      there.widget = await newProduct(org, 'Widget 100', 'WID-100')
    },
  })
})
afterAll(async () => {
  await world?.close()
  await erp?.stop()
})

const inEuros = (project: Project): Project => ({
  ...project,
  systems: project.systems.map(one =>
    one.role === 'crm' ? { ...one, settings: { ...one.settings, currency: 'EUR' } } : one,
  ),
})

test('it ends with that reason, and nothing is booked', async () => {
  const quote = await newQuote(world.org, there.account, [{ product: there.widget, quantity: 12, price: 85 }])
  const journey = await until(async () => {
    const { journeys } = await world.get<JourneyPage>(`/api/journeys?search=${quote.number}`)
    return journeys.find(one => one.state === 'stopped')
  }, 60_000)
  expect(journey).toMatchObject({
    state: 'stopped',
    reason: `Quote ${quote.number} is in EUR, and the ERP prices it in USD`,
  })
  expect(await erp.sql('select id from sale_sale where reference = $1', [quote.number])).toEqual([])
})
