// How soon a person sees something useful: the list, the search and a story in Debian's Chromium, each time in a browser that has
// never been there.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'

export type Looked = { readonly number: string; readonly journey: string }

/** Milliseconds until the first useful content, by screen; `undefined` where there is no Chromium. */
export async function lookAt(
  url: string,
  { number, journey }: Looked,
  times: number,
): Promise<Readonly<Record<string, readonly number[]>> | undefined> {
  const executablePath = chromiumOrNone()
  if (executablePath === undefined) return undefined
  const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 })
  const firstUse = async (use: (page: Page) => Promise<number>): Promise<number[]> => {
    const all: number[] = []
    for (let time = 0; time < times; time++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
      all.push(await use(await context.newPage()))
      await context.close()
    }
    return all
  }
  try {
    return {
      'in the browser: list': await firstUse(page => opened(page, `${url}/journeys`, () => aRow(page))),
      'in the browser: story': await firstUse(page =>
        opened(page, `${url}/journeys/${journey}`, () =>
          page.getByRole('list', { name: 'Checkpoints' }).getByRole('listitem').first().waitFor(),
        ),
      ),
      'in the browser: search': await firstUse(async page => {
        await opened(page, `${url}/journeys`, () => aRow(page))
        await page.getByRole('button', { name: 'Search a number or a name' }).click()
        const began = performance.now()
        await page.getByLabel('Search any number or name').fill(number)
        await page.getByRole('dialog').getByRole('button', { name: number }).first().waitFor()
        return performance.now() - began
      }),
    }
  } finally {
    await browser.close()
  }
}

const aRow = (page: Page): Promise<void> => page.locator('a[data-row]').first().waitFor()

async function opened(page: Page, url: string, isUseful: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await page.goto(url, { waitUntil: 'commit' })
  await isUseful()
  return performance.now() - began
}

/** Where Debian's package puts it; PLUMBLINE_CHROMIUM names another place. */
function chromiumOrNone(): string | undefined {
  const path = process.env.PLUMBLINE_CHROMIUM ?? '/usr/bin/chromium'
  return existsSync(path) ? path : undefined
}

/** Makes the console that is looked at; whoever serves it finds it where it lies. */
export function buildConsole(): void {
  const launcher = fileURLToPath(new URL('../../plumbline.mjs', import.meta.url))
  execFileSync(process.execPath, [launcher, 'build', 'console'], { stdio: 'ignore' })
}
