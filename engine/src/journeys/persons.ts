// What a journey comes to know of persons stands in what it records only sealed: in results, questions, facts and reasons, however
// an author's code put it together, as long as it is still the same words.
import { contractOfRef } from '../kernel/ids.ts'
import type { JourneyRow, StoredRecord } from '../kernel/rows.ts'
import type { Running } from '../running.ts'
import type { Event } from '../store/follow-up.ts'
import type { Progress, StepRow } from '../store/journeys.ts'
import type { Mention } from '../store/sealing.ts'
import type { Reads } from './reads.ts'

/** What is sealed in the steps that a journey has recorded. `read` are the rows of several journeys, as they were read. */
export function recalled({ db }: Running, read: readonly StepRow[], own: readonly StepRow[] = []): readonly Mention[] {
  const mentions = db.sealing.mentionsIn(read)
  if (mentions.length === 0) return []
  const said = JSON.stringify(own.map(step => step.result))
  return mentions.filter(({ text }) => said.includes(JSON.stringify(text).slice(1, -1)))
}

/** The same reads; whom they tell of is noted. */
export function noticing(reads: Reads, { db }: Running, persons: Mention[]): Reads {
  const noted = (record: StoredRecord | undefined): StoredRecord | undefined => {
    if (record) persons.push(...db.sealing.mentionsOf(record))
    return record
  }
  return {
    ...reads,
    record: async ref => noted(await reads.record(ref)),
    survivor: async ref => noted(await reads.survivor(ref)),
  }
}

/** Names stay: by them a step is known. */
export async function progressHidden(
  { db }: Running,
  persons: readonly Mention[],
  progress: Progress,
): Promise<Progress> {
  if (persons.length === 0) return progress
  const hide = <T>(value: T): Promise<T> => db.sealing.hide(value, persons)
  const { steps, tasks, reason, todo } = progress
  return {
    ...progress,
    reason: await hide(reason),
    todo: await hide(todo),
    steps: await Promise.all(
      steps.map(async step => ({ ...step, ...(await hide({ result: step.result, stays: step.stays })) })),
    ),
    tasks: await Promise.all(
      tasks.map(async task => ({ ...task, question: await hide(task.question), facts: await hide(task.facts) })),
    ),
  }
}

export const eventsHidden = (
  { db }: Running,
  persons: readonly Mention[],
  events: readonly Event[],
): Promise<Event[]> =>
  Promise.all(events.map(async event => ({ ...event, data: await db.sealing.hide(event.data, persons) })))

/** A log is for everybody: of a journey that knows persons it says only where it can be read. */
export function logFailure(
  { db, host }: Running,
  { journey, ref, title, workflow }: JourneyRow,
  persons: readonly Mention[],
  error: Error,
): void {
  const isPersonal = persons.length > 0 || db.sealing.personal.fieldsOf(contractOfRef(ref)) !== undefined
  if (isPersonal) host.log(`The journey ${journey} failed in ${workflow}; its story says why`, { error: error.name })
  else host.log(`${title} failed in ${workflow}`, { error: error.stack ?? error.message })
}
