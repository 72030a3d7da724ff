// What a new version of a record brings about: deliveries, woken journeys, started journeys, events.
import { planted } from '../host.ts'
import type { Tx } from './db.ts'

export type Mark = {
  readonly ref: string
  readonly system: string
  readonly contract: string
  readonly wanted: number
  readonly close?: boolean
  /** Whose turn it is when it is new: the oldest goes first. Now, when not said. */
  readonly due?: Date
  /** What the record is to say there; null takes it away, and without it it says what it said. */
  readonly says?: string | null
  /** Disputes that were granted: with them go fields that the system itself owns. */
  readonly grants?: readonly string[]
}

const mark = {
  name: 'deliveries-mark',
  text: `insert into delivery (ref, system, contract, wanted, close, state, due_at, says, grants)
         select ref, system, contract, wanted, coalesce(close, false), 'due', coalesce(due, clock_timestamp()), says,
           array(select jsonb_array_elements_text(coalesce(grants, '[]')))
         from jsonb_to_recordset($1::jsonb) as x(ref text, system text, contract text, wanted int, close boolean, due timestamptz, says text, grants jsonb)
         order by ref, system
         on conflict (ref, system) do update set
           wanted = greatest(delivery.wanted, excluded.wanted), marks = delivery.marks + 1, close = delivery.close or excluded.close,
           says = coalesce(excluded.says, delivery.says), grants = delivery.grants || excluded.grants,
           state = 'due', reason = case when delivery.state = 'due' then delivery.reason end, todo = null,
           due_at = case when delivery.state = 'due' then delivery.due_at else clock_timestamp() end,
           since = case when delivery.state = 'idle' then clock_timestamp() else delivery.since end`,
}
/** Marks systems to be brought to a record's version. A row, not a message: marking twice is marking once. */
export async function markDeliveries(tx: Tx, marks: readonly Mark[]): Promise<void> {
  if (marks.length > 0) await tx.query(mark, [JSON.stringify(await tx.sealing.about(oneForEach(marks), 'says'))])
}

/** One row for each record and system: the newest version, the last word, everything granted. */
function oneForEach(marks: readonly Mark[]): (Pick<Mark, 'ref'> & { readonly says?: string })[] {
  return [...Map.groupBy(marks, ({ ref, system }) => `${ref}@${system}`).values()].map(same => {
    const { ref, system, contract, due } = same[0] as Mark
    const says = same.findLast(one => one.says !== undefined)?.says
    const grants = same.flatMap(one => one.grants ?? [])
    return {
      ...{ ref, system, contract },
      wanted: Math.max(...same.map(one => one.wanted)),
      ...(same.some(one => one.close) && { close: true }),
      ...(due && { due }),
      ...(says !== undefined && { says: says ?? '' }),
      ...(grants.length > 0 && { grants }),
    }
  })
}

const shareWithWaits = {
  name: 'waits-order-share',
  text: `select pg_advisory_xact_lock_shared(key) from (select distinct hashtextextended(ref, 46) as key from unnest($1::text[]) as r(ref) order by 1) k`,
}
/**
 * A journey that waits for all records about another holds the other half of this lock while it inserts its wait and
 * tests them: either it sees our change, or we see its wait.
 */
export const orderWithWaits = (tx: Tx, refs: readonly string[]): Promise<unknown> =>
  refs.length === 0 ? Promise.resolve() : tx.query(shareWithWaits, [refs])

const wake = {
  name: 'journeys-wake',
  // From who waits to each journey, by its key: all that are open may be many.
  text: `with watching as materialized (
           select distinct journey from wait where ref = any($1) or (ref = any($2) and not changes_only)
         ), woken as (
           select journey from journey where journey = any(array(select journey from watching)) and (state = 'waiting') is true
           order by journey for update
         )
         update journey set state = 'ready', due_at = clock_timestamp()
         from woken where journey.journey = woken.journey returning journey.journey`,
}
/**
 * Wakes the journeys that watch any of these refs, which changed or became known, and those that wait for an answer about the
 * `answered`. Called after the records were locked and changed.
 */
export const wakeJourneys = async (
  tx: Tx,
  changed: readonly string[],
  answered: readonly string[] = [],
): Promise<number> =>
  changed.length + answered.length === 0 || planted.has('forget-wake')
    ? 0
    : (await tx.query(wake, [changed, answered])).length

/** What a journey watches that was put off by a system itself, not by a record. */
export const waitsForSystem = (system: string): string => `system:${system}`

const wakeForSystem = {
  name: 'journeys-wake-system',
  // From who waits to each journey, by its key: `offset` and `is true` leave the planner no other way.
  text: `with oldest as materialized (
           select w.journey from wait w cross join lateral (
             select started_at from journey j where j.journey = w.journey and (state = 'waiting' and worker is null) is true offset 0
           ) j
           where w.ref = $1 and ($3 or w.due_at is null) order by j.started_at limit $2
         ), free as (
           select journey from journey where journey = any(array(select journey from oldest))
             and (state = 'waiting' and worker is null) is true for update skip locked
         )
         update journey set state = 'ready', due_at = journey.started_at
         from free where journey.journey = free.journey returning journey.journey`,
}
/** Wakes the journeys that were put off by a system: the oldest, which then go first. Uses wait_for. */
export const wakeWhoWaitsForSystem = async (tx: Tx, system: string, most: number): Promise<number> =>
  (await tx.query(wakeForSystem, [waitsForSystem(system), most, true])).length

/** Of those, the ones that no time wakes, but the lane alone. */
export const wakeWhoWaitsForLane = async (tx: Tx, system: string, most: number): Promise<number> =>
  (await tx.query(wakeForSystem, [waitsForSystem(system), most, false])).length

/** The kind of the step that holds what a journey began with. */
export const startStep = 'start'

export type Start = {
  readonly journey: string
  readonly workflow: string
  readonly ref: string
  readonly once: string
  readonly title: string
  readonly worth: string | null
  readonly currency: string | null
  /** The record as it was then: whatever changes meanwhile, the journey goes on from this. */
  readonly start: { readonly version: number; readonly fields: Readonly<Record<string, unknown>> }
  readonly late_in_ms: number | null
  /** Where its record lives. */
  readonly systems: readonly string[]
}
const start = {
  name: 'journeys-start',
  text: `with x as (
           select * from jsonb_to_recordset($1::jsonb) as x(journey text, workflow text, ref text, once text, title text, worth numeric, currency text, start jsonb, late_in_ms numeric, systems jsonb)
         ), started as (
           insert into journey (journey, workflow, ref, once, state, title, worth, currency, late_at, systems)
           select journey, workflow, ref, once, 'ready', title, worth, currency, clock_timestamp() + make_interval(secs => late_in_ms / 1000.0),
             array(select jsonb_array_elements_text(systems))
           from x on conflict do nothing returning journey
         ), first_steps as (
           insert into step (journey, name, n, kind, result, began_at)
           select distinct on (journey) journey, '(start)', -1, '${startStep}', start, clock_timestamp() from x join started using (journey)
         )
         select journey from started`,
}
/** Starts journeys, once for each record and business revision. */
export const startJourneys = async (tx: Tx, starts: readonly Start[]): Promise<string[]> =>
  starts.length === 0
    ? []
    : (await tx.query<{ journey: string }>(start, [JSON.stringify(await tx.sealing.starts(starts))])).map(
        row => row.journey,
      )

export type Event = { readonly id: string; readonly type: string; readonly subject: string; readonly data: object }
const addEvents = {
  name: 'events-add',
  text: `insert into event (id, type, subject, data)
         select id, type, subject, data from jsonb_to_recordset($1::jsonb) as x(id uuid, type text, subject text, data jsonb)`,
}
export async function addEventRows(tx: Tx, events: readonly Event[]): Promise<void> {
  if (events.length > 0) await tx.query(addEvents, [JSON.stringify(await tx.sealing.events(events))])
}
