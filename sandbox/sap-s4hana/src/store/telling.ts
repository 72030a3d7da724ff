// What the journal tells people of a change: the new values under SAP's names.
import { defaultOf, type EntityType, type Row, rowsIn } from '../odata/model.ts'

/** One thing that happened to one business object. */
export interface Told {
  readonly kind: 'create' | 'update' | 'delete'
  readonly object: string
  readonly id: string
  readonly fields: Row
}

export function tell(
  object: string,
  type: EntityType,
  id: string,
  before: Row | undefined,
  after: Row | undefined,
): Told | undefined {
  if (!before) return after && { kind: 'create', object, id, fields: told(type, after) }
  if (!after) return { kind: 'delete', object, id, fields: {} }
  return { kind: 'update', object, id, fields: toldChange(type, before, after) }
}

/** A document's visible fields that differ from their defaults, and the rows that have a name in the journal. */
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

function toldChange(type: EntityType, before: Row, after: Row): Record<string, unknown> {
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
