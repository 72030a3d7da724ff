// The words of all value tables, for those who read what systems said.
import type { Plan } from '../kernel/plan.ts'
import type { Vocabulary } from '../kernel/vocabulary.ts'
import type { Tx } from '../store/db.ts'
import { Tables } from '../store/tables.ts'

/** Entries are kept for each database. */
const kept = new WeakMap<Tx, Tables>()

export function vocabularyNow(tx: Tx, plan: Plan): Promise<Vocabulary> {
  const tables = kept.get(tx) ?? new Tables()
  kept.set(tx, tables)
  return tables.now(tx, [...plan.tables.keys()])
}
