// The systems of the project and how each is doing: its lane, what waits for it and since when, its feed.
import { type Found, foundIn, type Progress } from '../kernel/comparison.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { waitsForSystem } from '../store/follow-up.ts'
import type { Amount } from './facets.ts'

export type SystemLine = {
  readonly system: string
  readonly role: string
  readonly connector: string
  readonly objects: readonly string[]
  /** Absent until the engine has run with this system once. */
  readonly now?: SystemNow
}

export type SystemNow = {
  readonly limit: {
    readonly concurrency: number
    readonly perSecond: number | null
    /** How many calls at once it takes for now, where that is fewer. */
    readonly narrowedTo: number | null
  }
  /** The calls of its day, where the system tells how many there may be. */
  readonly allowance: { readonly used: number; readonly of: number } | null
  /** The most calls that were under way at once within the last second, in all processes. */
  readonly inUse: number
  /** What waits for this system: records to be brought to it, and questions that it could not answer. */
  readonly queue: number
  readonly waiting: {
    readonly due: number
    /** Those that wait for another record to be there first. */
    readonly blocked: number
    readonly questions: number
  }
  /** Refused by it, or not understood: a person decides. These are not in the queue. */
  readonly parked: number
  readonly oldestWaitingSince: Date | null
  /** Open: the system is down or wants us to wait; nothing is sent until then. */
  readonly breaker: {
    readonly state: 'closed' | 'open'
    readonly until: Date | null
    readonly reason: string | null
    readonly failures: number
  }
  readonly paused: Paused | null
  readonly feed: {
    readonly heardAt: Date | null
    readonly loaded: boolean
    readonly reason: string | null
    /** Changes heard and not yet understood, and those that never will be unless somebody helps. */
    readonly unread: number
    readonly parked: number
    readonly oldestUnread: Date | null
    /** Since when changes are being read that it did not tell; null when it is up to date. */
    readonly catchingUpSince: Date | null
  }
  /** What the last comparison of what it has with what we hold found, previews apart. */
  readonly lastSweep: { readonly at: Date; readonly found: Found } | null
  /** What the open journeys that wait for it are worth. */
  readonly worthWaiting: readonly Amount[]
}

export type Paused = { readonly by: string; readonly since: Date; readonly reason: string | null }

/** By the name of each system. */
export type SystemsNow = ReadonlyMap<string, SystemNow>

export function systemsOf(plan: Plan, now: SystemsNow): SystemLine[] {
  return [...plan.systems.values()].map(({ name, role, connector, objects }) => {
    const of = now.get(name)
    return { system: name, role, connector: connector.name, objects, ...(of && { now: of }) }
  })
}

/** Small tables; of deliveries the partial indexes delivery_queue (index alone) and delivery_open, of waits wait_for, of comparisons comparison_of. */
const lanesNow: Query = {
  name: 'systems-now',
  text: `
    select l.system, l.concurrency, l.per_second::float8 as "perSecond", l.ceiling as "narrowedTo",
           l.calls_used::float8 as "callsUsed", l.calls_of::float8 as "callsOf", l.failures, l.reason as "laneReason",
           case when l.closed_until > clock_timestamp() then l.closed_until end as "closedUntil",
           l.paused, l.paused_by as "pausedBy", l.paused_at as "pausedAt", l.pause_reason as "pauseReason",
           coalesce(u.in_use, 0) as "inUse", coalesce(d.due, 0) as due, coalesce(d.blocked, 0) as blocked,
           coalesce(p.parked, 0) as parked, coalesce(q.questions, 0) as questions, least(d.oldest, q.oldest) as oldest,
           coalesce(i.unread, 0) as unread, coalesce(i.parked, 0) as "unreadParked", i.oldest as "oldestUnread",
           f.heard_at as "heardAt", f.loaded_at is not null or f.system is null as loaded, f.reason as "feedReason",
           gap.opened_at as "catchingUpSince", sweep.ended_at as "sweptAt", sweep.progress as "sweepProgress"
    from lane l
    left join (
      select system, sum(in_use)::int as in_use from lane_use where at > clock_timestamp() - interval '2 seconds' group by system
    ) u on u.system = l.system
    left join (
      select system, count(*) filter (where state = 'due') as due, count(*) filter (where state = 'waiting') as blocked,
             min(since) as oldest
      from delivery where state in ('due', 'waiting') group by system
    ) d on d.system = l.system
    left join (
      select system, count(*) as parked from delivery where state = 'parked' group by system
    ) p on p.system = l.system
    left join lateral (
      select count(*) as questions, min(began_at) as oldest from wait where ref = 'system:' || l.system
    ) q on true
    left join (
      select system, count(*) as unread, count(*) filter (where parked) as parked, min(first_at) as oldest from inbox group by system
    ) i on i.system = l.system
    left join feed f on f.system = l.system
    left join comparison gap on gap.system = l.system and gap.kind <> 'sweep' and gap.ended_at is null
    left join lateral (
      select ended_at, progress from comparison c
      where c.system = l.system and c.kind = 'sweep' and c.ended_at is not null and not c.preview order by c.opened_at desc limit 1
    ) sweep on true
    where l.system = any($1::text[])`,
}

type LaneRow = {
  readonly system: string
  readonly concurrency: number
  readonly perSecond: number | null
  readonly narrowedTo: number | null
  readonly callsUsed: number | null
  readonly callsOf: number | null
  readonly failures: number
  readonly laneReason: string | null
  readonly closedUntil: Date | null
  readonly paused: boolean
  readonly pausedBy: string | null
  readonly pausedAt: Date | null
  readonly pauseReason: string | null
  readonly inUse: number
  readonly due: number
  readonly blocked: number
  readonly parked: number
  readonly questions: number
  readonly oldest: Date | null
  readonly unread: number
  readonly unreadParked: number
  readonly oldestUnread: Date | null
  readonly heardAt: Date | null
  readonly loaded: boolean
  readonly feedReason: string | null
  readonly catchingUpSince: Date | null
  readonly sweptAt: Date | null
  readonly sweepProgress: Progress | null
}

/**
 * A journey that opens a record waits for the systems that do not have it yet; one that was put off, for the system that
 * could not answer. What waits for the course of business ("Until …") waits for no system.
 */
const worthNow: Query = {
  name: 'systems-worth',
  text: `
    with waiting as (
      select d.system, w.journey
      from delivery d join wait w on w.ref = d.ref
      where d.state in ('due', 'waiting') and w.name not like 'Until %'
      union
      select s.system, w.journey
      from unnest($1::text[], $2::text[]) as s(system, ref) join wait w on w.ref = s.ref
    )
    select w.system, j.currency, sum(j.worth)::text as amount
    from waiting w join journey j using (journey)
    where j.worth is not null and j.ended_at is null
    group by w.system, j.currency
    order by w.system, sum(j.worth) desc`,
}

type Worth = Amount & { readonly system: string }

/** Cheap, however many wait. */
export const lanesOf = (tx: Tx, plan: Plan): Promise<LaneRow[]> =>
  tx.query<LaneRow>(lanesNow, [[...plan.systems.keys()]])

/** Reads every journey that waits for a system: with fifty thousand, some hundred milliseconds. */
export function worthWaitingOf(tx: Tx, plan: Plan): Promise<Worth[]> {
  const systems = [...plan.systems.keys()]
  return tx.query<Worth>(worthNow, [systems, systems.map(waitsForSystem)])
}

export function systemsNow(lanes: readonly LaneRow[], worth: readonly Worth[]): SystemsNow {
  const bySystem = Map.groupBy(worth, row => row.system)
  return new Map(
    lanes.map(row => [
      row.system,
      systemNow(
        row,
        (bySystem.get(row.system) ?? []).map(({ amount, currency }) => ({ amount, currency })),
      ),
    ]),
  )
}

const systemNow = (row: LaneRow, worthWaiting: readonly Amount[]): SystemNow => ({
  limit: { concurrency: row.concurrency, perSecond: row.perSecond, narrowedTo: row.narrowedTo },
  allowance: row.callsUsed === null || row.callsOf === null ? null : { used: row.callsUsed, of: row.callsOf },
  inUse: row.inUse,
  queue: row.due + row.blocked + row.questions,
  waiting: { due: row.due, blocked: row.blocked, questions: row.questions },
  parked: row.parked,
  oldestWaitingSince: row.oldest,
  breaker: {
    state: row.closedUntil ? 'open' : 'closed',
    until: row.closedUntil,
    reason: row.closedUntil ? row.laneReason : null,
    failures: row.failures,
  },
  paused: row.paused
    ? { by: row.pausedBy ?? 'somebody', since: row.pausedAt ?? new Date(0), reason: row.pauseReason }
    : null,
  feed: {
    heardAt: row.heardAt,
    loaded: row.loaded,
    reason: row.feedReason,
    unread: row.unread,
    parked: row.unreadParked,
    oldestUnread: row.oldestUnread,
    catchingUpSince: row.catchingUpSince,
  },
  lastSweep: row.sweptAt && { at: row.sweptAt, found: foundIn(row.sweepProgress ?? {}) },
  worthWaiting,
})
