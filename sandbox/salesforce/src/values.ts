// Reads a value from a request body as its field wants it, or refuses it the way Salesforce does.
import { decimal, round, toNumber } from './decimal.ts'
import { malformed, refused } from './errors.ts'
import { toId18 } from './ids.ts'
import type { Field } from './schema.ts'
import type { FieldValue } from './table.ts'
import { datetimeText, parseDate, parseDatetime } from './times.ts'

export function parseValue(field: Field, value: unknown): FieldValue {
  if (value === null || value === undefined || value === '') return field.type === 'boolean' ? refuseNull(field) : null
  switch (field.type) {
    case 'boolean':
      return parseBoolean(value)
    case 'currency':
    case 'double':
    case 'percent':
    case 'int':
      return parseNumber(field, value)
    case 'date':
      return (typeof value === 'string' ? parseDate(value) : undefined) ?? cannotRead('date', value)
    case 'datetime':
      return parseMoment(value)
    case 'reference':
    case 'id':
      return parseReference(field, value)
    case 'picklist':
      return parsePicklist(field, parseText(field, value))
    case 'email':
      return parseEmail(field, parseText(field, value))
    default:
      return parseText(field, value)
  }
}

function refuseNull(field: Field): never {
  throw refused('INVALID_TYPE_ON_FIELD_IN_RECORD', `${field.label}: value not of required type: `, [field.name])
}

function cannotRead(type: string, value: unknown): never {
  const kind =
    typeof value === 'string' ? 'VALUE_STRING' : typeof value === 'number' ? 'VALUE_NUMBER_INT' : 'START_OBJECT'
  throw malformed(
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${type} from ${kind} value ${String(value)} or request may be missing a required field at [line:1, column:1]`,
  )
}

function parseBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (value === 'true' || value === 'false') return value === 'true'
  return cannotRead('boolean', value)
}

function parseNumber(field: Field, value: unknown): number {
  const type =
    field.type === 'int'
      ? 'int'
      : field.type === 'currency'
        ? 'currency'
        : field.type === 'percent'
          ? 'percent'
          : 'double'
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (!Number.isFinite(number)) return cannotRead(type, value)
  if (field.type === 'int') return Number.isInteger(number) ? number : cannotRead('int', value)
  const rounded = toNumber(round(decimal(number), field.scale))
  const limit = 10 ** (field.precision - field.scale)
  if (field.precision > 0 && Math.abs(rounded) >= limit) {
    throw refused(
      'NUMBER_OUTSIDE_VALID_RANGE',
      `${field.label}: value outside of valid range on numeric field: ${String(value)}`,
      [field.name],
    )
  }
  return rounded
}

function parseMoment(value: unknown): string {
  if (typeof value !== 'string') return cannotRead('datetime', value)
  const ms = parseDatetime(value) ?? (parseDate(value) ? Date.parse(value) : undefined)
  return ms === undefined ? cannotRead('datetime', value) : datetimeText(ms)
}

function parseReference(field: Field, value: unknown): string {
  const id = typeof value === 'string' ? toId18(value) : undefined
  if (id) return id
  throw refused('MALFORMED_ID', `${field.label}: id value of incorrect type: ${String(value)}`, [field.name])
}

function parseText(field: Field, value: unknown): string {
  if (typeof value === 'object') return cannotRead('string', value)
  const text = String(value).trim()
  if (field.length > 0 && text.length > field.length) {
    throw refused('STRING_TOO_LONG', `${field.label}: data value too large: ${text} (max length=${field.length})`, [
      field.name,
    ])
  }
  return text
}

function parsePicklist(field: Field, text: string): string {
  if (!field.restricted) return text
  const known = field.picklist.find(entry => entry.value.toLowerCase() === text.toLowerCase())
  if (known) return known.value
  throw refused(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    `${field.label}: bad value for restricted picklist field: ${text}`,
    [field.name],
  )
}

function parseEmail(field: Field, text: string): string {
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return text
  throw refused('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${text}`, [field.name])
}
