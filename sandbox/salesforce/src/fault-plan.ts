// What faults may be asked for, parsed from the body of PUT /_sandbox/faults.
import { isObject, type JsonObject, numberOf, textOf } from './json.ts'

/** Which calls a fault strikes: by `METHOD /path`, and by who calls. All of them, unless it says otherwise. */
export type Matched = { match?: RegExp; by?: RegExp }

export type FaultPlan = {
  latency?: Matched & { ms: number; jitterMs: number }
  unavailable?: Matched & { rate: number; until: number; retryAfterSeconds?: number }
  maintenancePage?: Matched & { rate: number; until: number }
  expiredSession?: Matched & { rate: number; once: boolean; everyMs?: number }
  refused?: Matched & { what: 'sessions' | 'logins'; until: number }
  requestLimit?: Matched & {
    kind: 'daily' | 'concurrent'
    until: number
    /** How many calls a day are allowed; without it the day's allowance is used up. */
    calls?: number
    /** How many long calls may be under way; without it every call is one too many. */
    atOnce?: number
    /** From when on a call counts as long. */
    longerThanMs: number
  }
  commitThenDrop?: Matched & { rate: number }
  dropThenCommit?: Matched & { rate: number; delayMs: number }
  truncatedBody?: Matched & { rate: number; how?: 'broken' | 'cut' }
  events?: {
    duplicateRate: number
    reorderRate: number
    reorderWindow: number
    delayMs: number
    gapRate: number
    lostRate: number
    overflowAbove: number
  }
  pubsub?: { malformedRate: number; disconnectRate: number }
}

export type FaultName = keyof FaultPlan

/** A plan that cannot be understood; the text says which part and why. */
export class BadFaultPlan extends Error {}

const PARTS: Readonly<Record<FaultName, readonly string[]>> = {
  latency: ['ms', 'jitterMs', 'match', 'by'],
  unavailable: ['rate', 'forMs', 'retryAfterSeconds', 'match', 'by'],
  maintenancePage: ['rate', 'forMs', 'match', 'by'],
  expiredSession: ['rate', 'once', 'everyMs', 'match', 'by'],
  refused: ['what', 'forMs', 'match', 'by'],
  requestLimit: ['kind', 'forMs', 'calls', 'atOnce', 'longerThanMs', 'match', 'by'],
  commitThenDrop: ['rate', 'match', 'by'],
  dropThenCommit: ['rate', 'delayMs', 'match', 'by'],
  truncatedBody: ['rate', 'how', 'match', 'by'],
  events: ['duplicateRate', 'reorderRate', 'reorderWindow', 'delayMs', 'gapRate', 'lostRate', 'overflowAbove'],
  pubsub: ['malformedRate', 'disconnectRate'],
}

/** Reads what was asked for. Faults that end (`forMs`) are counted from `now`. */
export function parsePlan(body: unknown, now: number): FaultPlan {
  const parts = partsOf(body)
  const plan: FaultPlan = {}
  for (const [name, read] of Object.entries(readers)) {
    const part = parts.get(name)
    if (part) Object.assign(plan, { [name]: read(new Part(name, part), now) })
  }
  return plan
}

export function seedOf(body: unknown): number {
  if (!isObject(body) || body.seed === undefined) return 1
  return new Part('', body).number('seed', 1)
}

function partsOf(body: unknown): ReadonlyMap<string, JsonObject> {
  if (!isObject(body)) throw new BadFaultPlan('The faults must be a JSON object')
  const parts = new Map<string, JsonObject>()
  for (const [name, value] of Object.entries(body)) {
    if (name === 'seed') continue
    if (!isFaultName(name))
      throw new BadFaultPlan(`There is no fault "${name}"; known are seed, ${Object.keys(PARTS).join(', ')}`)
    if (!isObject(value)) throw new BadFaultPlan(`The fault "${name}" must be an object`)
    for (const key of Object.keys(value))
      if (!PARTS[name].includes(key))
        throw new BadFaultPlan(`The fault "${name}" has no "${key}"; known are ${PARTS[name].join(', ')}`)
    parts.set(name, value)
  }
  return parts
}

const isFaultName = (name: string): name is FaultName => name in PARTS

const readers: { readonly [name in FaultName]: (part: Part, now: number) => FaultPlan[name] } = {
  latency: part => ({ ms: part.number('ms', 0), jitterMs: part.number('jitterMs', 0), ...part.matched() }),
  unavailable: (part, now) => ({
    rate: part.rate(1),
    until: part.until(now),
    ...part.optional('retryAfterSeconds'),
    ...part.matched(),
  }),
  maintenancePage: (part, now) => ({ rate: part.rate(1), until: part.until(now), ...part.matched() }),
  expiredSession: part => ({
    once: part.flag('once'),
    rate: part.rate(0),
    ...part.optional('everyMs'),
    ...part.matched(),
  }),
  refused: (part, now) => ({
    what: part.oneOf('what', ['sessions', 'logins'] as const) ?? 'sessions',
    until: part.until(now),
    ...part.matched(),
  }),
  requestLimit: (part, now) => ({
    kind: part.oneOf('kind', ['daily', 'concurrent'] as const) ?? 'daily',
    until: part.until(now),
    ...part.optional('calls'),
    ...part.optional('atOnce'),
    longerThanMs: part.number('longerThanMs', 0),
    ...part.matched(),
  }),
  commitThenDrop: part => ({ rate: part.rate(1), ...part.matched() }),
  dropThenCommit: part => ({ rate: part.rate(1), delayMs: part.number('delayMs', 1000), ...part.matched() }),
  truncatedBody: part => {
    const how = part.oneOf('how', ['broken', 'cut'] as const)
    return { rate: part.rate(1), ...(how && { how }), ...part.matched() }
  },
  events: part => ({
    duplicateRate: part.rate(0, 'duplicateRate'),
    reorderRate: part.rate(0, 'reorderRate'),
    reorderWindow: part.number('reorderWindow', 10),
    delayMs: part.number('delayMs', 0),
    gapRate: part.rate(0, 'gapRate'),
    lostRate: part.rate(0, 'lostRate'),
    overflowAbove: part.number('overflowAbove', Number.POSITIVE_INFINITY),
  }),
  pubsub: part => ({ malformedRate: part.rate(0, 'malformedRate'), disconnectRate: part.rate(0, 'disconnectRate') }),
}

/** One fault's settings, each read by its kind. */
class Part {
  readonly #name: string
  readonly #of: JsonObject

  constructor(name: string, of: JsonObject) {
    this.#name = name
    this.#of = of
  }

  number(key: string, otherwise: number): number {
    const value = this.#of[key] === undefined ? otherwise : numberOf(this.#of[key])
    if (value === undefined || value < 0)
      throw new BadFaultPlan(`${this.#at(key)} must be a number of 0 or more, not ${JSON.stringify(this.#of[key])}`)
    return value
  }

  optional<Key extends string>(key: Key): { [key in Key]?: number } {
    return this.#of[key] === undefined ? {} : ({ [key]: this.number(key, 0) } as { [key in Key]?: number })
  }

  rate(otherwise: number, key = 'rate'): number {
    const value = this.number(key, otherwise)
    if (value > 1) throw new BadFaultPlan(`${this.#at(key)} must be between 0 and 1, not ${value}`)
    return value
  }

  until(now: number): number {
    return now + (this.#of.forMs === undefined ? Number.POSITIVE_INFINITY : this.number('forMs', 0))
  }

  flag(key: string): boolean {
    const value = this.#of[key] ?? false
    if (typeof value === 'boolean') return value
    throw new BadFaultPlan(`${this.#at(key)} must be true or false, not ${JSON.stringify(value)}`)
  }

  oneOf<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const value = this.#of[key]
    if (value === undefined) return undefined
    const chosen = choices.find(choice => choice === value)
    if (chosen) return chosen
    const names = choices.map(choice => `"${choice}"`).join(' or ')
    throw new BadFaultPlan(`${this.#at(key)} must be ${names}, not ${JSON.stringify(value)}`)
  }

  matched(): Matched {
    const [match, by] = [this.#pattern('match'), this.#pattern('by')]
    return { ...(match && { match }), ...(by && { by }) }
  }

  #pattern(key: string): RegExp | undefined {
    if (this.#of[key] === undefined) return undefined
    const text = textOf(this.#of[key])
    if (text === undefined) throw new BadFaultPlan(`${this.#at(key)} must be a regular expression as text`)
    try {
      return new RegExp(text)
    } catch (error) {
      throw new BadFaultPlan(
        `${this.#at(key)} is no regular expression: ${error instanceof Error ? error.message : text}`,
      )
    }
  }

  #at(key: string): string {
    return this.#name === '' ? key : `${this.#name}.${key}`
  }
}
