// The deadlines of a journey: by when its waits and checkpoints are due, and whose working days count for it.
import { type Calendar, isInWorkingDays } from '@plumbline/sdk'
import type { Stay } from '../kernel/routes.ts'
import type { JourneyRow } from '../kernel/rows.ts'
import { checkpointDue, dueAfter } from '../kernel/working-days.ts'
import type { Running } from '../running.ts'
import type { Reads } from './reads.ts'
import { systemFor } from './routing.ts'

type Started = Pick<JourneyRow, 'ref' | 'workflow' | 'started_at'> & {
  readonly start: Readonly<Record<string, unknown>>
}

/** What a journey has done that says where it belongs: what it opened, by their refs, and who answered it. */
type SoFar = { readonly opened: readonly string[]; readonly stays: readonly Stay[] }

/**
 * The calendar by which a journey counts: of the system in which its record, or one that it opened, was born; else of the one that its
 * record goes to.
 */
export async function calendarOf(
  running: Running,
  reads: Reads,
  { ref, start }: Started,
  { opened, stays }: SoFar,
): Promise<Calendar | undefined> {
  const { plan } = running
  const role = plan.project.systems.find(({ calendar }) => calendar)?.role
  if (role === undefined) return undefined
  for (const one of [ref, ...opened]) {
    const birthplace = plan.systems.get((await reads.survivor(one))?.born_in ?? '')
    if (birthplace?.role === role) return birthplace.instance.calendar
  }
  return (await systemFor(running, reads, role, start, stays))?.instance.calendar
}

/** Counts the working days of checkpoints once: what was counted stays, whatever becomes of calendars and routes. */
export async function countCheckpoints(
  running: Running,
  reads: Reads,
  journey: Started,
  counted: Map<string, string>,
): Promise<void> {
  const within = running.plan.workflows.get(journey.workflow)?.within ?? {}
  const open = Object.entries(within).filter(([name, deadline]) => isInWorkingDays(deadline) && !counted.has(name))
  if (open.length === 0) return
  const calendar = await calendarOf(running, reads, journey, { opened: [], stays: [] })
  for (const [checkpoint, deadline] of open)
    counted.set(checkpoint, new Date(dueAfter(deadline, journey.started_at.getTime(), calendar)).toISOString())
}

/** When the next checkpoint that has a deadline is due. */
export function nextCheckpointDue(
  { plan }: Running,
  { workflow, started_at }: Started,
  reached: Readonly<Record<string, string>>,
  counted: ReadonlyMap<string, string>,
): string | null {
  const open = Object.entries(plan.workflows.get(workflow)?.within ?? {})
    .filter(([checkpoint]) => !(checkpoint in reached))
    .flatMap(([checkpoint, deadline]) => checkpointDue(deadline, started_at, counted.get(checkpoint)) ?? [])
  return open.length === 0 ? null : new Date(Math.min(...open.map(Number))).toISOString()
}
