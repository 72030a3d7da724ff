// The faults that strike the emulated interface, drawn from a seeded random sequence: those asked for in so many words,
// and those that switches stand for.
import type { Reply } from '../odata/dispatch.ts'
import { type FaultName, type FaultSettings, parseFaults } from './plan.ts'
import { type Switch, switches } from './switches.ts'

/** What is to happen to one request. */
export interface FaultPlan {
  readonly reply?: Reply
  readonly latencyMs: number
  readonly forgetSession: boolean
  readonly commitThenDrop: boolean
  readonly dropThenCommitAfterMs?: number
  /** The connection breaks in the middle of the answer, or the answer ends there as if that were all. */
  readonly truncate?: 'broken' | 'cut'
}

export type SwitchState = Omit<Switch, 'faults'> & { readonly on: boolean }

const CALM: FaultPlan = { latencyMs: 0, forgetSession: false, commitThenDrop: false }
const WRITES = /^(POST|PATCH|PUT|MERGE|DELETE) /

export class Faults {
  readonly #now: () => number
  #settings: FaultSettings | undefined
  #asked: unknown = {}
  #isAsked = false
  readonly #on = new Set<string>()
  #since = 0
  #random = sequence(1)
  readonly #fired = new Map<FaultName, number>()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(now: () => number) {
    this.#now = now
  }

  set(body: unknown): void {
    this.#settings = this.#combined(body)
    this.#asked = body
    this.#isAsked = true
    this.#since = this.#now()
    this.#random = sequence(this.#settings.seed)
    this.#fired.clear()
  }

  /** All is well: no faults, all switches off. */
  clear(): void {
    this.#settings = undefined
    this.#asked = {}
    this.#isAsked = false
    this.#on.clear()
    this.#fired.clear()
  }

  describe() {
    return { active: this.#asked, setAt: this.#isAsked ? this.#since : null, fired: Object.fromEntries(this.#fired) }
  }

  switches(): SwitchState[] {
    return switches.map(({ faults: _, ...one }) => ({ ...one, on: this.#on.has(one.switch) }))
  }

  /** Undefined when there is no such switch. */
  turn(name: string, on: boolean): SwitchState | undefined {
    if (!switches.some(one => one.switch === name)) return undefined
    if (on) this.#on.add(name)
    else this.#on.delete(name)
    this.#settings = this.#combined(this.#asked)
    return this.switches().find(one => one.switch === name)
  }

  /** What was asked for in so many words goes before what a switch stands for. */
  #combined(asked: unknown): FaultSettings {
    const words = parseFaults(asked)
    const presets = switches.filter(one => this.#on.has(one.switch)).map(one => one.faults)
    const settings = { ...parseFaults(Object.assign({}, ...presets)) }
    for (const [name, fault] of Object.entries(words))
      if (fault !== undefined) Object.assign(settings, { [name]: fault })
    return settings
  }

  /** Draws what happens to a request such as `POST /sap/opu/…/A_SalesOrder`. */
  plan(line: string): FaultPlan {
    const settings = this.#settings
    if (!settings) return CALM
    const { unavailable, requestLimit, maintenancePage, latency, dropThenCommit } = settings
    if (this.#strikes('requestLimit', line)) return { ...CALM, reply: tooMany(requestLimit?.retryAfterSeconds) }
    if (this.#strikes('unavailable', line)) return { ...CALM, reply: down(unavailable?.retryAfterSeconds) }
    if (maintenancePage && this.#strikes('maintenancePage', line)) return { ...CALM, reply: MAINTENANCE }
    const writes = WRITES.test(line)
    return {
      latencyMs: latency && this.#strikes('latency', line) ? latency.ms + this.#random() * latency.jitterMs : 0,
      forgetSession: this.#strikes('expiredSession', line),
      dropThenCommitAfterMs: writes && this.#strikes('dropThenCommit', line) ? dropThenCommit?.delayMs : undefined,
      commitThenDrop: writes && this.#strikes('commitThenDrop', line),
      truncate: this.#strikes('truncatedBody', line)
        ? (settings.truncatedBody?.how ?? (this.#random() < 0.5 ? 'broken' : 'cut'))
        : undefined,
    }
  }

  pause(ms: number): Promise<void> {
    return new Promise(resolve => this.#timer(ms, resolve))
  }

  /** Does work after the caller has long lost its connection. */
  later(ms: number, work: () => unknown): void {
    this.#timer(ms, work)
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #timer(ms: number, work: () => unknown): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }

  #strikes(name: FaultName, line: string): boolean {
    const fault = this.#settings?.[name]
    if (!fault) return false
    if (fault.match && !fault.match.test(line)) return false
    if ('forMs' in fault && fault.forMs !== undefined && this.#now() - this.#since >= fault.forMs) return false
    if ('rate' in fault && this.#random() >= fault.rate) return false
    this.#fired.set(name, (this.#fired.get(name) ?? 0) + 1)
    return true
  }
}

const down = (retryAfterSeconds: number | undefined): Reply => ({
  status: 503,
  headers: {
    'content-type': 'text/html',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  },
  body: '<html><head><title>Service cannot be reached</title></head><body><h1>503 Service Unavailable</h1></body></html>',
})

const tooMany = (retryAfterSeconds = 1): Reply => ({
  status: 429,
  headers: { 'content-type': 'application/json', 'retry-after': String(retryAfterSeconds) },
  body: JSON.stringify({
    fault: {
      faultstring: 'Rate limit quota violation. Quota limit exceeded.',
      detail: { errorcode: 'policies.ratelimit.QuotaViolation' },
    },
  }),
})

const MAINTENANCE: Reply = {
  status: 200,
  headers: { 'content-type': 'text/html;charset=utf-8' },
  body: '<!DOCTYPE html><html><head><title>Planned maintenance</title></head><body><h1>The system is being updated</h1></body></html>',
}

/** A small seeded generator (mulberry32): the same seed gives the same faults for the same requests. */
function sequence(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
