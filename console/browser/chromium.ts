// Debian's Chromium, driven by playwright-core: the browser of every test in this folder.
import { accessSync, constants } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where Debian's package puts it; PLUMBLINE_CHROMIUM names another place. */
const executable = (): string => process.env.PLUMBLINE_CHROMIUM ?? '/usr/bin/chromium'

/** Throws one line when there is none: a browser test is never skipped in silence. */
export function findChromium(): string {
  const path = executable()
  try {
    accessSync(path, constants.X_OK)
    return path
  } catch {
    throw new Error(
      `There is no Chromium at ${path}: install it (apt-get install -y chromium) or name another in PLUMBLINE_CHROMIUM.`,
    )
  }
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(),
    // Chromium refuses its own sandbox to root, who runs the tests in a container. What it opens here is ours alone.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-dev-shm-usage', '--font-render-hinting=none', '--disable-lcd-text'],
  })
