// Counts that say how the whole is doing, for health pages, alarms and metrics.
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { type Facets, facetsOf } from './facets.ts'
import type { SystemNow, SystemsNow } from './systems.ts'

export type Numbers = {
  readonly journeys: Facets & { readonly open: number; readonly oldestOpen: Date | null }
  readonly tasks: { readonly open: number; readonly oldest: Date | null; readonly late: number }
  readonly workers: number
  readonly systems: readonly (SystemNow & { readonly system: string })[]
}

/** Partial indexes and small tables: journey_open, task_open, worker. */
const ofTheRest: Query = {
  name: 'numbers-rest',
  text: `
    select (select min(started_at) from journey where ended_at is null) as "oldestOpen",
           (select count(*) from task where answer is null and withdrawn_at is null) as tasks,
           (select min(asked_at) from task where answer is null and withdrawn_at is null) as "oldestTask",
           (select count(*) from task where answer is null and withdrawn_at is null and due_at < clock_timestamp()) as "lateTasks",
           (select count(*) from worker where lease_until > clock_timestamp()) as workers`,
}

type Rest = { oldestOpen: Date | null; tasks: number; oldestTask: Date | null; lateTasks: number; workers: number }

export async function numbersOf(tx: Tx, plan: Plan, systems: SystemsNow): Promise<Numbers> {
  const [rest] = await tx.query<Rest>(ofTheRest)
  const facets = await facetsOf(tx, plan, { state: 'open' })
  const { ready, waiting, stuck } = facets.byState
  return {
    journeys: { ...facets, open: ready + waiting + stuck, oldestOpen: rest?.oldestOpen ?? null },
    tasks: { open: rest?.tasks ?? 0, oldest: rest?.oldestTask ?? null, late: rest?.lateTasks ?? 0 },
    workers: rest?.workers ?? 0,
    systems: [...systems].map(([system, now]) => ({ system, ...now })),
  }
}
