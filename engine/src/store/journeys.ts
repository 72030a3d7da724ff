// Journeys, their steps, waits and tasks.
import type { Stay } from '../kernel/routes.ts'
import type { Tx } from './db.ts'

export type StepRow = {
  readonly journey: string
  readonly name: string
  readonly n: number
  readonly kind: string
  readonly result: unknown
  /** Of a question: who answered, where the journey stays with that. */
  readonly stays: Stay | null
  readonly undone_at: Date | null
}
export type TaskRow = {
  readonly task: string
  readonly journey: string
  readonly name: string
  /** What is left of its time, by the database's clock; none or less when it has run out. */
  readonly due_in_ms: number | null
  /** What is left until it goes on to another desk; absent when it does not, or has. */
  readonly escalates_in_ms: number | null
  readonly answer: string | null
  readonly answered_by: string | null
}

const steps = {
  name: 'steps-of',
  text: 'select journey, name, n, kind, result, stays, undone_at from step where journey = any($1) order by journey, n',
}
const tasks = {
  name: 'tasks-of',
  text: `select task, journey, name, answer, answered_by,
           (extract(epoch from due_at - clock_timestamp()) * 1000)::float8 as due_in_ms,
           case when escalated_at is null then (extract(epoch from escalates_at - clock_timestamp()) * 1000)::float8 end as escalates_in_ms
         from task where journey = any($1)`,
}

const waits = { name: 'waits-of', text: 'select journey, name, began_at, due_at from wait where journey = any($1)' }
export type WaitRow = {
  readonly journey: string
  readonly name: string
  readonly began_at: Date
  readonly due_at: Date | null
}
export const waitsOf = (tx: Tx, journeys: readonly string[]): Promise<WaitRow[]> => tx.query<WaitRow>(waits, [journeys])

export const stepsOf = (tx: Tx, journeys: readonly string[]): Promise<StepRow[]> => tx.query<StepRow>(steps, [journeys])
export const tasksOf = (tx: Tx, journeys: readonly string[]): Promise<TaskRow[]> => tx.query<TaskRow>(tasks, [journeys])

export type NewStep = {
  readonly name: string
  readonly n: number
  readonly kind: string
  readonly result: unknown
  readonly stays?: Stay
  readonly began_at: string
}
export type NewWait = {
  readonly name: string
  readonly ref: string
  readonly due_in_ms: number | null
  /** What a system answers about the record is no reason to look, unless the record changes by it. */
  readonly changes_only?: boolean
}
export type NewTask = {
  readonly task: string
  readonly name: string
  readonly desk: string
  readonly question: string
  readonly answers: readonly string[]
  readonly facts: object
  readonly due_in_ms: number
  readonly escalates_to: string | null
  readonly escalates_in_ms: number | null
}

export type Progress = {
  readonly journey: string
  readonly state: 'ready' | 'waiting' | 'stuck' | 'done' | 'stopped'
  readonly dueInMs: number | null
  readonly tries: number
  readonly checkpoint: string | null
  readonly reached: Readonly<Record<string, string>>
  /** By when checkpoints are due that count in working days. */
  readonly counted: Readonly<Record<string, string>>
  readonly lateAt: string | null
  readonly reason: string | null
  readonly todo: string | null
  readonly steps: readonly NewStep[]
  readonly waits: readonly NewWait[]
  /** It did not come so far as to say for what it waits: those for the business itself stay, as old as they are. */
  readonly isCutShort: boolean
  readonly tasks: readonly NewTask[]
  readonly undone: readonly string[]
  /** What it waits for, so that the list can say it of all at once. */
  readonly waitsFor: WaitKind | null
  /** Systems that this run brought into it. */
  readonly systems: readonly string[]
}
/** What a waiting journey waits for; a stuck one for a person who looks at it. */
type WaitKind = 'answer' | 'system' | 'record' | 'retry' | 'person'

const save = {
  name: 'journeys-save',
  text: `with p as (select j->>'journey' as journey, j from jsonb_array_elements($1::jsonb) as e(j)), new_steps as (
           insert into step (journey, name, n, kind, result, stays, began_at)
           select p.journey, x.name, x.n, x.kind, x.result, x.stays, x.began_at from p, jsonb_to_recordset(p.j->'steps') as x(name text, n int, kind text, result jsonb, stays jsonb, began_at timestamptz)
         ), new_waits as (
           insert into wait (journey, name, ref, due_at, changes_only)
           select p.journey, x.name, x.ref, clock_timestamp() + make_interval(secs => x.due_in_ms / 1000.0), coalesce(x.changes_only, false)
           from p, jsonb_to_recordset(p.j->'waits') as x(name text, ref text, due_in_ms numeric, changes_only boolean)
           on conflict (journey, name) do update set ref = excluded.ref, due_at = excluded.due_at
             where wait.ref is distinct from excluded.ref or (wait.ref like 'system:%' and wait.due_at is distinct from excluded.due_at)
         ), new_tasks as (
           insert into task (task, journey, name, desk, question, answers, facts, due_at, escalates_to, escalates_at)
           select x.task, p.journey, x.name, x.desk, x.question, array(select jsonb_array_elements_text(x.answers)), x.facts,
             clock_timestamp() + make_interval(secs => x.due_in_ms / 1000.0), x.escalates_to, clock_timestamp() + make_interval(secs => x.escalates_in_ms / 1000.0)
           from p, jsonb_to_recordset(p.j->'tasks') as x(task text, name text, desk text, question text, answers jsonb, facts jsonb, due_in_ms numeric, escalates_to text, escalates_in_ms numeric)
           on conflict do nothing
         ), old_waits as (
           delete from wait using p where wait.journey = p.journey and not ((p.j->>'isCutShort')::boolean and wait.name like 'Until %')
             and not exists (select from jsonb_to_recordset(p.j->'waits') as x(name text) where x.name = wait.name)
         ), withdrawn as (
           update task set withdrawn_at = clock_timestamp() from p
           where task.journey = p.journey and task.answer is null and p.j->>'state' in ('done', 'stopped')
         ), undone as (
           update step set undone_at = clock_timestamp() from p, jsonb_array_elements_text(p.j->'undone') as u(name)
           where step.journey = p.journey and step.name = u.name
         )
         update journey set worker = null, state = p.j->>'state', tries = (p.j->>'tries')::int, checkpoint = p.j->>'checkpoint', reached = p.j->'reached', counted = p.j->'counted',
           late_at = (p.j->>'lateAt')::timestamptz, reason = p.j->>'reason', todo = p.j->>'todo', at = clock_timestamp(), waits = p.j->>'waitsFor',
           systems = case when systems @> array(select jsonb_array_elements_text(p.j->'systems')) then systems
                     else array(select distinct s from unnest(systems || array(select jsonb_array_elements_text(p.j->'systems'))) as s order by s) end,
           ended_at = case when p.j->>'state' in ('done', 'stopped') then clock_timestamp() end,
           due_at = case when p.j->>'dueInMs' is null then 'infinity' else clock_timestamp() + make_interval(secs => (p.j->>'dueInMs')::numeric / 1000) end
         from p where journey.journey = p.journey`,
}
/** Everything that runs of journeys brought about, in one statement behind the fence. */
export const saveProgress = (tx: Tx, all: readonly Progress[]): Promise<unknown> =>
  tx.query(save, [JSON.stringify(all)])

const lockWaits = {
  name: 'waits-order-lock',
  text: `select pg_advisory_xact_lock(key) from (select distinct hashtextextended(ref, 46) as key from unnest($1::text[]) as r(ref) order by 1) k`,
}
/** The other half of orderWithWaits (follow-up.ts). */
export const lockWaitOrder = (tx: Tx, refs: readonly string[]): Promise<unknown> =>
  refs.length === 0 ? Promise.resolve() : tx.query(lockWaits, [refs])

const missedAll = {
  name: 'journeys-missed-all',
  text: `update journey set state = 'ready', due_at = clock_timestamp()
         where journey in (select j.journey from wait w join journey j using (journey)
                           where j.state = 'waiting' and j.worker is null
                             and (exists (select from record r where r.ref = w.ref and r.at > j.at + interval '5 seconds')
                               or exists (select from record r where r.about @> array[w.ref] and r.at > j.at + interval '5 seconds'))
                           limit $1)
         returning journey`,
}
/**
 * From what changed lately, by record_changed, to who waits for it: what waits and is not concerned costs nothing. The order of
 * the steps is fixed by `materialized` and `offset`: the other one is everything that waits times everything that changed.
 */
const missedLately = {
  name: 'journeys-missed-lately',
  text: `with changed as materialized (
           select watched.ref, max(r.at) as at from record r cross join lateral unnest(r.ref || r.about) as watched(ref)
           where r.at > statement_timestamp() - make_interval(secs => $2) group by watched.ref
         ), missed as materialized (
           select w.journey from changed
           cross join lateral (select journey from wait where wait.ref = changed.ref offset 0) w
           cross join lateral (
             select from journey j
             where j.journey = w.journey and (j.state = 'waiting' and j.worker is null and changed.at > j.at + interval '5 seconds') is true offset 0
           ) j
           limit $1
         )
         update journey set state = 'ready', due_at = clock_timestamp() where journey in (select journey from missed) returning journey`,
}
export const mostMissed = 1_000
/**
 * Journeys that were not woken although what they watch, or a record about it, changed in the last seconds; `undefined`
 * is whenever. There must be none; the number is a metric.
 */
export const wakeMissed = async (tx: Tx, seconds: number | undefined): Promise<number> =>
  seconds === undefined
    ? (await tx.query(missedAll, [mostMissed])).length
    : (await tx.query(missedLately, [mostMissed, seconds])).length

const lanes = {
  name: 'journeys-lanes',
  text: 'select system, not paused and failures = 0 as open from lane where system = any($1) order by system for share',
}
/** Which of these systems take calls, so that nobody changes it before we commit. */
export async function lanesNow(tx: Tx, systems: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
  if (systems.length === 0) return new Map()
  const found = await tx.query<{ system: string; open: boolean }>(lanes, [[...new Set(systems)]])
  return new Map(found.map(lane => [lane.system, lane.open]))
}

const waitedFor = {
  name: 'journeys-lanes-waited-for',
  text: `select system, failures = 0 as "isOpen" from lane
         where system = any($1) and not paused
           and (failures = 0 or (coalesce(closed_until, '-infinity') <= clock_timestamp() and coalesce(probe_until, '-infinity') <= clock_timestamp()))
           and exists (
             select from wait w cross join lateral (
               select from journey j where j.journey = w.journey and (state = 'waiting' and worker is null) is true offset 0
             ) j
             where w.ref = 'system:' || lane.system and w.due_at is null)`,
}
/** The lanes that journeys wait for and that take calls again, or may be tried. */
export const lanesWaitedFor = (tx: Tx, systems: readonly string[]): Promise<{ system: string; isOpen: boolean }[]> =>
  tx.query(waitedFor, [systems])

const noAnswer = {
  name: 'tasks-no-answer',
  text: `update task set answer = $2, answered_at = clock_timestamp() where task = any($1) and answer is null returning 1 as closed`,
}
/** Closes tasks whose time ran out; answers how many were still open. */
export const closeUnanswered = async (tx: Tx, tasks: readonly string[], answer: string): Promise<number> =>
  tasks.length === 0 ? 0 : (await tx.query(noAnswer, [tasks, answer])).length

const escalate = {
  name: 'tasks-escalate',
  text: 'update task set escalated_at = clock_timestamp() where task = any($1) and escalated_at is null and answer is null',
}
/** Puts tasks that nobody has answered on the other desk's list as well. */
export const escalateTasks = (tx: Tx, tasks: readonly string[]): Promise<unknown> =>
  tasks.length === 0 ? Promise.resolve() : tx.query(escalate, [tasks])
