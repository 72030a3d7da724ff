// Journeys as a list: where each is, since when, whether it is late, and what it waits for.
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { resolve } from './resolve.ts'
import { type WaitsFor, waitsOf } from './waits.ts'

export const STATES = ['ready', 'waiting', 'stuck', 'done', 'stopped'] as const
type JourneyState = (typeof STATES)[number]
/** `open` is every state that is no end. */
const OPEN: readonly JourneyState[] = ['ready', 'waiting', 'stuck']

export type JourneyFilter = {
  readonly state?: JourneyState | 'open'
  readonly late?: boolean
  readonly workflow?: string
  /** A number or name of any record of the journey; when nothing has it, a part of a title. */
  readonly search?: string
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

export type JourneyLine = {
  readonly journey: string
  readonly workflow: string
  readonly ref: string
  readonly title: string
  readonly state: JourneyState
  readonly checkpoint: string | null
  /** Since when it is where it is. */
  readonly since: Date
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly lateAt: Date | null
  readonly late: boolean
  readonly worth: { readonly amount: string; readonly currency: string | null } | null
  readonly reason: string | null
  readonly todo: string | null
  readonly waitsFor: WaitsFor | null
}

export type Facets = {
  /** Open ones, exactly. */
  readonly byState: Readonly<Record<'ready' | 'waiting' | 'stuck', number>>
  /** What became of those that were started within the last day. */
  readonly lastDay: { readonly started: number; readonly done: number; readonly stopped: number }
  readonly late: number
  readonly byCheckpoint: readonly {
    readonly workflow: string
    readonly checkpoint: string | null
    readonly count: number
  }[]
}

export type JourneyPage = {
  readonly journeys: readonly JourneyLine[]
  readonly facets: Facets
  readonly next: string | null
}

const COLUMNS = `
  journey, workflow, ref, title, state, checkpoint,
  coalesce(ended_at, (reached ->> checkpoint)::timestamptz, started_at) as since,
  started_at as "startedAt", ended_at as "endedAt", late_at as "lateAt",
  ended_at is null and late_at < clock_timestamp() as late,
  worth::text as amount, currency, reason, todo, due_at as "dueAt", started_at::text as position`

/** Uses the primary key. */
const journeysNamed: Query = {
  name: 'journeys-named',
  text: `select ${COLUMNS} from journey where journey = any($1::text[]) order by started_at, journey`,
}

/** Every open journey once, by journey_state. */
const countOpen: Query = {
  name: 'journeys-open',
  text: `
    select workflow, checkpoint, state, count(*) as count,
           count(*) filter (where late_at < clock_timestamp()) as late,
           count(*) filter (where started_at > clock_timestamp() - interval '1 day') as fresh
    from journey
    where state in ('ready', 'waiting', 'stuck')
    group by workflow, checkpoint, state
    order by workflow, checkpoint`,
}
type OpenRow = {
  readonly workflow: string
  readonly checkpoint: string | null
  readonly state: 'ready' | 'waiting' | 'stuck'
  readonly count: number
  readonly late: number
  readonly fresh: number
}

/** Ended journeys grow for ever: those of the last day alone are counted. Uses journey_state. */
const countEnded: Query = {
  name: 'journeys-ended',
  text: `
    select state, count(*) as count
    from journey
    where state in ('done', 'stopped') and started_at > clock_timestamp() - interval '1 day'
    group by state`,
}

type Row = Omit<JourneyLine, 'worth' | 'waitsFor'> & {
  amount: string | null
  currency: string | null
  dueAt: Date
  position: string
}

export async function journeysOf(tx: Tx, plan: Plan, filter: JourneyFilter = {}): Promise<JourneyPage> {
  const limit = filter.limit ?? 50
  const { query, values } = await pageQuery(tx, plan, filter, limit)
  const rows = await tx.query<Row>(query, values)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    journeys: await lines(tx, plan, page),
    facets: await facetsOf(tx),
    next: rows.length > limit && last ? cursorOf(last.position, last.journey) : null,
  }
}

export async function journeysByName(tx: Tx, plan: Plan, journeys: readonly string[]): Promise<JourneyLine[]> {
  return lines(tx, plan, await tx.query<Row>(journeysNamed, [journeys]))
}

/** One statement for each combination of filters, so that each is planned for itself; newest first. */
async function pageQuery(
  tx: Tx,
  plan: Plan,
  filter: JourneyFilter,
  limit: number,
): Promise<{ query: Query; values: unknown[] }> {
  const values: unknown[] = []
  const value = (one: unknown): string => `$${values.push(one)}`
  const parts: [string, string][] = []
  if (filter.state)
    parts.push(['state', `state = any(${value(filter.state === 'open' ? OPEN : [filter.state])}::text[])`])
  if (filter.late) {
    parts.push(['late', `state in ('ready', 'waiting', 'stuck') and late_at < clock_timestamp()`])
  }
  if (filter.workflow) parts.push(['workflow', `workflow = ${value(filter.workflow)}`])
  if (filter.search) {
    const { journeys } = await resolve(tx, plan, filter.search)
    // A number that is known is meant; only what is not is looked for in titles, which no index helps.
    if (journeys.length > 0) parts.push(['named', `journey = any(${value(journeys)}::text[])`])
    else parts.push(['titled', `title ilike ${value(`%${escaped(filter.search)}%`)}`])
  }
  if (filter.after) {
    const [position, journey] = fromCursor(filter.after)
    parts.push(['after', `(started_at, journey) < (${value(position)}::timestamptz, ${value(journey)})`])
  }
  const where = parts.length > 0 ? `where ${parts.map(([, text]) => text).join(' and ')}` : ''
  const text = `select ${COLUMNS} from journey ${where} order by started_at desc, journey desc limit ${value(limit + 1)}`
  return { query: { name: `journeys-page-${parts.map(([name]) => name).join('-')}`, text }, values }
}

const escaped = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

const cursorOf = (...parts: readonly string[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url')

/** A cursor that was not ours is a mistake of the caller, who is told so. */
export class BadCursor extends Error {}

function fromCursor(cursor: string): [string, string] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(parts) && typeof parts[0] === 'string' && typeof parts[1] === 'string') {
      if (!Number.isNaN(Date.parse(parts[0]))) return [parts[0], parts[1]]
    }
  } catch {
    // Said below.
  }
  throw new BadCursor(`"${cursor}" is not the "next" of a page of journeys`)
}

async function lines(tx: Tx, plan: Plan, rows: readonly Row[]): Promise<JourneyLine[]> {
  const open = rows.filter(row => row.endedAt === null).map(row => row.journey)
  const waits = await waitsOf(tx, plan, open)
  return rows.map(({ amount, currency, position, dueAt, ...row }) => ({
    ...row,
    worth: amount === null ? null : { amount, currency },
    waitsFor: row.endedAt ? null : waitingFor(row, dueAt, waits.get(row.journey)),
  }))
}

/** Stuck, it waits for a person; put off with a reason, for its next try; else for what its rows say. */
function waitingFor(
  row: Omit<JourneyLine, 'worth' | 'waitsFor'>,
  dueAt: Date,
  wait: WaitsFor | undefined,
): WaitsFor | null {
  const { state, reason, todo, since, ref } = row
  const own = { because: reason, todo, ref, system: null, task: null, since }
  if (state === 'stuck') return { ...own, kind: 'person', what: 'a person who looks at it', until: null }
  if (wait?.kind === 'answer' || wait?.because || reason === null) return wait ?? null
  return { ...own, kind: 'retry', what: 'its next try', until: dueAt }
}

export async function facetsOf(tx: Tx): Promise<Facets> {
  const open = await tx.query<OpenRow>(countOpen)
  const ended = await tx.query<{ state: 'done' | 'stopped'; count: number }>(countEnded)
  const total = (rows: readonly { readonly count: number }[]): number => rows.reduce((sum, row) => sum + row.count, 0)
  const inState = (state: OpenRow['state']): number => total(open.filter(row => row.state === state))
  const [done, stopped] = [
    total(ended.filter(row => row.state === 'done')),
    total(ended.filter(row => row.state === 'stopped')),
  ]
  return {
    byState: { ready: inState('ready'), waiting: inState('waiting'), stuck: inState('stuck') },
    lastDay: { started: open.reduce((sum, row) => sum + row.fresh, 0) + done + stopped, done, stopped },
    late: open.reduce((sum, row) => sum + row.late, 0),
    byCheckpoint: [...Map.groupBy(open, row => `${row.workflow}\u0000${row.checkpoint}`).values()].flatMap(rows =>
      rows.slice(0, 1).map(({ workflow, checkpoint }) => ({ workflow, checkpoint, count: total(rows) })),
    ),
  }
}
