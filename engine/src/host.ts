// The only file that touches clock, network, random and environment. Everything else is given a Host.
import { randomBytes, randomUUID } from 'node:crypto'
import { availableParallelism, hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Host as ConnectorHost } from '@plumbline/sdk'
import { v7 } from 'uuid'

export type Log = (sentence: string, facts?: Record<string, unknown>) => void

export type Host = ConnectorHost & {
  /** Milliseconds that only ever grow: leases and deadlines are measured in it, never in wall-clock time. */
  monotonic(): number
  /** Runs work later; the timer does not keep the process alive. */
  after(ms: number, work: () => void): { cancel(): void }
  /** A name no other process has. */
  readonly processName: string
  readonly cores: number
}

export function realHost(log: Log): Host {
  return {
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: async (ms, signal) => {
      await delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined)
    },
    after: (ms, work) => {
      const timer = setTimeout(work, ms)
      timer.unref()
      return { cancel: () => clearTimeout(timer) }
    },
    // In the order of time: what is written together lies together in the indexes.
    uuid: () => v7(),
    log,
    processName: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    cores: availableParallelism(),
  }
}

/** For those who only look and are given no Host: how long ago something was, never what time it is. */
export const monotonic = (): number => performance.now()

/** Bytes that nobody can guess, for keys. */
export const chance = (bytes: number): Buffer => randomBytes(bytes)

/** The key that seals the keys of persons: itself, or the file that holds it. */
export const masterKeyAt = (): { readonly key: string | undefined; readonly file: string } => ({
  key: process.env.PLUMBLINE_MASTER_KEY || undefined,
  file: process.env.PLUMBLINE_MASTER_KEY_FILE || '.plumbline/master.key',
})

/** Planted bugs of the fault campaigns: each must be caught by the history checker. Empty in every other run. */
export const planted: ReadonlySet<string> = new Set(
  (process.env.PLUMBLINE_PLANTED_BUG ?? '').split(',').filter(Boolean),
)
