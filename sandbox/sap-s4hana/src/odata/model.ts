// The words in which entity types are described. One description gives the TypeScript type of a row,
// the $metadata of the service, what may be written, and how each value travels.

export type Kind = 'text' | 'decimal' | 'date' | 'instant' | 'time' | 'flag' | 'integer'

/** Who may set a field: nobody but the system, the creator only, or anybody at any time. */
export type Writable = 'no' | 'create' | 'always'

export interface Property {
  readonly kind: Kind
  readonly maxLength?: number
  readonly precision?: number
  readonly scale?: number
  readonly writable: Writable
  /** Kept in the document, never shown on the wire: what the real system keeps in tables of its own. */
  readonly hidden?: boolean
}

export type Properties = { readonly [name: string]: Property }

/** Rows that live and die with their parent and are stored inside it. */
interface Child {
  readonly many: boolean
  readonly of: EntityType
  /** The name under which the journal tells these rows; absent: the journal leaves them out. */
  readonly journalName?: string
  /** What the journal tells of each of these rows; absent: every field. */
  readonly journalFields?: readonly string[]
}

export type Children = { readonly [name: string]: Child }

export interface EntityType<P extends Properties = Properties, C extends Children = Children> {
  readonly name: string
  readonly keys: readonly string[]
  readonly properties: P
  readonly children: C
  /** The field whose value is the row's version. */
  readonly etag?: string
}

/** Any row, seen by code that knows the description only. */
export type Row = { readonly [field: string]: unknown }

type ValueOf<P extends Property> = P['kind'] extends 'text' | 'decimal' | 'time'
  ? string
  : P['kind'] extends 'date' | 'instant'
    ? number | null
    : P['kind'] extends 'flag'
      ? boolean
      : number

type ChildOf<C extends Child> = C['many'] extends true ? RowOf<C['of']>[] : RowOf<C['of']> | null

/** The row that a description describes: decimals as strings, dates and instants as milliseconds. */
export type RowOf<E extends EntityType> = { [K in keyof E['properties']]: ValueOf<E['properties'][K]> } & {
  [K in keyof E['children']]: ChildOf<E['children'][K]>
}

type ChildInputOf<C extends Child> = C['many'] extends true ? InputOf<C['of']>[] : InputOf<C['of']>

/** What a caller sent, after parsing: any subset of the fields. */
export type InputOf<E extends EntityType> = { [K in keyof E['properties']]?: ValueOf<E['properties'][K]> } & {
  [K in keyof E['children']]?: ChildInputOf<E['children'][K]>
}

type Made<K extends Kind> = Property & { readonly kind: K }

export const text = (maxLength: number, writable: Writable = 'no'): Made<'text'> => ({
  kind: 'text',
  maxLength,
  writable,
})
export const decimal = (precision: number, scale: number, writable: Writable = 'no'): Made<'decimal'> => ({
  kind: 'decimal',
  precision,
  scale,
  writable,
})
export const amount = (writable: Writable = 'no') => decimal(16, 3, writable)
export const quantity = (writable: Writable = 'no') => decimal(15, 3, writable)
export const date = (writable: Writable = 'no'): Made<'date'> => ({ kind: 'date', writable })
export const instant = (): Made<'instant'> => ({ kind: 'instant', writable: 'no' })
export const time = (): Made<'time'> => ({ kind: 'time', writable: 'no' })
export const flag = (writable: Writable = 'no'): Made<'flag'> => ({ kind: 'flag', writable })
export const hidden = <P extends Property>(property: P): P => ({ ...property, hidden: true })

export const many = <E extends EntityType>(of: E, journalName?: string, journalFields?: readonly string[]) => ({
  many: true as const,
  of,
  journalName,
  journalFields,
})
export const one = <E extends EntityType>(of: E, journalName?: string) => ({ many: false as const, of, journalName })

export function entity<const P extends Properties, const C extends Children = Record<never, never>>(
  name: string,
  keys: readonly (keyof P & string)[],
  properties: P,
  more: { children?: C; etag?: keyof P & string } = {},
): EntityType<P, C> {
  // The default of C is the empty record, which is what an absent `children` stands for.
  return { name, keys, properties, children: more.children ?? ({} as C), etag: more.etag }
}

const DEFAULTS = { text: '', decimal: '0', date: null, instant: null, time: 'PT00H00M00S', flag: false, integer: 0 }

export const defaultOf = (property: Property): string | number | boolean | null =>
  property.kind === 'decimal' ? zero(property.scale ?? 0) : DEFAULTS[property.kind]

const zero = (scale: number) => (scale === 0 ? '0' : `0.${'0'.repeat(scale)}`)

const blanks = new WeakMap<EntityType, Row>()

/** A row with every field at its default. Rows are never changed in place, so the empty lists are shared. */
export function blank<E extends EntityType>(type: E): RowOf<E> {
  const template = blanks.get(type) ?? templateOf(type)
  // The template was filled from the description that RowOf<E> is computed from.
  return { ...template } as RowOf<E>
}

function templateOf(type: EntityType): Row {
  const fields: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(type.properties)) fields[name] = defaultOf(property)
  for (const [name, child] of Object.entries(type.children)) fields[name] = child.many ? [] : null
  // An object filled name by name becomes a slow dictionary in V8, and so would its copies; a parsed one does not.
  const template: Row = JSON.parse(JSON.stringify(fields))
  blanks.set(type, template)
  return template
}

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const rowsIn = (value: unknown): readonly Row[] =>
  Array.isArray(value) ? value.filter(isRow) : isRow(value) ? [value] : []
