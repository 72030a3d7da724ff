// What is still brought to a system of a record that has disappeared somewhere.
import { contractNamed, goneWord, type Plan, type SystemPlan } from '../kernel/plan.ts'
import type { DeliveryRow, StoredRecord } from '../kernel/rows.ts'

/** Nothing where it is gone or archived; else what closing it means: deleting it, where the contract says so. */
export function leftAfterGone(
  plan: Plan,
  system: SystemPlan,
  record: StoredRecord,
  goneFrom: readonly string[],
  row: DeliveryRow,
): 'nothing' | { readonly remove?: true } {
  if (goneFrom.length === 0) return {}
  if (goneFrom.includes(system.name)) return 'nothing'
  const contract = contractNamed(plan, record.contract)
  const words = new Set(goneFrom.flatMap(name => plan.systems.get(name) ?? []).map(from => goneWord(contract, from)))
  // A create that may have happened is looked up all the same.
  if (words.has('archive') && row.attempt === null) return 'nothing'
  return words.has('propagate') ? { remove: true } : {}
}
