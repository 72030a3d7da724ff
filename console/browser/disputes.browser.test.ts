// Whoever edits what they do not own is heard: who, what, how often, what became of it, and what is fought over.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { type Product, startProduct } from './product.ts'
import { eventually } from './visitor.ts'

// A product of its own: what is fought over is a problem for an hour, and others look for none.
let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product.remove())
const at = atTheConsole(() => product)

/** An order that is booked, so that its number is the ERP's and its terms are no longer sales' alone. */
async function bookedOrder(): Promise<string> {
  const quote = await at.people.acceptQuote({ quantity: 2 })
  await eventually(() => at.people.ordersInSalesforce(quote)).toMatchObject([{ Status: 'Activated' }])
  return quote
}

test('sales edits what is the ERP’s again and again: that stands here with the rule that would end it, and leads to the record', async () => {
  const quote = await bookedOrder()
  const number = (await at.people.ordersOf(quote))[0]?.id
  for (let time = 1; time <= 6; time++) {
    await at.people.editOrder(quote, { ERP_Order_Number__c: `X${time}` })
    await eventually(() => at.people.disputesOn(quote)).toBe(time)
    await eventually(() => at.people.ordersInSalesforce(quote)).toMatchObject([{ ERP_Order_Number__c: number }])
  }
  await at.people.editOrder(quote, { Requested_Delivery_Date__c: '2031-05-01' })
  const visitor = await at.visits('/systems')
  const { page } = visitor
  await page.getByRole('heading', { name: 'Systems' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('d')

  const fight = page.getByRole('region', { name: 'Order: Order number is fought over' })
  await fight.getByText(/sales and s4 fight over order\.number: 6 times in an hour/).waitFor()
  await fight.getByText(/make it read-only in sales/).waitFor()
  const counts = page.getByRole('region', { name: /^Who edits what in vain/ })
  await counts.getByRole('row').filter({ hasText: 'Order: Requested delivery' }).getByText('1 asked').waitFor()
  const edits = page.getByRole('region', { name: 'The latest edits' })
  await edits.getByRole('link', { name: /^Requested delivery .* on Order/ }).waitFor()
  await edits.getByRole('link', { name: 'Answer it' }).waitFor()
  for (const scheme of ['light', 'dark'] as const) {
    const other = await at.visits('/disputes', scheme)
    await other.page.getByRole('link', { name: 'Answer it' }).waitFor()
    expect(await other.barriers()).toEqual([])
    await other.picture(scheme === 'light' ? 'disputes' : 'disputes-dark')
  }

  // By keyboard to what is edited most, and to these edits alone.
  await counts.getByText('By field').click()
  await counts.getByRole('row').filter({ hasText: 'Order: Order number' }).getByText('6 refused').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const chosen = page.getByRole('region', { name: 'The edits chosen' })
  await eventually(() => chosen.getByRole('row').count()).toBe(7)
  expect(new URL(page.url()).searchParams.get('field')).toBe('number')
  await chosen.getByRole('button', { name: 'Show all' }).click()
  await edits.waitFor()

  await edits.getByRole('link', { name: /^Order number X6 instead of/ }).click()
  await page.getByRole('article', { name: /^Why Order number is/ }).waitFor()
})

test('a record that nobody edited so, or that is not known, says so and leads back', async () => {
  const visitor = await at.visits('/disputes')
  const { page } = visitor
  await page.getByLabel('Edits of a record').fill('nonsense')
  await page.getByText('No edit is like this').waitFor()
  expect(await visitor.barriers()).toEqual([])
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByRole('region', { name: 'The latest edits' }).waitFor()
})
