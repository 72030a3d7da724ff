// What an object of ours is in SAP: its entity set, how its rows become records, and how its changes are asked for.
import type { Fields, Native, NativeId, Observation } from '@plumbline/sdk'
import {
  dayLiteral,
  decodeValue,
  instantLiteral,
  isRow,
  millisecondsOf,
  quoted,
  type Row,
  rowsIn,
  timeLiteral,
  timeOfDay,
} from './odata.ts'

export type Stamp = {
  readonly columns: readonly string[]
  /** When the row last changed, in milliseconds. */
  of(row: Row): number
  /** The filter for rows that changed at or after (or only after) a time. */
  since(ms: number, after: boolean): string
}

export type Entity = {
  /** Our name of the object. */
  readonly object: string
  readonly fields: Fields
  readonly service: string
  readonly set: string
  readonly keys: readonly string[]
  /** The list below the header, where there is one. */
  readonly items?: {
    readonly name: string
    readonly fields?: Fields
    readonly columns: readonly string[]
    /** Fields of an item that are not columns of it under the same name. */
    readonly read?: Readonly<Record<string, (item: Row) => unknown>>
  }
  /** Further navigations whose columns `read` names. */
  readonly expand?: readonly string[]
  readonly stamp: Stamp
  /** Rows of the set that are not ours are kept out by this filter. */
  readonly only?: string
  /** Fields that are not columns of the header under the same name. */
  readonly read?: Readonly<Record<string, { readonly columns: readonly string[]; of(row: Row): unknown }>>
  /** Asked for changes only every so many rounds. */
  readonly everyRounds: number
}

/** `17`, or `1010/2026/90000017` when the key has several parts. */
export const idOf = (entity: Entity, row: Row): NativeId =>
  entity.keys.map(key => String(row[key] ?? '')).join('/') as NativeId

export function isAny(entity: Entity, ids: readonly string[]): string {
  const one = (id: string) => {
    const parts = id.split('/')
    const equal = entity.keys.map((key, at) => `${key} eq ${quoted(parts[at] ?? '')}`)
    return equal.length === 1 ? equal.join('') : `(${equal.join(' and ')})`
  }
  return all(entity, ids.map(one).join(' or '))
}

/** A filter together with the one that says which rows are ours. */
export const all = (entity: Entity, filter: string): string =>
  entity.only ? (filter ? `${entity.only} and (${filter})` : entity.only) : filter

/** The query for whole records: only the columns that are read. */
export function wholeOf(entity: Entity): string {
  const own = Object.keys(entity.fields).filter(name => !entity.read?.[name] && entity.fields[name]?.kind !== 'list')
  const computed = Object.values(entity.read ?? {}).flatMap(({ columns }) => columns)
  const needsCurrency = Object.values(entity.fields).some(field => field.kind === 'money')
  const columns = new Set([
    ...entity.keys,
    ...own,
    ...computed,
    ...entity.stamp.columns,
    ...(needsCurrency ? ['TransactionCurrency'] : []),
  ])
  const below = (entity.items?.columns ?? []).map(column => `${entity.items?.name}/${column}`)
  const expanded = [...(entity.items ? [entity.items.name] : []), ...(entity.expand ?? [])]
  const expand = expanded.length > 0 ? `&$expand=${expanded.join(',')}` : ''
  return `$select=${[...columns, ...below].join(',')}${expand}`
}

/** Only what tells whether a record changed. */
export const glanceOf = (entity: Entity): string =>
  `$select=${[...new Set([...entity.keys, ...entity.stamp.columns])].join(',')}`

function nativeOf(entity: Entity, row: Row): Native {
  const native: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(entity.fields)) {
    if (field.kind === 'list') {
      const rows = rowsIn(entity.read?.[name] ? entity.read[name].of(row) : row[name])
      native[name] = rows.map(item => itemOf(entity, field.of ?? {}, item))
    } else
      native[name] = decodeValue(field, row, entity.read?.[name]?.of(row) ?? (entity.read?.[name] ? null : row[name]))
  }
  return native
}

const itemOf = ({ items }: Entity, fields: Fields, row: Row): Native =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      decodeValue(field, row, (items?.read?.[name] ?? own(name))(row)),
    ]),
  )
const own = (name: string) => (row: Row) => row[name]

export function observationOf(entity: Entity, row: Row): Observation {
  const token = isRow(row.__metadata) && typeof row.__metadata.etag === 'string' ? row.__metadata.etag : undefined
  return {
    object: entity.object,
    id: idOf(entity, row),
    kind: 'seen',
    mask: 'all',
    fields: nativeOf(entity, row),
    position: { at: entity.stamp.of(row) },
    ...(token !== undefined && { token }),
  }
}

/** The stamp of most documents. */
export const lastChange: Stamp = {
  columns: ['LastChangeDateTime'],
  of: row => millisecondsOf(row.LastChangeDateTime) ?? 0,
  since: (ms, after) => `LastChangeDateTime ${after ? 'gt' : 'ge'} ${instantLiteral(ms)}`,
}

/** Business partners tell day and time apart, and only once they have been changed; before that, when they were created. */
export const lastChangeOrCreation: Stamp = {
  columns: ['LastChangeDate', 'LastChangeTime', 'CreationDate', 'CreationTime'],
  of: row => {
    const changed = millisecondsOf(row.LastChangeDate)
    if (changed !== undefined) return changed + timeOfDay(row.LastChangeTime)
    return (millisecondsOf(row.CreationDate) ?? 0) + timeOfDay(row.CreationTime)
  },
  since: (ms, after) =>
    ['LastChange', 'Creation']
      .flatMap(name => [
        `(${name}Date eq ${dayLiteral(ms)} and ${name}Time ${after ? 'gt' : 'ge'} ${timeLiteral(ms)})`,
        `${name}Date ge ${dayLiteral(ms + 86_400_000)}`,
      ])
      .join(' or '),
}
