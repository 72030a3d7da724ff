// The first screen is asked for while the console itself is on its way, and what was asked then is what the screen asks for: nothing
// is asked in vain.
import { expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { eventually } from './visitor.ts'

const at = atTheConsole()

test.each([
  ['the list, by its address', '/journeys', '/api/journeys?state=open&limit=50'],
  ['the list, by no address at all', '/', '/api/journeys?state=open&limit=50'],
  ['a story', '/journeys/ACME%20%26%20Co', '/api/journeys/ACME%20%26%20Co'],
  ['another screen', '/systems', '/api/numbers'],
])('%s is asked for before the console is there, and taken', async (_, path, first) => {
  const { page } = await at.visits(path)
  await page.getByText('Live', { exact: true }).waitFor()
  const asked = await page.evaluate(() => performance.getEntriesByType('resource').map(one => one.name))
  const console = new URL(page.url()).origin
  expect(asked.find(address => address.startsWith(`${console}/api/`))).toBe(`${console}${first}`)
  const left = await page.evaluate(() => {
    const asked: unknown = Reflect.get(globalThis, 'plumblineAsked')
    return asked instanceof Map ? [...asked.keys()] : 'nothing was asked'
  })
  expect(left).toEqual([])
})

test('what comes later can be wanted at once: the colours are chosen, and stay', async () => {
  const { page } = await at.visits('/systems', 'light')
  const scheme = (): Promise<string | null> => page.locator('html').getAttribute('data-mantine-color-scheme')
  await page.getByRole('button', { name: 'Colours: As the system has it' }).click()
  await page.getByRole('menuitem', { name: 'Dark' }).click()
  await eventually(scheme).toBe('dark')
  await page.reload()
  await page.getByRole('button', { name: 'Colours: Dark' }).waitFor()
  expect(await scheme()).toBe('dark')
})
