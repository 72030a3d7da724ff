// Why a value is here: from a journey's story to a value, to what it was taken from, with a click each, and by the keyboard.
import { beforeAll, expect, test, vi } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { eventually, SOON } from './visitor.ts'

const at = atTheConsole()
let quote: string
let order: string

beforeAll(async () => {
  quote = await at.people.acceptQuote({ quantity: 4 })
  await vi.waitFor(async () => expect(await at.people.ordersOf(quote)).toHaveLength(1), SOON)
  order = (await at.people.ordersOf(quote))[0]?.id ?? ''
})

test('a value in an order’s story leads to the quote and to who entered it there', async () => {
  const visitor = await at.visits(`/journeys/${quote}`)
  const { page } = visitor
  await page.getByRole('button', { name: `Values of Order ${order}` }).click()
  await page.getByRole('button', { name: /^Why Quantity of line 1 is 4:/ }).click()
  const why = page.getByRole('article', { name: 'Why Quantity of line 1 is 4' })
  await why.getByText(/^Quantity of line 1 is 4, because quote-to-cash took it over from Quote/).waitFor()
  await eventually(() => why.getByRole('listitem').filter({ hasText: 's4' }).first().textContent()).toContain('Agrees')
  expect(await visitor.barriers()).toEqual([])
  await visitor.picture('explain')
  await why.getByRole('button', { name: `Quantity of line 1 of Quote ${quote}` }).click()
  await page.getByText(/because sales-people entered it in sales/).waitFor()
  await page.goBack()
  await page.getByText(/took it over from Quote/).waitFor()
})

test('it can be read by the keyboard, and closed', async () => {
  const { page } = await at.visits(`/journeys/${quote}`)
  await page.getByRole('button', { name: `Values of Order ${order}` }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /^Why Order number is / }).focus()
  await page.keyboard.press('Enter')
  await page.getByText(new RegExp(`^Order number is ${order}, because`)).waitFor()
  await page.getByRole('button', { name: '‹ All values' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('table', { name: `The fields of Order ${order}` }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

test('a field that there is not is said to be none, with those that there are', async () => {
  const { page } = await at.visits(`/journeys/${quote}`)
  await page.getByRole('button', { name: `Values of Quote ${quote}` }).click()
  await page.getByRole('button', { name: /^Why Total is / }).click()
  const address = new URL(page.url())
  address.searchParams.set('field', 'totall')
  await page.goto(address.href)
  await page.getByText(`Quote ${quote} has no field "totall".`).waitFor()
  await page.getByText(/The nearest of those that it has: total/).waitFor()
})
