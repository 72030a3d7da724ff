// Disputes as people read them: "quantity 5 instead of 4 on line 2 of Order 17", "the ERP owns it since it was booked".
import type { AnyContract } from '@plumbline/sdk'
import { fieldAt, lineNumber, type Place } from './field-at.ts'
import { theRole, titleOf } from './naming.ts'

type Fields = Readonly<Record<string, unknown>>
export type Wish = Place & { readonly wanted: unknown; readonly held: unknown }

export function wishWords(contract: AnyContract, record: { ref: string; fields: Fields }, wish: Wish): string {
  const title = titleOf(contract, record)
  const { wanted, held, ...place } = wish
  if (!place.line || place.field.includes('.'))
    return `${whatWords(contract, record.fields, wish)} ${place.line ? 'of' : 'on'} ${title}`
  if (held === null) return `${title} with a line more (${valueWords(wanted)})`
  return `${title} ${wanted === null ? 'without' : 'with another'} ${lineWords(record.fields, place)}`
}

function lineWords(fields: Fields, place: Place): string {
  const at = lineNumber(fields, place)
  return at === undefined ? 'a line' : `line ${at}`
}

function whatWords(contract: AnyContract, fields: Fields, { wanted, held, ...place }: Wish): string {
  const label = fieldAt(contract, place.field)?.label ?? place.field
  const what = `${label.charAt(0).toLowerCase()}${label.slice(1)}`
  return `${what} ${valueWords(wanted)} instead of ${valueWords(held)}${place.line ? ` on ${lineWords(fields, place)}` : ''}`
}

/** "the ERP owns it since it was booked". */
export function whoseWords(contract: AnyContract, { field }: Place, owner: string | null | undefined): string {
  const { handOver, condition, settled } = fieldAt(contract, field) ?? {}
  if (settled) return 'it was settled when the record was born'
  if (!owner) return 'nobody owns it alone'
  if (handOver && handOver.then === owner) return `${theRole(owner)} owns it since it was ${handOver.until}`
  return `${theRole(owner)} owns it${condition ? ' as the record stands' : ''}`
}

export function valueWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? 'line' : 'lines'}`
  if (typeof value !== 'object') return typeof value === 'string' && /\s/.test(value) ? `"${value}"` : String(value)
  if ('amount' in value && 'currency' in value) return `${value.amount} ${value.currency}`
  if ('contract' in value && 'id' in value) return `${value.contract} ${value.id}`
  return Object.entries(value)
    .filter(([name, one]) => name !== 'line' && one !== null && one !== undefined)
    .map(([name, one]) => `${name} ${valueWords(one)}`)
    .join(', ')
}
