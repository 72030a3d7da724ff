// The words of the value tables for a batch of records: what they say, and what nobody has said yet.
import type { AnyContract, Field, Mapping } from '@plumbline/sdk'
import { titleOf } from '../kernel/naming.ts'
import { ownerOf, type Plan, type SystemPlan, worthOf } from '../kernel/plan.ts'
import type { StoredRecord } from '../kernel/rows.ts'
import { countedIn, type Missing, tablesIn, type Vocabulary } from '../kernel/vocabulary.ts'
import type { Tx } from '../store/db.ts'
import type { HeldFacts, Tables } from '../store/tables.ts'
import { refsOfLines, thingsOf } from '../store/things.ts'
import { type RefOf, toContract, unreadable } from './native.ts'
import type { Held } from './observe.ts'

/** A record as a system has it now, and which it is. */
type Place = {
  readonly ref: string
  readonly system: SystemPlan
  readonly mapping: Mapping
  readonly contract: AnyContract
}
type Understood<G extends Place> = { readonly group: G; readonly before: Held | undefined; readonly after: Held }

/** The words of the batch's tables, and what they do not know; read once more, settled, before anything is held back for it. */
export async function readWords<G extends Place>(
  tx: Tx,
  plan: Plan,
  tables: Tables,
  all: readonly Understood<G>[],
  records: ReadonlyMap<string, StoredRecord>,
  refOf: (system: SystemPlan) => RefOf,
): Promise<{ vocabulary: Vocabulary; missing: readonly { group: G; value: Missing }[] }> {
  const names = all.flatMap(({ group }) => tablesIn(group.mapping)).map(({ table }) => table)
  const missingIn = (vocabulary: Vocabulary) =>
    all.flatMap(({ group, after }) =>
      unknownValues(group, after, records.get(group.ref), vocabulary, refOf(group.system)).map(value => ({
        group,
        value,
      })),
    )
  const things = await thingsOf(
    tx,
    plan,
    // What was taken away since is understood as well, to tell what changed.
    all.flatMap(({ group, before, after }) =>
      [after, ...(before ? [before] : [])].flatMap(held => countedBy(group, held, refOf(group.system))),
    ),
  )
  const about = (ref: string) => things.get(ref)
  const vocabulary = { ...(await tables.now(tx, names)), about }
  if (missingIn(vocabulary).length === 0) return { vocabulary, missing: [] }
  const settled = { ...(await tables.settled(tx, names)), about }
  return { vocabulary: settled, missing: missingIn(settled) }
}

/** What the lines of a record point to and are counted by, where its mapping counts in units. */
const countedBy = ({ mapping, contract, system }: Place, { native }: Held, refOf: RefOf): string[] => {
  const counted = countedIn(mapping)
  return counted.length === 0 ? [] : refsOfLines(counted, toContract(mapping, contract, system, native, refOf))
}

function unknownValues(
  { mapping, contract, system }: Place,
  { native }: Held,
  record: StoredRecord | undefined,
  vocabulary: Vocabulary,
  refOf: RefOf,
): Missing[] {
  const uncounted: Missing[] = []
  if (countedIn(mapping).length > 0)
    toContract(mapping, contract, system, native, refOf, { ...vocabulary, miss: one => void uncounted.push(one) })
  if (uncounted.length > 0) return uncounted
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
