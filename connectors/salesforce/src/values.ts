// Values between Salesforce and the engine, by the kind of the declared field. REST and change events differ: an event tells
// days and instants as epoch milliseconds.
import {
  type DateOnly,
  type Fields,
  isDay,
  type Money,
  moneyOf,
  type Native,
  type NotWritten,
  Refused,
} from '@plumbline/sdk'

type Declared = Fields[string]

const checks = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** The 18-character form of an id; Salesforce takes both and answers with this one. */
export function longId(id: string): string {
  if (!/^[A-Za-z0-9]{15}$/.test(id)) return id
  const check = [0, 5, 10].map(start => {
    const capitals = [...id.slice(start, start + 5)].reduce(
      (bits, c, at) => bits | (c >= 'A' && c <= 'Z' ? 1 << at : 0),
      0,
    )
    return checks[capitals]
  })
  return id + check.join('')
}

/** A native value as the engine knows it. Null stays null; what cannot be read throws and is never taken for empty. */
export function decodeValue(field: Declared, value: unknown, currency: string | undefined): unknown {
  if (value === null || value === undefined) return null
  switch (field.kind) {
    case 'money':
      return amount(String(value).trim(), currency)
    case 'count':
      return finite(value)
    case 'yesNo':
      return value === true || value === 'true'
    case 'day':
      return dayFrom(value)
    case 'instant':
      return new Date(typeof value === 'number' ? value : String(value)).toISOString()
    case 'id':
    case 'lookup':
      return longId(String(value))
    default:
      return String(value)
  }
}

function amount(value: string, currency: string | undefined): Money {
  if (currency !== undefined) return moneyOf(value, currency)
  throw new TypeError(`An amount of ${value} is in no currency: its record has no CurrencyIsoCode`)
}

/** REST tells a day as it is; an event tells midnight of it in UTC. No zone has a part in it. */
function dayFrom(value: unknown): DateOnly {
  const day = typeof value === 'number' ? new Date(value).toISOString().slice(0, 10) : value
  if (isDay(day)) return day
  throw new TypeError(`"${String(value)}" is not a day`)
}

function finite(value: unknown): number {
  const number = Number(value)
  if (!Number.isFinite(number)) throw new TypeError(`"${String(value)}" is not a number`)
  return number
}

/** The engine's value as Salesforce takes it. */
function encodeValue(name: string, field: Declared | undefined, value: unknown, currency: string): unknown {
  if (value === null || value === undefined) return null
  if (field?.kind === 'day' && !isDay(value))
    throw new Refused(`${name} is "${String(value)}", which is not a day`, 'Correct the date in the record.')
  if (field?.kind !== 'money' || typeof value !== 'object') return value
  const { amount, currency: given } = parseMoney(value)
  if (given !== currency) {
    throw new Refused(
      `${name} is in ${given}, but this Salesforce keeps amounts in ${currency}`,
      'Convert the amount first.',
    )
  }
  const number = Number(amount)
  if (moneyOf(number, currency).amount !== moneyOf(amount, currency).amount) {
    throw new Refused(`${name} is ${amount} ${given}: more digits than Salesforce keeps exactly`)
  }
  return number
}

function parseMoney(value: object): { amount: string; currency: string } {
  if ('amount' in value && 'currency' in value)
    return { amount: String(value.amount), currency: String(value.currency) }
  throw new TypeError(`${JSON.stringify(value)} is not an amount of money`)
}

/** What Salesforce makes of the instants that it is sent: it keeps whole seconds, and its answer does not say so. */
export const instantsKept = (fields: Fields, native: Native): Native =>
  Object.fromEntries(
    Object.entries(native).flatMap(([name, value]) => {
      const at = fields[name]?.kind === 'instant' ? Date.parse(String(value)) : Number.NaN
      return Number.isNaN(at) ? [] : [[name, new Date(Math.floor(at / 1_000) * 1_000).toISOString()]]
    }),
  )

/** All values of a record but its lists, encoded. */
export function encodeFields(fields: Fields, native: Readonly<Record<string, unknown>>, currency: string) {
  const encoded: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(native)) {
    const field = fields[name]
    if (value === undefined || name === 'Id' || field?.kind === 'id' || field?.kind === 'list') continue
    encoded[name] = encodeValue(name, field, value, currency)
  }
  return encoded
}

/** A value that Salesforce cannot hold refuses its own record only. */
export function encoding<T extends object>(of: string, encode: () => T): T | NotWritten {
  try {
    return encode()
  } catch (error) {
    if (error instanceof Refused)
      return { end: 'refused', reason: `Salesforce, ${of}: ${error.message}`, ...(error.todo && { todo: error.todo }) }
    throw error
  }
}
