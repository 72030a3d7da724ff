// Value tables as they are stored, and what waits for a value of theirs. Entries are kept in memory by the version of their
// table, which is read anew in each transaction that uses them: whoever missed a notification is never wrong.
import { type DateOnly, type ExchangeRate, rateOn, type UnitFactor, type ValueTable } from '@plumbline/sdk'
import { keyOfMissing, type Missing, type Vocabulary } from '../kernel/vocabulary.ts'
import type { Db, Tx } from './db.ts'

export type Used = 'both' | 'read' | 'written'
export type EntryRow = { readonly value: string; readonly system: string; readonly native: string; readonly used: Used }

const versions = {
  name: 'tables-versions',
  text: 'select name, version from value_table where name = any($1) order by name',
}
const lockedVersions = { name: 'tables-versions-share', text: `${versions.text} for share` }
const entries = {
  name: 'tables-entries',
  text: `select t.name, t.version, e.value, e.system, e.native, e.used
         from value_table t left join value_entry e on e.in_table = t.name where t.name = any($1)`,
}

type Version = { readonly name: string; readonly version: number }
type Words = {
  readonly version: number
  readonly read: Map<string, string>
  readonly write: Map<string, string>
  readonly rates: readonly RateRow[]
}

const wordKey = (system: string, value: string): string => `${system}\u001f${value}`

export class Tables {
  readonly #known = new Map<string, Words>()

  /** What the tables say now. */
  now(tx: Tx, names: readonly string[]): Promise<Vocabulary> {
    return this.#at(tx, names, versions)
  }

  /**
   * The same, and nobody adds a value until this transaction ends: the other half of "no lost wake-up". Whoever adds one either
   * has done so and it is found here, or does so after our commit and finds what waits for it.
   */
  settled(tx: Tx, names: readonly string[]): Promise<Vocabulary> {
    return this.#at(tx, names, lockedVersions)
  }

  async #at(tx: Tx, names: readonly string[], query: typeof versions): Promise<Vocabulary> {
    const asked = [...new Set(names)]
    const now = asked.length === 0 ? [] : await tx.query<Version>(query, [asked])
    const words = new Map(
      now.flatMap(({ name, version }): [string, Words][] => {
        const known = this.#known.get(name)
        return known?.version === version ? [[name, known]] : []
      }),
    )
    const stale = now.map(({ name }) => name).filter(name => !words.has(name))
    if (stale.length > 0) for (const [name, loaded] of await load(tx, stale)) words.set(name, this.#keep(name, loaded))
    return {
      read: (table, system, native) => words.get(table)?.read.get(wordKey(system, native)),
      write: (table, system, value) => words.get(table)?.write.get(wordKey(system, value)),
      rate: (table, from, to, on) => rateOn(words.get(table)?.rates ?? [], { from, to, on: on as DateOnly }),
      factors: table => (words.get(table)?.rates ?? []).map(asFactor),
    }
  }

  #keep(name: string, loaded: Words): Words {
    if ((this.#known.get(name)?.version ?? -1) < loaded.version) this.#known.set(name, loaded)
    return loaded
  }
}

async function load(tx: Tx, names: readonly string[]): Promise<Map<string, Words>> {
  const rows = await tx.query<Version & { [K in keyof EntryRow]: EntryRow[K] | null }>(entries, [names])
  const rates = Map.groupBy(await ratesIn(tx, names), rate => rate.table)
  return new Map(
    [...Map.groupBy(rows, row => row.name)].map(([name, same]) => {
      const words: Words = {
        version: same[0]?.version ?? 0,
        read: new Map(),
        write: new Map(),
        rates: rates.get(name) ?? [],
      }
      for (const { value, system, native, used } of same) {
        if (value === null || system === null || native === null) continue
        if (used !== 'written') words.read.set(wordKey(system, native), value)
        if (used !== 'read') words.write.set(wordKey(system, value), native)
      }
      return [name, words]
    }),
  )
}

/** A rate, or of a table of units how many of one another is; of one thing alone where it names one. */
export type RateRow = ExchangeRate & { readonly table: string; readonly thing: string }
export const asFactor = ({ from, to, rate, thing }: RateRow): UnitFactor => ({
  unit: from,
  is: rate,
  of: to,
  ...(thing !== '' && { thing }),
})

const ratesOf = {
  name: 'tables-rates',
  text: `select in_table as table, thing, source as from, target as to, valid_from::text as since, rate::text as rate
         from value_rate where in_table = any($1) order by source, target, valid_from desc`,
}
/** Of each pair the latest first. */
export const ratesIn = (tx: Tx, names: readonly string[]): Promise<RateRow[]> =>
  tx.query<RateRow & Record<string, unknown>>(ratesOf, [names])

// ---- where a table begins

const declare = {
  name: 'tables-declare',
  text: `insert into value_table (name, kept_by, says) values ($1, $2, $3)
         on conflict (name) do update set kept_by = excluded.kept_by, says = excluded.says
         where (value_table.kept_by, value_table.says) is distinct from (excluded.kept_by, excluded.says)`,
}
const lockTable = { name: 'tables-lock', text: 'select version, seeded from value_table where name = $1 for update' }
const addEntries = {
  name: 'tables-entries-add',
  text: `insert into value_entry (in_table, value, system, native, used)
         select $1, value, system, native, used from jsonb_to_recordset($2::jsonb) as x(value text, system text, native text, used text)
         on conflict do nothing`,
}
const seeded = {
  name: 'tables-seeded',
  text: 'update value_table set version = version + 1, seeded = seeded || $2::text[], at = clock_timestamp() where name = $1',
}
const addHistory = {
  name: 'tables-history-add',
  text: `insert into value_history (in_table, version, by, why, value, system, was, "is")
         select $1, $2, $3, $4, value, system, was, "is" from jsonb_to_recordset($5::jsonb) as x(value text, system text, was jsonb, "is" jsonb)`,
}

export type Word = { readonly native: string; readonly used: Used }
export type Turn = {
  readonly value: string
  readonly system: string
  readonly was: readonly Word[]
  readonly is: readonly Word[]
}
export const writeHistory = (
  tx: Tx,
  table: string,
  version: number,
  who: { by: string; why: string },
  turns: readonly Turn[],
): Promise<unknown> => tx.query(addHistory, [table, version, who.by, who.why, JSON.stringify(turns)])

/** Stores the start values of each table, once for each system; whatever people have made of them since stays. */
export async function seedTables(db: Db, tables: Iterable<ValueTable>): Promise<void> {
  for (const table of tables) await db.transaction(tx => seed(tx, table))
}

async function seed(tx: Tx, { table, keptBy, says, starts, rates = [], factors = [] }: ValueTable): Promise<void> {
  await tx.query(declare, [table, keptBy, says])
  const known = await tx.query<{ version: number; seeded: string[] }>(lockTable, [table])
  const fresh = Object.entries(starts).filter(([system]) => !known[0]?.seeded.includes(system))
  if (rates.length + factors.length > 0 && !known[0]?.seeded.includes(ofRates))
    await seedRates(tx, table, [...rates, ...factors.map(asRate)])
  if (fresh.length === 0) return
  const rows = fresh.flatMap(([system, values]) =>
    Object.entries(values).flatMap(([value, natives]) =>
      [natives].flat().map((native, at): EntryRow => ({ value, system, native, used: at === 0 ? 'both' : 'read' })),
    ),
  )
  await tx.query(addEntries, [table, JSON.stringify(rows)])
  await tx.query(seeded, [table, fresh.map(([system]) => system)])
  const turns = [...Map.groupBy(rows, row => JSON.stringify([row.value, row.system])).values()].flatMap(same => {
    const [first] = same
    return first
      ? [{ value: first.value, system: first.system, was: [], is: same.map(({ native, used }) => ({ native, used })) }]
      : []
  })
  await writeHistory(tx, table, (known[0]?.version ?? 0) + 1, { by: 'the project', why: 'Start values' }, turns)
}

/** Among the systems whose start values are stored: no system is called so. */
const ofRates = '(rates)'
const addRates = {
  name: 'tables-rates-add',
  text: `insert into value_rate (in_table, thing, source, target, valid_from, rate)
         select $1, coalesce(thing, ''), "from", "to", since::date, rate::numeric from jsonb_to_recordset($2::jsonb) as x(thing text, "from" text, "to" text, since text, rate text)
         on conflict do nothing`,
}
/** How many of one unit another is holds for ever. */
const asRate = ({ unit, is, of, thing }: UnitFactor) => ({ from: unit, to: of, rate: is, thing, since: '-infinity' })

async function seedRates(tx: Tx, table: string, rates: readonly object[]): Promise<void> {
  await tx.query(addRates, [table, JSON.stringify(rates)])
  await tx.query(seeded, [table, [ofRates]])
}

// ---- what waits for a value

/** What is held, for people: since when, and what it is called and worth. */
export type HeldFacts = {
  readonly since: string
  readonly title: string
  readonly worth: string | null
  readonly currency: string | null
}

const releaseChanges = {
  name: 'tables-release-changes',
  text: `update inbox i set due_at = clock_timestamp(), reason = null, todo = null
         from (select system, object, native_id from inbox
               where missing && $1::text[] and due_at = 'infinity' and worker is null for update skip locked) free
         where i.system = free.system and i.object = free.object and i.native_id = free.native_id
         returning 1 as released`,
}
const releaseDeliveries = {
  name: 'tables-release-deliveries',
  text: `update delivery d set state = 'due', due_at = clock_timestamp(), reason = null, todo = null
         from (select ref, system from delivery
               where missing && $1::text[] and state = 'waiting' and due_at = 'infinity' and worker is null for update skip locked) free
         where d.ref = free.ref and d.system = free.system
         returning 1 as released`,
}

/**
 * Lets go what waits for these values. A row that is locked just then is being made due by something newer, or let go by
 * somebody else: who holds rows back for a value of this table has committed, since its row is ours.
 */
export async function releaseWaiting(
  tx: Tx,
  values: readonly Missing[],
): Promise<{ changes: number; deliveries: number }> {
  const keys = values.map(keyOfMissing)
  const changes = await tx.query(releaseChanges, [keys])
  const deliveries = await tx.query(releaseDeliveries, [keys])
  return { changes: changes.length, deliveries: deliveries.length }
}

const awaited = {
  name: 'tables-awaited',
  text: `select distinct key from (
           select unnest(missing) as key from inbox where missing is not null and due_at = 'infinity'
           union all
           select unnest(missing) from delivery where missing is not null and due_at = 'infinity'
         ) k`,
}
/** The keys of the values that something waits for. */
export const awaitedValues = async (tx: Tx): Promise<string[]> =>
  (await tx.query<{ key: string }>(awaited)).map(row => row.key)
