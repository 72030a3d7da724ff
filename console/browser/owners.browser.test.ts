// Whose a field is, as somebody finds it who asks why an edit was put right: by a word, a contract or a system, by mouse and by keyboard.
import { expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { eventually } from './visitor.ts'

const at = atTheConsole()

test('a field is found by what a system calls it, and says until when it is whose and where it is kept', async () => {
  const visitor = await at.visits('/owners')
  const { page } = visitor
  await page.getByLabel('Find a field').fill('requestedquantity')
  const order = page.getByRole('region', { name: 'Order', exact: true })
  const heads = order.getByRole('rowheader')
  const quantity = order.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'Products: Quantity' }) })
  await quantity.getByText(/^The CRM until booked, then the ERP; later edits /).waitFor()
  await quantity.getByText('owns until booked').waitFor()
  await quantity.getByText('owns from booked on').waitFor()
  // Nothing is left that is not called so there.
  await eventually(() => heads.filter({ hasText: 'Payment terms' }).count()).toBe(0)
  expect(await page.getByRole('region').count()).toBe(1)

  await quantity.getByRole('button').click()
  await order.getByText('SalesOrder.to_Item.RequestedQuantity').waitFor()
  await order.getByText('Order.OrderItems.Quantity').waitFor()
  expect(await visitor.barriers()).toEqual([])
  // What it was narrowed to can be sent to a colleague.
  expect(new URL(page.url()).search).toBe('?search=requestedquantity')
})

test('a contract says where it lives, and what a system does not keep says why', async () => {
  const { page } = await at.visits('/owners?contract=order')
  const order = page.getByRole('region', { name: 'Order', exact: true })
  await order.getByText('The workflow quote-to-cash alone, out of a quote').waitFor()
  await order.getByText('from booked on; when it disappears there, nothing changes elsewhere').waitFor()
  await order.getByRole('rowheader', { name: 'Quote', exact: true }).getByRole('button').click()
  await order.getByText('the quote lives in the CRM; its number is the reference').waitFor()
  expect(await page.getByRole('region').count()).toBe(1)
})

test('a search that nothing is like says so, and leads back', async () => {
  const visitor = await at.visits('/owners?search=nonsense')
  const { page } = visitor
  await page.getByText('No field is like this').waitFor()
  expect(await visitor.barriers()).toEqual([])
  await page.getByRole('button', { name: 'Show every field' }).click()
  await page.getByRole('region', { name: 'Customer', exact: true }).waitFor()
})

test('g o leads there, j and k through the fields, Enter opens one', async () => {
  const { page } = await at.visits('/systems')
  await page.getByRole('heading', { name: 'Systems' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('o')
  const customer = page.getByRole('region', { name: 'Customer', exact: true })
  await customer.waitFor()
  // The first leads to the first field.
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await page.keyboard.press('Enter')
  await customer.getByText('Account.AccountNumber').waitFor()
})
