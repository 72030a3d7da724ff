// What only a person can decide, as lists: open questions and given answers, by desk.
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { cursorOf, fromCursor } from './cursor.ts'
import { resolve } from './resolve.ts'

export const TASK_STATES = ['open', 'answered', 'all'] as const

export type TaskFilter = {
  /** `open` when left out. `answered`: by a person, or by the end of its time. */
  readonly state?: (typeof TASK_STATES)[number]
  /** Questions to this desk, and those that have gone on to it. */
  readonly desk?: string
  /** A journey, or any number or name of one of its records. */
  readonly journey?: string
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

type TaskLine = {
  readonly task: string
  /** The journey that asks; without one, the question is about somebody's wish. */
  readonly journey: string | null
  /** The record that it is about, and what that is called. */
  readonly ref: string
  readonly title: string
  /** The wish that it decides, and what became of that. */
  readonly wish: { readonly dispute: string; readonly became: string; readonly reason: string | null } | null
  readonly worth: { readonly amount: string; readonly currency: string | null } | null
  readonly desk: string
  readonly question: string
  readonly answers: readonly string[]
  readonly facts: Readonly<Record<string, unknown>>
  readonly askedAt: Date
  /** Without an answer by then, it is "no answer". */
  readonly dueAt: Date | null
  readonly late: boolean
  /** The desk that finds the question on its list too, from `escalatesAt` on; since `escalatedAt` it does. */
  readonly escalatesTo: string | null
  readonly escalatesAt: Date | null
  readonly escalatedAt: Date | null
  readonly answer: string | null
  /** Nobody, when its time ran out. */
  readonly answeredBy: string | null
  readonly answeredAt: Date | null
  readonly comment: string | null
  /** The journey ended, or what it is about was decided otherwise, before anybody answered. */
  readonly withdrawnAt: Date | null
}

/** A question that has gone on counts at both desks. */
type Desk = { readonly desk: string; readonly open: number; readonly late: number }

export type TaskPage = {
  readonly tasks: readonly TaskLine[]
  /** Every desk with open questions. */
  readonly desks: readonly Desk[]
  readonly next: string | null
}

const COLUMNS = `
  t.task, t.journey, coalesce(j.ref, t.ref) as ref, coalesce(j.title, t.title) as title,
  case when t.dispute is not null then
    (select jsonb_build_object('dispute', d.dispute, 'became', d.became, 'reason', d.reason) from dispute d where d.dispute = t.dispute)
  end as wish, j.worth::text as amount, j.currency, t.desk, t.question, t.answers, t.facts,
  t.asked_at as "askedAt", t.due_at as "dueAt",
  t.answer is null and t.withdrawn_at is null and coalesce(t.due_at < clock_timestamp(), false) as late,
  t.escalates_to as "escalatesTo", t.escalates_at as "escalatesAt", t.escalated_at as "escalatedAt",
  t.answer, t.answered_by as "answeredBy", t.answered_at as "answeredAt", t.comment, t.withdrawn_at as "withdrawnAt"`

/** Each list in the order in which a person reads it, by its own index: the oldest question first, the newest answer first. */
const LISTS = {
  open: { which: 't.answer is null and t.withdrawn_at is null', by: 't.asked_at', way: 'asc', from: '>' },
  answered: { which: 't.answer is not null', by: 't.answered_at', way: 'desc', from: '<' },
  all: { which: 'true', by: 't.asked_at', way: 'desc', from: '<' },
} as const

/** One statement for each list. Uses task_open, task_answered or task_asked; of one journey or record the index of that. */
const lists = Object.fromEntries(
  TASK_STATES.map(state => {
    const { which, by, way, from } = LISTS[state]
    const text = `
      select ${COLUMNS}, ${by}::text as position
      from task t left join journey j using (journey)
      where ${which}
        and ($1::text is null or t.desk = $1 or (t.escalates_to = $1 and t.escalated_at is not null))
        and ($2::text[] is null or t.journey = any($2) or t.ref = any($6))
        and ($3::timestamptz is null or (${by}, t.task) ${from} ($3, $4))
      order by ${by} ${way}, t.task ${way}
      limit $5`
    return [state, { name: `tasks-${state}`, text }]
  }),
) as Readonly<Record<(typeof TASK_STATES)[number], Query>>

/** Uses task_open. */
const openByDesk: Query = {
  name: 'tasks-desks',
  text: `
    select desk, count(*) as open, count(*) filter (where due_at < clock_timestamp()) as late
    from (
      select desk, due_at from task where answer is null and withdrawn_at is null
      union all
      select escalates_to, due_at from task where answer is null and withdrawn_at is null and escalated_at is not null
    ) t
    group by desk
    order by desk`,
}

type Row = Omit<TaskLine, 'worth'> & {
  readonly amount: string | null
  readonly currency: string | null
  readonly position: string
}

export async function tasksOf(tx: Tx, plan: Plan, filter: TaskFilter = {}): Promise<TaskPage> {
  const { state = 'open', desk = null, journey, limit = 100, after } = filter
  const about = journey === undefined ? undefined : await resolve(tx, plan, journey)
  const [position, task] = after === undefined ? [null, null] : fromCursor(after)
  const rows = await tx.query<Row>(lists[state], [
    desk,
    about?.journeys ?? null,
    position,
    task,
    limit + 1,
    about?.refs ?? null,
  ])
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    tasks: page.map(({ amount, currency, position: _, ...row }) => ({
      ...row,
      worth: amount === null ? null : { amount, currency },
    })),
    desks: await tx.query<Desk>(openByDesk),
    next: rows.length > limit && last ? cursorOf(last.position, last.task) : null,
  }
}
