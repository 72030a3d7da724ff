// Search: whatever number or name a person has at hand leads to the story.
import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { eventually, SOON } from './visitor.ts'

const at = atTheConsole()
let quote: string
let order: string
let invoice: string

beforeAll(async () => {
  quote = await at.people.acceptQuote()
  await vi.waitFor(async () => expect(await at.people.ordersOf(quote)).toHaveLength(1), SOON)
  order = (await at.people.ordersOf(quote))[0]?.id ?? ''
  await at.people.ship(order)
  invoice = await at.people.invoice(order)
})

/** By the search's button, what is asked, and a click on what is found. */
async function search(page: Page, asked: string, found: string): Promise<void> {
  await page.getByRole('button', { name: 'Search a number or a name' }).click()
  await page.getByLabel('Search any number or name').fill(asked)
  await page.getByRole('dialog').getByRole('button', { name: found }).first().click()
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 })

test.each([
  ['the quote’s number', () => quote, () => `Quote ${quote}`],
  ['the order’s number', () => order, () => `Order ${order}`],
  ['the invoice’s number', () => invoice, () => `Invoice ${invoice}`],
])('%s leads to the story of the quote', async (_, asked, found) => {
  const { page } = await at.visits('/')
  // What the systems told a moment ago is known when it is understood.
  await eventually(() => at.people.isKnown(asked())).toBe(true)
  await search(page, asked(), found())
  await eventually(() => heading(page).textContent()).toBe(`Quote ${quote}`)
})

test('the customer’s name leads to the customer, from its beginning', async () => {
  const visitor = await at.visits('/')
  const { page } = visitor
  await page.getByRole('button', { name: 'Search a number or a name' }).click()
  await page.getByLabel('Search any number or name').fill('Adler')
  await page.getByRole('dialog').getByText('Adler Pumpen GmbH').first().waitFor()
  await visitor.picture('search')
  await page.getByRole('dialog').getByText('Adler Pumpen GmbH').first().click()
  await eventually(() => heading(page).textContent()).toContain('Adler Pumpen GmbH')
})

test('what nobody knows is said to be unknown', async () => {
  const { page } = await at.visits('/')
  await page.getByRole('button', { name: 'Search a number or a name' }).click()
  await page.getByLabel('Search any number or name').fill('99999999')
  await page.getByText('Nothing is known as “99999999”').waitFor()
  expect(new URL(page.url()).pathname).toBe('/journeys')
})
