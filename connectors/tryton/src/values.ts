// Values on Tryton's wire: decimals, days and times are objects that say what they are, floats are numbers.
import { type DateOnly, digitsOf, isDay, type Money, Refused } from '@plumbline/sdk'
import Big from 'big.js'

export type Row = Readonly<Record<string, unknown>>
export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const rowsIn = (value: unknown): readonly Row[] => (Array.isArray(value) ? value.filter(isRow) : [])

/** A record that another points to, with the columns that were read of it: Tryton tells it under `party.`. */
export const related = (row: Row, name: string): Row | undefined => {
  const found = row[`${name}.`]
  return isRow(found) ? found : undefined
}
/** The records of a list, with the columns that were read of them. */
export const listed = (row: Row, name: string): readonly Row[] => rowsIn(row[`${name}.`])

export const textIn = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
/** An id of Tryton's, as the text that we know it by. */
export const idIn = (value: unknown): string | null => (typeof value === 'number' ? String(value) : null)

/** The digits of a decimal, exactly as many as it has. */
export function decimalIn(value: unknown): string | undefined {
  return isRow(value) && value.__class__ === 'Decimal' && typeof value.decimal === 'string' ? value.decimal : undefined
}
/** A number of Tryton's fields of floats goes over the wire as a number; a decimal never may. */
export const decimal = (digits: string): Row => ({ __class__: 'Decimal', decimal: digits })

/** An amount with all its digits, and no fewer than its currency has: prices may have four, and are not rounded to two. */
export function moneyIn(value: unknown, currency: unknown): Money | null {
  const digits = decimalIn(value)
  if (digits === undefined) return null
  if (typeof currency !== 'string') throw new TypeError('An amount without a currency')
  return exactly(digits, currency)
}

export function exactly(digits: string, currency: string): Money {
  const amount = new Big(digits)
  const written = amount.toFixed()
  const own = written.split('.')[1]?.length ?? 0
  return { amount: own < digitsOf(currency) ? amount.toFixed(digitsOf(currency)) : written, currency }
}

export const amountIn = (value: unknown): Money | undefined =>
  isRow(value) && typeof value.amount === 'string' && typeof value.currency === 'string'
    ? { amount: value.amount, currency: value.currency }
    : undefined

export function dayIn(value: unknown): DateOnly | null {
  if (!isRow(value)) return null
  const { year, month, day } = value
  const written = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join(
    '-',
  )
  if (isDay(written)) return written
  throw new TypeError(`${JSON.stringify(value)} is not a day`)
}

/** No zone has a part in it. What the calendar does not have is refused: it would be written as another day. */
export function dayAsWritten(value: unknown): Row {
  if (!isDay(value)) throw new Refused(`"${String(value)}" is not a day`, 'Correct the date in the record.')
  const [year, month, day] = value.split('-').map(Number)
  return { __class__: 'date', year, month, day }
}

/** A moment, as Tryton compares it with its stamps: in UTC. */
export function momentAsWritten(ms: number): Row {
  const at = new Date(ms)
  return {
    __class__: 'datetime',
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    microsecond: at.getUTCMilliseconds() * 1_000,
  }
}
