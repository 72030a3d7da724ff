// What a people's door is, and reading what it is given: each function takes one field or says what is wrong with it.
import type { Call } from '../business/call.ts'
import { malformed } from '../odata/errors.ts'
import { isRow, type Row } from '../odata/model.ts'

export interface Door {
  readonly by: string
  act(body: unknown, call: Call): unknown
}

export function fieldsOf(body: unknown, allowed: readonly string[]): Row {
  if (!isRow(body)) throw malformed('The body must be a JSON object')
  const unknown = Object.keys(body).find(name => !allowed.includes(name))
  if (unknown) throw malformed(`There is no field '${unknown}' here; there are ${allowed.join(', ')}`)
  return body
}

export function textIn(fields: Row, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw malformed(`Field '${name}' must be a text`)
}

export const optionalText = (fields: Row, name: string): string | undefined =>
  fields[name] === undefined ? undefined : textIn(fields, name)

export function decimalIn(fields: Row, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(value)) return value
  throw malformed(`Field '${name}' must be a decimal number in a string, such as "12.50"`)
}

export const optionalDecimal = (fields: Row, name: string): string | undefined =>
  fields[name] === undefined ? undefined : decimalIn(fields, name)

/** A decimal number that may be less than nothing, as a discount is. */
export function signedIn(fields: Row, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && /^-?\d{1,15}(\.\d{1,9})?$/.test(value)) return value
  throw malformed(`Field '${name}' must be a decimal number in a string, such as "-12.50"`)
}

/** A day as `2026-11-22`, in milliseconds. */
export function dayIn(fields: Row, name: string): number {
  const value = fields[name]
  const day =
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN
  if (!Number.isNaN(day)) return day
  throw malformed(`Field '${name}' must be a day, such as "2026-11-22"`)
}

export const optionalDay = (fields: Row, name: string): number | undefined =>
  fields[name] === undefined ? undefined : dayIn(fields, name)

export function flagIn(fields: Row, name: string): boolean {
  const value = fields[name] ?? false
  if (typeof value === 'boolean') return value
  throw malformed(`Field '${name}' must be true or false`)
}

export function listIn(fields: Row, name: string): readonly Row[] {
  const value = fields[name] ?? []
  if (Array.isArray(value) && value.every(isRow)) return value
  throw malformed(`Field '${name}' must be a list of objects`)
}
