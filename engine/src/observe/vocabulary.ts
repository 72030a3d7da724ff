// The words of all value tables, for those who read what systems said.
import type { AnyContract } from '@plumbline/sdk'
import type { Plan } from '../kernel/plan.ts'
import { countedIn, type Vocabulary } from '../kernel/vocabulary.ts'
import type { Tx } from '../store/db.ts'
import { Tables } from '../store/tables.ts'
import { thingsOf } from '../store/things.ts'

/** Entries are kept for each database. */
const kept = new WeakMap<Tx, Tables>()

export function vocabularyNow(tx: Tx, plan: Plan): Promise<Vocabulary> {
  const tables = kept.get(tx) ?? new Tables()
  kept.set(tx, tables)
  return tables.now(tx, [...plan.tables.keys()])
}

/** The same, knowing what these refs are counted in; where nothing of the contract is counted in units nothing is read. */
export async function withUnits(
  tx: Tx,
  plan: Plan,
  { contract }: AnyContract,
  vocabulary: Vocabulary,
  refs: ReadonlyMap<string, string>,
): Promise<Vocabulary> {
  const mappings = [...plan.systems.values()].flatMap(system => system.byContract.get(contract) ?? [])
  if (!mappings.some(mapping => countedIn(mapping).length > 0)) return vocabulary
  const things = await thingsOf(tx, plan, [...refs.values()])
  return { ...vocabulary, about: ref => things.get(ref) }
}
