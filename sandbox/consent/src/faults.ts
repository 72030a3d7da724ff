// The faults that strike the API, drawn from a seeded random sequence: those asked for in so many words, and those that
// switches stand for.
import { type Fault, type FaultName, type FaultPlan, parseFaults } from './fault-plan.ts'
import { jsonReply, type Reply } from './http.ts'
import { Problem, problemReply } from './problem.ts'
import { type Switch, switches } from './switches.ts'

/** What is to happen to one request. */
export interface Fate {
  readonly reply?: Reply
  readonly latencyMs: number
  readonly commitThenDrop: boolean
  readonly dropThenCommitAfterMs?: number
  /** The connection breaks in the middle of the answer, or the answer ends there as if that were all. */
  readonly truncate?: 'broken' | 'cut'
}
export type SwitchState = Omit<Switch, 'faults'> & { readonly on: boolean }

const CALM: Fate = { latencyMs: 0, commitThenDrop: false }
const WRITES = /^(POST|PATCH|DELETE) /

export class Faults {
  readonly #now: () => number
  #plan: FaultPlan | undefined
  #asked: unknown = {}
  #setAt: number | null = null
  #since = 0
  #random = sequence(1)
  readonly #on = new Set<string>()
  readonly #fired = new Map<FaultName, number>()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(now: () => number) {
    this.#now = now
  }

  set(body: unknown): void {
    this.#plan = this.#combined(body)
    this.#asked = body
    this.#since = this.#now()
    this.#setAt = this.#since
    this.#random = sequence(this.#plan.seed)
    this.#fired.clear()
  }

  /** All is well: no faults, all switches off. */
  clear(): void {
    this.#plan = undefined
    this.#asked = {}
    this.#setAt = null
    this.#on.clear()
    this.#fired.clear()
  }

  describe(): unknown {
    return { active: this.#asked, setAt: this.#setAt, fired: Object.fromEntries(this.#fired) }
  }

  switches(): SwitchState[] {
    return switches.map(({ faults: _, ...one }) => ({ ...one, on: this.#on.has(one.switch) }))
  }

  /** Undefined when there is no such switch. */
  turn(name: string, on: boolean): SwitchState | undefined {
    if (!switches.some(one => one.switch === name)) return undefined
    if (on) this.#on.add(name)
    else this.#on.delete(name)
    this.#plan = this.#combined(this.#asked)
    return this.switches().find(one => one.switch === name)
  }

  /** What was asked for in so many words goes before what a switch stands for. */
  #combined(asked: unknown): FaultPlan {
    const words = parseFaults(asked)
    const presets = switches.filter(one => this.#on.has(one.switch)).flatMap(one => [...parseFaults(one.faults).faults])
    return { seed: words.seed, faults: new Map([...presets, ...words.faults]) }
  }

  /** Draws what happens to a request such as `POST /v1/consents`. */
  fateOf(line: string): Fate {
    if (!this.#plan) return CALM
    const limit = this.#struck('requestLimit', line)
    if (limit) return { ...CALM, reply: tooMany(limit.retryAfterSeconds ?? 1) }
    const down = this.#struck('unavailable', line)
    if (down) return { ...CALM, reply: isDown(down.retryAfterSeconds) }
    if (this.#struck('maintenancePage', line)) return { ...CALM, reply: MAINTENANCE }
    if (this.#struck('refused', line)) return { ...CALM, reply: REFUSED }
    const latency = this.#struck('latency', line)
    const late = WRITES.test(line) ? this.#struck('dropThenCommit', line) : undefined
    const lost = WRITES.test(line) ? this.#struck('commitThenDrop', line) : undefined
    const truncated = this.#struck('truncatedBody', line)
    return {
      latencyMs: latency ? latency.ms + this.#random() * latency.jitterMs : 0,
      commitThenDrop: lost !== undefined,
      ...(late && { dropThenCommitAfterMs: late.delayMs }),
      ...(truncated && { truncate: truncated.how ?? (this.#random() < 0.5 ? 'broken' : 'cut') }),
    }
  }

  pause(ms: number): Promise<void> {
    return new Promise(resolve => this.later(ms, resolve))
  }

  /** Does work after the caller has long lost its connection. */
  later(ms: number, work: () => unknown): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #struck(name: FaultName, line: string): Fault | undefined {
    const fault = this.#plan?.faults.get(name)
    if (!fault || (fault.match && !fault.match.test(line))) return undefined
    if (fault.forMs !== undefined && this.#now() - this.#since >= fault.forMs) return undefined
    if (this.#random() >= fault.rate) return undefined
    this.#fired.set(name, (this.#fired.get(name) ?? 0) + 1)
    return fault
  }
}

const tooMany = (seconds: number): Reply =>
  problemReply(new Problem(429, 'rate_limited', 'Too many requests', {}, { 'retry-after': String(seconds) }))

const REFUSED = problemReply(
  new Problem(401, 'unauthorized', 'The API key was revoked', {}, { 'www-authenticate': 'Bearer' }),
)

const page = (status: number, title: string, words: string): Reply => ({
  ...jsonReply(
    status,
    `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${words}</h1></body></html>`,
  ),
  headers: { 'content-type': 'text/html;charset=utf-8' },
})

const isDown = (seconds: number | undefined): Reply => {
  const reply = page(503, 'Service unavailable', '503 Service Temporarily Unavailable')
  return seconds === undefined ? reply : { ...reply, headers: { ...reply.headers, 'retry-after': String(seconds) } }
}

const MAINTENANCE = page(200, 'We will be right back', 'Scheduled maintenance')

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
