// The match rule: the same thing in several systems is known by a business key that the contract names.
import type { AnyContract, Mapping, Native, Route } from '@plumbline/sdk'
import { refOfNative } from '../kernel/ids.ts'
import type { Plan, SystemPlan } from '../kernel/plan.ts'
import { instanceFor, numberOfGiver, routeOfNumbers } from '../kernel/routes.ts'
import type { InboxRow } from '../kernel/rows.ts'
import type { Tx } from '../store/db.ts'
import { claimKeys, nativeKey } from '../store/links.ts'
import { holdingKey, holdingsOf } from '../store/records.ts'

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
  const numberOf = await numbersOf(tx, plan, candidates, links)
  const keyed = candidates.flatMap(one => {
    const known = numberOf(one)
    if (known === undefined) return []
    const value = tx.sealing.businessKey(one.contract.contract, matchOf(one), known)
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
    matched.set(key, (await takenBy(tx, plan, one, own, ref)) ?? { ref })
  }
  return matched
}

/** What the system newly says of a field; null where it is empty now, undefined where it says nothing. */
const told = (one: Candidate, name: string): string | null | undefined =>
  textIn(
    one,
    name,
    [...one.row.changes, ...(one.row.reading ? [one.row.reading.heard] : [])]
      .map(change => change.observation)
      .filter(seen => !seen.entryOf)
      .map(seen => seen.fields),
  )

/** A field that is mapped one to one, as the last of several native records says that says anything of it. */
function textIn({ mapping }: Candidate, name: string, natives: readonly Native[]): string | null | undefined {
  const rule = mapping.rules[name]
  if (typeof rule !== 'string') return undefined
  const value = natives.map(fields => fields[rule]).findLast(value => value !== undefined)
  return value === undefined ? undefined : typeof value === 'string' && value !== '' ? value : null
}

/**
 * The number by which a record is matched. Several ERPs give the same numbers to different customers: a number belongs to the one
 * that gave it, and elsewhere to the one that serves the record. Where that cannot be said yet, it is matched once it can.
 */
async function numbersOf(
  tx: Tx,
  plan: Plan,
  candidates: readonly Candidate[],
  links: ReadonlyMap<string, string>,
): Promise<(one: Candidate) => string | undefined> {
  const linkOf = ({ system, object, nativeId }: Candidate): string =>
    links.get(nativeKey({ system: system.name, object, native_id: nativeId })) ?? ''
  // News of one of the two says nothing of the other: it is as it was.
  const partial = candidates.filter(one => {
    const route = routeOf(plan, one)
    if (!route || route.role === one.system.role) return false
    return (told(one, matchOf(one)) === undefined) !== (told(one, route.by) === undefined)
  })
  const placeOf = (one: Candidate) => ({ ref: linkOf(one), system: one.system.name })
  const holdings = await holdingsOf(tx, partial.map(placeOf))
  const toldOrHeld = (one: Candidate, name: string): string | null | undefined => {
    const now = told(one, name)
    return now === undefined ? textIn(one, name, [holdings.get(holdingKey(placeOf(one)))?.native ?? {}]) : now
  }
  return one => {
    const route = routeOf(plan, one)
    if (!route) return told(one, matchOf(one)) ?? undefined
    const number = route.role === one.system.role ? told(one, matchOf(one)) : toldOrHeld(one, matchOf(one))
    if (typeof number !== 'string') return undefined
    if (route.role === one.system.role) return numberOfGiver(one.system.name, number)
    const giver = instanceFor(plan, route.role, toldOrHeld(one, route.by))
    return giver && numberOfGiver(giver.name, number)
  }
}

const matchOf = ({ contract }: Candidate): string => contract.options.match ?? ''

const routeOf = (plan: Plan, { contract }: Candidate): Route | undefined => routeOfNumbers(plan, contract)

/**
 * Two records of one system with the same business key are not one thing, nor are two to which two ERPs gave their numbers; a person
 * decides which is meant.
 */
async function takenBy(tx: Tx, plan: Plan, one: Candidate, own: string, ref: string): Promise<Matched | undefined> {
  const [other] = await tx.query<{ native_id: string }>(
    'select native_id from link where ref = $1 and system = $2 and object = $3 and native_id <> $4 limit 1',
    [ref, one.system.name, one.object, one.nativeId],
  )
  if (!other) return twoGivers(tx, plan, one, own, ref)
  const label = one.contract.fields[matchOf(one)]?.label ?? 'key'
  return {
    conflict: {
      reason: `Two ${one.contract.contract}s in ${one.system.name} carry the same ${label}: ${other.native_id} and ${one.nativeId}`,
      todo: `Give one of them another ${label}, or merge them in ${one.system.name}`,
    },
  }
}

const linkedIn = {
  name: 'match-linked-in',
  text: 'select ref, system from link where ref = any($1) and system = any($2) order by system',
}
async function twoGivers(tx: Tx, plan: Plan, one: Candidate, own: string, ref: string): Promise<Matched | undefined> {
  const route = routeOf(plan, one)
  if (!route) return undefined
  const givers = (plan.systemsOfRole.get(route.role) ?? []).map(({ name }) => name)
  const links = await tx.query<{ ref: string; system: string }>(linkedIn, [[own, ref], givers])
  const mine = links.find(link => link.ref === own)?.system
  const theirs = links.find(link => link.ref === ref)?.system
  if (mine === undefined || theirs === undefined || mine === theirs) return undefined
  const kind = one.contract.contract
  const what = (one.contract.fields[route.by]?.label ?? route.by).toLowerCase()
  return {
    conflict: {
      reason: `A ${kind} of ${mine} has the ${what} of ${theirs} now, where its number is another ${kind}'s: ${one.nativeId} in ${one.system.name}`,
      todo: `Make a new ${kind} for ${theirs} in ${one.system.name}, and give this one its ${what} back`,
    },
  }
}
