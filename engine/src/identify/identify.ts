// Identify: from native ids to refs. By link, by match rule, or a new ref that follows from the native id.
// After this stage no code sees a native id until `deliver`.
import type { AnyContract, Mapping, Native } from '@plumbline/sdk'
import { contractOfRef, lineRef, refOfNative } from '../kernel/ids.ts'
import { lineKeysIn } from '../kernel/line-keys.ts'
import { contractNamed, type Plan, type SystemPlan, systemNamed } from '../kernel/plan.ts'
import type { InboxRow, StoredRecord } from '../kernel/rows.ts'
import { Overtaken, type Tx } from '../store/db.ts'
import { createsUnderWay, creatingKey } from '../store/deliveries.ts'
import { erasedAmong } from '../store/erased.ts'
import { addLinks, type Link, linkRowsOf, linksOf, mergeRefs, nativeKey, parentsOf } from '../store/links.ts'
import { lockRecords, readRecords } from '../store/records.ts'
import { type Joined, joinedToErased } from './joined.ts'
import { claimableRef } from './match.ts'
import { followMerges, type Survivor, supersededAmong } from './merges.ts'

/** Everything heard of one record in one system, with the identity it has for us. */
export type Group = {
  readonly row: InboxRow
  readonly system: SystemPlan
  readonly mapping: Mapping
  readonly contract: AnyContract
  readonly ref: string
  readonly nativeId: string
  /** Refs that this one turned out to be the same as: their history stays, under an alias. */
  readonly merged: readonly string[]
}

export type Identified = {
  /** Refs that are newly known in a system, or by another name: whoever waited for them goes on. */
  readonly known: readonly string[]
  /** Since when creates are under way, by system and contract; asked before any link. */
  readonly creating: ReadonlyMap<string, Date>
  readonly groups: readonly Group[]
  /** The records of the groups, locked until the transaction ends. */
  readonly records: ReadonlyMap<string, StoredRecord>
  /** Nothing is to be understood of them: nobody maps them, or they were merged into another. */
  readonly unmapped: readonly InboxRow[]
  /** Records that others were merged into: to be read. */
  readonly survivors: readonly Survivor[]
  readonly orphans: readonly InboxRow[]
  /** Never seen before, while a create of ours is under way: it may be the very record that we are creating. */
  readonly early: readonly InboxRow[]
  readonly ambiguous: readonly { row: InboxRow; reason: string; todo: string }[]
  /** Of persons who were erased: nothing of them is to be kept. */
  readonly joined: readonly Joined[]
}

type Known = {
  readonly row: InboxRow
  readonly system: SystemPlan
  readonly mapping: Mapping
  readonly contract: AnyContract
  readonly object: string
  readonly nativeId: string
}

/** Finds or makes the ref of each inbox row's record. */
export async function identify(tx: Tx, plan: Plan, rows: readonly InboxRow[], uuid: () => string): Promise<Identified> {
  const { known: all, unmapped, orphans } = await locate(tx, plan, rows)
  const merges = await followMerges(tx, plan, uuid, all)
  // Asked before the links: a create that ends in between has then left its link.
  const creating = await createsUnderWay(tx)
  const found = await linkRowsOf(tx, all.map(asKey))
  const aliased = new Set(found.filter(link => link.isMerged).map(nativeKey))
  const superseded = await supersededAmong(
    tx,
    all.filter(one => aliased.has(nativeKey(asKey(one)))),
  )
  const links = new Map([...found.map((link): [string, string] => [nativeKey(link), link.ref]), ...superseded.back])
  const located = all.filter(one => !superseded.rows.has(one.row))
  const signed = await signedWithOurKey(
    tx,
    located.filter(one => !links.has(nativeKey(asKey(one)))),
  )
  const mayBeOurs = (one: Known): boolean =>
    !links.has(nativeKey(asKey(one))) &&
    !signed.has(nativeKey(asKey(one))) &&
    mayBeMadeByUs(creating, one.system, one.contract.contract, one.row)
  const early = located.filter(mayBeOurs).map(one => one.row)
  // Before their keys are matched: who comes anew under the same one is somebody else.
  const erased = await joinedToErased(tx, located, of => links.get(nativeKey(of)) ?? signed.get(nativeKey(of)))
  const away = new Set([...early, ...erased.joined.map(one => one.row)])
  const known = located.filter(one => !away.has(one.row))
  const groups: Group[] = []
  const ambiguous: { row: InboxRow; reason: string; todo: string }[] = []
  const added: Link[] = []
  const matches = await claimableRef(tx, plan, known, links)
  for (const one of known) {
    const key = nativeKey(asKey(one))
    const linked = links.get(key)
    const matched = matches.get(key)
    if (matched?.conflict) {
      ambiguous.push({ row: one.row, ...matched.conflict })
      continue
    }
    const ref =
      signed.get(key) ??
      matched?.ref ??
      linked ??
      refOfNative(one.contract.contract, one.system.name, one.object, one.nativeId)
    if (linked !== ref) added.push({ ...asKey(one), ref })
    const merged = linked !== undefined && linked !== ref ? [linked] : []
    for (const from of merged) await mergeRefs(tx, from, ref)
    groups.push({ ...one, ref, merged })
  }
  // Records before links, as whoever records a write's end does: the other order would be a deadlock.
  const records = await lockRecords(tx, groups.map(asWanted))
  // Whoever erases one of them from now on waits, and finds what is linked here.
  const late = await erasedAmong(
    tx,
    [...signed.values()].filter(ref => groups.some(group => group.ref === ref)),
  )
  if (late.size > 0) throw new Overtaken('A person was erased who is told of under our key')
  const news = await addLinks(tx, [...added, ...erased.links])
  const nowKnown = [
    ...merges.known,
    ...news,
    ...groups.flatMap(group => (group.merged.length > 0 ? [group.ref, ...group.merged] : [])),
  ]
  return {
    creating,
    known: nowKnown,
    groups,
    records,
    unmapped: [...unmapped, ...superseded.rows],
    survivors: merges.survivors,
    orphans,
    early,
    ambiguous,
    joined: erased.joined,
  }
}

const asWanted = ({ ref, contract }: Group): { ref: string; contract: string; contractVersion: number } => ({
  ref,
  contract: contract.contract,
  contractVersion: contract.options.version ?? 1,
})

/** The refs of records that carry our own key in the field that the mapping names for it. */
async function signedWithOurKey(tx: Tx, unlinked: readonly Known[]): Promise<Map<string, string>> {
  const claims = unlinked.flatMap(one => {
    const field = one.mapping.options.key
    const observed = [...one.row.changes, ...(one.row.reading ? [one.row.reading.heard] : [])]
    const value =
      field === undefined
        ? undefined
        : observed
            .map(heard => heard.observation)
            .filter(seen => !seen.entryOf)
            .map(seen => seen.fields[field])
            .findLast(value => typeof value === 'string')
    return typeof value === 'string' && contractOfRef(value) === one.contract.contract
      ? [{ key: nativeKey(asKey(one)), ref: value }]
      : []
  })
  if (claims.length === 0) return new Map()
  const known = new Set(
    (
      await readRecords(
        tx,
        claims.map(claim => claim.ref),
      )
    )
      .filter(record => record.born || record.version > 0)
      .map(record => record.ref),
  )
  return new Map(claims.filter(claim => known.has(claim.ref)).map(claim => [claim.key, claim.ref]))
}

/** Whether something never seen, heard of in this row, may be what a create under way is making. */
function mayBeMadeByUs(
  creating: ReadonlyMap<string, Date>,
  system: SystemPlan,
  contract: string,
  row: InboxRow,
): boolean {
  const since = creating.get(creatingKey(system.name, contract))
  return since !== undefined && since <= row.first_at
}

const asKey = (one: Known): { system: string; object: string; native_id: string } => ({
  system: one.system.name,
  object: one.object,
  native_id: one.nativeId,
})

/** Which mapped record each row speaks of. An entry whose parent the event does not name is found by the entry's own link. */
async function locate(
  tx: Tx,
  plan: Plan,
  rows: readonly InboxRow[],
): Promise<{ known: Known[]; unmapped: InboxRow[]; orphans: InboxRow[] }> {
  const known: Known[] = []
  const unmapped: InboxRow[] = []
  const entries: { row: InboxRow; system: SystemPlan; parent: string }[] = []
  for (const row of rows) {
    const system = systemNamed(plan, row.system)
    const mapping = system.byObject.get(row.object)
    const parent = row.changes.find(change => change.observation.entryOf)?.observation.entryOf?.object
    if (mapping)
      known.push({
        row,
        system,
        mapping,
        contract: contractNamed(plan, mapping.contract),
        object: row.object,
        nativeId: row.native_id,
      })
    else if (parent && system.byObject.has(parent)) entries.push({ row, system, parent })
    else unmapped.push(row)
  }
  const parents = await parentsOf(
    tx,
    entries.map(entry => entry.row),
  )
  const orphans: InboxRow[] = []
  for (const { row, system, parent } of entries) {
    const nativeId = parents.get(nativeKey(row))
    const mapping = system.byObject.get(parent) as Mapping
    if (nativeId === undefined) orphans.push(row)
    else known.push({ row, system, mapping, contract: contractNamed(plan, mapping.contract), object: parent, nativeId })
  }
  return { known, unmapped, orphans }
}

/** A native id that a record points to, of a system: to be known as a ref, reserved if never seen. */
export type Pointer = {
  readonly system: SystemPlan
  readonly contract: string
  readonly id: string
  readonly row: InboxRow
}
export const pointerKey = (system: string, contract: string, id: string): string =>
  `${system}\u0000${contract}\u0000${id}`

export type Resolved = {
  readonly refs: ReadonlyMap<string, string>
  readonly unseen: readonly { system: SystemPlan; object: string; id: string }[]
  /** Rows that point to what may be the very record a create of ours is making: they wait for its end. */
  readonly early: ReadonlySet<InboxRow>
}

/** Refs of everything that records point to. What was never seen gets a reserved ref; it is to be read (`unseen`). */
export async function resolvePointers(
  tx: Tx,
  pointers: readonly Pointer[],
  creating: ReadonlyMap<string, Date>,
): Promise<Resolved> {
  const asked = pointers.flatMap(({ system, contract, id, row }) => {
    const object = system.byContract.get(contract)?.object
    return object === undefined ? [] : [{ system, contract, object, native_id: id, row }]
  })
  const links = await linksOf(
    tx,
    asked.map(one => ({ ...one, system: one.system.name })),
  )
  const refs = new Map<string, string>()
  const reserved: Link[] = []
  const unseen = new Map<string, { system: SystemPlan; object: string; id: string }>()
  const early = new Set<InboxRow>()
  for (const { system, contract, object, native_id, row } of asked) {
    const key = { system: system.name, object, native_id }
    const ref = links.get(nativeKey(key)) ?? refOfNative(contract, system.name, object, native_id)
    refs.set(pointerKey(system.name, contract, native_id), ref)
    if (links.has(nativeKey(key))) continue
    if (mayBeMadeByUs(creating, system, contract, row)) {
      early.add(row)
      continue
    }
    reserved.push({ ...key, ref })
    unseen.set(nativeKey(key), { system, object, id: native_id })
  }
  await addLinks(tx, reserved)
  return { refs, unseen: [...unseen.values()], early }
}

/** Links of the entries of a record's lists to its lines: an event about an entry alone then finds its record. */
export function entryLinks(group: Group, native: Native): Link[] {
  const { system, mapping, ref } = group
  const lists = system.connector.objects[mapping.object]?.entries ?? {}
  return Object.values(mapping.rules).flatMap(rule => {
    const object = typeof rule === 'object' && 'each' in rule ? lists[rule.each] : undefined
    if (object === undefined || typeof rule !== 'object' || !('each' in rule)) return []
    const entries = (native[rule.each] ?? []) as readonly Native[]
    return lineKeysIn(rule, mapping, system.name, entries).flatMap((line, at) => {
      const id = entries[at]?.[rule.id]
      return id === undefined ? [] : [{ system: system.name, object, native_id: String(id), ref: lineRef(ref, line) }]
    })
  })
}
