// A lane's rows: what processes agree upon about a system. Every statement is one round trip.
import type { Query } from '../store/db.ts'

/** Permits for a block of time, and how the lane stands. A narrower lane takes its surplus permits back as they end. */
export const leasePermits: Query = {
  name: 'lane-lease',
  text: `with lane_now as (
           select *, least(concurrency, coalesce(ceiling, concurrency)) as width from lane where system = $1
         ), share as (
           select greatest(1, ceil((select width from lane_now)::numeric
                    / greatest(1, (select count(*) from worker where lease_until > clock_timestamp()))))::int as most
         ), kept as (
           update permit set until = clock_timestamp() + make_interval(secs => $3 / 1000.0)
           where system = $1 and worker = $2 and until > clock_timestamp() and slot = any($4::int[])
             and slot < (select width from lane_now)
           returning slot
         ), more as (
           select slot from permit
           where system = $1 and (worker is null or until < clock_timestamp()) and slot < (select width from lane_now)
           order by slot limit case when (select paused from lane_now) then 0
             else greatest(0, (select most from share) - (select count(*) from kept)) end for update skip locked
         ), taken as (
           update permit set worker = $2, until = clock_timestamp() + make_interval(secs => $3 / 1000.0)
           from more where permit.system = $1 and permit.slot = more.slot returning permit.slot
         )
         select coalesce((select array_agg(slot) from (select slot from kept union all select slot from taken) s), '{}') as slots,
                paused, paused_by as "pausedBy", pause_reason as "pauseReason",
                failures, reason, ceiling is not null as "isNarrow",
                coalesce(probe_until > clock_timestamp(), false) as "isProbed",
                greatest(0, extract(epoch from closed_until - clock_timestamp()) * 1000)::float8 as "closedMs"
         from lane_now`,
}
export type LaneNow = {
  readonly slots: number[]
  readonly paused: boolean
  readonly pausedBy: string | null
  readonly pauseReason: string | null
  readonly failures: number
  readonly reason: string | null
  readonly isNarrow: boolean
  readonly isProbed: boolean
  readonly closedMs: number | null
}

export const releasePermits: Query = {
  name: 'lane-release',
  text: 'update permit set worker = null, until = null where system = $1 and worker = $2 and slot = any($3::int[])',
}

export const leaseSends: Query = {
  name: 'lane-sends',
  text: `update lane set next_send_at = greatest(next_send_at, clock_timestamp()) + make_interval(secs => $2::numeric / per_second)
         where system = $1 returning extract(epoch from next_send_at - make_interval(secs => $2::numeric / per_second) - clock_timestamp()) * 1000 as wait_ms`,
}

/** Closes the lane, or keeps it closed for longer. Calls that fail together count as one failure. */
export const closeLane: Query = {
  name: 'lane-close',
  text: `update lane set
           failures = failures + (closed_until is null or closed_until < clock_timestamp())::int,
           reason = $2, probe_by = null, probe_until = null,
           closed_until = greatest(closed_until, clock_timestamp() + make_interval(secs => greatest(
             $3::numeric / 1000,
             case when closed_until > clock_timestamp() then 0 else least(10, 0.25 * power(2, least(failures, 6))) end)))
         where system = $1
         returning extract(epoch from closed_until - clock_timestamp())::float8 * 1000 as "closedMs", failures`,
}

/** The right to be the one call that tries a lane whose time is over. */
export const takeProbe: Query = {
  name: 'lane-probe',
  text: `update lane set probe_by = $2, probe_until = clock_timestamp() + make_interval(secs => $3 / 1000.0)
         where system = $1 and failures > 0 and not paused and (closed_until is null or closed_until <= clock_timestamp())
           and (probe_until is null or probe_until < clock_timestamp() or probe_by = $2)
         returning system`,
}
/** Only whoever tried the lane opens it: an answer to a call from before it was closed says nothing of now. */
export const openLane: Query = {
  name: 'lane-open',
  text: `update lane set failures = 0, reason = null, closed_until = null, probe_by = null, probe_until = null
         where system = $1 and probe_by = $2 returning system`,
}
/** The try told nothing: the next one may come in a second. */
export const leaveProbe: Query = {
  name: 'lane-leave-probe',
  text: `update lane set probe_until = clock_timestamp() + interval '1 second', probe_by = null where system = $1 and probe_by = $2`,
}

/** Half as many calls at once, but one for each process; refusals that come together count once. */
export const narrowLane: Query = {
  name: 'lane-narrow',
  text: `update lane set ceiling_at = clock_timestamp(), ceiling = least(concurrency, greatest(
           (select count(*) from worker where lease_until > clock_timestamp()), 1, least(concurrency, coalesce(ceiling, concurrency)) / 2))
         where system = $1 and (ceiling_at is null or ceiling_at < clock_timestamp() - interval '1 second')`,
}
/** One call more at once, every two seconds. */
export const widenLane: Query = {
  name: 'lane-widen',
  text: `update lane set ceiling_at = clock_timestamp(), ceiling = nullif(least(concurrency, ceiling + 1), concurrency)
         where system = $1 and ceiling is not null and ceiling_at < clock_timestamp() - interval '2 seconds'`,
}

export const tellUse: Query = {
  name: 'lane-use',
  text: `insert into lane_use (system, worker, in_use) values ($1, $2, $3)
         on conflict (system, worker) do update set in_use = excluded.in_use, at = clock_timestamp()`,
}
export const forgetUse: Query = {
  name: 'lane-forget-use',
  text: 'delete from lane_use where system = $1 and worker = $2',
}

export const keepAllowance: Query = {
  name: 'lane-allowance',
  text: 'update lane set calls_used = $2, calls_of = $3 where system = $1 and (calls_used, calls_of) is distinct from ($2, $3)',
}
