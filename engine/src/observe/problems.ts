// Everything that is not well, each with its reason, since when, and what to do.
import { pauseWords } from '../kernel/lanes.ts'
import type { Plan } from '../kernel/plan.ts'
import { calledMissing } from '../kernel/vocabulary.ts'
import type { Query, Tx } from '../store/db.ts'
import { type ComparisonLine, openGaps } from './comparisons.ts'
import type { Amount } from './facets.ts'
import { type Fight, fightsOf } from './fights.ts'
import { type MissingValue, missingValues } from './missing.ts'
import { type StillHeld, stillHeldOf } from './still-held.ts'
import { namesOf } from './words.ts'

type Problem = {
  readonly kind: 'journey' | 'delivery' | 'change' | 'value' | 'feed' | 'gap' | 'fight' | 'lane' | 'person'
  /** Which record, journey or system. */
  readonly what: string
  readonly state: string
  readonly reason: string
  readonly todo: string | null
  readonly since: Date
  readonly system: string | null
  readonly ref: string | null
  readonly journey: string | null
  readonly tries: number | null
  /** How many others go on by themselves once this one does. */
  readonly holdsBack: number
  /** The journeys that stand still because of it, and what they are worth. */
  readonly blocks: { readonly journeys: number; readonly worth: readonly Amount[] }
}

export type Problems = {
  readonly problems: readonly Problem[]
  readonly counts: Readonly<Record<Problem['kind'], number>>
}

/** Uses journey_reason. */
const heldJourneys: Query = {
  name: 'problems-journeys',
  text: `
    select journey, ref, title, state, reason, todo, worth::text as amount, currency, coalesce((reached ->> checkpoint)::timestamptz, started_at) as since, tries,
           count(*) over () as count
    from journey
    where ended_at is null and reason is not null
    order by array_position(array['stuck', 'ready', 'waiting'], state), started_at
    limit $1`,
}

/** Uses delivery_open. What waits for a value is told of with that value. What waits for a record that is held up itself is counted there (held back), not listed again. */
const heldDeliveries: Query = {
  name: 'problems-deliveries',
  text: `
    select d.ref, d.system, d.contract, d.state, d.reason, d.todo, d.since, d.tries, d.waits_for as "waitsFor", count(*) over () as count
    from delivery d
    left join delivery p on d.state = 'waiting' and p.ref = d.waits_for and p.system = d.system and p.state in ('waiting', 'parked', 'due')
    where d.state in ('waiting', 'parked') and d.due_at < 'infinity' and p.ref is null
    order by d.state, d.since
    limit $1`,
}

/** Uses delivery_waits, from each of these deliveries down to what waits for it, and for that. */
const heldBackBy: Query = {
  name: 'problems-held-back',
  text: `
    with recursive held as (
      select root.ref as root, root.system, root.ref from unnest($1::text[], $2::text[]) as root(ref, system)
      union
      select held.root, held.system, d.ref
      from held join delivery d on d.state = 'waiting' and d.waits_for = held.ref and d.system = held.system
    )
    select root as ref, system, count(*) - 1 as count from held group by root, system`,
}

/**
 * Uses delivery_waits, then wait_for: the journeys that are opening one of these records, or one that is held back by it.
 * Each counts once, however many of its records are held back.
 */
const blockedBy: Query = {
  name: 'problems-blocked',
  text: `
    with recursive held as (
      select root.ref as root, root.system, root.ref from unnest($1::text[], $2::text[]) as root(ref, system)
      union
      select held.root, held.system, d.ref
      from held join delivery d on d.state = 'waiting' and d.waits_for = held.ref and d.system = held.system
    ), blocked as (
      select distinct held.root, held.system, j.journey, j.worth, j.currency
      from held
      join wait w on w.ref = held.ref and w.name not like 'Until %'
      join journey j on j.journey = w.journey and j.ended_at is null
    )
    select root as ref, system, currency, count(*) as count, sum(worth)::text as amount
    from blocked
    group by root, system, currency
    order by root, system, currency`,
}

/** Uses delivery_due: of what is due, what was tried and did not succeed. */
const triedDeliveries: Query = {
  name: 'problems-tried',
  text: `
    select ref, system, contract, state, reason, todo, since, tries, null as "waitsFor", count(*) over () as count
    from delivery
    where state = 'due' and worker is null and tries > 0 and reason is not null
    order by since
    limit $1`,
}

/** A small table: what is understood leaves it. */
const heldChanges: Query = {
  name: 'problems-changes',
  text: `
    select system, object, native_id as "nativeId", parked, reason, todo, first_at as since, tries, count(*) over () as count
    from inbox
    where (parked or reason is not null) and due_at < 'infinity'
    order by parked desc, first_at
    limit $1`,
}

/** One row per system. */
const brokenFeeds: Query = {
  name: 'problems-feeds',
  text: 'select system, reason, tries, coalesce(heard_at, due_at) as since from feed where reason is not null order by system',
}
const closedLanes: Query = {
  name: 'problems-lanes',
  text: `
    select system, reason, paused, paused_by as "pausedBy", pause_reason as "pauseReason", failures,
           closed_until as "closedUntil", coalesce(paused_at, clock_timestamp()) as since
    from lane
    where paused or closed_until > clock_timestamp()
    order by system`,
}

type Counted = {
  readonly count: number
  readonly reason: string | null
  readonly todo: string | null
  readonly since: Date
  readonly tries: number
}
type JourneyRow = Counted & {
  readonly journey: string
  readonly ref: string
  readonly title: string
  readonly state: string
  readonly amount: string | null
  readonly currency: string | null
}
type DeliveryRow = Counted & {
  readonly ref: string
  readonly system: string
  readonly contract: string
  readonly state: string
  readonly waitsFor: string | null
}
type ChangeRow = Counted & {
  readonly system: string
  readonly object: string
  readonly nativeId: string
  readonly parked: boolean
}
type FeedRow = { readonly system: string; readonly reason: string; readonly tries: number; readonly since: Date }
type LaneRow = {
  readonly system: string
  readonly reason: string | null
  readonly paused: boolean
  readonly pausedBy: string | null
  readonly pauseReason: string | null
  readonly failures: number
  readonly closedUntil: Date | null
  readonly since: Date
}

export async function problemsOf(tx: Tx, plan: Plan, limit = 100): Promise<Problems> {
  const lanes = await tx.query<LaneRow>(closedLanes)
  const feeds = await tx.query<FeedRow>(brokenFeeds)
  const gaps = await openGaps(tx)
  const fights = await fightsOf(tx, plan, limit)
  const journeys = await tx.query<JourneyRow>(heldJourneys, [limit])
  const held = await tx.query<DeliveryRow>(heldDeliveries, [limit])
  const tried = await tx.query<DeliveryRow>(triedDeliveries, [limit])
  const changes = await tx.query<ChangeRow>(heldChanges, [limit])
  const values = await missingValues(tx, plan)
  const persons = await stillHeldOf(tx, limit)
  const deliveries = [...held, ...tried]
  const titles = await titlesOf(tx, plan, deliveries)
  const heldBack = await heldBackOf(tx, deliveries)
  const blocked = await blockedOf(tx, deliveries)
  return {
    problems: [
      ...lanes.map(laneProblem),
      ...feeds.map(feedProblem),
      ...gaps.map(gapProblem),
      ...fights.map(fightProblem),
      ...values.filter(one => one.records > 0).map(valueProblem),
      ...journeys.map(journeyProblem),
      ...deliveries.map(row => ({
        ...deliveryProblem(row, titles),
        holdsBack: heldBack.get(`${row.ref}@${row.system}`) ?? 0,
        blocks: blocked.get(`${row.ref}@${row.system}`) ?? nothing,
      })),
      ...changes.map(changeProblem),
      ...persons.map(personProblem),
    ],
    counts: {
      lane: lanes.length,
      feed: feeds.length,
      gap: gaps.length,
      fight: fights.length,
      journey: journeys[0]?.count ?? 0,
      delivery: (held[0]?.count ?? 0) + (tried[0]?.count ?? 0),
      change: changes[0]?.count ?? 0,
      person: persons.length,
      value: values.filter(one => one.records > 0).length,
    },
  }
}

async function titlesOf(tx: Tx, plan: Plan, rows: readonly DeliveryRow[]): Promise<(ref: string) => string> {
  const refs = rows.flatMap(row => (row.waitsFor ? [row.ref, row.waitsFor] : [row.ref]))
  const names = await namesOf(tx, plan, refs)
  return ref => names.get(ref)?.title ?? ref
}

async function heldBackOf(tx: Tx, rows: readonly DeliveryRow[]): Promise<Map<string, number>> {
  const found = await tx.query<{ ref: string; system: string; count: number }>(heldBackBy, [
    rows.map(row => row.ref),
    rows.map(row => row.system),
  ])
  return new Map(found.map(row => [`${row.ref}@${row.system}`, row.count]))
}

async function blockedOf(tx: Tx, rows: readonly DeliveryRow[]): Promise<Map<string, Problem['blocks']>> {
  const found = await tx.query<{
    ref: string
    system: string
    currency: string | null
    count: number
    amount: string | null
  }>(blockedBy, [rows.map(row => row.ref), rows.map(row => row.system)])
  const bySource = Map.groupBy(found, row => `${row.ref}@${row.system}`)
  return new Map(
    [...bySource].map(([source, sums]) => [
      source,
      {
        journeys: sums.reduce((all, { count }) => all + count, 0),
        worth: sums.flatMap(({ amount, currency }) => amountOf(amount, currency)),
      },
    ]),
  )
}

const nothing: Problem['blocks'] = { journeys: 0, worth: [] }
const nowhere = { system: null, ref: null, journey: null, tries: null, holdsBack: 0, blocks: nothing }
const amountOf = (amount: string | null, currency: string | null): Amount[] =>
  amount === null ? [] : [{ amount, currency }]

const laneProblem = ({
  system,
  reason,
  paused,
  pausedBy,
  pauseReason,
  failures,
  closedUntil,
  since,
}: LaneRow): Problem => ({
  ...nowhere,
  kind: 'lane',
  what: `Calls to ${system}`,
  state: paused ? 'paused' : `closed until ${closedUntil?.toISOString() ?? 'it answers'}`,
  reason: paused ? `${pauseWords(system, pausedBy, pauseReason)}.` : (reason ?? 'The system does not answer.'),
  todo: paused
    ? `Resume it when it may be called again: plumb resume ${system}.`
    : `Nothing, if the system comes back: one call tries it then, and the others follow. To try at once: plumb retry ${system}.`,
  since,
  system,
  tries: failures,
})

const feedProblem = ({ system, reason, tries, since }: FeedRow): Problem => ({
  ...nowhere,
  kind: 'feed',
  what: `Changes from ${system}`,
  state: 'broken',
  reason,
  todo: 'Nothing, if the system comes back: it is followed again from where it stood.',
  since,
  system,
  tries,
})

/** Nothing is broken, and it will not end by itself. */
const fightProblem = ({ what, says, rule, system, ref, since, times }: Fight): Problem => ({
  ...nowhere,
  kind: 'fight',
  what,
  state: 'fought over',
  reason: says,
  todo: rule,
  since,
  system,
  ref,
  tries: times,
})

/** One line that tells the story of what was not heard, and how far it is made good. */
const gapProblem = ({ system, state, story, trouble, openedAt }: ComparisonLine): Problem => ({
  ...nowhere,
  kind: 'gap',
  what: `Changes that ${system} did not tell`,
  state,
  reason: trouble === null ? story : `${story} Just now it stands still: ${trouble}`,
  todo: 'Nothing: it goes on by itself, also after a restart, and ends here when all of it is brought in.',
  since: openedAt,
  system,
})

const journeyProblem = ({ journey, ref, title, state, reason, todo, since, tries, ...row }: JourneyRow): Problem => ({
  ...nowhere,
  blocks: { journeys: 1, worth: amountOf(row.amount, row.currency) },
  kind: 'journey',
  what: title,
  state: state === 'stuck' ? 'stuck' : 'to be tried again',
  reason: reason ?? 'No reason was given.',
  todo:
    todo ??
    (state === 'stuck'
      ? `See its story (plumb journey ${journey}), mend the cause, then: plumb retry ${journey}.`
      : null),
  since,
  ref,
  journey,
  tries,
})

function deliveryProblem(row: DeliveryRow, titleOf: (ref: string) => string): Problem {
  const { ref, system, state, waitsFor, since, tries } = row
  const missing = waitsFor ? `${system} does not have ${titleOf(waitsFor)} yet.` : 'No reason was given.'
  return {
    ...nowhere,
    kind: 'delivery',
    what: `${titleOf(ref)} in ${system}`,
    state,
    reason: row.reason ?? missing,
    todo: row.todo ?? (state === 'parked' ? `Mend the cause, then: plumb retry ${ref}.` : null),
    since,
    system,
    ref,
    tries,
  }
}

/** One, however many records wait for it. */
const valueProblem = (value: MissingValue): Problem => ({
  ...nowhere,
  kind: 'value',
  what: `${calledMissing(value)} (${value.table})`,
  state: 'missing',
  reason: `${value.reason}. ${value.records} ${value.records === 1 ? 'record waits' : 'records wait'}: ${named(value)}.`,
  todo: `${value.todo}.`,
  since: value.since,
  system: value.system || null,
  holdsBack: value.records + value.holdsBack,
  blocks: { journeys: value.journeys, worth: value.worth },
})

const named = ({ held, records }: MissingValue): string => {
  const titles = held.filter(one => one.waits).map(one => one.title)
  return `${titles.slice(0, 3).join(', ')}${records > 3 ? ' …' : ''}`
}

const changeProblem = ({ system, object, nativeId, parked, reason, todo, since, tries }: ChangeRow): Problem => ({
  ...nowhere,
  kind: 'change',
  what: `${object} ${nativeId} of ${system}`,
  state: parked ? 'parked' : 'waiting',
  reason: reason ?? 'No reason was given.',
  todo: todo ?? (parked ? `Mend the cause, then: plumb retry ${system}.` : null),
  since,
  system,
  tries,
})

/** Nothing of it is kept; it ends when that system says that it is gone there. */
const personProblem = ({ system, object, nativeId, times, since, erasedAt }: StillHeld): Problem => ({
  ...nowhere,
  kind: 'person',
  what: `${object} ${nativeId} of ${system}`,
  state: 'still held',
  reason: `The person was erased here on ${erasedAt.toISOString().slice(0, 10)}; ${system} still holds it, and told of it ${times} ${times === 1 ? 'time' : 'times'} since. Nothing of that was kept.`,
  todo: `Delete it in ${system}.`,
  since,
  system,
  tries: times,
})
