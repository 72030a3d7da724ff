// OData V2 as SAP speaks it: values on the wire, literals in filters, lists and single entities.

import type { DateOnly, Fields } from '@plumbline/sdk'
import { isDay, moneyOf, Refused } from '@plumbline/sdk'

export type Row = Readonly<Record<string, unknown>>
export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`
export const instantLiteral = (ms: number): string => `datetimeoffset'${new Date(ms).toISOString()}'`
export const dayLiteral = (ms: number): string => `datetime'${new Date(ms).toISOString().slice(0, 10)}T00:00:00'`
export const timeLiteral = (ms: number): string => {
  const [hours, minutes, seconds] = new Date(ms).toISOString().slice(11, 19).split(':')
  return `time'PT${hours}H${minutes}M${seconds}S'`
}

/** `/Date(1793527200000+0000)/` in milliseconds. */
export function millisecondsOf(value: unknown): number | undefined {
  const found = typeof value === 'string' ? /^\/Date\((-?\d+)(?:[+-]\d+)?\)\/$/.exec(value) : null
  return found ? Number(found[1]) : undefined
}

/** The day of `/Date(1793527200000)/`. */
export function dayIn(value: unknown): DateOnly | undefined {
  const ms = millisecondsOf(value)
  return ms === undefined ? undefined : dayOf(ms)
}

export function dayOf(ms: number): DateOnly | undefined {
  const text = new Date(ms).toISOString().slice(0, 10)
  return isDay(text) ? text : undefined
}

/** `PT10H30M05S` in milliseconds. */
export function timeOfDay(value: unknown): number {
  const found = typeof value === 'string' ? /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(value) : null
  return found ? ((Number(found[1] ?? 0) * 60 + Number(found[2] ?? 0)) * 60 + Number(found[3] ?? 0)) * 1000 : 0
}

/** The rows of a list, or of a list within an entity. */
export function rowsIn(list: unknown): readonly Row[] {
  const rows: unknown = isRow(list) ? list.results : list
  return Array.isArray(rows) ? rows.filter(isRow) : []
}

type Declared = Fields[string]

/** A value as the engine knows it. SAP writes an empty text where others write null. */
export function decodeValue(field: Declared, row: Row, value: unknown): unknown {
  if (value === null || value === undefined || value === '') return null
  switch (field.kind) {
    case 'money':
      return moneyOf(String(value), currencyOf(row))
    case 'count':
      return Number(value)
    case 'yesNo':
      return value === true
    case 'day':
      return dayFrom(value)
    case 'instant':
      return new Date(millisecondsOf(value) ?? String(value)).toISOString()
    default:
      return String(value)
  }
}

/** SAP writes a day as midnight in UTC, with or without "+0000" behind it, and in some services as a text. No zone has a part in it. */
function dayFrom(value: unknown): DateOnly {
  const day = dayIn(value) ?? String(value).replace(/T00:00:00(\.0+)?Z?$/, '')
  if (isDay(day)) return day
  throw new TypeError(`"${String(value)}" is not a day`)
}

/** Midnight in UTC. What the calendar does not have is refused: it would be written as another day. */
function dayAsWritten(value: unknown): string {
  if (!isDay(value)) throw new Refused(`"${String(value)}" is not a day`, 'Correct the date in the record.')
  return `/Date(${Date.parse(`${value}T00:00:00Z`)})/`
}

function currencyOf(row: Row): string {
  if (typeof row.TransactionCurrency === 'string' && row.TransactionCurrency !== '') return row.TransactionCurrency
  throw new TypeError('An amount without a currency')
}

/** The engine's value as SAP takes it: decimals are strings, days are `/Date(…)/`, nothing is an empty text. */
export function encodeValue(field: Declared | undefined, value: unknown): unknown {
  if (value === null || value === undefined) return field?.kind === 'day' || field?.kind === 'instant' ? null : ''
  if (field?.kind === 'money') return amountOf(value)?.amount
  if (field?.kind === 'count') return String(value)
  if (field?.kind === 'day') return dayAsWritten(value)
  if (field?.kind === 'instant') return `/Date(${Date.parse(String(value))}+0000)/`
  return value
}

export const amountOf = (value: unknown): { readonly amount: string; readonly currency: string } | undefined =>
  isRow(value) && typeof value.amount === 'string' && typeof value.currency === 'string'
    ? { amount: value.amount, currency: value.currency }
    : undefined
