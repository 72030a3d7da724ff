// A system made one record of two: the one that it deleted leads to the one that it kept, whichever we knew before.
import type { Observation } from '@plumbline/sdk'
import { refOfNative } from '../kernel/ids.ts'
import { contractNamed, type Plan, type SystemPlan, systemNamed } from '../kernel/plan.ts'
import type { InboxRow } from '../kernel/rows.ts'
import type { Tx } from '../store/db.ts'
import { addEventRows, markDeliveries } from '../store/follow-up.ts'
import { addLinks, linksOf, mergedAmong, mergeRefs, type NativeKey, nativeKey, standAlone } from '../store/links.ts'
import { lockRecords, markGone } from '../store/records.ts'

type Located = {
  readonly row: InboxRow
  readonly system: SystemPlan
  readonly object: string
  readonly nativeId: string
}

export type FollowedMerges = {
  /** Refs that are known by another name now: who waits for them looks again. */
  readonly known: readonly string[]
  /** What the others had is theirs now, child records first of all, and no event says so: they are to be read. */
  readonly survivors: readonly Survivor[]
}
export type Survivor = {
  readonly system: SystemPlan
  readonly object: string
  readonly id: string
  /** It was known before, and was merged just now. */
  readonly isNews: boolean
}

/** Makes one of what a system says to be one. */
export async function followMerges(
  tx: Tx,
  plan: Plan,
  uuid: () => string,
  located: readonly Located[],
): Promise<FollowedMerges> {
  const known: string[] = []
  const survivors: Survivor[] = []
  for (const one of located) {
    const into = saidBy(one.row).findLast(seen => seen.into !== undefined && !seen.entryOf)?.into
    if (into === undefined || into === one.nativeId) continue
    const merged = await mergeInto(tx, plan, uuid, one, into)
    if (!merged) continue
    known.push(...merged.refs)
    const isLive = one.row.changes.some(({ live }) => live)
    survivors.push({ system: one.system, object: one.object, id: into, isNews: merged.wasKnown && isLive })
  }
  return { known, survivors }
}

/**
 * Of native records whose links lead to an alias: the rows of those that are no longer a thing of their own, so that nothing is to
 * be understood of them. What is back stands alone again, under the ref that it had.
 */
export async function supersededAmong(
  tx: Tx,
  located: readonly Located[],
): Promise<{ readonly rows: ReadonlySet<InboxRow>; readonly back: ReadonlyMap<string, string> }> {
  const aliases = await mergedAmong(tx, located.map(asKey))
  const returned = located.filter(one => aliases.get(nativeKey(asKey(one)))?.wasGone && isBack(one.row))
  const back = returned.flatMap((one): [string, string][] => {
    const key = nativeKey(asKey(one))
    const ref = aliases.get(key)?.ref
    return ref === undefined ? [] : [[key, ref]]
  })
  await standAlone(
    tx,
    back.map(([, ref]) => ref),
  )
  const rows = located.filter(one => aliases.has(nativeKey(asKey(one))) && !returned.includes(one))
  return { rows: new Set(rows.map(({ row }) => row)), back: new Map(back) }
}

const saidBy = (row: InboxRow): Observation[] =>
  [...row.changes, ...(row.reading ? [row.reading.heard] : [])].map(heard => heard.observation)

/** Read just now and found there: what was merged away was taken out of the recycle bin. */
const isBack = ({ reading, changes }: InboxRow): boolean =>
  reading?.heard.observation.kind === 'seen' && changes.some(({ observation }) => observation.kind === 'look again')

const asKey = ({ system, object, nativeId }: Located): NativeKey => ({
  system: system.name,
  object,
  native_id: nativeId,
})

/** Answers the refs of both, where they were two, and whether there was a record of the survivor. */
async function mergeInto(
  tx: Tx,
  plan: Plan,
  uuid: () => string,
  one: Located,
  into: string,
): Promise<{ readonly refs: readonly string[]; readonly wasKnown: boolean } | undefined> {
  const { system, object, nativeId } = one
  const mapping = systemNamed(plan, system.name).byObject.get(object)
  if (!mapping) return undefined
  const contract = contractNamed(plan, mapping.contract)
  const keys = [nativeId, into].map(native_id => ({ system: system.name, object, native_id }))
  const links = await linksOf(tx, keys)
  const [lost, kept] = keys.map(
    key => links.get(nativeKey(key)) ?? refOfNative(contract.contract, system.name, object, key.native_id),
  )
  const [loserKey, keptKey] = keys
  if (!lost || !kept || !loserKey || !keptKey || lost === kept) return undefined
  const records = await lockRecords(
    tx,
    [lost, kept].map(ref => ({ ref, contract: contract.contract, contractVersion: contract.options.version ?? 1 })),
  )
  await addLinks(tx, [
    { ...loserKey, ref: lost },
    { ...keptKey, ref: kept },
  ])
  await markGone(tx, lost, system.name)
  const moved = await mergeRefs(tx, lost, kept)
  const version = records.get(kept)?.version ?? 0
  if (version > 0)
    await markDeliveries(
      tx,
      moved.map(to => ({ ref: kept, system: to, contract: contract.contract, wanted: version })),
    )
  await addEventRows(tx, [
    {
      id: uuid(),
      type: 'record.merged',
      subject: kept,
      data: { contract: contract.contract, system: system.name, object, from: nativeId, into, alias: lost },
    },
  ])
  return { refs: [lost, kept], wasKnown: version > 0 }
}
