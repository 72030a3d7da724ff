// Links between native ids and refs, and the business keys by which the same thing is found in several systems.
import { lineRef } from '../kernel/ids.ts'
import type { Tx } from './db.ts'
import { readRecords } from './records.ts'

export type NativeKey = { readonly system: string; readonly object: string; readonly native_id: string }
export type Link = NativeKey & { readonly ref: string }

export const nativeKey = (of: NativeKey): string => `${of.system}\u0000${of.object}\u0000${of.native_id}`

const findLinks = {
  name: 'links-find',
  text: `select l.system, l.object, l.native_id, coalesce(r.alias_of, l.ref) as ref, r.alias_of is not null as "isMerged"
         from unnest($1::text[], $2::text[], $3::text[]) as asked(system, object, native_id)
         join link l using (system, object, native_id)
         left join record r on r.ref = l.ref`,
}

/** The native ids whose records were merged into others, so that they are linked to an alias; `wasGone` where their system deleted them. */
export async function mergedAmong(
  tx: Tx,
  keys: readonly NativeKey[],
): Promise<Map<string, { ref: string; wasGone: boolean }>> {
  if (keys.length === 0) return new Map()
  const rows = await tx.query<Link & { wasGone: boolean }>(findMerged, [
    keys.map(k => k.system),
    keys.map(k => k.object),
    keys.map(k => k.native_id),
  ])
  return new Map(rows.map(row => [nativeKey(row), { ref: row.ref, wasGone: row.wasGone }]))
}

/** The links of native ids, of each once; those of merged records lead to the surviving ref. */
export async function linkRowsOf(
  tx: Tx,
  asked: readonly NativeKey[],
): Promise<(Link & { readonly isMerged: boolean })[]> {
  const keys = [...new Map(asked.map(key => [nativeKey(key), key])).values()]
  if (keys.length === 0) return []
  return tx.query<Link & { isMerged: boolean }>(findLinks, [
    keys.map(k => k.system),
    keys.map(k => k.object),
    keys.map(k => k.native_id),
  ])
}

/** The refs of native ids, by nativeKey; those of merged records are the surviving ref. */
export const linksOf = async (tx: Tx, keys: readonly NativeKey[]): Promise<Map<string, string>> =>
  new Map((await linkRowsOf(tx, keys)).map(row => [nativeKey(row), row.ref]))

const findMerged = {
  name: 'links-merged',
  text: `select l.system, l.object, l.native_id, l.ref,
           exists (select from holding h where h.ref = l.ref and h.system = l.system and h.gone) as "wasGone"
         from unnest($1::text[], $2::text[], $3::text[]) as asked(system, object, native_id)
         join link l using (system, object, native_id)
         join record r on r.ref = l.ref and r.alias_of is not null`,
}

const findParents = {
  name: 'links-parents-of-entries',
  // Of a record that was merged, by its link and by the survivor's: whichever is there still, its own first.
  text: `select distinct on (e.system, e.object, e.native_id) e.system, e.object, e.native_id, p.native_id as parent
         from unnest($1::text[], $2::text[], $3::text[]) as asked(system, object, native_id)
         join link e using (system, object, native_id)
         join record r on r.ref = split_part(e.ref, '/', 1)
         join link p on p.ref in (r.ref, r.alias_of) and p.system = e.system
         left join holding h on h.ref = p.ref and h.system = p.system
         order by e.system, e.object, e.native_id, coalesce(h.gone, false), p.ref <> r.ref`,
}

/** The native ids of the records that entries belong to, by the entry's nativeKey. */
export async function parentsOf(tx: Tx, entries: readonly NativeKey[]): Promise<Map<string, string>> {
  if (entries.length === 0) return new Map()
  const rows = await tx.query<NativeKey & { parent: string }>(findParents, [
    entries.map(e => e.system),
    entries.map(e => e.object),
    entries.map(e => e.native_id),
  ])
  return new Map(rows.map(row => [nativeKey(row), row.parent]))
}

const insertLinks = {
  name: 'links-insert',
  text: `insert into link (system, object, native_id, ref)
         select distinct on (system, object, native_id) * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as l(system, object, native_id, ref)
         order by system, object, native_id
         on conflict do nothing returning ref`,
}

/** Adds links; what is linked already stays as it is. Answers the refs that were newly linked. */
export async function addLinks(tx: Tx, links: readonly Link[]): Promise<string[]> {
  if (links.length === 0) return []
  const rows = await tx.query<{ ref: string }>(insertLinks, [
    links.map(l => l.system),
    links.map(l => l.object),
    links.map(l => l.native_id),
    links.map(l => l.ref),
  ])
  return rows.map(row => row.ref)
}

const idsInSystem = {
  name: 'links-ids-in-system',
  // By the links of each ref, never by all links of the system: `is true` and `offset` leave the planner no other way.
  text: `select asked.ref, l.object, l.native_id
         from (select a.ref, coalesce(r.alias_of, a.ref) as survivor from unnest($1::text[]) as a(ref) left join record r on r.ref = a.ref offset 0) asked
         join link l on l.ref = asked.survivor and (l.system = $2) is true`,
}

/** The native ids of refs in one system, by ref and object. */
export async function idsIn(
  tx: Tx,
  system: string,
  refs: readonly string[],
): Promise<Map<string, { object: string; native_id: string }[]>> {
  if (refs.length === 0) return new Map()
  const rows = await tx.query<{ ref: string; object: string; native_id: string }>(idsInSystem, [refs, system])
  return Map.groupBy(rows, row => row.ref)
}

const claimMatches = {
  name: 'match-claim',
  text: `insert into match (contract, value, ref)
         select distinct on (contract, value) * from unnest($1::text[], $2::text[], $3::text[]) as m(contract, value, ref) order by contract, value
         on conflict (contract, value) do update set value = excluded.value
         returning contract, value, ref`,
}

/** Claims business keys for refs; where another has it already, that one is answered. */
export async function claimKeys(
  tx: Tx,
  keys: readonly { contract: string; value: string; ref: string }[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const rows = await tx.query<{ contract: string; value: string; ref: string }>(claimMatches, [
    keys.map(k => k.contract),
    keys.map(k => k.value),
    keys.map(k => k.ref),
  ])
  return new Map(rows.map(row => [`${row.contract}\u0000${row.value}`, row.ref]))
}

const moveEntries = {
  name: 'links-move-entries',
  // They go where the record goes: not in a system that has it still beside the survivor.
  text: `update link set ref = moved.after
         from unnest($2::text[], $3::text[]) as moved(before, after)
         where link.ref = moved.before
           and not exists (
             select from link own left join holding h on h.ref = own.ref and h.system = own.system
             where own.ref = $1 and own.system = link.system and h.gone is not true)
           and not exists (
             select from link other
             where other.ref = moved.after and other.system = link.system and other.object = link.object)`,
}
/** Moves the links of a record's lines. One that stays behind, since the record does not have its line, is led on by `parentsOf`. */
async function moveLines(tx: Tx, from: string, to: string): Promise<void> {
  const [record] = await readRecords(tx, [from])
  const lists = Object.values(record?.fields ?? {}).filter(value => Array.isArray(value))
  const lines = lists.flat().flatMap(({ line }) => (typeof line === 'string' ? [line] : []))
  if (lines.length === 0) return
  await tx.query(moveEntries, [from, lines.map(line => lineRef(from, line)), lines.map(line => lineRef(to, line))])
}

/**
 * Makes one thing of two refs: what is known of `from` becomes that of `to`, and `from` an alias for ever. Where both are known in
 * a system, each native id keeps its own link: the alias leads from the one to the other, and only the survivor's is written to.
 * Answers the systems to which the survivor is to be brought up to date.
 */
export async function mergeRefs(tx: Tx, from: string, to: string): Promise<string[]> {
  await tx.query('update record set alias_of = $2 where alias_of = $1', [from, to])
  // What points to it points to the survivor from now on; the versions stay as they were written.
  await tx.query(
    `update record set about = array_replace(about, $1, $2), fields = replace(fields::text, to_json($1::text)::text, to_json($2::text)::text)::jsonb
     where about @> array[$1]`,
    [from, to],
  )
  await tx.query(
    `update link set ref = $2 where ref = $1
       and not exists (select from link l where l.ref = $2 and l.system = link.system and l.object = link.object)`,
    [from, to],
  )
  await moveLines(tx, from, to)
  await tx.query('update match set ref = $2 where ref = $1', [from, to])
  await tx.query('update wait set ref = $2 where ref = $1', [from, to])
  await tx.query('update dispute set ref = $2 where ref = $1', [from, to])
  await tx.query('update task set ref = $2 where ref = $1', [from, to])
  await tx.query('update delivery set waits_for = $2 where waits_for = $1', [from, to])
  const moved = await tx.query<{ system: string }>(
    `update holding set ref = $2 where ref = $1 and not gone and not exists (select from holding h where h.ref = $2 and h.system = holding.system)
     returning system`,
    [from, to],
  )
  const wanted = await tx.query<{ system: string }>(
    `update delivery set state = 'idle', reason = null, todo = null where ref = $1 and state <> 'idle' and attempt is null returning system`,
    [from],
  )
  await tx.query(
    `insert into record (ref, contract, alias_of) select $1, contract, $2 from record where ref = $2
                  on conflict (ref) do update set alias_of = excluded.alias_of`,
    [from, to],
  )
  return [...new Set([...moved, ...wanted].map(row => row.system))]
}

/** A merge is taken back: the record stands for itself again. What was moved to the survivor stays with it. */
export const standAlone = (tx: Tx, refs: readonly string[]): Promise<unknown> =>
  refs.length === 0
    ? Promise.resolve()
    : tx.query({ name: 'records-stand-alone', text: 'update record set alias_of = null where ref = any($1)' }, [refs])

const wakeWaitingFor = {
  name: 'deliveries-wake-children',
  text: `update delivery set state = 'due', due_at = clock_timestamp()
         from (select ref, system from delivery where state = 'waiting' and waits_for = any($1) order by ref, system for update) w
         where delivery.ref = w.ref and delivery.system = w.system
         returning delivery.system`,
}
/** Deliveries that waited for these refs to be known in their system go on; answers those systems. */
export const wakeChildren = async (tx: Tx, refs: readonly string[]): Promise<string[]> =>
  refs.length === 0 ? [] : (await tx.query<{ system: string }>(wakeWaitingFor, [refs])).map(row => row.system)
