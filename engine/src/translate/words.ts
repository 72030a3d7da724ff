// The words of the value tables for a batch of records: what they say, and what nobody has said yet.
import type { AnyContract, Field, Mapping } from '@plumbline/sdk'
import { titleOf } from '../kernel/naming.ts'
import { ownerOf, type Plan, type SystemPlan, worthOf } from '../kernel/plan.ts'
import type { StoredRecord } from '../kernel/rows.ts'
import { type Missing, tablesIn, type Vocabulary } from '../kernel/vocabulary.ts'
import type { Tx } from '../store/db.ts'
import type { HeldFacts, Tables } from '../store/tables.ts'
import { toContract, unreadable } from './native.ts'
import type { Held } from './observe.ts'

/** A record as a system has it now, and which it is. */
type Place = {
  readonly ref: string
  readonly system: SystemPlan
  readonly mapping: Mapping
  readonly contract: AnyContract
}
type Understood<G extends Place> = { readonly group: G; readonly after: Held }

/** The words of the batch's tables, and what they do not know; read once more, settled, before anything is held back for it. */
export async function readWords<G extends Place>(
  tx: Tx,
  tables: Tables,
  all: readonly Understood<G>[],
  records: ReadonlyMap<string, StoredRecord>,
): Promise<{ vocabulary: Vocabulary; missing: readonly { group: G; value: Missing }[] }> {
  const names = all.flatMap(({ group }) => tablesIn(group.mapping)).map(({ table }) => table)
  const missingIn = (vocabulary: Vocabulary) =>
    all.flatMap(({ group, after }) =>
      unknownValues(group, after, records.get(group.ref), vocabulary).map(value => ({ group, value })),
    )
  const vocabulary = await tables.now(tx, names)
  if (missingIn(vocabulary).length === 0) return { vocabulary, missing: [] }
  const settled = await tables.settled(tx, names)
  return { vocabulary: settled, missing: missingIn(settled) }
}

function unknownValues(
  { mapping, contract, system }: Place,
  { native }: Held,
  record: StoredRecord | undefined,
  vocabulary: Vocabulary,
): Missing[] {
  const lacking = unreadable(mapping, contract, system.name, native, vocabulary, () => true)
  if (lacking.length === 0) return []
  // Who owns a field may depend on the others, as they are told now.
  const said = toContract(mapping, contract, system, native, () => undefined, vocabulary)
  const owns = (field: Field<unknown>): boolean =>
    ownerOf(contract, field, { ...record?.fields, ...said }) === system.role
  return unreadable(mapping, contract, system.name, native, vocabulary, owns)
}

/** What is held back, as people may see it. */
export function factsOf(plan: Plan, now: number, group: Place, { native }: Held, vocabulary: Vocabulary): HeldFacts {
  const { mapping, contract, system, ref } = group
  const fields = toContract(mapping, contract, system, native, () => undefined, vocabulary)
  const worth = worthOf(plan, contract, fields)
  return {
    since: new Date(now).toISOString(),
    title: titleOf(contract, { ref, fields }),
    worth: worth?.amount ?? null,
    currency: worth?.currency ?? null,
  }
}
