// Writes the next version of a row: who changed it when, and no nulls kept.
import type { Org } from './org.ts'
import type { ObjectType } from './schema.ts'
import type { FieldValue, Row } from './table.ts'
import { datetimeText } from './times.ts'
import type { Transaction } from './transaction.ts'

/** A record on its way into the table. */
export type Draft = { [field: string]: FieldValue | undefined } & { Id: string; SystemModstamp: string }

/** Sets fields that only the platform writes: totals, cleared lookups. Marks the record as changed. */
export function writeDerived(
  org: Org,
  tx: Transaction,
  type: ObjectType,
  id: string,
  fields: Record<string, FieldValue>,
): void {
  const table = org.table(type.name)
  const before = table.get(id)
  if (!before || before.IsDeleted) return
  if (Object.entries(fields).every(([name, value]) => (before[name] ?? null) === value)) return
  const draft: Draft = { ...before, ...fields }
  touch(tx, draft)
  tx.put(table, withoutNulls(draft))
}

export function touch(tx: Transaction, draft: Draft): void {
  draft.LastModifiedDate = draft.SystemModstamp = datetimeText(tx.at)
  draft.LastModifiedById = tx.actor.userId
}

export function withoutNulls(draft: Draft): Row {
  const row: Record<string, FieldValue> = {}
  for (const name in draft) {
    const value = draft[name]
    if (value !== null && value !== undefined) row[name] = value
  }
  return { ...row, Id: draft.Id, IsDeleted: draft.IsDeleted === true, SystemModstamp: draft.SystemModstamp }
}
