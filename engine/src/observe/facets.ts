// What there is to choose from in the list, counted: each facet counts what the other chosen filters leave, as a good shop
// does. One reading of the open journeys brings them into groups that differ in what can be chosen; every facet is a sum
// of groups.
import { monotonic } from '../host.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import {
  AGE_OF,
  AGES,
  type Age,
  ageAt,
  isEnd,
  type JourneyFilter,
  WAITS,
  type WaitKind,
  WORTH_OF,
  WORTHS,
  type WorthBucket,
  worthAt,
} from './filter.ts'

export type Amount = { readonly amount: string; readonly currency: string | null }
export type Counted<V extends string> = { readonly value: V; readonly count: number }
type OpenState = 'ready' | 'waiting' | 'stuck'

export type Facets = {
  /** How many journeys all filters together leave, and what they are worth in each currency. */
  readonly total: number
  readonly worth: readonly Amount[]
  readonly byState: Readonly<Record<OpenState, number>>
  /** What became of those that were started within the last day, whatever is chosen. */
  readonly lastDay: { readonly started: number; readonly done: number; readonly stopped: number }
  readonly late: number
  readonly byCheckpoint: readonly {
    readonly workflow: string
    readonly checkpoint: string | null
    readonly count: number
    readonly worth: readonly Amount[]
  }[]
  readonly byWorkflow: readonly Counted<string>[]
  readonly bySystem: readonly Counted<string>[]
  readonly byAge: readonly Counted<Age>[]
  readonly byWorth: readonly Counted<WorthBucket>[]
  readonly byWait: readonly Counted<WaitKind>[]
}

/** Journeys that are the same in everything that can be chosen. */
type Group = {
  readonly workflow: string
  readonly checkpoint: string | null
  readonly state: string
  readonly systems: readonly string[]
  readonly waits: WaitKind | null
  readonly age: Age
  readonly bucket: WorthBucket | null
  readonly late: boolean
  readonly currency: string | null
  readonly count: number
  readonly amount: string | null
}
type GroupRow = Omit<Group, 'age' | 'bucket'> & { readonly age: number; readonly bucket: number | null }

/** `offset 0` hides from the planner how many different times there are: it would sort the rows instead of hashing them. */
const grouped = (name: string, from: string): Query => ({
  name: `facets-${name}`,
  text: `
    select workflow, checkpoint, state, systems, waits, age, bucket, late, currency, count(*) as count, sum(worth)::text as amount
    from (
      select workflow, checkpoint, state, systems, currency, worth, case when state in ('waiting', 'stuck') then waits end as waits,
             ${AGE_OF} as age, ${WORTH_OF} as bucket, ended_at is null and coalesce(late_at < statement_timestamp(), false) as late
      from ${from}
      offset 0
    ) each_one
    group by workflow, checkpoint, state, systems, waits, age, bucket, late, currency`,
})
async function groupsIn(tx: Tx, query: Query, values: readonly unknown[] = []): Promise<Group[]> {
  const rows = await tx.query<GroupRow>(query, values)
  return rows.map(row => ({ ...row, age: ageAt(row.age), bucket: worthAt(row.bucket) }))
}
/** Every open journey once, by journey_open. */
const ofOpen = grouped('open', 'journey where ended_at is null')
/** Ended ones grow for ever: the newest alone are counted. Uses journey_ended. */
const mostEnded = 50_000
const ofEnded = grouped(
  'ended',
  `(select * from journey where ended_at is not null and state = $1 order by started_at desc, journey desc limit ${mostEnded}) j`,
)
/**
 * So many open journeys are counted once a second, however many people look: a tenth of a second of CPU each time. Fewer
 * are counted whenever somebody asks.
 */
const manyOpen = 10_000
const freshMs = 1_000
type Counting = { readonly groups: Promise<Group[]>; readonly until: number }
const lately = new WeakMap<Tx, Counting>()

async function openGroups(tx: Tx): Promise<Group[]> {
  const known = lately.get(tx)
  if (known && monotonic() < known.until) return known.groups
  const groups = groupsIn(tx, ofOpen)
  // Where there were many, who comes meanwhile waits for the same.
  if (known) lately.set(tx, { groups, until: Number.POSITIVE_INFINITY })
  try {
    const isMany = countOf(await groups) >= manyOpen
    if (isMany) lately.set(tx, { groups, until: monotonic() + freshMs })
    else lately.delete(tx)
  } catch (error) {
    lately.delete(tx)
    throw error
  }
  return groups
}

/** Those that a search found, by the primary key. */
const ofFound = grouped('found', 'journey where journey = any($1::text[])')

/** Those of the last day alone. Uses journey_ended. */
const countEnded: Query = {
  name: 'facets-last-day',
  text: `
    select state, count(*) as count
    from journey
    where ended_at is not null and state in ('done', 'stopped') and started_at > statement_timestamp() - interval '1 day'
    group by state`,
}

/** `journeys` are those that a search found. */
export async function facetsOf(
  tx: Tx,
  plan: Plan,
  filter: JourneyFilter = {},
  journeys?: readonly string[],
): Promise<Facets> {
  const open = await openGroups(tx)
  const ended = await tx.query<{ state: 'done' | 'stopped'; count: number }>(countEnded)
  const endedOf = (state: 'done' | 'stopped'): number => ended.find(row => row.state === state)?.count ?? 0
  const groups = await groupsOf(tx, filter, journeys, open)
  const leftBy = (own?: keyof JourneyFilter): Group[] => groups.filter(group => isChosen(group, filter, own))
  const all = leftBy()
  const stages = leftBy('stage')
  const done = endedOf('done')
  const stopped = endedOf('stopped')
  const states = leftBy('state')
  const inState = (state: OpenState): number => countOf(states.filter(group => group.state === state))
  return {
    total: countOf(all),
    worth: sumsOf(all),
    byState: { ready: inState('ready'), waiting: inState('waiting'), stuck: inState('stuck') },
    lastDay: {
      started: countOf(open.filter(({ age }) => age === 'hour' || age === 'day')) + done + stopped,
      done,
      stopped,
    },
    late: countOf(leftBy('late').filter(group => group.late)),
    byCheckpoint: inOrder(plan, stages).map(same => ({
      workflow: same[0].workflow,
      checkpoint: same[0].checkpoint,
      count: countOf(same),
      worth: sumsOf(same),
    })),
    byWorkflow: [...plan.workflows.keys()].map(value =>
      counted(value, leftBy('workflow'), group => group.workflow === value),
    ),
    bySystem: [...plan.systems.keys()].map(value =>
      counted(value, leftBy('system'), group => group.systems.includes(value)),
    ),
    byAge: AGES.map(value => counted(value, leftBy('age'), group => group.age === value)),
    byWorth: WORTHS.map(value => counted(value, leftBy('worth'), group => group.bucket === value)),
    byWait: WAITS.map(value => counted(value, leftBy('waits'), group => group.waits === value)),
  }
}

/** Those that the filters can leave: open ones, and ended ones unless an open state was chosen. */
async function groupsOf(
  tx: Tx,
  { state }: JourneyFilter,
  journeys: readonly string[] | undefined,
  open: readonly Group[],
): Promise<readonly Group[]> {
  if (journeys) return groupsIn(tx, ofFound, [journeys])
  // The facet of states goes on to say what is open.
  const ends = isEnd(state) ? [state] : state === undefined ? (['done', 'stopped'] as const) : []
  const ended = await Promise.all(ends.map(end => groupsIn(tx, ofEnded, [end])))
  return [...open, ...ended.flat()]
}

/** Whether a group is among what is chosen, `own` left aside. */
function isChosen(group: Group, filter: JourneyFilter, own: keyof JourneyFilter | undefined): boolean {
  const { state, late, workflow, stage, system, age, worth, waits } = filter
  const isEnded = isEnd(group.state as JourneyFilter['state'])
  return (
    (own === 'state' || state === undefined || (state === 'open' ? !isEnded : group.state === state)) &&
    (own === 'late' || !late || group.late) &&
    (own === 'workflow' || workflow === undefined || group.workflow === workflow) &&
    (own === 'stage' || stage === undefined || (group.checkpoint ?? '') === stage) &&
    (own === 'system' || system === undefined || group.systems.includes(system)) &&
    (own === 'age' || age === undefined || group.age === age) &&
    (own === 'worth' || worth === undefined || group.bucket === worth) &&
    (own === 'waits' || waits === undefined || group.waits === waits)
  )
}

const countOf = (groups: readonly Group[]): number => groups.reduce((sum, group) => sum + group.count, 0)
const counted = <V extends string>(value: V, groups: readonly Group[], is: (group: Group) => boolean): Counted<V> => ({
  value,
  count: countOf(groups.filter(is)),
})

/** The sum in each currency, the largest first. Amounts are added as whole numbers of their smallest part, never as floats. */
export function sumsOf(groups: readonly Pick<Group, 'amount' | 'currency'>[]): Amount[] {
  const sums = new Map<string | null, bigint>()
  for (const { amount, currency } of groups)
    if (amount !== null) sums.set(currency, (sums.get(currency) ?? 0n) + inParts(amount))
  return [...sums]
    .sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0))
    .map(([currency, parts]) => ({ amount: fromParts(parts), currency }))
}

const DIGITS = 6
function inParts(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.split('.')
  return BigInt(`${whole}${fraction.padEnd(DIGITS, '0').slice(0, DIGITS)}`)
}
/** Two digits behind the point, more where there are more. */
function fromParts(parts: bigint): string {
  const text = String(parts < 0n ? -parts : parts).padStart(DIGITS + 1, '0')
  const fraction = text.slice(-DIGITS).replace(/0{1,4}$/, '')
  return `${parts < 0n ? '-' : ''}${text.slice(0, -DIGITS)}.${fraction}`
}

/** The groups of each checkpoint, in the order in which its workflow reaches them. */
function inOrder(plan: Plan, groups: readonly Group[]): [Group, ...Group[]][] {
  const place = ({ workflow, checkpoint }: Group): number =>
    checkpoint === null ? -1 : (plan.workflows.get(workflow)?.checkpoints.indexOf(checkpoint) ?? 0)
  return [...Map.groupBy(groups, group => `${group.workflow}\u0000${group.checkpoint}`).values()]
    .flatMap(([first, ...others]) => (first ? [[first, ...others] as [Group, ...Group[]]] : []))
    .sort(([a], [b]) => (a.workflow < b.workflow ? -1 : a.workflow > b.workflow ? 1 : place(a) - place(b)))
}
