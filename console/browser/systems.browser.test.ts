// Holding a system's calls back and letting them go again, by clicking: what waits is said before, and who did it stands beside it.
import { expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { eventually } from './visitor.ts'

const at = atTheConsole()

test('a paused system waits with the reason and the name of who paused it, and goes on when resumed', async () => {
  const { page } = await at.visits('/systems')
  const s4 = page.getByRole('region', { name: 's4', exact: true })
  const dialog = page.getByRole('dialog')
  await s4.getByRole('button', { name: 'Pause…' }).click()
  await dialog.getByLabel('Who are you?').fill('Olga Operator')
  await dialog.getByLabel('Why?').fill('They count their stock')
  await dialog.getByRole('button', { name: 'Pause s4' }).click()
  await s4.getByText('Olga Operator').waitFor()
  await s4.getByText('They count their stock').waitFor()

  const quote = await at.people.acceptQuote()
  await page.getByRole('link', { name: 'Journeys' }).first().click()
  await page
    .getByRole('row')
    .filter({ hasText: `Quote ${quote}` })
    .filter({ hasText: 'paused' })
    .waitFor()
  expect(await at.people.ordersOf(quote)).toEqual([])

  await page.getByRole('link', { name: 'Systems' }).click()
  await s4.getByRole('button', { name: 'Resume…' }).click()
  await dialog.getByText('They count their stock').waitFor()
  await dialog.getByRole('button', { name: 'Resume s4' }).click()
  await s4.getByText('Go through').waitFor()
  await eventually(() => at.people.ordersOf(quote)).toHaveLength(1)
})
