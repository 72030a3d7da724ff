// A value that nobody explained, from the problem to the booked orders: by keyboard where sales said it, by mouse where the ERP
// has no word for it.
import { expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { eventually, type Scheme } from './visitor.ts'

const at = atTheConsole()

test('three quotes with terms that finance never heard of are booked once somebody says what they mean', async () => {
  const quotes = await Promise.all([2, 4, 6].map(quantity => at.people.acceptQuote({ quantity, terms: 'Net 75' })))
  const visitor = await at.visits('/problems')
  const { page } = visitor
  const keys = page.keyboard
  const dialog = page.getByRole('dialog')
  await page.getByRole('region', { name: '"Net 75" of sales (payment terms)' }).getByText('Needs a person').waitFor()
  expect(await visitor.barriers()).toEqual([])
  await page.getByRole('link', { name: 'Say it in the table' }).click()

  const asked = page.getByRole('region', { name: 'What does “Net 75” of sales mean?' })
  await asked.getByText('3 records').waitFor()
  for (const quote of quotes) await asked.getByRole('link', { name: `Quote ${quote}` }).waitFor()
  for (const scheme of ['light', 'dark'] as const satisfies readonly Scheme[]) {
    const other = await at.visits('/tables', scheme)
    await other.page.getByRole('row').nth(1).waitFor()
    expect(await other.barriers()).toEqual([])
    await other.picture(scheme === 'light' ? 'tables' : 'tables-dark')
  }

  await keys.press('g')
  await keys.press('v')
  await keys.press('j')
  await eventually(() =>
    asked.getByRole('button', { name: 'Say it…' }).evaluate(button => button === document.activeElement),
  ).toBe(true)
  await keys.press('Enter')
  await eventually(() => dialog.getByLabel('Our value').evaluate(field => field === document.activeElement)).toBe(true)
  await keys.type('net 75')
  await dialog.getByLabel('Who are you?').fill('Fran Finance')
  await dialog.getByLabel('Why?').fill('Agreed with the buyers’ association')
  await dialog.getByText(/It releases 3 records worth €/).waitFor()
  await dialog.getByText('There is no word for “net 75” yet in s4').waitFor()
  expect(await visitor.barriers()).toEqual([])
  await visitor.picture('tables-say')
  await dialog.getByRole('button', { name: 'Say it' }).click()
  await dialog.waitFor({ state: 'detached' })

  const called = page.getByRole('region', { name: 'What is “net 75” called in s4?' })
  await called.getByText('3 records').waitFor()
  await called.getByRole('button', { name: 'Say it…' }).click()
  await dialog.getByLabel('What s4 calls it').fill('NT75')
  await dialog.getByText('You sign as Fran Finance').waitFor()
  await dialog.getByLabel('Why?').fill('Set up in the ERP today')
  await dialog.getByRole('button', { name: 'Say it' }).click()
  await dialog.waitFor({ state: 'detached' })

  for (const quote of quotes)
    await eventually(async () =>
      (await at.people.ordersOf(quote)).map(order => order.fields.CustomerPaymentTerms),
    ).toEqual(['NT75'])
  await page.getByRole('row').filter({ hasText: 'net 75' }).getByText('NT75').waitFor()
  await page.getByText('Set up in the ERP today').waitFor()
  await called.waitFor({ state: 'detached' })
})

test('an entry is changed where it stands: what was written before is still read, and can be taken out', async () => {
  const { page } = await at.visits('/tables')
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: /net 14 in s4:\s*NT14\s*\. Change it/ }).click()
  await dialog.getByLabel('What s4 calls it').fill('N014')
  await dialog.getByLabel('Who are you?').fill('Fran Finance')
  await dialog.getByLabel('Why?').fill('The ERP renamed it')
  await dialog.getByText('Nothing waits for it').waitFor()
  await dialog.getByRole('button', { name: 'Say it' }).click()
  await page.getByRole('button', { name: /net 14 in s4:\s*N014\s*,\s*NT14 also read\s*\. Change it/ }).click()
  await dialog.getByRole('button', { name: 'Take out NT14' }).click()
  await dialog.getByLabel('Why?').fill('Nobody uses it')
  await dialog.getByRole('button', { name: 'Take “NT14” out' }).click()
  await page.getByRole('button', { name: /net 14 in s4:\s*N014\s*\. Change it/ }).waitFor()

  await page.getByRole('button', { name: /net 60 in s4:\s*NT60\s*\. Change it/ }).click()
  await dialog.getByLabel('What s4 calls it').fill('NT30')
  await dialog.getByText('"NT30" of s4 is read as "net 30" already.').waitFor()
  expect(await dialog.getByRole('button', { name: 'Say it' }).isDisabled()).toBe(true)
})
