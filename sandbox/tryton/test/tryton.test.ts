// What whoever starts a real Tryton relies on, beside what the connector's tests need of it.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTryton, type Tryton } from '../../../test/support/tryton/index.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 600_000 })

let erp: Tryton
beforeAll(async () => {
  erp = await startTryton()
})
afterAll(() => erp?.stop())

test('its configuration, which has the password of its database, is handed out to nobody', async () => {
  for (const path of ['trytond.conf', '..%2ftrytond.conf']) {
    const answer = await fetch(`${erp.url}/${path}`)
    expect(answer.ok).toBe(false)
    expect(await answer.text()).not.toContain('postgresql://')
  }
})

test('its database belongs to a user who has nothing else', async () => {
  const mine = await erp.sql<{ name: string }>(
    `select datname as name from pg_database where datdba = 'tryton'::regrole order by 1`,
  )
  expect(mine.map(({ name }) => name)).toEqual(['tryton', 'tryton_prepared'])
  const [role] = await erp.sql("select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = 'tryton'")
  expect(role).toEqual({ rolsuper: false, rolcreatedb: false, rolcreaterole: false })
})

test('people go on when their login has run out', async () => {
  const products = () => erp.people.rpc('model.product.product.search_count', [])
  const before = await products()
  await erp.sql('delete from ir_session')
  expect(await products()).toBe(before)
})
