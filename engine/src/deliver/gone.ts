// What is still brought to a system of a record that has disappeared somewhere.
import type { AnyContract } from '@plumbline/sdk'
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

/**
 * The roles that lost a record which is closed elsewhere for that: nobody keeps their fields any more, and what closing it made of
 * them stays.
 */
export function rolesThatLost(
  plan: Plan,
  contract: AnyContract,
  goneFrom: readonly string[],
  heldIn: readonly string[],
): ReadonlySet<string> {
  const lost = goneFrom
    .flatMap(name => plan.systems.get(name) ?? [])
    .filter(from => goneWord(contract, from) === 'close')
  const isHeld = (role: string): boolean => heldIn.some(name => plan.systems.get(name)?.role === role)
  return new Set(lost.map(from => from.role).filter(role => !isHeld(role)))
}
