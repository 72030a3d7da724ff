// The ways in which the sandbox misbehaves when told to: by a plan of faults, and by switches beside it. Every fault draws
// from its own seeded sequence, so runs repeat.
import { type FaultPlan, type Matched, parsePlan, seedOf } from './fault-plan.ts'
import { isObject, type JsonObject } from './json.ts'
import { type Switch, switches } from './switches.ts'

/** One call, as faults see it. */
export type Struck = {
  /** `METHOD /path`, or `GRPC /service/method`. */
  readonly target: string
  /** The name in Sforce-Call-Options, else the OAuth client. */
  readonly by: string
}

export type SwitchState = Omit<Switch, 'faults'> & { readonly on: boolean }

export class Faults {
  #asked: FaultPlan = {}
  #plan: FaultPlan = {}
  #seed = 1
  #source: JsonObject = {}
  #draws = new Map<string, () => number>()
  readonly #on = new Set<string>()
  readonly #fired = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  replace(body: unknown): void {
    this.#asked = parsePlan(body, this.#now())
    this.#seed = seedOf(body)
    this.#source = isObject(body) ? body : {}
    this.#draws = new Map()
    this.#combine()
  }

  /** All is well: no faults, all switches off, nothing counted. */
  clear(): void {
    this.#on.clear()
    this.replace({})
    this.#fired.clear()
  }

  report(): unknown {
    return { faults: this.#source, fired: Object.fromEntries(this.#fired) }
  }

  get plan(): FaultPlan {
    return this.#plan
  }

  switches(): SwitchState[] {
    return switches.map(({ faults: _, ...one }) => ({ ...one, on: this.#on.has(one.switch) }))
  }

  /** Undefined when there is no such switch. */
  turn(name: string, on: boolean): SwitchState | undefined {
    if (!switches.some(one => one.switch === name)) return undefined
    if (on) this.#on.add(name)
    else this.#on.delete(name)
    this.#combine()
    return this.switches().find(one => one.switch === name)
  }

  /** What was asked for in so many words goes before what a switch stands for. */
  #combine(): void {
    const presets = switches.filter(one => this.#on.has(one.switch)).map(one => one.faults)
    this.#plan = { ...parsePlan(Object.assign({}, ...presets), this.#now()), ...this.#asked }
  }

  latencyMs(struck: Struck): number {
    const { latency } = this.#plan
    if (!latency || !hits(latency, struck)) return 0
    this.count('latency')
    return Math.max(0, latency.ms + (this.#draw('latency') * 2 - 1) * latency.jitterMs)
  }

  isUnavailable(struck: Struck): { retryAfterSeconds?: number } | undefined {
    const { unavailable } = this.#plan
    if (!unavailable || this.#now() > unavailable.until || !hits(unavailable, struck)) return undefined
    return this.#fires('unavailable', unavailable.rate)
      ? { retryAfterSeconds: unavailable.retryAfterSeconds }
      : undefined
  }

  showsMaintenance(struck: Struck): boolean {
    const { maintenancePage } = this.#plan
    if (!maintenancePage || this.#now() > maintenancePage.until || !hits(maintenancePage, struck)) return false
    return this.#fires('maintenancePage', maintenancePage.rate)
  }

  sessionExpires(struck: Struck): boolean {
    const { expiredSession } = this.#plan
    if (!expiredSession || !hits(expiredSession, struck)) return false
    if (expiredSession.once) {
      this.#asked = { ...this.#asked, expiredSession: undefined }
      this.#plan = { ...this.#plan, expiredSession: undefined }
      this.count('expiredSession')
      return true
    }
    return this.#fires('expiredSession', expiredSession.rate)
  }

  refuses(what: 'sessions' | 'logins', struck: Struck): boolean {
    const { refused } = this.#plan
    if (!refused || refused.what !== what || this.#now() > refused.until || !hits(refused, struck)) return false
    this.count('refused')
    return true
  }

  /** The limit that a call meets, if any: `used` of the day's calls are used, `long` long calls are under way. */
  requestLimit(struck: Struck, used: number, long: number): 'daily' | 'concurrent' | undefined {
    const { requestLimit } = this.#plan
    if (!requestLimit || this.#now() > requestLimit.until || !hits(requestLimit, struck)) return undefined
    const { kind, calls = 0, atOnce = 0 } = requestLimit
    if (kind === 'daily' ? used < calls : long < atOnce) return undefined
    this.count('requestLimit')
    return kind
  }

  /** From when on a call that is under way counts as long. */
  get longAfterMs(): number {
    return this.#plan.requestLimit?.longerThanMs ?? 0
  }

  /** Whether to commit and then drop the reply, or drop first and commit later. Without a match, only writes are hit. */
  dropping(struck: Struck, isWrite: boolean): { first: 'commit' } | { first: 'drop'; delayMs: number } | undefined {
    const { commitThenDrop, dropThenCommit } = this.#plan
    const hit = (fault: Matched | undefined) => fault && (fault.match || isWrite) && hits(fault, struck)
    if (commitThenDrop && hit(commitThenDrop) && this.#fires('commitThenDrop', commitThenDrop.rate))
      return { first: 'commit' }
    if (dropThenCommit && hit(dropThenCommit) && this.#fires('dropThenCommit', dropThenCommit.rate))
      return { first: 'drop', delayMs: dropThenCommit.delayMs }
    return undefined
  }

  /** How an answer is cut short: the connection breaks in the middle of it, or it ends there as if that were all. */
  truncates(struck: Struck): 'broken' | 'cut' | undefined {
    const { truncatedBody } = this.#plan
    if (!truncatedBody || !hits(truncatedBody, struck) || !this.#fires('truncatedBody', truncatedBody.rate))
      return undefined
    return truncatedBody.how ?? (this.#draw('truncatedHow') < 0.5 ? 'broken' : 'cut')
  }

  get disturbsEvents(): boolean {
    return this.#plan.events !== undefined
  }

  get eventDelayMs(): number {
    return this.#plan.events?.delayMs ?? 0
  }

  duplicatesEvent(): boolean {
    return this.#fires('duplicateEvent', this.#plan.events?.duplicateRate ?? 0)
  }

  /** How many later events overtake this one; 0 when it keeps its place. */
  holdsEventBack(): number {
    const { events } = this.#plan
    if (!events || !this.#fires('reorderEvent', events.reorderRate)) return 0
    return 1 + Math.floor(this.#draw('reorderDistance') * Math.max(1, events.reorderWindow - 1))
  }

  /** Whether an event says no more than that something changed. */
  gapsEvent(): boolean {
    return this.#fires('gapEvent', this.#plan.events?.gapRate ?? 0)
  }

  /** Whether a change is told by no event at all. */
  losesEvent(): boolean {
    return this.#fires('lostEvent', this.#plan.events?.lostRate ?? 0)
  }

  /** Of how many changes of one object in one transaction no more is told than that there were too many. */
  get overflowAbove(): number {
    return this.#plan.events?.overflowAbove ?? Number.POSITIVE_INFINITY
  }

  malformsEvent(): boolean {
    return this.#fires('malformedEvent', this.#plan.pubsub?.malformedRate ?? 0)
  }

  disconnects(): boolean {
    return this.#fires('disconnect', this.#plan.pubsub?.disconnectRate ?? 0)
  }

  randomBytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => Math.floor(this.#draw('malformedBytes') * 256)))
  }

  count(name: string, times = 1): void {
    this.#fired.set(name, (this.#fired.get(name) ?? 0) + times)
  }

  #fires(name: string, rate: number): boolean {
    if (rate <= 0) return false
    const fired = this.#draw(name) < rate
    if (fired) this.count(name)
    return fired
  }

  #draw(name: string): number {
    let draw = this.#draws.get(name)
    if (!draw) {
      draw = randomSequence(this.#seed, name)
      this.#draws.set(name, draw)
    }
    return draw()
  }
}

export function hits({ match, by }: Matched, struck: Struck): boolean {
  return (!match || match.test(struck.target)) && (!by || by.test(struck.by))
}

/** Numbers in [0, 1) that repeat with the seed (mulberry32). */
function randomSequence(seed: number, name: string): () => number {
  let state = seed | 0
  for (const char of name) state = Math.imul(state ^ char.charCodeAt(0), 0x9e3779b1)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
