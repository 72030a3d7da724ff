// What faults may be asked for, parsed from the body of PUT /_sandbox/faults.
import { isRow } from '../odata/model.ts'

interface Matching {
  readonly match?: RegExp
}

export interface FaultSettings {
  readonly seed: number
  readonly latency?: Matching & { readonly ms: number; readonly jitterMs: number }
  readonly unavailable?: Matching & {
    readonly rate: number
    readonly forMs?: number
    readonly retryAfterSeconds?: number
  }
  readonly expiredSession?: Matching & { readonly rate: number }
  readonly requestLimit?: Matching & {
    readonly rate: number
    readonly forMs?: number
    readonly retryAfterSeconds: number
  }
  readonly commitThenDrop?: Matching & { readonly rate: number }
  readonly dropThenCommit?: Matching & { readonly rate: number; readonly delayMs: number }
  readonly maintenancePage?: Matching & { readonly rate: number; readonly forMs?: number }
  readonly truncatedBody?: Matching & { readonly rate: number; readonly how?: 'broken' | 'cut' }
}

export type FaultName = Exclude<keyof FaultSettings, 'seed'>

export class WrongFault extends Error {}

type Fields = { readonly [name: string]: unknown }

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  latency: ['ms', 'jitterMs', 'match'],
  unavailable: ['rate', 'forMs', 'match', 'retryAfterSeconds'],
  expiredSession: ['rate', 'match'],
  requestLimit: ['rate', 'forMs', 'match', 'retryAfterSeconds'],
  commitThenDrop: ['rate', 'match'],
  dropThenCommit: ['rate', 'delayMs', 'match'],
  maintenancePage: ['rate', 'forMs', 'match'],
  truncatedBody: ['rate', 'how', 'match'],
}

/** Reads what was asked for, or says which part of it makes no sense. */
export function parseFaults(body: unknown): FaultSettings {
  if (!isRow(body)) throw new WrongFault('The body must be a JSON object of faults')
  for (const [name, fields] of Object.entries(body)) checkNames(name, fields)
  const { seed } = body
  if (seed !== undefined && typeof seed !== 'number') throw new WrongFault('seed must be a number')
  return {
    seed: typeof seed === 'number' ? seed : 1,
    latency: fault(body, 'latency', fields => ({
      ms: number(fields, 'latency', 'ms', 0),
      jitterMs: number(fields, 'latency', 'jitterMs', 0),
    })),
    unavailable: fault(body, 'unavailable', fields => ({
      rate: rate(fields, 'unavailable', 1),
      forMs: optional(fields, 'unavailable', 'forMs'),
      retryAfterSeconds: optional(fields, 'unavailable', 'retryAfterSeconds'),
    })),
    expiredSession: fault(body, 'expiredSession', fields => ({ rate: rate(fields, 'expiredSession', 1) })),
    requestLimit: fault(body, 'requestLimit', fields => ({
      rate: rate(fields, 'requestLimit', 1),
      forMs: optional(fields, 'requestLimit', 'forMs'),
      retryAfterSeconds: number(fields, 'requestLimit', 'retryAfterSeconds', 1),
    })),
    commitThenDrop: fault(body, 'commitThenDrop', fields => ({ rate: rate(fields, 'commitThenDrop', 1) })),
    dropThenCommit: fault(body, 'dropThenCommit', fields => ({
      rate: rate(fields, 'dropThenCommit', 1),
      delayMs: number(fields, 'dropThenCommit', 'delayMs', 1000),
    })),
    maintenancePage: fault(body, 'maintenancePage', fields => ({
      rate: rate(fields, 'maintenancePage', 1),
      forMs: optional(fields, 'maintenancePage', 'forMs'),
    })),
    truncatedBody: fault(body, 'truncatedBody', fields => ({
      rate: rate(fields, 'truncatedBody', 1),
      how: cutIn(fields),
    })),
  }
}

function checkNames(name: string, fields: unknown): void {
  if (name === 'seed') return
  const allowed = ALLOWED[name]
  if (!allowed) throw new WrongFault(`There is no fault '${name}'; there are ${Object.keys(ALLOWED).join(', ')}`)
  if (!isRow(fields)) throw new WrongFault(`${name} must be an object with ${allowed.join(', ')}`)
  const wrong = Object.keys(fields).find(field => !allowed.includes(field))
  if (wrong) throw new WrongFault(`${name} has no setting '${wrong}'; it has ${allowed.join(', ')}`)
}

function fault<T extends object>(body: Fields, name: string, read: (fields: Fields) => T): (T & Matching) | undefined {
  const fields = body[name]
  return isRow(fields) ? { ...read(fields), match: matchIn(fields, name) } : undefined
}

function matchIn(fields: Fields, name: string): RegExp | undefined {
  const { match } = fields
  if (match === undefined) return undefined
  if (typeof match !== 'string') throw new WrongFault(`${name}.match must be a regular expression in a string`)
  try {
    return new RegExp(match)
  } catch (error) {
    throw new WrongFault(`${name}.match is not a regular expression: ${error instanceof Error ? error.message : error}`)
  }
}

function number(fields: Fields, name: string, field: string, otherwise: number): number {
  const value = fields[field]
  if (value === undefined) return otherwise
  if (typeof value !== 'number' || !(value >= 0))
    throw new WrongFault(`${name}.${field} must be a number of at least 0`)
  return value
}

const optional = (fields: Fields, name: string, field: string): number | undefined =>
  fields[field] === undefined ? undefined : number(fields, name, field, 0)

function cutIn({ how }: Fields): 'broken' | 'cut' | undefined {
  if (how === undefined || how === 'broken' || how === 'cut') return how
  throw new WrongFault('truncatedBody.how must be "broken" or "cut"')
}

function rate(fields: Fields, name: string, otherwise: number): number {
  const value = number(fields, name, 'rate', otherwise)
  if (value > 1) throw new WrongFault(`${name}.rate must lie between 0 and 1`)
  return value
}
