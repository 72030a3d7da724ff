// What only a person can decide, as a list.
import type { Query, Tx } from '../store/db.ts'

export type TaskLine = {
  readonly task: string
  readonly journey: string
  readonly title: string
  readonly desk: string
  readonly question: string
  readonly answers: readonly string[]
  readonly facts: Readonly<Record<string, unknown>>
  readonly askedAt: Date
  readonly dueAt: Date | null
  readonly late: boolean
  readonly answer: string | null
  readonly answeredBy: string | null
  readonly answeredAt: Date | null
}

const COLUMNS = `
  t.task, t.journey, j.title, t.desk, t.question, t.answers, t.facts, t.asked_at as "askedAt", t.due_at as "dueAt",
  t.answer is null and coalesce(t.due_at < clock_timestamp(), false) as late,
  t.answer, t.answered_by as "answeredBy", t.answered_at as "answeredAt"`

/** Uses task_open: the oldest question first. */
const openTasks: Query = {
  name: 'tasks-open',
  text: `
    select ${COLUMNS}
    from task t join journey j using (journey)
    where t.answer is null and ($1::text is null or t.desk = $1)
    order by t.asked_at
    limit $2`,
}
export const tasksOf = (tx: Tx, desk: string | undefined, limit: number): Promise<TaskLine[]> =>
  tx.query<TaskLine>(openTasks, [desk ?? null, limit])
