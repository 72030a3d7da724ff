// Without a mouse: a task is reached, read and answered from the keyboard alone.
import { expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { KLEINKUNDE } from './people.ts'
import { eventually } from './visitor.ts'

const at = atTheConsole()

test('g t leads to the tasks, j and k through them, 1 begins an answer, Enter gives it', async () => {
  // One after the other: the questions stand in the order in which they were asked.
  const first = await at.people.acceptQuote({ customer: KLEINKUNDE, product: 'pump' })
  await eventually(() => at.people.isAsked(first)).toBe(true)
  const second = await at.people.acceptQuote({ customer: KLEINKUNDE, product: 'pump' })
  await eventually(() => at.people.isAsked(second)).toBe(true)
  const { page } = await at.visits('/')
  const keys = page.keyboard
  await page.getByRole('heading', { name: 'Journeys' }).waitFor()
  await keys.press('g')
  await keys.press('t')
  await page.getByRole('article').waitFor()
  const shown = async (): Promise<string> =>
    (await page.getByRole('article').getAttribute('aria-label'))?.replace('Question about Quote ', '') ?? ''

  // Down to the second, whatever stands above it, and up and down once more.
  await eventually(async () => {
    if ((await shown()) !== second) await keys.press('j')
    return shown()
  }).toBe(second)
  await keys.press('k')
  await eventually(shown).toBe(first)
  await keys.press('j')
  await eventually(shown).toBe(second)

  await keys.press('1')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Who are you?').waitFor()
  await eventually(() => dialog.getByLabel('Who are you?').evaluate(field => field === document.activeElement)).toBe(
    true,
  )
  await keys.type('Kim Keys')
  await keys.press('Enter')
  await page.getByRole('article').getByText('Kim Keys').waitFor()
  await eventually(() => at.people.ordersOf(second)).toHaveLength(1)

  // Who is known only confirms.
  await keys.press('k')
  await eventually(async () => {
    if ((await shown()) !== first) await keys.press('j')
    return shown()
  }).toBe(first)
  await keys.press('2')
  await dialog.getByText('You sign as Kim Keys').waitFor()
  await eventually(() =>
    dialog.getByRole('button', { name: 'Answer “no”' }).evaluate(button => button === document.activeElement),
  ).toBe(true)
  await keys.press('Enter')
  await page.getByRole('article').getByText('answered “no”').waitFor()
  expect(await at.people.ordersOf(first)).toEqual([])
})

test('a letter alone leads nowhere, however soon after the page came', async () => {
  const { page } = await at.visits('/systems')
  await page.getByRole('heading', { name: 'Systems' }).waitFor()
  const isLeftAlone = await page.evaluate(() => {
    const key = new KeyboardEvent('keydown', { key: 'o', bubbles: true, cancelable: true })
    // Whatever this machine needed until here: pressed when the page was 0.3 s old.
    Object.defineProperty(key, 'timeStamp', { value: 300 })
    return document.body.dispatchEvent(key)
  })
  expect(isLeftAlone).toBe(true)
  expect(new URL(page.url()).pathname).toBe('/systems')
})

test('Tab alone reaches a task too, and its answers', async () => {
  const quote = await at.people.acceptQuote({ customer: KLEINKUNDE, product: 'pump' })
  await eventually(() => at.people.isAsked(quote)).toBe(true)
  const { page } = await at.visits('/tasks')
  await page.getByRole('article').waitFor()
  const tabTo = (name: string): Promise<void> =>
    eventually(async () => {
      await page.keyboard.press('Tab')
      return page.evaluate(() => document.activeElement?.textContent ?? '')
    }).toContain(name)
  await tabTo(`Quote ${quote}`)
  await page.keyboard.press('Enter')
  await page.getByRole('article', { name: `Question about Quote ${quote}` }).waitFor()
  await tabTo('No2')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByLabel('Who are you?').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  // Where one was is where one is again.
  await eventually(() => page.evaluate(() => document.activeElement?.textContent ?? '')).toContain('No2')
})
