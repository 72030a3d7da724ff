// How the whole is doing in a few numbers, cheap enough to be told every second to whoever looks on.
import type { Query, Tx } from '../store/db.ts'

export type Pulse = {
  readonly at: Date
  readonly journeys: { readonly ready: number; readonly waiting: number; readonly stuck: number; readonly late: number }
  readonly tasks: { readonly open: number; readonly late: number }
  readonly systems: readonly {
    readonly system: string
    /** Records that are still to be brought to it. */
    readonly queue: number
    readonly inUse: number
    readonly isOpen: boolean
    readonly paused: boolean
  }[]
}

/** Uses journey_open, task_open and delivery_queue, each alone; lanes are few. */
const pulse: Query = {
  name: 'pulse',
  text: `
    select clock_timestamp() as at, j.ready, j.waiting, j.stuck, j.late, t.open, t."lateTasks", s.systems
    from (
      select count(*) filter (where state = 'ready') as ready, count(*) filter (where state = 'waiting') as waiting,
             count(*) filter (where state = 'stuck') as stuck, count(*) filter (where late_at < clock_timestamp()) as late
      from journey where ended_at is null
    ) j, (
      select count(*) as open, count(*) filter (where due_at < clock_timestamp()) as "lateTasks"
      from task where answer is null and withdrawn_at is null
    ) t, (
      select coalesce(jsonb_agg(jsonb_build_object('system', l.system, 'queue', coalesce(d.queue, 0), 'inUse', coalesce(u.in_use, 0),
               'isOpen', coalesce(l.closed_until > clock_timestamp(), false), 'paused', l.paused) order by l.system), '[]') as systems
      from lane l
      left join (
        select system, count(*) as queue from delivery where state in ('due', 'waiting') group by system
      ) d on d.system = l.system
      left join (
        select system, sum(in_use) as in_use from lane_use where at > clock_timestamp() - interval '2 seconds' group by system
      ) u on u.system = l.system
    ) s`,
}

type Row = Pulse['journeys'] & { at: Date; open: number; lateTasks: number; systems: Pulse['systems'] }

export async function pulseOf(tx: Tx): Promise<Pulse> {
  const [row] = await tx.query<Row>(pulse)
  const {
    at = new Date(0),
    ready = 0,
    waiting = 0,
    stuck = 0,
    late = 0,
    open = 0,
    lateTasks = 0,
    systems = [],
  } = row ?? {}
  return { at, journeys: { ready, waiting, stuck, late }, tasks: { open, late: lateTasks }, systems }
}

/** Rows that were written to the tables which people look at, as PostgreSQL counts them: it moves when anything changed. */
const written: Query = {
  name: 'pulse-written',
  text: `
    select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::float8 as rows
    from pg_stat_user_tables
    where schemaname = current_schema() and relname in ('journey', 'step', 'wait', 'task', 'delivery', 'inbox', 'lane', 'event')`,
}
export const writtenRows = async (tx: Tx): Promise<number> => (await tx.query<{ rows: number }>(written))[0]?.rows ?? 0
