// A sandbox of a consent service with the connector on it, and the people who use it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startConsentSandbox } from '@plumbline/sandbox-consent'
import type { Fields, Heard, Host, NativeId, ObjectSpec, Observation, Write, WriteEnd } from '@plumbline/sdk'
import { type ConsentApi, consents } from '../src/index.ts'

export const native = (id: string) => id as NativeId

export const subjects: ObjectSpec<ConsentApi, Fields> = consents.objects.Subject as never
export const given: ObjectSpec<ConsentApi, Fields> = consents.objects.Consent as never

/** A clock that runs, and that a test moves on. */
class Clock {
  #ahead = 0
  readonly now = (): number => Date.now() + this.#ahead
  days(count: number): void {
    this.#ahead += count * 86_400_000
  }
}

export async function startService(more: { requestsPerSecond?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'consent-'))
  const clock = new Clock()
  const sandbox = await startConsentSandbox({ port: 0, dataFolder: folder, now: clock.now, ...more })
  const settings = { url: sandbox.url, key: 'sandbox-consent-key', pollEvery: '20' }
  const host: Host = {
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
    uuid: () => crypto.randomUUID(),
    log: () => {},
  }
  const connect = (other: Partial<typeof settings> = {}) =>
    Promise.resolve(consents.spec.connect({ ...settings, ...other }, host))
  const door = async (path: string, body: object = {}, method = 'POST') => {
    const response = await fetch(`${sandbox.url}/_sandbox/${path}`, { method, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Record<string, unknown>
  }
  return {
    sandbox,
    clock,
    connect,
    api: await connect(),
    door,
    faults: (body: object) => door('faults', body, 'PUT'),
    calm: () => door('faults', {}, 'PUT'),
    journal: async (object: string): Promise<{ kind: string; id: string; fields: Record<string, unknown> }[]> => {
      const { entries } = (await (await fetch(`${sandbox.url}/_sandbox/journal?object=${object}`)).json()) as {
        entries: { kind: string; id: string; fields: Record<string, unknown> }[]
      }
      return entries
    },
    close: async () => {
      await sandbox.close()
      await rm(folder, { recursive: true })
    },
  }
}
export type Service = Awaited<ReturnType<typeof startService>>

export const newSubject = (key: string, fields: Record<string, unknown> = {}): Write => ({
  key,
  fields: { email: `${key}@example.com`, last_name: 'Byron', external_id: key, ...fields },
  lists: {},
})

export async function write(api: ConsentApi, spec: ObjectSpec<ConsentApi, Fields>, one: Write): Promise<WriteEnd> {
  const [end] = (await spec.write?.(api, [one])) ?? []
  if (!end) throw new Error('No end')
  return end
}

/** A follower that keeps what it hears until it is stopped. */
export function listen(api: ConsentApi, cursor?: string) {
  const stop = new AbortController()
  const heard: Observation[] = []
  const unreadable: unknown[] = []
  let last = cursor
  const run = (async () => {
    const objects = ['Subject', 'Consent']
    const from = { objects, specs: {}, signal: stop.signal, ...(cursor !== undefined && { cursor }) }
    for await (const batch of consents.spec.follow?.(api, from) ?? ([] as unknown as AsyncIterable<Heard>)) {
      for (const one of batch.heard) 'unreadable' in one ? unreadable.push(one) : heard.push(one)
      last = batch.cursor
    }
  })()
  run.catch(() => {})
  return {
    heard,
    unreadable,
    broke: run,
    cursor: () => last,
    stop: async () => {
      stop.abort()
      await run.catch(() => {})
      return last
    },
  }
}

export async function until(what: () => boolean, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!what()) {
    if (performance.now() > end) throw new Error(`It did not come about within ${withinMs} ms: ${what}`)
    await setTimeout(10)
  }
}
