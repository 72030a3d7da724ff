// The functions of SOQL that make a value from a date.
import { malformed } from '../errors.ts'
import type { FieldValue } from '../table.ts'

type DateFunction = (value: FieldValue) => string | number | null

const FUNCTIONS: Readonly<Record<string, (date: Date) => string | number>> = {
  CALENDAR_YEAR: date => date.getUTCFullYear(),
  CALENDAR_QUARTER: date => Math.floor(date.getUTCMonth() / 3) + 1,
  CALENDAR_MONTH: date => date.getUTCMonth() + 1,
  DAY_IN_MONTH: date => date.getUTCDate(),
  DAY_IN_WEEK: date => date.getUTCDay() + 1,
  DAY_ONLY: date => date.toISOString().slice(0, 10),
  HOUR_IN_DAY: date => date.getUTCHours(),
}

export function isDateFunction(name: string): boolean {
  return name.toUpperCase().replace('FISCAL', 'CALENDAR') in FUNCTIONS
}

export function dateFunction(name: string): DateFunction {
  const apply = FUNCTIONS[name.toUpperCase().replace('FISCAL', 'CALENDAR')]
  if (!apply) throw malformed('MALFORMED_QUERY', `unexpected token: '${name}'`)
  return value => (typeof value === 'string' ? apply(new Date(value.replace('+0000', 'Z'))) : null)
}
