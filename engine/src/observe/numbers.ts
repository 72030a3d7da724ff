// Counts that say how the whole is doing, for health pages, alarms and metrics.
import type { Query, Tx } from '../store/db.ts'
import { type Facets, facetsOf } from './journeys.ts'

export type SystemNumbers = {
  readonly system: string
  /** Deliveries by state; what is idle is not counted. */
  readonly due: number
  readonly waiting: number
  readonly parked: number
  readonly oldestDue: Date | null
  readonly permits: { readonly used: number; readonly of: number }
  readonly closedUntil: Date | null
  readonly paused: boolean
  readonly failures: number
  readonly laneReason: string | null
  /** Changes heard and not yet understood. */
  readonly unread: number
  readonly unreadParked: number
  readonly oldestUnread: Date | null
  readonly heardAt: Date | null
  readonly loadedAt: Date | null
  readonly feedReason: string | null
}

export type Numbers = {
  readonly journeys: Facets & { readonly open: number; readonly oldestOpen: Date | null }
  readonly tasks: { readonly open: number; readonly oldest: Date | null; readonly late: number }
  readonly workers: number
  readonly systems: readonly SystemNumbers[]
}

/** Small tables and partial indexes only: delivery_due, delivery_open, inbox, task_open, journey_state. */
const ofSystems: Query = {
  name: 'numbers-systems',
  text: `
    select l.system, l.paused, l.failures, l.reason as "laneReason", l.concurrency as "of",
           case when l.closed_until > clock_timestamp() then l.closed_until end as "closedUntil",
           (select count(*) from permit p where p.system = l.system and p.worker is not null and p.until > clock_timestamp()) as used,
           coalesce(d.due, 0) as due, coalesce(h.waiting, 0) as waiting, coalesce(h.parked, 0) as parked, d.oldest as "oldestDue",
           coalesce(i.unread, 0) as unread, coalesce(i.parked, 0) as "unreadParked", i.oldest as "oldestUnread",
           f.heard_at as "heardAt", f.loaded_at as "loadedAt", f.reason as "feedReason"
    from lane l
    left join (
      select system, count(*) as due, min(due_at) as oldest from delivery where state = 'due' group by system
    ) d on d.system = l.system
    left join (
      select system, count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'parked') as parked
      from delivery where state in ('waiting', 'parked') group by system
    ) h on h.system = l.system
    left join (
      select system, count(*) as unread, count(*) filter (where parked) as parked, min(first_at) as oldest from inbox group by system
    ) i on i.system = l.system
    left join feed f on f.system = l.system
    order by l.system`,
}
const ofTheRest: Query = {
  name: 'numbers-rest',
  text: `
    select least(
             (select min(started_at) from journey where state = 'ready'),
             (select min(started_at) from journey where state = 'waiting'),
             (select min(started_at) from journey where state = 'stuck')) as "oldestOpen",
           (select count(*) from task where answer is null) as tasks,
           (select min(asked_at) from task where answer is null) as "oldestTask",
           (select count(*) from task where answer is null and due_at < clock_timestamp()) as "lateTasks",
           (select count(*) from worker where lease_until > clock_timestamp()) as workers`,
}

type Rest = { oldestOpen: Date | null; tasks: number; oldestTask: Date | null; lateTasks: number; workers: number }

export async function numbersOf(tx: Tx): Promise<Numbers> {
  const systems = await tx.query<Omit<SystemNumbers, 'permits'> & { used: number; of: number }>(ofSystems)
  const [rest] = await tx.query<Rest>(ofTheRest)
  const facets = await facetsOf(tx)
  const { ready, waiting, stuck } = facets.byState
  return {
    journeys: { ...facets, open: ready + waiting + stuck, oldestOpen: rest?.oldestOpen ?? null },
    tasks: { open: rest?.tasks ?? 0, oldest: rest?.oldestTask ?? null, late: rest?.lateTasks ?? 0 },
    workers: rest?.workers ?? 0,
    systems: systems.map(({ used, of, ...row }) => ({ ...row, permits: { used, of } })),
  }
}
