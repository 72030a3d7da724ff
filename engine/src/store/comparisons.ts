// Comparisons of what systems have with what we hold: because a feed was lost or overflew, or as a sweep.
import type { Claim } from '../kernel/claims.ts'
import type { ComparisonKind, Progress, Told } from '../kernel/comparison.ts'
import type { Query, Tx } from './db.ts'

export type ComparisonRow = Claim &
  Told & {
    readonly comparison: string
    readonly asked_by: string | null
    readonly opened_at: Date
    readonly tries: number
    readonly trouble: string | null
  }

export type Gap = {
  readonly comparison: string
  readonly system: string
  readonly kind: Exclude<ComparisonKind, 'sweep'>
  readonly objects: readonly string[]
  readonly since: Date | null
  readonly reason: string
}

/** A worker that is at it loses its claim: it would take no notice of what is to be read besides. */
const open: Query = {
  name: 'comparison-gap',
  text: `
    insert into comparison (comparison, system, kind, objects, since, reason) values ($1, $2, $3, $4, $5, $6)
    on conflict (system) where kind <> 'sweep' and ended_at is null do update set
      kind = case when excluded.kind = 'lost' then 'lost' else comparison.kind end,
      objects = array(select distinct o from unnest(comparison.objects || excluded.objects) as o order by o),
      since = least(comparison.since, excluded.since), progress = comparison.progress - excluded.objects, read_at = null,
      reason = case when strpos(comparison.reason, excluded.reason) > 0 then comparison.reason else comparison.reason || '. ' || excluded.reason end,
      worker = null, epoch = comparison.epoch + 1, due_at = clock_timestamp(), tries = 0
    returning comparison`,
}
/** Opens the one gap of a system, or widens it. Answers whether it is new. */
export async function openGap(tx: Tx, gap: Gap): Promise<boolean> {
  const { comparison, system, kind, objects, since, reason } = gap
  const [row] = await tx.query<{ comparison: string }>(open, [comparison, system, kind, objects, since, reason])
  return row?.comparison === comparison
}

const anew: Query = {
  name: 'comparison-anew',
  text: `update comparison set progress = '{}', read_at = null, worker = null, epoch = epoch + 1, due_at = clock_timestamp()
         where system = $1 and kind <> 'sweep' and ended_at is null`,
}
/** The feed is heard again from now on: what was read of its gap before may have changed in between. */
export const readGapAnew = (tx: Tx, system: string): Promise<unknown> => tx.query(anew, [system])

const isOpen: Query = {
  name: 'comparison-is-open',
  text: `select from comparison where system = $1 and kind <> 'sweep' and ended_at is null`,
}
export const hasOpenGap = async (tx: Tx, system: string): Promise<boolean> =>
  (await tx.query(isOpen, [system])).length > 0

const begin: Query = {
  name: 'comparison-sweep',
  text: `insert into comparison (comparison, system, kind, objects, reason, asked_by, preview) values ($1, $2, 'sweep', $3, $4, $5, $6)`,
}
export const openSweep = (
  tx: Tx,
  sweep: {
    comparison: string
    system: string
    objects: readonly string[]
    reason: string
    by: string | null
    preview: boolean
  },
): Promise<unknown> =>
  tx.query(begin, [sweep.comparison, sweep.system, sweep.objects, sweep.reason, sweep.by, sweep.preview])

const due: Query = {
  name: 'comparison-due',
  // Uses comparison_of: a system is swept again so long after the last sweep of all of it, or its first load.
  text: `
    select f.system from feed f
    where f.system = $1 and f.loaded_at < clock_timestamp() - make_interval(secs => $2 / 1000.0)
      and not exists (
        select from comparison c where c.system = f.system and not c.preview
          and (c.ended_at is null or (c.asked_by is null and c.opened_at > clock_timestamp() - make_interval(secs => $2 / 1000.0))))
    for update skip locked`,
}
/** Whether nobody has compared all of a system for so long. The feed's row is locked: two processes do not both begin. */
export const isSweepDue = async (tx: Tx, system: string, everyMs: number): Promise<boolean> =>
  (await tx.query(due, [system, everyMs])).length > 0

/** What we hold of a native record, if anything; `isPending` when something of it is still to be understood. */
export type KnownThere = {
  readonly native_id: string
  readonly native: Readonly<Record<string, unknown>> | null
  readonly gone: boolean | null
  /** When something was last heard of it or written to it. */
  readonly at: Date | null
  readonly merged: boolean
  readonly isPending: boolean
}
const known: Query = {
  name: 'comparison-known',
  text: `
    select asked.native_id, h.native, h.gone, h.at, r.alias_of is not null as merged,
           exists (select from inbox i where i.system = $1 and i.object = $2 and i.native_id = asked.native_id) as "isPending"
    from unnest($3::text[]) as asked(native_id)
    left join link l on l.system = $1 and l.object = $2 and l.native_id = asked.native_id
    left join record r on r.ref = l.ref
    left join holding h on h.ref = l.ref and h.system = l.system and h.object = l.object`,
}
export async function knownThere(
  tx: Tx,
  system: string,
  object: string,
  ids: readonly string[],
): Promise<Map<string, KnownThere>> {
  const rows = await tx.query<KnownThere>(known, [system, object, ids])
  return new Map(rows.map(row => [row.native_id, row]))
}

const glimpse: Query = {
  name: 'comparison-glimpse',
  text: 'insert into glimpse (comparison, object, native_id) select $1, $2, unnest($3::text[]) on conflict do nothing',
}
export const rememberSeen = (tx: Tx, comparison: string, object: string, ids: readonly string[]): Promise<unknown> =>
  ids.length === 0 ? Promise.resolve() : tx.query(glimpse, [comparison, object, ids])

const missing: Query = {
  name: 'comparison-missing',
  // Along the primary key of link. What was linked since the comparison began may be younger than the list.
  text: `
    select l.native_id as id from link l
    join holding h on h.ref = l.ref and h.system = l.system and h.object = l.object and h.native_id = l.native_id
    where l.system = $1 and l.object = $2 and l.native_id > $3 and l.at < $4 and not h.gone
      and not exists (select from glimpse g where g.comparison = $5 and g.object = $2 and g.native_id = l.native_id)
    order by l.native_id limit $6`,
}
/** What we hold and the list did not show, from an id on. */
export const missingThere = async (
  tx: Tx,
  of: { comparison: string; system: string; object: string; after: string; linkedBefore: Date; limit: number },
): Promise<string[]> =>
  (
    await tx.query<{ id: string }>(missing, [of.system, of.object, of.after, of.linkedBefore, of.comparison, of.limit])
  ).map(row => row.id)

const save: Query = {
  name: 'comparison-save',
  text: `update comparison set worker = null, progress = $2, tries = 0, trouble = null, due_at = clock_timestamp() + make_interval(secs => $3 / 1000.0)
         where comparison = $1`,
}
export const saveComparison = (tx: Tx, comparison: string, progress: Progress, inMs: number): Promise<unknown> =>
  tx.query(save, [comparison, JSON.stringify(progress), inMs])

const allRead: Query = {
  name: 'comparison-read',
  text: `update comparison set read_at = coalesce(read_at, clock_timestamp()), worker = null, due_at = clock_timestamp() + make_interval(secs => 0.5)
         where comparison = $1`,
}
export const markAllRead = (tx: Tx, comparison: string): Promise<unknown> => tx.query(allRead, [comparison])

const unread: Query = {
  name: 'comparison-unread',
  // What is parked or held back waits for a person, and is a problem of its own.
  text: `select from inbox where system = $1 and not parked and due_at < 'infinity' and first_at <= $2
         union all select from feed where system = $1 and cursor is null limit 1`,
}
/** Whether something that was there when all had been read is still to be understood, or the feed is not heard again yet. */
export const isStillUnread = async (tx: Tx, system: string, readAt: Date): Promise<boolean> =>
  (await tx.query(unread, [system, readAt])).length > 0

const end: Query = {
  name: 'comparison-end',
  text: `update comparison set ended_at = clock_timestamp(), worker = null where comparison = $1 returning ended_at`,
}
const forget: Query = { name: 'comparison-forget', text: 'delete from glimpse where comparison = $1' }
export async function endComparison(tx: Tx, comparison: string): Promise<Date> {
  await tx.query(forget, [comparison])
  const [row] = await tx.query<{ ended_at: Date }>(end, [comparison])
  return row?.ended_at ?? new Date(0)
}

const later: Query = {
  name: 'comparison-later',
  text: `update comparison set worker = null, tries = tries + 1, trouble = $3, due_at = clock_timestamp() + make_interval(secs => $4 / 1000.0)
         where comparison = $1 and worker = $2`,
}
export const postponeComparison = (
  tx: Tx,
  worker: string,
  comparison: string,
  trouble: string,
  inMs: number,
): Promise<unknown> => tx.query(later, [comparison, worker, trouble, inMs])

const list: Query = {
  name: 'comparisons-list',
  text: `select * from comparison where ($1::text[] is null or system = any($1)) and ($2::text is null or comparison = $2)
         order by opened_at desc limit $3`,
}
/** The newest first. */
export const comparisonsOf = (
  tx: Tx,
  asked: { systems?: readonly string[]; comparison?: string; limit: number },
): Promise<ComparisonRow[]> =>
  tx.query<ComparisonRow>(list, [asked.systems ?? null, asked.comparison ?? null, asked.limit])

const openGaps: Query = {
  name: 'comparisons-gaps',
  text: `select * from comparison where ended_at is null and kind <> 'sweep' order by opened_at`,
}
export const gapsNow = (tx: Tx): Promise<ComparisonRow[]> => tx.query<ComparisonRow>(openGaps)
