// What a system did not tell is found and brought in, and a person can have a system compared to be sure.
import { expect, test } from 'vitest'
import { atTheConsole } from './at-the-console.ts'
import { OTHERS } from './people.ts'
import { eventually } from './visitor.ts'

const at = atTheConsole()

test('more changes than Salesforce can tell: the gap says why, what was read, and that it is closed', async () => {
  await at.people.changeUnheard(OTHERS)
  const visitor = await at.visits('/gaps')
  const { page } = visitor
  const gaps = page.getByRole('region', { name: 'Gaps: what systems did not tell' })
  const row = gaps.getByRole('row').filter({ hasText: 'More changed than it could tell' })
  await row.getByText(/2 had changed of \d+ looked at/).waitFor()
  await row.getByText('2 brought in').waitFor()
  await page.getByText('1 gap, all of it brought in').waitFor()

  // By keyboard to its story.
  const opener = row.getByRole('button', { name: 'sales' })
  if ((await opener.getAttribute('aria-expanded')) === 'true') await opener.click()
  await page.keyboard.press('j')
  await eventually(() => opener.evaluate(button => button === document.activeElement)).toBe(true)
  await page.keyboard.press('Enter')
  await gaps.getByText(/All of it is brought in since/).waitFor()
  await gaps.getByRole('row').filter({ hasText: 'Account' }).getByText('done').waitFor()
})

test('a system is compared on request: what it brings about is said before, and what it found after', async () => {
  const visitor = await at.visits('/gaps')
  const { page } = visitor
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Compare a system…' }).click()
  await dialog.getByLabel('System').selectOption('s4')
  await dialog.getByLabel('Only count what it would find').check()
  await dialog.getByText('Nothing that it finds is acted upon.').waitFor()
  await dialog.getByLabel('Who are you?').fill('Sam Sure')
  expect(await visitor.barriers()).toEqual([])
  await visitor.picture('gaps-compare')
  await dialog.getByRole('button', { name: 'Count' }).click()
  await dialog.waitFor({ state: 'detached' })
  const sweeps = page.getByRole('region', { name: 'Sweeps: all there is, compared to be sure' })
  const row = sweeps.getByRole('row').filter({ hasText: 'Preview of a sweep for Sam Sure' })
  await row.waitFor()
  for (const scheme of ['light', 'dark'] as const) {
    const other = await at.visits('/gaps', scheme)
    await other.page.getByRole('table').first().waitFor()
    expect(await other.barriers()).toEqual([])
    await other.picture(scheme === 'light' ? 'gaps' : 'gaps-dark')
  }
  await page.getByText('s4', { exact: true }).first().click()
  await eventually(async () => new URL(page.url()).search).toBe('?system=s4')
  await page.getByRole('region', { name: 'Gaps: what systems did not tell' }).waitFor({ state: 'detached' })
})
