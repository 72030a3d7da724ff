// A person's answer to a question of a journey, or about somebody's wish: the answer, what it sets going and the event are one
// transaction.
import { audit } from '../store/audit.ts'
import type { Db, Query } from '../store/db.ts'
import { tellWorkers } from '../store/notify.ts'
import { problem } from './problems.ts'

/** Uses the primary key. */
const askedBy: Query = { name: 'answer-asked-by', text: 'select journey from task where task = $1' }
/** Uses the primary keys; locked, so that of two people one answers. */
const taskOfJourney: Query = {
  name: 'answer-task-of-journey',
  text: `
    select t.task, t.journey, t.desk, t.question, t.answers, t.answer, t.answered_by as "answeredBy",
           t.answered_at as "answeredAt", j.ref, j.title, j.workflow, j.ended_at as "endedAt"
    from task t join journey j using (journey)
    where t.task = $1
    for update of j, t`,
}
const taskOfWish: Query = {
  name: 'answer-task-of-wish',
  text: `
    select t.task, null as journey, t.desk, t.question, t.answers, t.answer, t.answered_by as "answeredBy",
           t.answered_at as "answeredAt", t.ref, t.title, null as workflow, t.withdrawn_at as "endedAt", t.dispute
    from task t join dispute d using (dispute)
    where t.task = $1
    for update of d, t`,
}
/** Whoever decides brings the record to it (decide/wishes.ts). */
const decideWish: Query = {
  name: 'answer-wish',
  text: `
    update dispute set became = $2, decided_by = $3, decided_at = clock_timestamp(), due = true
    where dispute = $1 and became = 'asked'`,
}
const writeAnswer: Query = {
  name: 'answer-write',
  text: `
    update task set answer = $2, answered_by = $3, comment = $4, answered_at = clock_timestamp()
    where task = $1
    returning answered_at as at`,
}
const announceAnswer: Query = {
  name: 'answer-event',
  text: "insert into event (id, type, subject, data) values (gen_random_uuid(), 'task.answered', $1, $2)",
}
/** A stuck journey stays stuck: it is a person's to look at, and finds the answer when it goes on. */
const wakeJourney: Query = {
  name: 'answer-wake',
  text: "update journey set state = 'ready', due_at = clock_timestamp() where journey = $1 and state in ('ready', 'waiting')",
}

type Row = {
  readonly task: string
  /** Without one, it is about a wish. */
  readonly journey: string | null
  readonly ref: string
  readonly title: string
  readonly workflow: string | null
  readonly dispute?: string
  readonly desk: string
  readonly question: string
  readonly answers: readonly string[]
  readonly answer: string | null
  readonly answeredBy: string | null
  readonly answeredAt: Date | null
  readonly endedAt: Date | null
}

export type Answer = { readonly answer: string; readonly by: string; readonly comment?: string }

export type Answered = {
  readonly task: string
  readonly journey: string | null
  readonly question: string
  readonly answer: string
  readonly by: string
  readonly at: Date
  readonly comment: string | null
}

export async function answerTask(db: Db, task: string, given: Answer): Promise<Answered> {
  const answer = given.answer
  const by = given.by.trim()
  const comment = given.comment?.trim() || null
  const answered = await db.transaction(async tx => {
    const [asked] = await tx.query<{ journey: string | null }>(askedBy, [task])
    const [row] = asked ? await tx.query<Row>(asked.journey === null ? taskOfWish : taskOfJourney, [task]) : []
    if (!row) throw problem('not-found', `There is no task "${task}".`, 'GET /api/tasks lists the open ones.')
    refuseSecond(row)
    refuseOther(row, answer)
    const [said] = await tx.sealing.about([{ ref: row.ref, comment }], 'comment')
    const [written] = await tx.query<{ at: Date }>(writeAnswer, [task, answer, by, said?.comment])
    if (row.dispute !== undefined)
      await tx.query(decideWish, [row.dispute, ['apply', 'take'].includes(answer) ? 'granted' : 'declined', by])
    else await tx.query(wakeJourney, [row.journey])
    const { journey, workflow, title, desk, question } = row
    const event = { ...(journey !== null && { journey, workflow }), title, task, desk, question, answer, by, comment }
    const [told] = await tx.sealing.events([{ subject: row.ref, data: event }])
    await tx.query(announceAnswer, [row.ref, JSON.stringify(told?.data)])
    await audit(tx, { by, what: 'answered', about: row.ref, why: comment, facts: { task, desk, question, answer } })
    return { task, journey, question, answer, by, at: written?.at ?? new Date(0), comment }
  })
  // After the commit, and never waited for: without it the journey is found a moment later.
  tellWorkers(db, 'journeys', 'wishes', 'announce')
  return answered
}

function refuseSecond({ journey, answer, answeredBy, answeredAt, endedAt }: Row): void {
  const at = answeredAt?.toISOString() ?? 'a moment ago'
  if (answer !== null) {
    const said =
      answeredBy === null
        ? `Nobody answered in time: the question was closed with "${answer}" at ${at}.`
        : `The question was answered "${answer}" by ${answeredBy} at ${at}.`
    throw problem('answered-already', said, undefined, { answer, answeredBy, answeredAt })
  }
  if (endedAt)
    throw problem(
      'answered-already',
      journey === null
        ? `The question was withdrawn at ${endedAt.toISOString()}: what it is about was decided otherwise.`
        : `The journey that asked ended at ${endedAt.toISOString()}; the answer would change nothing.`,
    )
}

function refuseOther({ question, answers }: Row, answer: string): void {
  if (answers.includes(answer)) return
  const allowed = answers.map(one => `"${one}"`).join(', ')
  throw problem('not-an-answer', `"${answer}" is no answer to "${question}"`, `Answer one of: ${allowed}.`, { answers })
}
