// The match rule: the same thing in several systems is known by a business key that the contract names.
import type { AnyContract, Mapping } from '@plumbline/sdk'
import { refOfNative } from '../kernel/ids.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import type { InboxRow } from '../kernel/rows.ts'
import type { Tx } from '../store/db.ts'
import { claimKeys, nativeKey } from '../store/links.ts'

type Candidate = {
  readonly row: InboxRow
  readonly system: SystemPlan
  readonly mapping: Mapping
  readonly contract: AnyContract
  readonly object: string
  readonly nativeId: string
}
export type Matched = { readonly ref?: string; readonly conflict?: { reason: string; todo: string } }

/** The ref that a record's business key leads to, by native key; nothing for records without a key or a rule. */
export async function claimableRef(
  tx: Tx,
  candidates: readonly Candidate[],
  links: ReadonlyMap<string, string>,
): Promise<Map<string, Matched>> {
  const keyed = candidates.flatMap(one => {
    const known = businessKey(one)
    if (known === undefined) return []
    const value = tx.sealing.businessKey(one.contract.contract, one.contract.options.match ?? '', known)
    const key = nativeKey({ system: one.system.name, object: one.object, native_id: one.nativeId })
    return [
      {
        one,
        key,
        value,
        own: links.get(key) ?? refOfNative(one.contract.contract, one.system.name, one.object, one.nativeId),
      },
    ]
  })
  const winners = await claimKeys(
    tx,
    keyed.map(({ one, value, own }) => ({ contract: one.contract.contract, value, ref: own })),
  )
  const matched = new Map<string, Matched>()
  for (const { one, key, value, own } of keyed) {
    const ref = winners.get(`${one.contract.contract}\u0000${value}`) ?? own
    if (ref === own) continue
    matched.set(key, (await takenBy(tx, one, ref)) ?? { ref })
  }
  return matched
}

function businessKey({ mapping, contract, row }: Candidate): string | undefined {
  const rule = mapping.rules[contract.options.match ?? '']
  if (typeof rule !== 'string') return undefined
  const value = [...row.changes, ...(row.reading ? [row.reading.heard] : [])]
    .map(change => change.observation)
    .filter(seen => !seen.entryOf)
    .map(seen => seen.fields[rule])
    .findLast(value => value !== undefined)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Two records of one system with the same business key are not one thing; a person decides which is meant. */
async function takenBy(tx: Tx, one: Candidate, ref: string): Promise<Matched | undefined> {
  const [other] = await tx.query<{ native_id: string }>(
    'select native_id from link where ref = $1 and system = $2 and object = $3 and native_id <> $4 limit 1',
    [ref, one.system.name, one.object, one.nativeId],
  )
  if (!other) return undefined
  const label = one.contract.fields[one.contract.options.match ?? '']?.label ?? 'key'
  return {
    conflict: {
      reason: `Two ${one.contract.contract}s in ${one.system.name} carry the same ${label}: ${other.native_id} and ${one.nativeId}`,
      todo: `Give one of them another ${label}, or merge them in ${one.system.name}`,
    },
  }
}
