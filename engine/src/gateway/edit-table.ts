// A person says what one of our values is called in a system. The entry, its history, the event and letting go what waits for
// it are one transaction; a preview does it all and takes it back.
import type { Plan } from '../kernel/plan.ts'
import type { Missing } from '../kernel/vocabulary.ts'
import { type Amount, sumsOf } from '../observe/facets.ts'
import { type MissingValue, valuesHeld } from '../observe/missing.ts'
import { audit } from '../store/audit.ts'
import type { Db, Query, Tx } from '../store/db.ts'
import { tellWorkers } from '../store/notify.ts'
import { type EntryRow, releaseWaiting, type Turn, type Used, type Word, writeHistory } from '../store/tables.ts'
import { previewable } from './preview.ts'
import { problem } from './problems.ts'

export type WordRequest = {
  /** Ours. */
  readonly value: string
  readonly system: string
  /** The system's. */
  readonly native: string
  /** Read and written unless it says otherwise; `none` takes it out. */
  readonly used?: Used | 'none'
  readonly by: string
  readonly why: string
  readonly dryRun?: boolean
}

export type WordAnswer = {
  readonly table: string
  readonly value: string
  readonly system: string
  readonly dryRun: boolean
  readonly was: readonly Word[]
  readonly is: readonly Word[]
  /** What it lets go. */
  readonly releases: { readonly records: number; readonly journeys: number; readonly worth: readonly Amount[] }
  /** The systems that would still have no word for this value. */
  readonly stillUnknownIn: readonly string[]
}

/** Locked: nobody holds anything back for want of a value of this table until this ends. */
const lock: Query = { name: 'edit-table-lock', text: 'select version from value_table where name = $1 for update' }
const near: Query = {
  name: 'edit-table-near',
  text: `select value, system, native, used from value_entry where in_table = $1 and ((system = $2 and native = $4) or value = $3)
         order by native`,
}
const clear: Query = {
  name: 'edit-table-clear',
  text: 'delete from value_entry where in_table = $1 and system = $2 and value = $3',
}
const write: Query = {
  name: 'edit-table-write',
  text: `insert into value_entry (in_table, system, value, native, used)
         select $1, $2, $3, native, used from jsonb_to_recordset($4::jsonb) as x(native text, used text)`,
}
const turn: Query = {
  name: 'edit-table-turn',
  text: 'update value_table set version = version + 1, at = clock_timestamp() where name = $1 returning version',
}
const announce: Query = {
  name: 'edit-table-event',
  text: "insert into event (id, type, subject, data) values (gen_random_uuid(), 'table.changed', $1, $2)",
}

export async function setWord(db: Db, plan: Plan, table: string, request: WordRequest): Promise<WordAnswer> {
  const wish = { ...request, value: request.value.trim(), by: request.by.trim(), why: request.why.trim() }
  tableNamed(plan, table)
  if (plan.tables.get(table)?.rates)
    throw problem(
      'bad-request',
      `"${table}" keeps exchange rates, not words.`,
      `Say a rate: PUT /api/tables/${table}/rates.`,
    )
  systemNamed(plan, wish.system)
  return previewable(
    db,
    wish.dryRun === true,
    tx => set(tx, plan, table, wish),
    () => tellWorkers(db, 'understand', 'deliver', 'announce'),
  )
}

async function set(tx: Tx, plan: Plan, table: string, wish: WordRequest): Promise<WordAnswer> {
  const { value, system, native, by, why } = wish
  await tx.query(lock, [table])
  const around = await tx.query<EntryRow>(near, [table, system, value, native])
  const was = around
    .filter(one => one.value === value && one.system === system)
    .map(({ native, used }) => ({ native, used }))
  refuseTaken(table, around, wish)
  const is = changed(was, wish)
  if (!is)
    throw problem('not-found', `"${native}" does not stand for "${value}" in ${system}.`, `See plumb table '${table}'.`)
  const said = around.filter(one => one.value === value && one.used !== 'read').map(one => one.system)
  const answer = {
    ...{ table, value, system, dryRun: wish.dryRun === true, was, is },
    stillUnknownIn: columnsOf(plan, table).filter(one => one !== system && !said.includes(one)),
  }
  if (same(was, is)) return { ...answer, releases: { records: 0, journeys: 0, worth: [] } }
  await tx.query(clear, [table, system, value])
  await tx.query(write, [table, system, value, JSON.stringify(is)])
  await tellTurn(tx, table, { by, why }, { value, system, was, is }, { value, system, was, is })
  const found = wordsFound({ table, value, system }, is)
  const waiting = await valuesHeld(tx, plan, found)
  await releaseWaiting(tx, found)
  if (!wish.dryRun)
    await audit(tx, { by, what: 'edited', about: `table:${table}`, why, facts: { value, system, was, is } })
  return { ...answer, releases: releasedBy(waiting) }
}

/** A table has turned: its new version, its history, and the event. */
export async function tellTurn(
  tx: Tx,
  table: string,
  who: { readonly by: string; readonly why: string },
  said: Turn,
  facts: object,
): Promise<void> {
  const [now] = await tx.query<{ version: number }>(turn, [table])
  await writeHistory(tx, table, now?.version ?? 0, who, [said])
  await tx.query(announce, [`table:${table}`, JSON.stringify({ table, ...facts, ...who })])
}

/** Of two values that a system calls the same, only one can be read. */
function refuseTaken(
  table: string,
  around: readonly EntryRow[],
  { value, system, native, used = 'both' }: WordRequest,
): void {
  if (used === 'none' || used === 'written') return
  const other = around.find(
    one => one.system === system && one.native === native && one.value !== value && one.used !== 'written',
  )
  if (!other) return
  throw problem(
    'word-taken',
    `"${native}" of ${system} is read as "${other.value}" already.`,
    `Take that out first (plumb table '${table}' remove '${other.value}' ${system} '${native}'), or only write it (--only written).`,
    { value: other.value },
  )
}

/** What is said last is written; what was written before is still read. Nothing, when there is nothing to take out. */
function changed(was: readonly Word[], { native, used = 'both' }: WordRequest): Word[] | undefined {
  const others = was.filter(one => one.native !== native)
  const known = was.find(one => one.native === native)
  if (used === 'none') return known ? others : undefined
  if (used === 'read') return [...others, { native, used }]
  // What was only written is read as another value: it would say nothing any more.
  const stillRead = others.flatMap((one): Word[] =>
    one.used === 'written' ? [] : [{ native: one.native, used: 'read' }],
  )
  return [{ native, used: used === 'written' && known && known.used !== 'written' ? 'both' : used }, ...stillRead]
}

const wordsFound = (of: Pick<Missing, 'table' | 'value' | 'system'>, is: readonly Word[]): Missing[] => [
  ...is.flatMap((one): Missing[] => (one.used === 'written' ? [] : [{ ...of, way: 'read', value: one.native }])),
  ...(is.some(one => one.used !== 'read') ? [{ ...of, way: 'write' } as const] : []),
]

export const releasedBy = (values: readonly MissingValue[]): WordAnswer['releases'] => ({
  records: values.reduce((sum, one) => sum + one.records, 0),
  journeys: values.reduce((sum, one) => sum + one.journeys, 0),
  worth: sumsOf(values.flatMap(one => one.worth)),
})

const same = (was: readonly Word[], is: readonly Word[]): boolean =>
  was.length === is.length && was.every(one => is.some(other => other.native === one.native && other.used === one.used))

/** The systems whose mappings use the table. */
const columnsOf = (plan: Plan, table: string): string[] =>
  [...plan.systems.values()]
    .filter(({ instance }) =>
      instance.mappings.some(({ rules }) =>
        Object.values(rules).some(rule => typeof rule === 'object' && 'table' in rule && rule.table.table === table),
      ),
    )
    .map(({ name }) => name)

export function tableNamed(plan: Plan, name: string): string {
  if (plan.tables.has(name)) return name
  const known = [...plan.tables.keys()].map(one => `"${one}"`).join(', ')
  throw problem('not-found', `The project has no value table "${name}".`, `Name one of: ${known || 'none'}.`)
}

function systemNamed(plan: Plan, name: string): void {
  if (plan.systems.has(name)) return
  throw problem(
    'not-found',
    `The project has no system "${name}".`,
    `Name one of: ${[...plan.systems.keys()].join(', ')}.`,
  )
}
