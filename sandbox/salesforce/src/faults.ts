// The ways in which the sandbox misbehaves when told to. Every fault draws from its own seeded sequence, so runs repeat.
import { isObject, type JsonObject, numberOf, textOf } from './json.ts'

type Matched = { match?: RegExp; matchText?: string }

export type FaultPlan = {
  seed: number
  latency?: Matched & { ms: number; jitterMs: number }
  unavailable?: Matched & { rate: number; until: number; retryAfterSeconds?: number }
  expiredSession?: { rate: number; once: boolean }
  requestLimit?: { kind: 'daily' | 'concurrent'; until: number }
  commitThenDrop?: Matched & { rate: number }
  dropThenCommit?: Matched & { rate: number; delayMs: number }
  events?: { duplicateRate: number; reorderRate: number; reorderWindow: number; delayMs: number }
  pubsub?: { malformedRate: number; disconnectRate: number }
}

type FaultName = Exclude<keyof FaultPlan, 'seed'>

/** A plan that cannot be understood; the text says which part and why. */
export class BadFaultPlan extends Error {}

export class Faults {
  #plan: FaultPlan = { seed: 1 }
  #source: JsonObject = {}
  #draws = new Map<string, () => number>()
  readonly #fired = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  replace(body: unknown): void {
    this.#plan = parsePlan(body, this.#now())
    this.#source = isObject(body) ? body : {}
    this.#draws = new Map()
  }

  clear(): void {
    this.replace({})
    this.#fired.clear()
  }

  report(): unknown {
    return { faults: this.#source, fired: Object.fromEntries(this.#fired) }
  }

  get plan(): FaultPlan {
    return this.#plan
  }

  latencyMs(target: string): number {
    const { latency } = this.#plan
    if (!latency || !matches(latency, target)) return 0
    this.#count('latency')
    return Math.max(0, latency.ms + (this.#draw('latency') * 2 - 1) * latency.jitterMs)
  }

  isUnavailable(target: string): { retryAfterSeconds?: number } | undefined {
    const { unavailable } = this.#plan
    if (!unavailable || this.#now() > unavailable.until || !matches(unavailable, target)) return undefined
    return this.#fires('unavailable', unavailable.rate)
      ? { retryAfterSeconds: unavailable.retryAfterSeconds }
      : undefined
  }

  sessionExpires(): boolean {
    const { expiredSession } = this.#plan
    if (!expiredSession) return false
    if (expiredSession.once) {
      this.#plan = { ...this.#plan, expiredSession: undefined }
      this.#count('expiredSession')
      return true
    }
    return this.#fires('expiredSession', expiredSession.rate)
  }

  requestLimit(): 'daily' | 'concurrent' | undefined {
    const { requestLimit } = this.#plan
    if (!requestLimit || this.#now() > requestLimit.until) return undefined
    this.#count('requestLimit')
    return requestLimit.kind
  }

  /** Whether to commit and then drop the reply, or drop first and commit later. Without a match, only writes are hit. */
  dropping(target: string, isWrite: boolean): { first: 'commit' } | { first: 'drop'; delayMs: number } | undefined {
    const { commitThenDrop, dropThenCommit } = this.#plan
    const hit = (fault: Matched | undefined) => fault && (fault.match ? matches(fault, target) : isWrite)
    if (commitThenDrop && hit(commitThenDrop) && this.#fires('commitThenDrop', commitThenDrop.rate))
      return { first: 'commit' }
    if (dropThenCommit && hit(dropThenCommit) && this.#fires('dropThenCommit', dropThenCommit.rate))
      return { first: 'drop', delayMs: dropThenCommit.delayMs }
    return undefined
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

  malformsEvent(): boolean {
    return this.#fires('malformedEvent', this.#plan.pubsub?.malformedRate ?? 0)
  }

  disconnects(): boolean {
    return this.#fires('disconnect', this.#plan.pubsub?.disconnectRate ?? 0)
  }

  randomBytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => Math.floor(this.#draw('malformedBytes') * 256)))
  }

  #fires(name: string, rate: number): boolean {
    if (rate <= 0) return false
    const fired = this.#draw(name) < rate
    if (fired) this.#count(name)
    return fired
  }

  #count(name: string): void {
    this.#fired.set(name, (this.#fired.get(name) ?? 0) + 1)
  }

  #draw(name: string): number {
    let draw = this.#draws.get(name)
    if (!draw) {
      draw = randomSequence(this.#plan.seed, name)
      this.#draws.set(name, draw)
    }
    return draw()
  }
}

function matches(fault: Matched, target: string): boolean {
  return !fault.match || fault.match.test(target)
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

const PARTS: Readonly<Record<FaultName, readonly string[]>> = {
  latency: ['ms', 'jitterMs', 'match'],
  unavailable: ['rate', 'forMs', 'match', 'retryAfterSeconds'],
  expiredSession: ['rate', 'once'],
  requestLimit: ['kind', 'forMs'],
  commitThenDrop: ['rate', 'match'],
  dropThenCommit: ['rate', 'delayMs', 'match'],
  events: ['duplicateRate', 'reorderRate', 'reorderWindow', 'delayMs'],
  pubsub: ['malformedRate', 'disconnectRate'],
}

function parsePlan(body: unknown, now: number): FaultPlan {
  if (!isObject(body)) throw new BadFaultPlan('The faults must be a JSON object')
  for (const name of Object.keys(body))
    if (name !== 'seed' && !(name in PARTS))
      throw new BadFaultPlan(`There is no fault "${name}"; known are seed, ${Object.keys(PARTS).join(', ')}`)
  const read = reader(body)
  const plan: FaultPlan = { seed: body.seed === undefined ? 1 : read.number(body, 'seed', 'seed', 1) }
  const { latency, unavailable, expiredSession, requestLimit, commitThenDrop, dropThenCommit, events, pubsub } =
    read.parts
  if (latency)
    plan.latency = {
      ms: read.number(latency, 'ms', 'latency.ms', 0),
      jitterMs: read.number(latency, 'jitterMs', 'latency.jitterMs', 0),
      ...read.match(latency, 'latency'),
    }
  if (unavailable)
    plan.unavailable = {
      rate: read.rate(unavailable, 'rate', 'unavailable.rate', 1),
      until: read.until(unavailable, 'unavailable', now),
      ...read.match(unavailable, 'unavailable'),
      ...(unavailable.retryAfterSeconds === undefined
        ? {}
        : { retryAfterSeconds: read.number(unavailable, 'retryAfterSeconds', 'unavailable.retryAfterSeconds', 0) }),
    }
  if (expiredSession)
    plan.expiredSession = {
      once: expiredSession.once === true,
      rate: read.rate(expiredSession, 'rate', 'expiredSession.rate', 0),
    }
  if (requestLimit)
    plan.requestLimit = { kind: read.kind(requestLimit), until: read.until(requestLimit, 'requestLimit', now) }
  if (commitThenDrop)
    plan.commitThenDrop = {
      rate: read.rate(commitThenDrop, 'rate', 'commitThenDrop.rate', 1),
      ...read.match(commitThenDrop, 'commitThenDrop'),
    }
  if (dropThenCommit)
    plan.dropThenCommit = {
      rate: read.rate(dropThenCommit, 'rate', 'dropThenCommit.rate', 1),
      delayMs: read.number(dropThenCommit, 'delayMs', 'dropThenCommit.delayMs', 1000),
      ...read.match(dropThenCommit, 'dropThenCommit'),
    }
  if (events)
    plan.events = {
      duplicateRate: read.rate(events, 'duplicateRate', 'events.duplicateRate', 0),
      reorderRate: read.rate(events, 'reorderRate', 'events.reorderRate', 0),
      reorderWindow: read.number(events, 'reorderWindow', 'events.reorderWindow', 10),
      delayMs: read.number(events, 'delayMs', 'events.delayMs', 0),
    }
  if (pubsub)
    plan.pubsub = {
      malformedRate: read.rate(pubsub, 'malformedRate', 'pubsub.malformedRate', 0),
      disconnectRate: read.rate(pubsub, 'disconnectRate', 'pubsub.disconnectRate', 0),
    }
  return plan
}

function reader(body: JsonObject) {
  const parts: { [name in FaultName]?: JsonObject } = {}
  for (const [name, value] of Object.entries(body)) {
    if (!isFaultName(name)) continue
    if (!isObject(value)) throw new BadFaultPlan(`The fault "${name}" must be an object`)
    for (const key of Object.keys(value))
      if (!PARTS[name].includes(key))
        throw new BadFaultPlan(`The fault "${name}" has no "${key}"; known are ${PARTS[name].join(', ')}`)
    parts[name] = value
  }
  const number = (part: JsonObject, key: string, where: string, otherwise: number) => {
    const value = part[key] === undefined ? otherwise : numberOf(part[key])
    if (value === undefined || value < 0)
      throw new BadFaultPlan(`${where} must be a number of 0 or more, not ${JSON.stringify(part[key])}`)
    return value
  }
  return {
    parts,
    number,
    rate: (part: JsonObject, key: string, where: string, otherwise: number) => {
      const value = number(part, key, where, otherwise)
      if (value > 1) throw new BadFaultPlan(`${where} must be between 0 and 1, not ${value}`)
      return value
    },
    until: (part: JsonObject, where: string, now: number) =>
      now + (part.forMs === undefined ? Number.POSITIVE_INFINITY : number(part, 'forMs', `${where}.forMs`, 0)),
    match: (part: JsonObject, where: string): Matched => {
      if (part.match === undefined) return {}
      const text = textOf(part.match)
      if (text === undefined) throw new BadFaultPlan(`${where}.match must be a regular expression as text`)
      try {
        return { match: new RegExp(text), matchText: text }
      } catch (error) {
        throw new BadFaultPlan(
          `${where}.match is no regular expression: ${error instanceof Error ? error.message : text}`,
        )
      }
    },
    kind: (part: JsonObject): 'daily' | 'concurrent' => {
      if (part.kind === undefined || part.kind === 'daily') return 'daily'
      if (part.kind === 'concurrent') return 'concurrent'
      throw new BadFaultPlan(`requestLimit.kind must be "daily" or "concurrent", not ${JSON.stringify(part.kind)}`)
    },
  }
}

function isFaultName(name: string): name is FaultName {
  return name in PARTS
}
