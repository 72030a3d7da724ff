// Why a journey does not go on, in the business's words: a desk's answer, a system's refusal, a record not yet there.
import { pauseWords } from '../kernel/lanes.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import type { WaitKind } from './filter.ts'
import { titleOf, waitWords } from './words.ts'

export type WaitsFor = {
  readonly kind: WaitKind
  /** What it waits for: `an answer of the credit desk`. */
  readonly what: string
  /** Why that is not there yet, where something is known to be in the way. */
  readonly because: string | null
  readonly todo: string | null
  readonly ref: string | null
  readonly system: string | null
  readonly task: string | null
  readonly since: Date
  readonly until: Date | null
}

/** Uses the unique index of task (journey, name). */
const openTasks: Query = {
  name: 'waits-tasks',
  text: `
    select task, journey, desk, question, answers, asked_at as "askedAt", due_at as "dueAt"
    from task
    where journey = any($1::text[]) and answer is null and withdrawn_at is null
    order by asked_at`,
}

type TaskRow = {
  readonly task: string
  readonly journey: string
  readonly desk: string
  readonly question: string
  readonly answers: readonly string[]
  readonly askedAt: Date
  readonly dueAt: Date | null
}

/**
 * Uses the primary keys of wait, record, delivery and lane. While a record is being opened, its deliveries are what is
 * waited for, the one in the worst state first; `Until …` waits for the business itself. Questions are read above.
 */
const openWaits: Query = {
  name: 'waits-records',
  text: `
    select w.journey, w.name, w.ref, w.began_at as "beganAt", w.due_at as "dueAt", r.contract, r.fields,
           d.system, d.state, d.reason, d.todo, d.since, d.waits_for as "waitsFor",
           p.contract as "parentContract", p.fields as "parentFields", b.reason as "parentReason", b.todo as "parentTodo",
           l.reason as "laneReason", l.closed_until as "closedUntil", l.paused, l.paused_by as "pausedBy", l.pause_reason as "pauseReason"
    from wait w
    left join record r on r.ref = w.ref
    left join lateral (
      select * from delivery
      where ref = w.ref and state in ('parked', 'waiting', 'due') and w.name not like 'Until %'
      order by array_position(array['parked', 'waiting', 'due'], state)
      limit 1
    ) d on true
    left join record p on p.ref = d.waits_for
    left join lateral (
      select reason, todo from delivery where ref = d.waits_for and state = 'parked' limit 1
    ) b on true
    left join lane l on l.system = d.system and (l.paused or l.closed_until > clock_timestamp())
    where w.journey = any($1::text[]) and w.ref not like 'task:%' and split_part(w.name, ' · ', 1) <> 'Put off'
    order by w.began_at`,
}

type WaitRow = {
  readonly journey: string
  readonly name: string
  readonly ref: string
  readonly beganAt: Date
  readonly dueAt: Date | null
  readonly contract: string | null
  readonly fields: Record<string, unknown> | null
  readonly system: string | null
  readonly state: 'parked' | 'waiting' | 'due' | null
  readonly reason: string | null
  readonly todo: string | null
  readonly since: Date | null
  readonly waitsFor: string | null
  readonly parentContract: string | null
  readonly parentFields: Record<string, unknown> | null
  readonly parentReason: string | null
  readonly parentTodo: string | null
  readonly laneReason: string | null
  readonly closedUntil: Date | null
  readonly paused: boolean | null
  readonly pausedBy: string | null
  readonly pauseReason: string | null
}

/** What each of these journeys waits for, the first thing that a person would look at. */
export async function waitsOf(tx: Tx, plan: Plan, journeys: readonly string[]): Promise<Map<string, WaitsFor>> {
  if (journeys.length === 0) return new Map()
  const tasks = await tx.query<TaskRow>(openTasks, [journeys])
  const waits = await tx.query<WaitRow>(openWaits, [journeys])
  const found = new Map<string, WaitsFor>()
  // A question in a person's hands goes before everything; then what is in the way of a system.
  for (const task of tasks) keepFirst(found, task.journey, answer(task))
  for (const wait of [...waits.filter(inTheWay), ...waits]) keepFirst(found, wait.journey, record(plan, wait))
  return found
}

const keepFirst = <V>(map: Map<string, V>, key: string, value: V): void => {
  if (!map.has(key)) map.set(key, value)
}

const inTheWay = (wait: WaitRow): boolean => wait.state === 'parked' || wait.state === 'waiting' || wait.paused !== null

const answer = (task: TaskRow): WaitsFor => ({
  kind: 'answer',
  what: `an answer of the ${task.desk}`,
  because: task.question,
  todo: `Answer ${task.answers.map(one => `"${one}"`).join(' or ')}: plumb answer ${task.task} <answer> --by <name>.`,
  ref: null,
  system: null,
  task: task.task,
  since: task.askedAt,
  until: task.dueAt,
})

function record(plan: Plan, wait: WaitRow): WaitsFor {
  const title = wait.contract ? titleOf(plan, wait.contract, wait.ref, wait.fields ?? {}) : wait.ref
  const { because, todo } = whyNot(plan, wait)
  return {
    kind: wait.name.startsWith('Until ') ? 'record' : 'system',
    what: `${title}: ${waitWords(wait.name)}`,
    because,
    todo,
    ref: wait.ref,
    system: because ? wait.system : null,
    task: null,
    since: because && wait.since ? wait.since : wait.beganAt,
    until: wait.dueAt,
  }
}

function whyNot(plan: Plan, wait: WaitRow): { because: string | null; todo: string | null } {
  const { system, state } = wait
  if (state === 'parked')
    return { because: `${system} refused it: ${wait.reason ?? 'no reason given'}`, todo: wait.todo }
  if (state === 'waiting') {
    const parent =
      wait.parentContract && wait.waitsFor
        ? titleOf(plan, wait.parentContract, wait.waitsFor, wait.parentFields ?? {})
        : wait.waitsFor
    const why = wait.parentReason ?? wait.reason
    return {
      because: `${system} does not have ${parent ?? 'what it refers to'} yet${why ? `: ${why}` : ''}`,
      todo: wait.parentTodo ?? wait.todo,
    }
  }
  if (wait.paused)
    return {
      because: pauseWords(system ?? '', wait.pausedBy, wait.pauseReason),
      todo: `Resume it when it may be called again: plumb resume ${system}.`,
    }
  if (wait.closedUntil) {
    return { because: `${system} does not take calls now: ${wait.laneReason ?? 'it does not answer'}`, todo: null }
  }
  return { because: state === 'due' ? wait.reason : null, todo: null }
}
