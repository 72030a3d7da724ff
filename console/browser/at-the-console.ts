// What the browser tests share: one browser for a file, visitors that leave after each test, sandboxes that work again.
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest'
import { launch } from './chromium.ts'
import { type People, peopleOf } from './people.ts'
import type { Addresses } from './product.ts'
import { type Scheme, type Visitor, visit } from './visitor.ts'

export type AtTheConsole = {
  readonly people: People
  /** A new visitor, who knows nothing and has said nothing yet. */
  visits(path: string, scheme?: Scheme): Promise<Visitor>
}

/** `const at = atTheConsole()` at the head of a file. */
export function atTheConsole(where: () => Addresses = () => inject('addresses')): AtTheConsole {
  let browser: Browser
  let people: People
  const visitors: Visitor[] = []
  beforeAll(async () => {
    browser = await launch()
    people = await peopleOf(where())
  })
  afterEach(async () => {
    const left = visitors.splice(0)
    const complaints = left.flatMap(one => one.complaints)
    await Promise.all(left.map(one => one.leave()))
    await mend(where())
    expect(complaints).toEqual([])
  })
  afterAll(() => browser.close())
  return {
    get people() {
      return people
    },
    visits: async (path, scheme) => {
      const visitor = await visit(browser, `${where().console}${path}`, scheme)
      visitors.push(visitor)
      return visitor
    },
  }
}

/** Whatever a test that failed left switched on. */
async function mend({ console }: Addresses): Promise<void> {
  const { sandboxes } = (await (await fetch(`${console}/api/sandboxes`)).json()) as {
    sandboxes: { system: string; switches: { switch: string; on: boolean }[] }[]
  }
  for (const { system, switches } of sandboxes) {
    for (const one of switches.filter(({ on }) => on)) {
      await fetch(`${console}/api/sandboxes/${system}/switches/${one.switch}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ on: false }),
      })
    }
  }
}
