// What faults may be asked for, read from the body of PUT /_sandbox/faults.
import { isRow, type Row } from './http.ts'

/** A fault strikes requests that match, at a rate from 0 to 1, for a while when it says so. */
export interface Fault {
  readonly match?: RegExp
  readonly rate: number
  readonly forMs?: number
  readonly ms: number
  readonly jitterMs: number
  readonly delayMs: number
  readonly retryAfterSeconds?: number
  readonly how?: 'broken' | 'cut'
}

/** Which settings each fault has. All have `match`, a regular expression on `METHOD /path`. */
const SETTINGS = {
  latency: ['ms', 'jitterMs', 'rate'],
  unavailable: ['rate', 'forMs', 'retryAfterSeconds'],
  refused: ['rate', 'forMs'],
  requestLimit: ['rate', 'forMs', 'retryAfterSeconds'],
  commitThenDrop: ['rate'],
  dropThenCommit: ['rate', 'delayMs'],
  maintenancePage: ['rate', 'forMs'],
  truncatedBody: ['rate', 'how'],
} as const

export type FaultName = keyof typeof SETTINGS
export type FaultPlan = { readonly seed: number; readonly faults: ReadonlyMap<FaultName, Fault> }

export class WrongFault extends Error {}

const isFaultName = (name: string): name is FaultName => name in SETTINGS

/** Reads what was asked for, or says which part of it makes no sense. */
export function parseFaults(body: unknown): FaultPlan {
  if (!isRow(body)) throw new WrongFault('The body must be a JSON object of faults')
  const { seed = 1, ...asked } = body
  if (typeof seed !== 'number') throw new WrongFault('seed must be a number')
  return { seed, faults: new Map(Object.entries(asked).map(([name, fields]) => faultIn(name, fields))) }
}

function faultIn(name: string, fields: unknown): [FaultName, Fault] {
  if (!isFaultName(name))
    throw new WrongFault(`There is no fault '${name}'; there are ${Object.keys(SETTINGS).join(', ')}`)
  const allowed: readonly string[] = [...SETTINGS[name], 'match']
  if (!isRow(fields)) throw new WrongFault(`${name} must be an object with ${allowed.join(', ')}`)
  const wrong = Object.keys(fields).find(field => !allowed.includes(field))
  if (wrong) throw new WrongFault(`${name} has no setting '${wrong}'; it has ${allowed.join(', ')}`)
  const number = (field: string): number | undefined => numberIn(name, field, fields)
  const rate = number('rate') ?? 1
  if (rate > 1) throw new WrongFault(`${name}.rate must lie between 0 and 1`)
  const { how } = fields
  if (how !== undefined && how !== 'broken' && how !== 'cut')
    throw new WrongFault('truncatedBody.how must be "broken" or "cut"')
  return [
    name,
    {
      rate,
      match: matchIn(name, fields),
      forMs: number('forMs'),
      ms: number('ms') ?? 0,
      jitterMs: number('jitterMs') ?? 0,
      delayMs: number('delayMs') ?? 1_000,
      retryAfterSeconds: number('retryAfterSeconds'),
      how,
    },
  ]
}

function numberIn(name: string, field: string, fields: Row): number | undefined {
  const value = fields[field]
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= 0) return value
  throw new WrongFault(`${name}.${field} must be a number of at least 0`)
}

function matchIn(name: string, { match }: Row): RegExp | undefined {
  if (match === undefined) return undefined
  if (typeof match !== 'string') throw new WrongFault(`${name}.match must be a regular expression in a string`)
  try {
    return new RegExp(match)
  } catch (error) {
    throw new WrongFault(`${name}.match is not a regular expression: ${error instanceof Error ? error.message : error}`)
  }
}
