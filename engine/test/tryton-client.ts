// Tryton's own Python client, Debian's tryton-proteus, with somebody at it: an independent word on what is in Tryton.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Tryton } from '../../test/support/tryton/index.ts'

const script = fileURLToPath(new URL('tryton-client.py', import.meta.url))

export type Client = {
  /** One order after the other: `('ship', '00000001')`. What Tryton refuses is an error in its words. */
  order(name: 'find' | 'ship' | 'invoice' | 'pay' | 'sell', ...given: unknown[]): Promise<ReturnType<typeof JSON.parse>>
  close(): Promise<void>
}

export function clientOf({ url, database, password }: Tryton): Client {
  const child = spawn('/usr/bin/python3', [script, `${url}/${database}/`, 'manager', password], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  })
  const ended = once(child, 'exit')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async order(name, ...given) {
      child.stdin.write(`${JSON.stringify([name, ...given])}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error("Tryton's client has ended")
      const { done: result, failed } = JSON.parse(value)
      if (failed !== undefined) throw new Error(`${name} ${JSON.stringify(given)}: ${failed}`)
      return result
    },
    async close() {
      child.stdin.end()
      await ended
    },
  }
}
