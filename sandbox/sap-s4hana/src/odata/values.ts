// How values travel: out as OData V2 JSON, in from a request body, and as literals of a key or filter.
import Big from 'big.js'
import { malformed } from './errors.ts'
import type { EntityType, InputOf, Property, Row } from './model.ts'
import { isRow } from './model.ts'

export function toWire(property: Property, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (property.kind === 'date') return `/Date(${value})/`
  if (property.kind === 'instant') return `/Date(${value}+0000)/`
  return value
}

/** The version of a row as SAP writes it: `W/"datetimeoffset'2026-06-08T23%3A53%3A04.457Z'"`. */
export function etagOf(type: EntityType, row: Row): string | undefined {
  if (!type.etag) return undefined
  const stamp = row[type.etag]
  if (typeof stamp !== 'number') return undefined
  return `W/"datetimeoffset'${new Date(stamp).toISOString().replaceAll(':', '%3A')}'"`
}

type Purpose = 'create' | 'update'

/** Parses what a caller sent into the fields that the description knows, or says which field is wrong. */
export function parseInput<E extends EntityType>(type: E, body: unknown, purpose: Purpose): InputOf<E> {
  if (!isRow(body)) throw malformed(`The request body must be a JSON object with fields of ${type.name}`)
  const input: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    if (name === '__metadata') continue
    const child = type.children[name]
    const property = type.properties[name]
    if (child) {
      if (purpose === 'update')
        throw malformed(`Navigation property '${name}' cannot be changed through its parent`, name)
      const rows = listOf(value)
      if (child.many) input[name] = rows.map(row => parseInput(child.of, row, purpose))
      else if (value !== null && rows.length > 0) input[name] = parseInput(child.of, rows[0], purpose)
    } else if (property && !property.hidden) {
      if (purpose === 'update' && type.keys.includes(name)) continue
      if (property.writable === 'no' || (purpose === 'update' && property.writable === 'create')) {
        throw malformed(
          `Property '${name}' of ${type.name} cannot be set by ${purpose === 'create' ? 'a create' : 'an update'}`,
          name,
        )
      }
      input[name] = parseValue(name, property, value)
    } else if (!isDeferred(value)) {
      throw malformed(`Property '${name}' is invalid: ${type.name} does not have it`, name)
    }
  }
  // Every entry was checked against the description that InputOf<E> is computed from.
  return input as InputOf<E>
}

const isDeferred = (value: unknown) => isRow(value) && '__deferred' in value

const listOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value
  if (isRow(value)) return Array.isArray(value.results) ? value.results : [value]
  return []
}

function parseValue(name: string, property: Property, value: unknown): string | number | boolean | null {
  const wrong = (why: string) =>
    malformed(`Property '${name}' has the invalid value ${JSON.stringify(value)}: ${why}`, name)
  switch (property.kind) {
    case 'text':
      if (value === null) return ''
      if (typeof value !== 'string') throw wrong('a string is expected')
      if (value.length > (property.maxLength ?? 255))
        throw wrong(`at most ${property.maxLength} characters are allowed`)
      return value
    case 'decimal':
      if (value === null) return new Big(0).toFixed(property.scale)
      if (typeof value !== 'string') throw wrong('Edm.Decimal travels as a string')
      return parseDecimal(value, property, wrong)
    case 'date':
    case 'instant':
      return value === null ? null : parseDate(value, wrong)
    case 'time':
      if (typeof value !== 'string' || !/^PT\d+H\d+M\d+S$/.test(value))
        throw wrong('a time such as PT10H30M00S is expected')
      return value
    case 'flag':
      if (typeof value !== 'boolean') throw wrong('true or false is expected')
      return value
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong('a whole number is expected')
      return value
  }
}

function parseDecimal(value: string, property: Property, wrong: (why: string) => Error): string {
  if (!/^-?\d+(\.\d+)?$/.test(value)) throw wrong('a decimal number is expected')
  const number = new Big(value)
  const scale = property.scale ?? 0
  if (!number.round(scale).eq(number)) throw wrong(`at most ${scale} decimals are allowed`)
  if (number.abs().gte(new Big(10).pow((property.precision ?? 31) - scale))) throw wrong('the number is too large')
  return number.toFixed(scale)
}

function parseDate(value: unknown, wrong: (why: string) => Error): number {
  if (typeof value === 'string') {
    const milliseconds = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(value)
    if (milliseconds) return Number(milliseconds[1])
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.test(value)) {
      const parsed = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`)
      if (!Number.isNaN(parsed)) return parsed
    }
  }
  throw wrong('a date such as /Date(1793527200000)/ is expected')
}
