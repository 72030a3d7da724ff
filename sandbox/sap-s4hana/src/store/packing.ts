// Documents as the journal keeps them: only what differs from the default, so that a line stays short.
import type { EntityType, Row, RowOf } from '../odata/model.ts'
import { blank, defaultOf, rowsIn } from '../odata/model.ts'

export function pack(type: EntityType, row: Row): Row {
  const packed: Record<string, unknown> = {}
  for (const name in type.properties) {
    const property = type.properties[name]
    if (property && row[name] !== defaultOf(property)) packed[name] = row[name]
  }
  for (const name in type.children) {
    const child = type.children[name]
    const rows = rowsIn(row[name])
    if (child && rows.length > 0) packed[name] = rows.map(each => pack(child.of, each))
  }
  return packed
}

/** The whole document again. What is read here was written by `pack`. */
export function unpack<E extends EntityType>(type: E, packed: Row): RowOf<E> {
  const row: Record<string, unknown> = blank(type)
  for (const [name, value] of Object.entries(packed)) {
    const child = type.children[name]
    if (!child) row[name] = value
    else {
      const rows = rowsIn(value).map(each => unpack(child.of, each))
      row[name] = child.many ? rows : (rows[0] ?? null)
    }
  }
  return row as RowOf<E>
}

/** What the journal tells of a document: its visible fields and the rows that have a name in the journal. */
export function told(type: EntityType, row: Row, only?: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const name of only ?? Object.keys(type.properties)) {
    const property = type.properties[name]
    if (property && !property.hidden && row[name] !== defaultOf(property)) fields[name] = row[name]
  }
  for (const name in type.children) {
    const child = type.children[name]
    if (!child?.journalName) continue
    const rows = rowsIn(row[name])
    if (rows.length > 0) fields[child.journalName] = rows.map(each => told(child.of, each, child.journalFields))
  }
  return fields
}

/** What the journal tells of a change: the new values of what is no longer what it was. */
export function toldChange(type: EntityType, before: Row, after: Row): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const name in type.properties) {
    if (before[name] !== after[name] && !type.properties[name]?.hidden) fields[name] = after[name]
  }
  for (const name in type.children) {
    const child = type.children[name]
    if (!child?.journalName || before[name] === after[name]) continue
    const rows = rowsIn(after[name]).map(each => told(child.of, each, child.journalFields))
    const former = rowsIn(before[name]).map(each => told(child.of, each, child.journalFields))
    if (JSON.stringify(rows) !== JSON.stringify(former)) fields[child.journalName] = rows
  }
  return fields
}
