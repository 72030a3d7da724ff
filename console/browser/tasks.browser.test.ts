// Over the credit limit: a question to the credit desk, answered by clicking, and what becomes of it in both systems.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { KLEINKUNDE } from './people.ts'
import { eventually } from './visitor.ts'

const at = atTheConsole()

const question = (page: Page, quote: string) => page.getByRole('article', { name: `Question about Quote ${quote}` })
const dialog = (page: Page) => page.getByRole('dialog')

/** The visitor opens the question of this quote. */
async function open(page: Page, quote: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^Quote ${quote}`) }).click()
  await question(page, quote).waitFor()
}

test('answered yes, the order is booked and stands in both systems', async () => {
  const quote = await at.people.acceptQuote({ customer: KLEINKUNDE, product: 'pump' })
  const visitor = await at.visits('/tasks')
  const { page } = visitor
  await open(page, quote)
  await question(page, quote).getByText('€500.00').waitFor()
  await visitor.picture('tasks')
  expect(await at.people.ordersOf(quote)).toEqual([])

  await question(page, quote).getByRole('button', { name: 'Yes' }).click()
  await dialog(page).getByText(`Quote ${quote}`, { exact: true }).waitFor()
  await dialog(page).getByLabel('Who are you?').fill('Maria Credit')
  await dialog(page).getByLabel('Comment').fill('They pay in time')
  await visitor.picture('tasks-answer')
  await dialog(page).getByRole('button', { name: 'Answer “yes”' }).click()

  await question(page, quote).getByText('Maria Credit').waitFor()
  await eventually(() => at.people.ordersOf(quote)).toHaveLength(1)
  await eventually(() => at.people.ordersInSalesforce(quote)).toMatchObject([{ Status: 'Activated' }])
  await question(page, quote)
    .getByRole('link', { name: `Quote ${quote}` })
    .click()
  await page.getByText('Maria Credit answers "yes" for the credit desk: They pay in time').waitFor()
})

test('answered no, there is no order anywhere, and the journey has stopped with the reason', async () => {
  const quote = await at.people.acceptQuote({ customer: KLEINKUNDE, product: 'pump' })
  const { page } = await at.visits('/tasks')
  await open(page, quote)
  await question(page, quote).getByRole('button', { name: 'No' }).click()
  await dialog(page).getByLabel('Who are you?').fill('Maria Credit')
  await dialog(page).getByRole('button', { name: 'Answer “no”' }).click()
  await question(page, quote).getByText('answered “no”').waitFor()

  await question(page, quote)
    .getByRole('link', { name: `Quote ${quote}` })
    .click()
  await page.getByText('Credit was refused').first().waitFor()
  expect(await at.people.ordersOf(quote)).toEqual([])
  expect(await at.people.ordersInSalesforce(quote)).toEqual([])
  // The quote is the salesperson's, and stays as they left it.
  expect(await at.people.quoteStatus(quote)).toBe('Accepted')
})

test('beyond the price tolerance the price desk sees the lines; yes books at the quoted price, no books nothing', async () => {
  const [wanted, refused] = [
    await at.people.acceptQuote({ discountPercent: 20 }),
    await at.people.acceptQuote({ discountPercent: 20 }),
  ]
  const visitor = await at.visits('/tasks')
  const { page } = visitor
  await open(page, wanted)
  const lines = question(page, wanted).getByRole('table', { name: 'Lines' })
  await lines.getByRole('row').filter({ hasText: '€52.65' }).filter({ hasText: '€42.12' }).waitFor()
  await visitor.picture('tasks-prices')
  await question(page, wanted).getByRole('button', { name: 'Yes' }).click()
  await dialog(page).getByLabel('Who are you?').fill('Petra Price')
  await dialog(page).getByRole('button', { name: 'Answer “yes”' }).click()
  await question(page, wanted).getByText('Petra Price').waitFor()
  await eventually(() => at.people.ordersOf(wanted)).toMatchObject([{ fields: { TotalNetAmount: '42.12' } }])
  await eventually(() => at.people.ordersInSalesforce(wanted)).toMatchObject([{ Status: 'Activated' }])

  await open(page, refused)
  await question(page, refused).getByRole('button', { name: 'No' }).click()
  await dialog(page).getByRole('button', { name: 'Answer “no”' }).click()
  await question(page, refused).getByText('answered “no”').waitFor()
  await question(page, refused)
    .getByRole('link', { name: `Quote ${refused}` })
    .click()
  await page.getByText('The quoted prices were refused').first().waitFor()
  expect(await at.people.ordersOf(refused)).toEqual([])
  expect(await at.people.ordersInSalesforce(refused)).toEqual([])
})

test('of two people who answer the first counts, and the second is told and loses no word', async () => {
  const quote = await at.people.acceptQuote({ customer: KLEINKUNDE, product: 'pump' })
  const [first, second] = [await at.visits('/tasks'), await at.visits('/tasks')]
  for (const { page } of [first, second]) await open(page, quote)
  await question(second.page, quote).getByRole('button', { name: 'No' }).click()
  await dialog(second.page).getByLabel('Who are you?').fill('Nina Second')
  await dialog(second.page).getByLabel('Comment').fill('Their last invoice is open')

  await question(first.page, quote).getByRole('button', { name: 'Yes' }).click()
  await dialog(first.page).getByLabel('Who are you?').fill('Otto First')
  await dialog(first.page).getByRole('button', { name: 'Answer “yes”' }).click()
  await question(first.page, quote).getByText('Otto First').waitFor()

  await dialog(second.page).getByRole('button', { name: 'Answer “no”' }).click()
  await dialog(second.page).getByText('Somebody was first').waitFor()
  await dialog(second.page).getByText('Otto First').waitFor()
  expect(await dialog(second.page).getByLabel('What you wrote').inputValue()).toBe('Their last invoice is open')
  await dialog(second.page).getByRole('button', { name: 'See the answer' }).click()
  await question(second.page, quote).getByText('Otto First').waitFor()
  await eventually(() => at.people.ordersOf(quote)).toHaveLength(1)
})

test('answers that were given stand with who gave them and why, and the name is asked only once', async () => {
  const [quote, next] = [
    await at.people.acceptQuote({ customer: KLEINKUNDE, product: 'pump' }),
    await at.people.acceptQuote({ customer: KLEINKUNDE, product: 'pump' }),
  ]
  const visitor = await at.visits('/tasks')
  const { page } = visitor
  await open(page, quote)
  await question(page, quote).getByRole('button', { name: 'No' }).click()
  await dialog(page).getByLabel('Who are you?').fill('Paula Once')
  await dialog(page).getByLabel('Comment').fill('Too much for now')
  await dialog(page).getByRole('button', { name: 'Answer “no”' }).click()
  await question(page, quote).getByText('Paula Once').waitFor()

  await open(page, next)
  await question(page, next).getByRole('button', { name: 'No' }).click()
  await dialog(page).getByText('You sign as Paula Once').waitFor()
  await dialog(page).getByRole('button', { name: 'Answer “no”' }).click()
  await question(page, next).getByText('Paula Once').waitFor()

  await page.getByText('Answered', { exact: true }).click()
  const row = page.getByRole('row').filter({ hasText: `Quote ${quote}` })
  await row.filter({ hasText: 'Paula Once' }).filter({ hasText: 'Too much for now' }).waitFor()
  await visitor.picture('tasks-answered')
})
