// What people are told of a decision, on records and in questions, calls other records by their names.
import type { Plan } from '../kernel/plan.ts'
import { type Calling, calledByName } from '../store/called.ts'
import type { Tx } from '../store/db.ts'
import type { NewDispute } from '../store/disputes.ts'
import type { Outcome } from './seen.ts'

/** The most that a text field of the smallest system takes. */
const MOST = 255
const shortened = (text: string): string => (text.length <= MOST ? text : `${text.slice(0, MOST - 1).trimEnd()}…`)

export async function inNames(tx: Tx, { contracts }: Plan, outcome: Outcome): Promise<Outcome> {
  const said = outcome.marks.flatMap(mark => mark.says ?? [])
  const asked = outcome.disputes.flatMap(({ task }) => (task ? [task.question, ...factsIn(task)] : []))
  if (said.length + asked.length === 0) return outcome
  const called = await calledByName(tx, contracts, [...said, ...asked])
  return {
    ...outcome,
    marks: outcome.marks.map(mark => (mark.says ? { ...mark, says: shortened(called(mark.says)) } : mark)),
    disputes: outcome.disputes.map(({ task, ...dispute }) =>
      task ? { ...dispute, task: asking(task, called) } : dispute,
    ),
  }
}

type Task = NonNullable<NewDispute['task']>
const factsIn = ({ facts }: Task): string[] => Object.values(facts).filter(fact => typeof fact === 'string')

const asking = (task: Task, called: Calling): Task => ({
  ...task,
  question: called(task.question),
  facts: Object.fromEntries(
    Object.entries(task.facts).map(([name, fact]) => [name, typeof fact === 'string' ? called(fact) : fact]),
  ),
})
