// The story "the ERP is down": by clicking only, a visitor takes it down, sees orders wait, brings it back, sees them drain.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { eventually } from './visitor.ts'

const at = atTheConsole()
/** Twice what the lane lets be under way at once, so that there is an order to drain in. */
const QUOTES = 16
const DOWN_FOR_S = 20
const LIMIT = 8

const goTo = (page: Page, screen: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen }).click()
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
/** A figure of the ERP's lane, as it stands on the screen. */
const figure = async (page: Page, name: string): Promise<string> =>
  (await panel(page, 's4').locator('dl > div').filter({ hasText: name }).first().locator('dd').textContent()) ?? ''

test('while the ERP is down orders wait with reason and value, and drain when it is back, each exactly once', async () => {
  const visitor = await at.visits('/')
  const { page } = visitor
  await goTo(page, 'Sandbox')
  await panel(page, 's4').getByRole('switch', { name: 'Down' }).click()
  const banner = page.getByText('Broken on purpose in the local sandbox')
  await banner.waitFor()

  const quotes: string[] = []
  for (let n = 0; n < QUOTES; n++) quotes.push(await at.people.acceptQuote())

  // Each waits, with the system that it waits for, what that says, and what it is worth.
  await goTo(page, 'Journeys')
  for (const quote of quotes) {
    const row = page.getByRole('row').filter({ hasText: `Quote ${quote}` })
    await row.filter({ hasText: 's4' }).filter({ hasText: '503' }).filter({ hasText: '€52.65' }).waitFor()
  }
  expect(await banner.isVisible()).toBe(true)
  await visitor.picture('journeys-erp-down')

  await goTo(page, 'Problems')
  const cause = panel(page, 's4 does not answer')
  await cause.getByText(`${QUOTES} journeys`).waitFor()
  await cause.getByText('€842.40').waitFor()
  await visitor.picture('problems')

  await goTo(page, 'Systems')
  await eventually(() => figure(page, 'Waiting')).toBe(String(QUOTES))
  await eventually(() => figure(page, 'Worth waiting')).toBe('€842.40')
  await eventually(async () => Number.parseInt(await figure(page, 'Oldest waiting'), 10)).toBeGreaterThanOrEqual(
    DOWN_FOR_S,
  )
  await visitor.picture('systems-erp-down')
  for (const quote of quotes) expect(await at.people.ordersOf(quote)).toEqual([])

  await page.getByRole('link', { name: 'Switch off' }).click()
  await panel(page, 's4').getByRole('switch', { name: 'Down' }).click()
  await banner.waitFor({ state: 'detached' })

  // They drain, and the lane is never used beyond its limit.
  await goTo(page, 'Systems')
  let most = 0
  const waiting = async (): Promise<string> => {
    most = Math.max(most, Number.parseInt(await figure(page, 'In use'), 10))
    return figure(page, 'Waiting')
  }
  // What was tried often waits up to a quarter of a minute for its next try.
  await expect.poll(waiting, { timeout: 60_000, interval: 100 }).toBe('0')
  expect(most).toBeLessThanOrEqual(LIMIT)

  for (const quote of quotes) {
    await eventually(() => at.people.ordersOf(quote)).toHaveLength(1)
    await eventually(() => at.people.ordersInSalesforce(quote)).toMatchObject([{ Status: 'Activated' }])
  }
  // In the order they were accepted, but for those that were under way together and the one that tried whether the ERP answers.
  const booked = await Promise.all(quotes.map(async quote => (await at.people.ordersOf(quote))[0]?.id ?? ''))
  const inOrder = booked.toSorted((a, b) => Number(a) - Number(b))
  const moved = booked.map((order, place) => Math.abs(inOrder.indexOf(order) - place)).toSorted((a, b) => b - a)
  expect(moved[1]).toBeLessThanOrEqual(LIMIT)
  await goTo(page, 'Problems')
  await page.getByText('All is well').waitFor()
  // Nothing comes twice later: what is waited for is that all journeys stand at their order.
  await goTo(page, 'Journeys')
  for (const quote of quotes) {
    await page
      .getByRole('row')
      .filter({ hasText: `Quote ${quote}` })
      .filter({ hasText: 'Booked' })
      .waitFor()
    expect(await at.people.ordersOf(quote)).toHaveLength(1)
  }
}, 180_000)
