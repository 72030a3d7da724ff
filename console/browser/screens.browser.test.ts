// Every screen, in light and in dark: nothing that keeps somebody out, as axe sees it; and what it looks like.
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { KLEINKUNDE } from './people.ts'
import { type Scheme, SOON } from './visitor.ts'

const at = atTheConsole()
let quote: string

/** A small business day: one quote paid, some booked, questions to both desks. */
beforeAll(async () => {
  quote = await at.people.acceptQuote()
  const order = await vi.waitFor(async () => {
    const [booked] = await at.people.ordersOf(quote)
    return booked?.id ?? Promise.reject(new Error(`Quote ${quote} is not booked yet`))
  }, SOON)
  await at.people.ship(order)
  await at.people.pay(await at.people.invoice(order))
  for (const quantity of [2, 40, 7]) await at.people.acceptQuote({ quantity })
  await at.people.acceptQuote({ product: 'pump', quantity: 5, discountPercent: 12 })
  const asked = await at.people.acceptQuote({ customer: KLEINKUNDE, product: 'pump' })
  await vi.waitFor(async () => expect(await at.people.isAsked(asked)).toBe(true), SOON)
})

type Screen = { readonly name: string; readonly path: () => string; readonly ready: (page: Page) => Promise<unknown> }
const row = (page: Page) => page.getByRole('row').nth(1).waitFor()
const SCREENS: readonly Screen[] = [
  { name: 'journeys', path: () => '/journeys?state=all', ready: row },
  { name: 'story', path: () => `/journeys/${quote}`, ready: page => page.getByText('Done').first().waitFor() },
  { name: 'tasks', path: () => '/tasks', ready: page => page.getByRole('article').getByText('Answer by').waitFor() },
  {
    name: 'tasks-answered',
    path: () => '/tasks?list=answered',
    ready: page =>
      page
        .getByText(/Question|Nobody has answered/)
        .first()
        .waitFor(),
  },
  { name: 'problems', path: () => '/problems', ready: page => page.getByText('All is well').waitFor() },
  { name: 'systems', path: () => '/systems', ready: page => page.getByText('Worth waiting').first().waitFor() },
  { name: 'tables', path: () => '/tables', ready: row },
  { name: 'owners', path: () => '/owners', ready: row },
  {
    name: 'disputes',
    path: () => '/disputes',
    ready: page => page.getByRole('region', { name: 'The latest edits' }).waitFor(),
  },
  {
    name: 'gaps',
    path: () => '/gaps',
    ready: page =>
      page
        .getByText(/no gap|brought in|compared yet/)
        .first()
        .waitFor(),
  },
  {
    name: 'sandbox',
    path: () => '/sandbox',
    ready: page => page.getByRole('switch', { name: 'Down' }).first().waitFor(),
  },
  { name: 'not-found', path: () => '/nowhere', ready: page => page.getByRole('heading', { level: 1 }).waitFor() },
]
/** Whose light picture is told by another test, with something to see on it. */
const TOLD_ELSEWHERE = ['tables', 'disputes', 'gaps', 'problems', 'tasks', 'tasks-answered', 'not-found']

describe.each<Scheme>(['light', 'dark'])('In %s', scheme => {
  test.each(SCREENS.map(screen => [screen.name, screen] as const))(
    '%s keeps nobody out',
    async (name, { path, ready }) => {
      const visitor = await at.visits(path(), scheme)
      await ready(visitor.page)
      expect(await visitor.barriers()).toEqual([])
      if (!TOLD_ELSEWHERE.includes(name)) await visitor.picture(scheme === 'light' ? name : `${name}-dark`)
    },
  )

  test('the dialogs, the search and the banner keep nobody out', async () => {
    const visitor = await at.visits('/tasks', scheme)
    const { page } = visitor
    const dialog = page.getByRole('dialog')
    await page.getByRole('article').getByRole('button', { name: 'Yes' }).click()
    await dialog.getByLabel('Comment').waitFor()
    expect(await visitor.barriers()).toEqual([])
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })

    await page.getByRole('link', { name: 'Sandbox' }).click()
    await page.getByRole('region', { name: 's4', exact: true }).getByRole('switch', { name: 'Slow' }).click()
    await page.getByText('Broken on purpose').waitFor()
    expect(await visitor.barriers()).toEqual([])
    if (scheme === 'light') await visitor.picture('sandbox-slow')

    await page.getByRole('link', { name: 'Systems' }).click()
    const s4 = page.getByRole('region', { name: 's4', exact: true })
    await s4.getByRole('button', { name: 'Pause…' }).click()
    await dialog.getByLabel('Why?').waitFor()
    await dialog.getByText(/open journey/).waitFor()
    expect(await visitor.barriers()).toEqual([])
    if (scheme === 'light') await visitor.picture('systems-pause')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })

    await s4.getByRole('button', { name: 'Try again what is held back…' }).click()
    await dialog.getByText(/Nothing is held back|Due at once/).waitFor()
    expect(await visitor.barriers()).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })

    await page.keyboard.press('/')
    await page.getByLabel('Search any number or name').fill(quote)
    await dialog.getByText(`Quote ${quote}`).first().waitFor()
    expect(await visitor.barriers()).toEqual([])
  })
})
