// Values that a table does not know yet: one incident for each, with every record that waits for it and what that is worth.
import { monotonic } from '../host.ts'
import type { Plan } from '../kernel/plan.ts'
import {
  isSaid,
  keyOfMissing,
  type Missing,
  missingOf,
  reasonOf,
  saidOf,
  todoOf,
  unsaid,
} from '../kernel/vocabulary.ts'
import type { Query, Tx } from '../store/db.ts'
import { thingsOf } from '../store/things.ts'
import { type Amount, sumsOf } from './facets.ts'

/** A record that waits, or was let go and is not through yet. */
type HeldRecord = {
  readonly title: string
  readonly ref: string | null
  /** The system that it was heard from, or is to be brought to. */
  readonly system: string
  readonly object: string
  readonly nativeId: string | null
  readonly since: Date
  readonly worth: Amount | null
  readonly waits: boolean
}

export type MissingValue = Missing & {
  /** What happened, and what somebody can do about it. */
  readonly reason: string
  readonly todo: string
  /** The desk that keeps the table. */
  readonly keptBy: string
  readonly since: Date
  /** How many records wait for it, and how many were let go and are on their way. */
  readonly records: number
  readonly onTheWay: number
  /** Records that wait for one of these in turn. */
  readonly holdsBack: number
  readonly journeys: number
  readonly worth: readonly Amount[]
  /** The first of them. */
  readonly held: readonly HeldRecord[]
}

/** Uses inbox_held, delivery_held and the primary key of link. */
const heldRows: Query = {
  name: 'missing-held',
  text: `
    select key, x.system, x.object, x."nativeId", x.ref, x.title, x.worth, x.currency, x.since, x.waits
    from (
      select i.missing, i.system, i.object, i.native_id as "nativeId", coalesce(r.alias_of, l.ref) as ref, i.held ->> 'title' as title,
             i.held ->> 'worth' as worth, i.held ->> 'currency' as currency, (i.held ->> 'since')::timestamptz as since,
             i.due_at = 'infinity' as waits
      from inbox i
      left join link l on l.system = i.system and l.object = i.object and l.native_id = i.native_id
      left join record r on r.ref = l.ref
      where i.missing is not null
      union all
      select d.missing, d.system, d.contract, null, d.ref, d.held ->> 'title', d.held ->> 'worth', d.held ->> 'currency',
             (d.held ->> 'since')::timestamptz, d.state = 'waiting' and d.due_at = 'infinity'
      from delivery d
      where d.missing is not null
    ) x cross join lateral unnest(x.missing) as key
    order by x.since
    limit 50000`,
}

/** Uses delivery_waits, then wait_for: what waits for these records, and the journeys that stand still because of it. */
const standing: Query = {
  name: 'missing-standing',
  text: `
    with recursive held as (
      select root, root as ref from unnest($1::text[]) as root
      union
      select held.root, d.ref from held join delivery d on d.state = 'waiting' and d.waits_for = held.ref
    )
    select held.root, held.ref, j.journey, j.worth::text as amount, j.currency
    from held
    left join wait w on w.ref = held.ref and w.name not like 'Until %'
    left join journey j on j.journey = w.journey and j.ended_at is null`,
}

type Row = {
  readonly key: string
  readonly system: string
  readonly object: string
  readonly nativeId: string | null
  readonly ref: string | null
  readonly title: string
  readonly worth: string | null
  readonly currency: string | null
  readonly since: Date
  readonly waits: boolean
}
type Standing = {
  readonly root: string
  readonly ref: string
  readonly journey: string | null
  readonly amount: string | null
  readonly currency: string | null
}

const SHOWN = 50

/** Where so many records are held, all who look within two seconds are told the same. */
const MANY = 500
const FRESH_MS = 2_000
type Reading = { readonly found: Promise<MissingValue[]>; readonly until: number }
const lately = new WeakMap<Tx, Reading>()

/** Every value that something waits for, since when it does. */
export async function missingValues(tx: Tx, plan: Plan): Promise<MissingValue[]> {
  const known = lately.get(tx)
  if (known && monotonic() < known.until) return known.found
  const found = valuesHeld(tx, plan)
  // Where there were many, who comes meanwhile waits for the same.
  if (known) lately.set(tx, { found, until: Number.POSITIVE_INFINITY })
  try {
    const isMany = (await found).reduce((sum, { records, onTheWay }) => sum + records + onTheWay, 0) >= MANY
    if (isMany) lately.set(tx, { found, until: monotonic() + FRESH_MS })
    else lately.delete(tx)
  } catch (error) {
    lately.delete(tx)
    throw error
  }
  return found
}

/** Those of these values that something waits for; as they are now. */
export async function valuesHeld(tx: Tx, plan: Plan, only?: readonly Missing[]): Promise<MissingValue[]> {
  const keys = only && new Set(only.map(keyOfMissing))
  const rows = (await tx.query<Row>(heldRows)).filter(row => keys?.has(row.key) !== false)
  if (rows.length === 0) return []
  const refs = [...new Set(rows.flatMap(row => row.ref ?? []))]
  const byRoot = Map.groupBy(await tx.query<Standing>(standing, [refs]), row => row.root)
  const byKey = Map.groupBy(rows, row => row.key)
  const named = await withNames(tx, plan, [...byKey.keys()].map(missingOf))
  return named
    .map(missing => incident(plan, missing, distinct(byKey.get(keyOfMissing(missing)) ?? []), byRoot))
    .sort((a, b) => a.since.getTime() - b.since.getTime())
}

/** A product that does not say its unit is called as it is called now. */
async function withNames(tx: Tx, plan: Plan, all: readonly Missing[]): Promise<Missing[]> {
  const things = await thingsOf(
    tx,
    plan,
    all.filter(isSaid).map(({ value }) => saidOf(value).ref),
  )
  return all.map(one => {
    if (!isSaid(one)) return one
    const { ref, field } = saidOf(one.value)
    return { ...unsaid(one.table, ref, field, things.get(ref)), value: one.value }
  })
}

/** A record counts once, however many of its parts wait: the one that waits longest. */
const distinct = (rows: readonly Row[]): Row[] =>
  [
    ...new Map(rows.toReversed().map(row => [row.ref ?? `${row.system} ${row.object} ${row.nativeId}`, row])).values(),
  ].reverse()

function incident(
  plan: Plan,
  missing: Missing,
  rows: readonly Row[],
  byRoot: ReadonlyMap<string, readonly Standing[]>,
): MissingValue {
  const standing = rows.flatMap(row => (row.waits && row.ref !== null ? (byRoot.get(row.ref) ?? []) : []))
  const journeys = new Map(standing.flatMap(one => (one.journey === null ? [] : [[one.journey, one] as const])))
  const waiting = rows.filter(row => row.waits)
  // What a journey is worth is counted with it.
  const alone = waiting.filter(row => !byRoot.get(row.ref ?? '')?.some(one => one.journey !== null))
  const keptBy = plan.tables.get(missing.table)?.keptBy ?? 'integration'
  return {
    ...missing,
    reason: reasonOf(missing),
    todo: todoOf(missing, keptBy),
    keptBy,
    since: rows[0]?.since ?? new Date(0),
    records: waiting.length,
    onTheWay: rows.length - waiting.length,
    holdsBack: new Set(standing.filter(one => one.ref !== one.root).map(one => one.ref)).size,
    journeys: journeys.size,
    worth: sumsOf([
      ...[...journeys.values()].map(({ amount, currency }) => ({ amount, currency })),
      ...alone.map(({ worth, currency }) => ({ amount: worth, currency })),
    ]),
    held: rows.slice(0, SHOWN).map(({ key: _, worth, currency, ...row }) => ({
      ...row,
      worth: worth === null ? null : { amount: worth, currency },
    })),
  }
}
