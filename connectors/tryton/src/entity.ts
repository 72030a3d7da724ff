// What an object of ours is in Tryton: its model, the columns that are read, how a row becomes a record, and whose changes are
// changes of it.
import type { Fields, Native, NativeId, Observation, Position } from '@plumbline/sdk'
import type { Books } from './company.ts'
import { listed, type Row, related, textIn } from './values.ts'

export type Entity = {
  /** Our name of the object. */
  readonly object: string
  readonly model: string
  readonly fields: Fields
  readonly columns: readonly string[]
  native(row: Row, books: Books): Native
  /** Which records of the model are ours. */
  readonly only: readonly unknown[]
  /** Records of their own below it. Tryton stamps a change of theirs on them alone. */
  readonly parts: readonly Part[]
  /** Asked for changes only every so many rounds. */
  readonly everyRounds: number
}
export type Part = {
  readonly model: string
  /** The column that leads from the part to the record. */
  readonly of: string
  /** The list of the record that holds the parts, or the single one that it points to. */
  readonly list?: string
  readonly one?: string
}

const stamp = '_timestamp'

/** All columns: those of the fields, and what tells when and by whom the record and its parts changed. */
export const columnsOf = ({ columns, parts }: Entity): readonly string[] => [
  ...new Set([
    ...columns,
    ...['id', stamp, 'write_uid.rec_name', 'create_uid.rec_name'],
    ...parts.map(({ list, one }) => `${list ?? one}.${stamp}`),
  ]),
]

export const nativeId = (id: unknown): NativeId => String(id) as NativeId

export function observationOf(entity: Entity, row: Row, books: Books): Observation {
  const stamps = stampsOf(entity, row)
  const by = related(row, 'write_uid')?.rec_name ?? related(row, 'create_uid')?.rec_name
  return {
    object: entity.object,
    id: nativeId(row.id),
    kind: 'seen',
    mask: 'all',
    fields: entity.native(row, books),
    position: positionOf(stamps),
    token: tokenOf(stamps),
    ...(textIn(by) !== null && { by: String(by) }),
  }
}

/** When the record and each of its parts last changed, by the names under which Tryton compares them. */
export function stampsOf(entity: Entity, row: Row): ReadonlyMap<string, string> {
  const stamps = new Map([[`${entity.model},${String(row.id)}`, String(row[stamp])]])
  for (const { model, list, one } of entity.parts) {
    const below = list ? listed(row, list) : one ? [related(row, one)].filter(part => part !== undefined) : []
    for (const part of below) stamps.set(`${model},${String(part.id)}`, String(part[stamp]))
  }
  return stamps
}

/** A change of a part is none of the record's own, so the newest of all counts. */
function positionOf(stamps: ReadonlyMap<string, string>): Position {
  return [...stamps.values()].map(positionIn).reduce((a, b) => (isLater(b, a) ? b : a))
}

const isLater = (a: Position, b: Position): boolean => a.at > b.at || (a.at === b.at && (a.seq ?? 0) > (b.seq ?? 0))

/** `1795012345.123456`: seconds; milliseconds are the position, and microseconds its order within one. */
export function positionIn(timestamp: string): Position {
  const [seconds = '', fraction = ''] = timestamp.split('.')
  const micros = fraction.padEnd(6, '0').slice(0, 6)
  const at = Number(seconds) * 1_000 + Number(micros.slice(0, 3))
  if (!/^\d+$/.test(seconds) || !Number.isFinite(at)) throw new TypeError(`"${timestamp}" is not a time`)
  return { at, seq: Number(micros.slice(3)) }
}

/** Changed when any of them changed, came or went. */
function tokenOf(stamps: ReadonlyMap<string, string>): string {
  const newest = [...stamps.values()].toSorted((a, b) => (isLater(positionIn(a), positionIn(b)) ? -1 : 1))[0]
  return `${newest}/${stamps.size}`
}
