// A visitor at the console: a browser of the size of a small laptop, checked for errors and accessibility as they go.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { smaller } from './png.ts'

const VIEW = { width: 1280, height: 800 } as const
export type Scheme = 'light' | 'dark'

/** For a condition that comes about by itself: a busy machine takes longer, never for ever. */
export const SOON = { timeout: 30_000, interval: 100 } as const

export type Visitor = {
  readonly page: Page
  /** What the browser complained of that is not a lost connection. */
  readonly complaints: readonly string[]
  /** What axe finds wrong with what is on the screen: rule, and the elements it means. */
  barriers(): Promise<string[]>
  /** Into docs/screens, when PLUMBLINE_SCREENS=1 asks for it. */
  picture(name: string): Promise<void>
  leave(): Promise<void>
}

export async function visit(browser: Browser, url: string, scheme: Scheme = 'light'): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: VIEW,
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
  context.setDefaultTimeout(SOON.timeout)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error' && !isLostConnection(message.text())) complaints.push(message.text())
  })
  await page.goto(url)
  return {
    page,
    complaints,
    barriers: () => barriersOf(page),
    picture: name => picture(page, name),
    leave: () => context.close(),
  }
}

/** The browser writes these by itself whenever a server is away; the console shows a banner for it. */
const isLostConnection = (text: string): boolean => /net::ERR_|Failed to load resource/.test(text)

async function barriersOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'], preload: false })
    .analyze()
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => node.html).join(' | ')}`)
}

const screens = fileURLToPath(new URL('../../docs/screens', import.meta.url))

async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.PLUMBLINE_SCREENS) return
  mkdirSync(screens, { recursive: true })
  // Nothing is caught half way: fonts are there, and what had to move has moved.
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' })
  writeFileSync(join(screens, `${name}.png`), smaller(png))
}

/** Waits until something holds. */
export const eventually = <T>(what: () => Promise<T>) => expect.poll(what, SOON)
