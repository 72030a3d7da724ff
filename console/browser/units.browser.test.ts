// Units that sales sells by and the ERP does not know: how many of one another is, said by keyboard where orders wait for it, and
// changed, turned round and taken out where it stands.
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { type Product, startProduct } from './product.ts'
import { eventually, type Scheme } from './visitor.ts'

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The example with units, beside what its Salesforce looks like. */
let folder: string
let product: Product
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-units-'))
  await symlink(fromRoot('engine/test/units.project.ts'), join(folder, 'project.ts'))
  const metadata = 'salesforce.metadata.json'
  await symlink(fromRoot(`examples/quote-to-cash/${metadata}`), join(folder, metadata))
  product = await startProduct(folder)
})
afterAll(async () => {
  await product?.remove()
  await rm(folder, { recursive: true, force: true })
})
const at = atTheConsole(() => product)

test('two orders by the pack are booked in pieces once the product desk says how many a pack of that product is', async () => {
  const sealKit = await at.people.sellSealKitBy('Pack')
  const quotes = await Promise.all([2, 4].map(quantity => at.people.acceptQuote({ quantity })))
  const visitor = await at.visits('/tables')
  const { page } = visitor
  const keys = page.keyboard
  const dialog = page.getByRole('dialog')
  const asked = page.getByRole('region', { name: `How many piece is one pack of ${sealKit}?` })
  await asked.getByText('2 records').waitFor()

  await keys.press('j')
  await eventually(() =>
    asked.getByRole('button', { name: 'Say it…' }).evaluate(button => button === document.activeElement),
  ).toBe(true)
  await keys.press('Enter')
  const is = dialog.getByLabel(/^is\b/)
  await eventually(() => is.evaluate(field => field === document.activeElement)).toBe(true)
  expect(await dialog.getByLabel('of the product').inputValue()).toBe(sealKit)
  await keys.type('5')
  await dialog.getByText(/It releases 2 records worth €/).waitFor()
  await dialog.getByLabel('Who are you?').fill('Pat Product')
  await dialog.getByLabel('Why?').fill('Five to a pack')
  expect(await visitor.barriers()).toEqual([])
  await visitor.picture('tables-factor')
  for (const quote of quotes) expect(await at.people.ordersOf(quote)).toEqual([])
  await dialog.getByRole('button', { name: 'Say it' }).click()
  await dialog.waitFor({ state: 'detached' })

  for (const quote of quotes) await eventually(async () => (await at.people.ordersOf(quote)).length).toBe(1)
  await asked.waitFor({ state: 'detached' })
  await page.getByRole('row', { name: `pack 5 piece . Change it ${sealKit}` }).waitFor()
  await page.getByText('Five to a pack').waitFor()
  for (const scheme of ['light', 'dark'] as const satisfies readonly Scheme[]) {
    const other = await at.visits('/tables', scheme)
    await other.page.getByRole('button', { name: '5 piece . Change it' }).waitFor()
    expect(await other.barriers()).toEqual([])
  }
})

test('a factor is changed where it stands, and taken out', async () => {
  const { page } = await at.visits('/tables')
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: '12 piece . Change it' }).click()
  await dialog.getByText('One dozen is 12 piece').waitFor()
  await dialog.getByLabel(/^is\b/).fill('0')
  await dialog.getByRole('alert').waitFor()
  expect(await dialog.getByRole('button', { name: 'Say it' }).isDisabled()).toBe(true)
  await dialog.getByLabel(/^is\b/).fill('13')
  await dialog.getByText('It takes the place of 12, which was said before.').waitFor()
  await dialog.getByLabel('Who are you?').fill('Pat Product')
  await dialog.getByLabel('Why?').fill('A baker counts so')
  await dialog.getByRole('button', { name: 'Say it' }).click()
  await page.getByRole('button', { name: '13 piece . Change it' }).click()
  await dialog.getByRole('button', { name: 'Take out' }).click()
  await dialog.getByText('it no longer counts').waitFor()
  await dialog.getByLabel('Why?').fill('Nobody sells by the dozen')
  await dialog.getByRole('button', { name: 'Take “One dozen is 13 piece” out' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('Nobody sells by the dozen').waitFor()
  await page.getByRole('button', { name: '13 piece . Change it' }).waitFor({ state: 'detached' })
})

test('what is said already is not said the other way round', async () => {
  const { page } = await at.visits('/tables')
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Add a factor…' }).click()
  await dialog.getByLabel(/^One\b/).fill('piece')
  await dialog.getByLabel('of the product').fill('TG11')
  await dialog.getByLabel('of the unit').fill('pack')
  await dialog.getByLabel(/^is\b/).fill('6')
  await dialog.getByText('One pack of TG11 is said to be 5 piece already, which holds both ways.').waitFor()
  expect(await dialog.getByRole('button', { name: 'Say it' }).isDisabled()).toBe(true)
  await dialog.getByRole('button', { name: 'Say the other way round: how many piece one pack is' }).click()
  await dialog.getByText('It takes the place of 5, which was said before.').waitFor()
})
