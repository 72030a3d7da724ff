// An explanation in words: values, moments and the one sentence that a business person reads first.
import type { AnyRule } from '@plumbline/sdk'
import type { Named } from './words.ts'

export type FieldOwner = {
  /** Who owns it now; null of lines, which are owned field by field. */
  readonly role: string | null
  readonly systems: readonly string[]
  /** "The CRM until booked, then the ERP; later edits become change requests". */
  readonly rule: string
}

type Names = ReadonlyMap<string, Named>
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const EMPTY = 'empty'
/** A value as people write it: `1,200.00 EUR`, `Customer Acme`, `3 lines`, `empty`. */
export function valueWords(value: unknown, names: Names): string {
  if (value === null || value === undefined || value === '') return EMPTY
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? 'line' : 'lines'}`
  if (!isObject(value)) return String(value)
  if (typeof value.amount === 'string') return `${grouped(value.amount)}${value.currency ? ` ${value.currency}` : ''}`
  if (typeof value.id === 'string') return names.get(value.id)?.title ?? value.id
  return JSON.stringify(value)
}

function grouped(amount: string): string {
  const [whole = '', parts] = amount.split('.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${parts === undefined ? '' : `.${parts}`}`
}

/** The refs in values, so that they can be called by their names. */
export const refsInValues = (values: readonly unknown[]): string[] =>
  values.flatMap(value => (isObject(value) && typeof value.id === 'string' ? [value.id] : []))

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
/** "22 November 2026 at 10:14 UTC". */
export const momentWords = (at: Date): string => `${DAY.format(at)} at ${CLOCK.format(at)} UTC`
/** Of a second moment only what differs: "at 10:15", or the whole of it on another day. */
export const laterWords = (at: Date, first: Date | null): string =>
  first !== null && DAY.format(at) === DAY.format(first) ? `at ${CLOCK.format(at)}` : `on ${momentWords(at)}`

/** How a mapping brings a value from native fields. */
export type RuleKind = 'plain' | 'picklist' | 'table' | 'converted' | 'computed' | 'once' | 'lines' | 'skipped'
export function ruleKind(rule: AnyRule): RuleKind {
  if (typeof rule === 'string') return 'plain'
  if ('skip' in rule) return 'skipped'
  if ('each' in rule) return 'lines'
  if ('from' in rule) return 'computed'
  if ('createOnly' in rule) return 'once'
  if ('values' in rule) return 'picklist'
  return 'read' in rule ? 'converted' : 'table'
}

/** "as it is in Quote.TotalPrice", "worked out of SalesOrder.A and B". */
export function ruleWords(kind: RuleKind, places: readonly string[]): string {
  const where = places.length < 2 ? places.join('') : `${places.slice(0, -1).join(', ')} and ${places.at(-1)}`
  switch (kind) {
    case 'plain':
      return `as it is in ${where}`
    case 'picklist':
      return `${where}, its values named in our words`
    case 'table':
      return `${where}, by a value table`
    case 'converted':
      return `${where}, converted`
    case 'computed':
      return `worked out of ${where}`
    case 'once':
      return `${where}, written once at the creation`
    case 'lines':
      return `the entries of ${where}`
    case 'skipped':
      return 'not kept there'
  }
}
