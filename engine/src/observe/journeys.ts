// Journeys as a list: where each is, since when, whether it is late, and what it waits for.
import type { Plan } from '../kernel/plan.ts'
import { checkpointDue } from '../kernel/working-days.ts'
import type { Query, Tx } from '../store/db.ts'
import { cursorOf } from './cursor.ts'
import { type Facets, facetsOf } from './facets.ts'
import {
  afterOf,
  conditionsOf,
  type JourneyFilter,
  type JourneyState,
  newValues,
  orderOf,
  type Sort,
  sortOf,
} from './filter.ts'
import { journeysMeant } from './search.ts'
import { type WaitsFor, waitsOf } from './waits.ts'

export type JourneyLine = {
  readonly journey: string
  readonly workflow: string
  readonly ref: string
  readonly title: string
  readonly state: JourneyState
  readonly checkpoint: string | null
  /** All of its workflow, in order. */
  readonly checkpoints: readonly Checkpoint[]
  /** Since when it is where it is. */
  readonly since: Date
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly lateAt: Date | null
  readonly late: boolean
  readonly worth: { readonly amount: string; readonly currency: string | null } | null
  readonly reason: string | null
  readonly todo: string | null
  /** Where its records live, and whom it asks. */
  readonly systems: readonly string[]
  readonly waitsFor: WaitsFor | null
}

type Checkpoint = {
  readonly checkpoint: string
  readonly reachedAt: Date | null
  /** Nothing when the workflow sets no deadline for it. */
  readonly dueAt: Date | null
}

export type JourneyPage = {
  readonly journeys: readonly JourneyLine[]
  readonly facets: Facets
  readonly next: string | null
}

const COLUMNS = `
  journey, workflow, ref, title, state, checkpoint, reached, counted, systems, waits,
  coalesce(ended_at, (reached ->> checkpoint)::timestamptz, started_at) as since,
  started_at as "startedAt", ended_at as "endedAt", late_at as "lateAt",
  ended_at is null and coalesce(late_at < clock_timestamp(), false) as late,
  worth::text as amount, currency, reason, todo, due_at as "dueAt"`

/** Uses the primary key. */
const journeysNamed: Query = {
  name: 'journeys-named',
  text: `select ${COLUMNS} from journey where journey = any($1::text[]) order by started_at, journey`,
}

type Row = Omit<JourneyLine, 'worth' | 'waitsFor' | 'checkpoints'> & {
  readonly reached: Readonly<Record<string, string>>
  readonly counted: Readonly<Record<string, string>>
  readonly amount: string | null
  readonly currency: string | null
  readonly waits: WaitsFor['kind'] | null
  readonly dueAt: Date
}

export async function journeysOf(tx: Tx, plan: Plan, filter: JourneyFilter = {}): Promise<JourneyPage> {
  const limit = filter.limit ?? 50
  const sort = sortOf(filter)
  const found = filter.search === undefined ? undefined : await journeysMeant(tx, plan, filter.search)
  const { text, values } = pageQuery(filter, sort, found, limit)
  const rows = await tx.query<Row & { position: string }>(text, values)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    journeys: await lines(
      tx,
      plan,
      page.map(({ position: _, ...row }) => row),
    ),
    facets: await facetsOf(tx, plan, filter, found),
    next: rows.length > limit && last ? cursorOf(sort, last.position, last.journey) : null,
  }
}

export async function journeysByName(tx: Tx, plan: Plan, journeys: readonly string[]): Promise<JourneyLine[]> {
  return lines(tx, plan, await tx.query<Row>(journeysNamed, [journeys]))
}

/** Without a name: each combination of filters is planned for itself, with its values, and finds the index that suits it. */
function pageQuery(
  filter: JourneyFilter,
  sort: Sort,
  found: readonly string[] | undefined,
  limit: number,
): { text: string; values: readonly unknown[] } {
  const values = newValues()
  const conditions = new Set([...conditionsOf(filter, found, values), ...afterOf(sort, filter.after, values)])
  const where = conditions.size > 0 ? `where ${[...conditions].join(' and ')}` : ''
  const { by, position } = orderOf(sort)
  const text = `select ${COLUMNS}, ${position} as position from journey ${where} order by ${by} limit ${values.value(limit + 1)}`
  return { text, values: values.all }
}

async function lines(tx: Tx, plan: Plan, rows: readonly Row[]): Promise<JourneyLine[]> {
  const open = rows.filter(row => row.endedAt === null).map(row => row.journey)
  const waits = await waitsOf(tx, plan, open)
  return rows.map(({ amount, currency, dueAt, waits: kind, reached, counted, ...row }) => ({
    ...row,
    checkpoints: checkpointsOf(plan, row.workflow, row.startedAt, reached, counted),
    worth: amount === null ? null : { amount, currency },
    waitsFor: row.endedAt ? null : waitingFor(row, kind, dueAt, waits.get(row.journey)),
  }))
}

/** A workflow that is no longer in the project has no checkpoints but those that were reached. */
function checkpointsOf(
  plan: Plan,
  workflow: string,
  startedAt: Date,
  reached: Row['reached'],
  counted: Row['counted'],
): Checkpoint[] {
  const known = plan.workflows.get(workflow)
  return (known?.checkpoints ?? Object.keys(reached)).map(checkpoint => {
    const at = reached[checkpoint]
    const within = known?.within[checkpoint]
    return {
      checkpoint,
      reachedAt: at === undefined ? null : new Date(at),
      dueAt: within === undefined ? null : checkpointDue(within, startedAt, counted[checkpoint]),
    }
  })
}

/** Stuck, it waits for a person; put off with a reason, for its next try; else for what its rows say. */
function waitingFor(
  { state, reason, todo, since, ref }: Pick<JourneyLine, 'state' | 'reason' | 'todo' | 'since' | 'ref'>,
  kind: WaitsFor['kind'] | null,
  dueAt: Date,
  wait: WaitsFor | undefined,
): WaitsFor | null {
  const own = { because: reason, todo, ref, system: null, task: null, since }
  if (state === 'stuck') return { ...own, kind: 'person', what: 'a person who looks at it', until: null }
  if (wait?.kind === 'answer') return wait
  const known = kind !== null && state === 'waiting' ? { kind } : {}
  if (wait && (wait.because || reason === null)) return { ...wait, ...known }
  if (reason === null) return null
  // Overdue, it goes on waiting for what it waited for.
  if (wait) return { ...wait, ...known, because: reason, todo }
  return { ...own, kind: 'retry', what: 'its next try', until: dueAt, ...known }
}
