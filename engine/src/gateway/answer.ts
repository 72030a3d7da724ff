// A person's answer to a question of a journey: the answer and the journey's waking are one transaction.
import type { Db, Query } from '../store/db.ts'
import { problem } from './problems.ts'

/** Uses the primary key; locked, so that of two people one answers. */
const taskToAnswer: Query = {
  name: 'answer-task',
  text: `
    select t.task, t.journey, t.question, t.answers, t.answer, t.answered_by as "answeredBy", t.answered_at as "answeredAt", j.ended_at as "endedAt"
    from task t join journey j using (journey)
    where t.task = $1
    for update of j, t`,
}
const writeAnswer: Query = {
  name: 'answer-write',
  text: 'update task set answer = $2, answered_by = $3, answered_at = clock_timestamp() where task = $1',
}
/** A stuck journey stays stuck: it is a person's to look at, and finds the answer when it goes on. */
const wakeJourney: Query = {
  name: 'answer-wake',
  text: "update journey set state = 'ready', due_at = clock_timestamp() where journey = $1 and state in ('ready', 'waiting')",
}

type Row = {
  readonly task: string
  readonly journey: string
  readonly question: string
  readonly answers: readonly string[]
  readonly answer: string | null
  readonly answeredBy: string | null
  readonly answeredAt: Date | null
  readonly endedAt: Date | null
}

export type Answered = {
  readonly task: string
  readonly journey: string
  readonly question: string
  readonly answer: string
  readonly by: string
}

export function answerTask(db: Db, task: string, answer: string, by: string): Promise<Answered> {
  return db.transaction(async tx => {
    const [row] = await tx.query<Row>(taskToAnswer, [task])
    if (!row) throw problem('not-found', `There is no task "${task}".`, 'GET /api/tasks lists the open ones.')
    refuseSecond(row)
    if (!row.answers.includes(answer)) {
      const allowed = row.answers.map(one => `"${one}"`).join(', ')
      throw problem('not-an-answer', `"${answer}" is no answer to "${row.question}"`, `Answer one of: ${allowed}.`, {
        answers: row.answers,
      })
    }
    await tx.query(writeAnswer, [task, answer, by])
    await tx.query(wakeJourney, [row.journey])
    return { task, journey: row.journey, question: row.question, answer, by }
  })
}

function refuseSecond({ answer, answeredBy, answeredAt, endedAt }: Row): void {
  if (answer !== null) {
    const who = answeredBy ? ` by ${answeredBy}` : ''
    const when = answeredAt ? ` at ${answeredAt.toISOString()}` : ''
    throw problem('answered-already', `The question was answered "${answer}"${who}${when}.`, undefined, {
      answer,
      answeredBy,
      answeredAt,
    })
  }
  if (endedAt)
    throw problem(
      'answered-already',
      `The journey that asked ended at ${endedAt.toISOString()}; the answer would change nothing.`,
    )
}
