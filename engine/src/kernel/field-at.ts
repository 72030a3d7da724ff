// Fields by their path: `quantity`, of lines `lines.quantity` with the line's key, and `lines` with it for a whole line.
import type { AnyContract, Field, Mapping } from '@plumbline/sdk'
import { equal } from './equal.ts'
import { onceFor } from './once.ts'

type Fields = Readonly<Record<string, unknown>>
type Line = Fields & { readonly line: string }
/** A place in a record. */
export type Place = { readonly field: string; readonly line?: string | null | undefined }

const halves = (path: string): readonly [string, string | undefined] => {
  const [outer = '', inner] = path.split('.')
  return [outer, inner]
}

/** The field of the record itself: of `lines.quantity` that is `lines`. */
export const outer = ({ field }: Place): string => halves(field)[0]

export function fieldAt(contract: AnyContract, path: string): Field<unknown> | undefined {
  const [outer, inner] = halves(path)
  const field = contract.fields[outer] as Field<unknown> | undefined
  return inner === undefined ? field : (field?.of?.[inner] as Field<unknown> | undefined)
}

/** Every field that has an owner, by its path. */
export const pathsIn = onceFor((contract: AnyContract): readonly [string, Field<unknown>][] =>
  Object.entries<Field<unknown>>(contract.fields).flatMap(([name, field]): [string, Field<unknown>][] =>
    field.kind === 'lines'
      ? Object.entries<Field<unknown>>(field.of ?? {}).map(([inner, of]) => [`${name}.${inner}`, of])
      : [[name, field]],
  ),
)

const linesIn = (fields: Fields, name: string): readonly Line[] =>
  Array.isArray(fields[name]) ? (fields[name] as readonly Line[]) : []

/** Where a line stands, counted from 1; undefined when it is not there. */
export function lineNumber(fields: Fields, { field, line }: Place): number | undefined {
  const at = linesIn(fields, halves(field)[0]).findIndex(one => one.line === line)
  return at < 0 ? undefined : at + 1
}

export function valueAt(fields: Fields, { field, line }: Place): unknown {
  const [outer, inner] = halves(field)
  if (line === undefined || line === null) return fields[outer] ?? null
  const entry = linesIn(fields, outer).find(one => one.line === line)
  return (inner === undefined ? entry : entry?.[inner]) ?? null
}

/** Whether a place has the value that was wished for. Of a line that was wished for as a whole more may have become known since. */
export function isAsWished(fields: Fields, { wanted, ...place }: Place & { readonly wanted: unknown }): boolean {
  const value = valueAt(fields, place)
  const isLine = place.line && halves(place.field)[1] === undefined
  if (!isLine || !isObject(value) || !isObject(wanted)) return equal(value, wanted)
  return Object.entries(wanted).every(([name, one]) => one === null || one === undefined || equal(value[name], one))
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** The fields with another value in one place; undefined when the place is gone. */
export function withValue(fields: Fields, { field, line }: Place, value: unknown): Record<string, unknown> | undefined {
  const [outer, inner] = halves(field)
  if (line === undefined || line === null) return { ...fields, [outer]: value }
  const lines = linesIn(fields, outer)
  const isThere = lines.some(one => one.line === line)
  if (inner === undefined) {
    const others = lines.filter(one => one.line !== line)
    return value === null ? { ...fields, [outer]: others } : { ...fields, [outer]: [...others, value] }
  }
  if (!isThere) return undefined
  return { ...fields, [outer]: lines.map(one => (one.line === line ? { ...one, [inner]: value } : one)) }
}

/** The native field, or list, that a mapping writes a field to. */
export function nativeNameOf({ rules }: Mapping, name: string): string | undefined {
  const rule = rules[name]
  if (rule === undefined || typeof rule === 'string') return rule
  return 'each' in rule ? rule.each : 'field' in rule ? rule.field : undefined
}
