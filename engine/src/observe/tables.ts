// Value tables for people: who keeps each, what it says, what is missing, and who changed what.
import type { AnyRule, Mapping } from '@plumbline/sdk'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { asFactor, type EntryRow, ratesIn, type Used, type Word } from '../store/tables.ts'
import { type MissingValue, missingValues } from './missing.ts'

type TableLine = {
  readonly table: string
  readonly keptBy: string
  readonly says: string
  /** Its values, and when it was changed last. */
  readonly values: number
  readonly changedAt: Date
  /** Values that somebody waits for. */
  readonly missing: readonly MissingValue[]
}
export type Tables = { readonly tables: readonly TableLine[] }

type TableHistory = {
  readonly at: Date
  readonly by: string
  readonly why: string
  readonly value: string
  readonly system: string
  readonly was: readonly Word[]
  readonly is: readonly Word[]
}
export type Table = TableLine & {
  /** The systems that have a column, with the fields that use it there. */
  readonly systems: readonly { readonly system: string; readonly fields: readonly string[] }[]
  readonly entries: readonly { readonly value: string; readonly in: Readonly<Record<string, readonly Word[]>> }[]
  /** Of a table of exchange rates: each pair's latest first. */
  readonly rates:
    | readonly { readonly from: string; readonly to: string; readonly since: string; readonly rate: string }[]
    | null
  /** Of a table of units: one unit is so many of another, of a thing alone where it names one. */
  readonly factors:
    | readonly { readonly unit: string; readonly is: string; readonly of: string; readonly thing?: string }[]
    | null
  /** The latest first. */
  readonly history: readonly TableHistory[]
}

const listed: Query = {
  name: 'tables-listed',
  text: `
    select t.name, t.at, (select count(distinct value) from value_entry e where e.in_table = t.name) as values
    from value_table t where t.name = any($1) order by t.name`,
}
/** Uses the primary key of value_entry. */
const entriesOf: Query = {
  name: 'tables-entries-of',
  text: `select value, system, native, used from value_entry where in_table = $1
         order by value collate "C", system, array_position(array['both', 'written', 'read'], used), native`,
}
/** Uses value_history_of. */
const historyOf: Query = {
  name: 'tables-history-of',
  text: 'select at, by, why, value, system, was, "is" from value_history where in_table = $1 order by id desc limit $2',
}

type Listed = { readonly name: string; readonly at: Date; readonly values: number }

/** Those with missing values first. */
export async function tablesOf(tx: Tx, plan: Plan): Promise<Tables> {
  const missing = await missingValues(tx, plan)
  const rows = await tx.query<Listed>(listed, [[...plan.tables.keys()]])
  const tables = rows.map(row => lineOf(plan, row, missing))
  return { tables: tables.sort((a, b) => Number(b.missing.length > 0) - Number(a.missing.length > 0)) }
}

const lineOf = (plan: Plan, { name, at, values }: Listed, missing: readonly MissingValue[]): TableLine => ({
  table: name,
  keptBy: plan.tables.get(name)?.keptBy ?? '',
  says: plan.tables.get(name)?.says ?? '',
  values,
  changedAt: at,
  missing: missing.filter(one => one.table === name),
})

const HISTORY = 200

export async function tableOf(tx: Tx, plan: Plan, name: string): Promise<Table | undefined> {
  if (!plan.tables.has(name)) return undefined
  const [row] = await tx.query<Listed>(listed, [[name]])
  if (!row) return undefined
  const entries = await tx.query<EntryRow>(entriesOf, [name])
  return {
    ...lineOf(plan, row, await missingValues(tx, plan)),
    systems: systemsOf(plan, name, entries),
    entries: [...Map.groupBy(entries, entry => entry.value)].map(([value, same]) => ({ value, in: wordsOf(same) })),
    rates:
      plan.tables.get(name)?.rates === undefined
        ? null
        : (await ratesIn(tx, [name])).map(({ from, to, since, rate }) => ({ from, to, since, rate })),
    factors: plan.tables.get(name)?.factors === undefined ? null : (await ratesIn(tx, [name])).map(asFactor),
    history: await tx.query<TableHistory & Record<string, unknown>>(historyOf, [name, HISTORY]),
  }
}

const wordsOf = (entries: readonly EntryRow[]): Record<string, { native: string; used: Used }[]> =>
  Object.fromEntries(
    [...Map.groupBy(entries, entry => entry.system)].map(([system, same]) => [
      system,
      same.map(({ native, used }) => ({ native, used })),
    ]),
  )

/** A system with entries keeps its column, also when no mapping of it uses the table any more. */
function systemsOf(plan: Plan, name: string, entries: readonly EntryRow[]): Table['systems'] {
  const fields = new Map(
    [...plan.systems.values()].map(({ name: system, instance }) => [
      system,
      instance.mappings.flatMap(mapping => fieldsUsing(mapping, name)),
    ]),
  )
  return [...new Set([...fields.keys(), ...entries.map(entry => entry.system)])].flatMap(system => {
    const uses = fields.get(system) ?? []
    return uses.length > 0 || entries.some(entry => entry.system === system) ? [{ system, fields: uses }] : []
  })
}

const fieldsUsing = ({ contract, object, rules }: Mapping, name: string): string[] =>
  Object.entries(rules).flatMap(([field, rule]) => {
    if (typeof rule !== 'object' || !('each' in rule))
      return uses(rule, name).map(native => `${contract}.${field} (${object}.${native})`)
    return Object.entries(rule.fields).flatMap(([inner, of]) =>
      uses(of, name).map(native => `${contract}.${field}.${inner} (${object}.${rule.each}.${native})`),
    )
  })

const uses = (rule: AnyRule, name: string): string[] => {
  if (typeof rule !== 'object') return []
  const table =
    'table' in rule ? rule.table : 'converted' in rule ? rule.converted : 'counted' in rule ? rule.counted : undefined
  return table?.table === name && 'field' in rule ? [rule.field] : []
}
