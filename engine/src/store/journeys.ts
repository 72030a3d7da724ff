// Journeys, their steps, waits and tasks.
import type { Tx } from './db.ts'

export type StepRow = {
  readonly journey: string
  readonly name: string
  readonly n: number
  readonly kind: string
  readonly result: unknown
  readonly undone_at: Date | null
}
export type TaskRow = {
  readonly task: string
  readonly journey: string
  readonly name: string
  readonly due_at: Date | null
  /** Its time has run out, by the database's clock. */
  readonly is_over: boolean
  readonly answer: string | null
  readonly answered_by: string | null
}

const steps = {
  name: 'steps-of',
  text: 'select journey, name, n, kind, result, undone_at from step where journey = any($1) order by journey, n',
}
const tasks = {
  name: 'tasks-of',
  text: 'select task, journey, name, due_at, due_at <= clock_timestamp() as is_over, answer, answered_by from task where journey = any($1)',
}

const waits = { name: 'waits-of', text: 'select journey, name, began_at from wait where journey = any($1)' }
export type WaitRow = { readonly journey: string; readonly name: string; readonly began_at: Date }
export const waitsOf = (tx: Tx, journeys: readonly string[]): Promise<WaitRow[]> => tx.query<WaitRow>(waits, [journeys])

export const stepsOf = (tx: Tx, journeys: readonly string[]): Promise<StepRow[]> => tx.query<StepRow>(steps, [journeys])
export const tasksOf = (tx: Tx, journeys: readonly string[]): Promise<TaskRow[]> => tx.query<TaskRow>(tasks, [journeys])

export type NewStep = {
  readonly name: string
  readonly n: number
  readonly kind: string
  readonly result: unknown
  readonly began_at: string
}
export type NewWait = { readonly name: string; readonly ref: string; readonly due_in_ms: number | null }
export type NewTask = {
  readonly task: string
  readonly name: string
  readonly desk: string
  readonly question: string
  readonly answers: readonly string[]
  readonly facts: object
  readonly due_in_ms: number
}

export type Progress = {
  readonly journey: string
  readonly state: 'ready' | 'waiting' | 'stuck' | 'done' | 'stopped'
  readonly dueInMs: number | null
  readonly tries: number
  readonly checkpoint: string | null
  readonly reached: Readonly<Record<string, string>>
  readonly lateAt: string | null
  readonly reason: string | null
  readonly todo: string | null
  readonly steps: readonly NewStep[]
  readonly waits: readonly NewWait[]
  readonly tasks: readonly NewTask[]
  readonly undone: readonly string[]
}

const save = {
  name: 'journeys-save',
  text: `with p as (select j->>'journey' as journey, j from jsonb_array_elements($1::jsonb) as e(j)), new_steps as (
           insert into step (journey, name, n, kind, result, began_at)
           select p.journey, x.name, x.n, x.kind, x.result, x.began_at from p, jsonb_to_recordset(p.j->'steps') as x(name text, n int, kind text, result jsonb, began_at timestamptz)
         ), new_waits as (
           insert into wait (journey, name, ref, due_at)
           select p.journey, x.name, x.ref, clock_timestamp() + make_interval(secs => x.due_in_ms / 1000.0) from p, jsonb_to_recordset(p.j->'waits') as x(name text, ref text, due_in_ms numeric)
           on conflict (journey, name) do nothing
         ), new_tasks as (
           insert into task (task, journey, name, desk, question, answers, facts, due_at)
           select x.task, p.journey, x.name, x.desk, x.question, array(select jsonb_array_elements_text(x.answers)), x.facts, clock_timestamp() + make_interval(secs => x.due_in_ms / 1000.0)
           from p, jsonb_to_recordset(p.j->'tasks') as x(task text, name text, desk text, question text, answers jsonb, facts jsonb, due_in_ms numeric)
           on conflict do nothing
         ), old_waits as (
           delete from wait using p where wait.journey = p.journey
             and not exists (select from jsonb_to_recordset(p.j->'waits') as x(name text) where x.name = wait.name)
         ), undone as (
           update step set undone_at = clock_timestamp() from p, jsonb_array_elements_text(p.j->'undone') as u(name)
           where step.journey = p.journey and step.name = u.name
         )
         update journey set worker = null, state = p.j->>'state', tries = (p.j->>'tries')::int, checkpoint = p.j->>'checkpoint', reached = p.j->'reached',
           late_at = (p.j->>'lateAt')::timestamptz, reason = p.j->>'reason', todo = p.j->>'todo', at = clock_timestamp(),
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

const missed = {
  name: 'journeys-missed',
  text: `update journey set state = 'ready', due_at = clock_timestamp()
         where journey in (select j.journey from journey j join wait w using (journey) join record r on r.ref = w.ref
                           where j.state = 'waiting' and j.worker is null and r.at > j.at + interval '5 seconds' limit 1000)
         returning journey`,
}
/** Journeys that were not woken although what they watch changed. There must be none; the number is a metric. */
export const wakeMissed = async (tx: Tx): Promise<number> => (await tx.query(missed)).length

const noAnswer = {
  name: 'tasks-no-answer',
  text: `update task set answer = $2, answered_at = clock_timestamp() where task = any($1) and answer is null returning 1 as closed`,
}
/** Closes tasks whose time ran out; answers how many were still open. */
export const closeUnanswered = async (tx: Tx, tasks: readonly string[], answer: string): Promise<number> =>
  tasks.length === 0 ? 0 : (await tx.query(noAnswer, [tasks, answer])).length
