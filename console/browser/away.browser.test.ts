// States that are not the usual: nothing there yet, not yet loaded, and an engine that stops while somebody looks.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { type Product, startProduct } from './product.ts'

let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product.remove())
const at = atTheConsole(() => product)

test('where nothing has happened yet, every screen says so', async () => {
  const visitor = await at.visits('/journeys')
  const { page } = visitor
  await page.getByText('No journey is open').waitFor()
  await page.getByRole('link', { name: 'Tasks' }).click()
  await page.getByText('Nothing waits for a person').waitFor()
  await visitor.picture('tasks-empty')
  await page.getByText('Answered', { exact: true }).click()
  await page.getByText('Nobody has answered a question yet').waitFor()
  await page.getByRole('link', { name: 'Problems' }).click()
  await page.getByText('All is well').waitFor()
})

test('while an answer is under way, the shape of what comes is there', async () => {
  const { page } = await at.visits('/problems')
  await page.getByText('All is well').waitFor()
  let answer = (): void => undefined
  const held = new Promise<void>(resolve => {
    answer = resolve
  })
  await page.route('**/api/tasks*', async route => {
    await held
    await route.continue()
  })
  await page.getByRole('link', { name: 'Tasks' }).click()
  await page.getByRole('status', { name: 'Loading questions' }).waitFor()
  answer()
  await page.getByText('Nothing waits for a person').waitFor()
})

test('when the engine stops, a banner says so and what is seen stays; when it is back, all goes on', async () => {
  const quote = await at.people.acceptQuote()
  const visitor = await at.visits('/journeys')
  const { page } = visitor
  const row = page.getByRole('row').filter({ hasText: `Quote ${quote}` })
  await row.filter({ hasText: 'Booked' }).waitFor()
  // The other screens have come while this one was read.
  await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => /\/systems-[^/]*\.js$/.test(name)),
  )

  await product.stop()
  const banner = page.getByRole('alert').filter({ hasText: 'Plumbline does not answer. What you see is from' })
  await banner.waitFor()
  expect(await row.isVisible()).toBe(true)
  expect(await visitor.barriers()).toEqual([])
  await visitor.picture('engine-stopped')
  // A screen that was not seen before has nothing to show, and says why.
  await page.getByRole('link', { name: 'Systems' }).click()
  await page.getByRole('main').getByText('Plumbline does not answer').waitFor()

  await product.startAgain()
  await banner.waitFor({ state: 'detached' })
  await page.getByRole('region', { name: 's4', exact: true }).waitFor()
  await page.getByRole('link', { name: 'Journeys' }).first().click()
  await row.waitFor()
})

test('parts that had not come yet when the engine stopped come when it is back, to the same page', async () => {
  await at.people.acceptQuote()
  const { page } = await at.visits('/journeys')
  const stopped = Promise.withResolvers<void>()
  let held = 0
  await page.route('**/assets/{systems,colour-menu}-*', async route => {
    held += 1
    await stopped.promise
    await route.abort()
  })
  await page.reload()
  await page.evaluate(() => document.body.setAttribute('data-same', ''))
  await expect.poll(() => held).toBeGreaterThan(0)
  await product.stop()
  stopped.resolve()
  await page.getByRole('alert').filter({ hasText: 'Plumbline does not answer. What you see is from' }).waitFor()
  await page.getByRole('link', { name: 'Systems' }).click()
  await page.getByRole('row').filter({ hasText: 'Quote' }).first().waitFor()

  await page.unrouteAll()
  await product.startAgain()
  await page.getByRole('region', { name: 's4', exact: true }).waitFor()
  await page.getByRole('button', { name: /^Colours/ }).click()
  await page.getByRole('menuitem', { name: 'Dark' }).waitFor()
  expect(await page.locator('body[data-same]').count()).toBe(1)
  // Their style sheets came as well.
  const sheets = () =>
    page.evaluate(() => {
      const filled = [...document.styleSheets].filter(({ cssRules }) => cssRules.length > 0)
      return filled.flatMap(({ href }) => /(systems|colour-menu)-/.exec(href ?? '')?.[1] ?? [])
    })
  await expect.poll(async () => (await sheets()).toSorted()).toEqual(['colour-menu', 'systems'])
})

test('a page that misses a part which Plumbline no longer has says that it is to be loaded again, and keeps what is on it', async () => {
  await at.people.acceptQuote()
  const { page } = await at.visits('/journeys')
  await page.route('**/assets/systems-*.js', route => route.fulfill({ status: 404 }))
  await page.reload()
  const old = page.getByRole('alert').filter({ hasText: 'A part of this page does not come' })
  await old.waitFor()
  await page.getByRole('row').filter({ hasText: 'Quote' }).first().waitFor()
  await page.unrouteAll()
  await old.getByRole('button', { name: 'Load the page again' }).click()
  await old.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Systems' }).click()
  await page.getByRole('region', { name: 's4', exact: true }).waitFor()
})
