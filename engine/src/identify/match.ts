// The match rule: the same thing in several systems is known by a business key that the contract names.
import type { AnyContract, Mapping } from '@plumbline/sdk'
import { refOfNative } from '../kernel/ids.ts'
import type { Plan, SystemPlan } from '../kernel/plan.ts'
import { instanceFor, routeFor } from '../kernel/routes.ts'
import type { InboxRow } from '../kernel/rows.ts'
import type { Tx } from '../store/db.ts'
import { claimKeys, nativeKey } from '../store/links.ts'
import { readSurvivors } from '../store/records.ts'

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
  plan: Plan,
  candidates: readonly Candidate[],
  links: ReadonlyMap<string, string>,
): Promise<Map<string, Matched>> {
  const givenBy = await giversOf(tx, plan, candidates, links)
  const keyed = candidates.flatMap(one => {
    const number = told(one, one.contract.options.match ?? '')
    const giver = givenBy(one)
    if (number === undefined || giver === undefined) return []
    const known = giver === anybody ? number : `${giver}\u001f${number}`
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

/** What the system newly says of a field that it maps one to one. */
function told({ mapping, row }: Candidate, name: string): string | undefined {
  const rule = mapping.rules[name]
  if (typeof rule !== 'string') return undefined
  const value = [...row.changes, ...(row.reading ? [row.reading.heard] : [])]
    .map(change => change.observation)
    .filter(seen => !seen.entryOf)
    .map(seen => seen.fields[rule])
    .findLast(value => value !== undefined)
  return typeof value === 'string' && value !== '' ? value : undefined
}

const anybody = ''

/**
 * Whose number it is. Several ERPs give the same numbers to different customers: a number belongs to the one that gave it, and
 * elsewhere to the one that serves the record. Undefined where that cannot be said yet: it is matched once it can.
 */
async function giversOf(
  tx: Tx,
  plan: Plan,
  candidates: readonly Candidate[],
  links: ReadonlyMap<string, string>,
): Promise<(one: Candidate) => string | undefined> {
  const routeOf = ({ contract }: Candidate) => {
    const role = contract.fields[contract.options.match ?? '']?.owner ?? ''
    const route = routeFor(plan, role)
    const isShared = (plan.systemsOfRole.get(role) ?? []).length > 1
    return route && isShared && route.by in contract.fields ? route : undefined
  }
  const linkOf = ({ system, object, nativeId }: Candidate): string =>
    links.get(nativeKey({ system: system.name, object, native_id: nativeId })) ?? ''
  const isSilent = (one: Candidate): boolean => {
    const route = routeOf(one)
    return route !== undefined && route.role !== one.system.role && told(one, route.by) === undefined
  }
  const silent = candidates.filter(isSilent).map(linkOf).filter(Boolean)
  const records = silent.length > 0 ? await readSurvivors(tx, silent) : new Map()
  return one => {
    const route = routeOf(one)
    if (!route) return anybody
    if (route.role === one.system.role) return one.system.name
    return instanceFor(plan, route.role, told(one, route.by) ?? records.get(linkOf(one))?.fields[route.by])?.name
  }
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
