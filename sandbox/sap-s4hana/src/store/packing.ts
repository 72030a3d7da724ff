// Documents as the journal keeps them, so that a line stays short. A new document is kept as what differs from
// the defaults (or, in a child, from the parent's field of the same name); a changed one as what differs from before.
import { blank, defaultOf, type EntityType, type Row, type RowOf, rowsIn } from '../odata/model.ts'

export function pack(type: EntityType, row: Row, former?: Row, parent: Row = NOTHING): Row {
  const packed: Record<string, unknown> = {}
  for (const [name, byDefault] of plainFieldsOf(type)) {
    const known = former ? former[name] : name in parent ? parent[name] : byDefault
    if (row[name] !== known) packed[name] = row[name]
  }
  // A changed child is found again by the key fields that are its own.
  if (former) for (const name of type.keys) if (!(name in parent)) packed[name] = row[name]
  for (const name in type.children) {
    const child = type.children[name]
    if (!child || (former && former[name] === row[name])) continue
    const [rows, formerRows] = [rowsIn(row[name]), rowsIn(former?.[name])]
    const packedRows = rows.map(each => pack(child.of, each, findAlike(child.of, formerRows, each), row))
    if (former ? !sameRows(child.of, packedRows, rows, formerRows) : rows.length > 0) packed[name] = packedRows
  }
  return packed
}

/** The whole document again. What is read here was written by `pack` with the same former document. */
export function unpack<E extends EntityType>(type: E, packed: Row, former?: Row, parent: Row = NOTHING): RowOf<E> {
  const row: Record<string, unknown> = blank(type)
  for (const [name] of plainFieldsOf(type)) {
    if (name in packed) row[name] = packed[name]
    else if (former) row[name] = former[name]
    else if (name in parent) row[name] = parent[name]
  }
  for (const name in type.children) {
    const child = type.children[name]
    if (!child) continue
    const formerRows = rowsIn(former?.[name])
    const rows =
      former && !(name in packed)
        ? formerRows
        : rowsIn(packed[name]).map(each => unpack(child.of, each, formerOf(child.of, formerRows, each, row), row))
    row[name] = child.many ? rows : (rows[0] ?? null)
  }
  return row as RowOf<E>
}

const NOTHING: Row = {}

/** The row that a packed child was packed against. Of its key it holds only what the parent's key does not. */
const formerOf = (type: EntityType, rows: readonly Row[], packed: Row, parent: Row): Row | undefined =>
  rows.find(each => type.keys.every(name => each[name] === (name in packed ? packed[name] : parent[name])))

const findAlike = (type: EntityType, rows: readonly Row[], row: Row): Row | undefined =>
  rows.find(each => type.keys.every(name => each[name] === row[name]))

/** Whether packing found nothing new: the same rows in the same order, each reduced to its key. */
const sameRows = (type: EntityType, packed: readonly Row[], rows: readonly Row[], former: readonly Row[]): boolean =>
  rows.length === former.length &&
  packed.every((each, at) => {
    const [row, other] = [rows[at], former[at]]
    const alike = row && other && type.keys.every(name => row[name] === other[name])
    return alike && Object.keys(each).every(name => type.keys.includes(name))
  })

const plainFields = new WeakMap<EntityType, readonly (readonly [string, unknown])[]>()

/** The fields of a type with their defaults, worked out once. */
function plainFieldsOf(type: EntityType): readonly (readonly [string, unknown])[] {
  const known = plainFields.get(type)
  if (known) return known
  const fields = Object.entries(type.properties).map(([name, property]) => [name, defaultOf(property)] as const)
  plainFields.set(type, fields)
  return fields
}
