// A person says how many of one unit another is, of one thing or of all. As with rates: the factor, its history, the event, the audit
// and letting go what waits for it are one transaction, and a preview takes it back.
import type { Plan } from '../kernel/plan.ts'
import { isConvertible, missingOf } from '../kernel/vocabulary.ts'
import { valuesHeld } from '../observe/missing.ts'
import { audit } from '../store/audit.ts'
import type { Db, Query, Tx } from '../store/db.ts'
import { tellWorkers } from '../store/notify.ts'
import { asFactor, awaitedValues, ratesIn, releaseWaiting } from '../store/tables.ts'
import { releasedBy, tableNamed, tellTurn, type WordAnswer } from './edit-table.ts'
import { previewable } from './preview.ts'
import { problem } from './problems.ts'

export type FactorRequest = {
  readonly unit: string
  readonly of: string
  /** A decimal text: one `unit` is so many `of`. Nothing takes it out. */
  readonly is: string | null
  /** Of this thing alone, as it is called by its number. */
  readonly thing?: string
  readonly by: string
  readonly why: string
  readonly dryRun?: boolean
}
export type FactorAnswer = Pick<WordAnswer, 'table' | 'dryRun' | 'releases'> &
  Pick<FactorRequest, 'unit' | 'of' | 'is' | 'thing'> & { readonly was: string | null }

const lock: Query = {
  name: 'edit-factors-lock',
  text: `select r.rate::text as rate, turned.rate::text as turned
         from value_table t
         left join value_rate r on r.in_table = t.name and r.thing = $4 and r.source = $2 and r.target = $3 and r.valid_from = '-infinity'
         left join value_rate turned on turned.in_table = t.name and turned.thing = $4 and turned.source = $3 and turned.target = $2
           and turned.valid_from = '-infinity'
         where t.name = $1 for update of t`,
}
const write: Query = {
  name: 'edit-factors-write',
  text: `insert into value_rate (in_table, thing, source, target, rate) values ($1, $4, $2, $3, $5::numeric)
         on conflict (in_table, thing, source, target, valid_from) do update set rate = excluded.rate`,
}
const clear: Query = {
  name: 'edit-factors-clear',
  text: "delete from value_rate where in_table = $1 and source = $2 and target = $3 and thing = $4 and valid_from = '-infinity'",
}
export async function setFactor(db: Db, plan: Plan, table: string, request: FactorRequest): Promise<FactorAnswer> {
  tableNamed(plan, table)
  if (plan.tables.get(table)?.factors === undefined)
    throw problem('bad-request', `"${table}" is no table of units.`, `Say a word: PUT /api/tables/${table}/words.`)
  if (request.unit === request.of)
    throw problem('bad-request', `One ${request.unit} is one ${request.of}.`, 'Name two units.')
  return previewable(
    db,
    request.dryRun === true,
    tx => set(tx, plan, table, request),
    () => tellWorkers(db, 'understand', 'deliver', 'announce'),
  )
}

async function set(tx: Tx, plan: Plan, table: string, request: FactorRequest): Promise<FactorAnswer> {
  const { unit, of, is, thing = '', by, why, dryRun = false } = request
  const [before] = await tx.query<{ rate: string | null; turned: string | null }>(lock, [table, unit, of, thing])
  const was = before?.rate ?? null
  if (is !== null && before?.turned) throw saidTurned(request, before.turned)
  if (is === null) await tx.query(clear, [table, unit, of, thing])
  else await tx.query(write, [table, unit, of, thing, is])
  const said = { value: thing === '' ? unit : `${unit} of ${thing}`, system: of }
  const words = (one: string | null) => (one === null ? [] : [{ native: one, used: 'both' as const }])
  const who = { by: by.trim(), why: why.trim() }
  const facts = { unit, of, is, was, ...(thing !== '' && { thing }) }
  await tellTurn(tx, table, who, { ...said, was: words(was), is: words(is) }, facts)
  const factors = (await ratesIn(tx, [table])).map(asFactor)
  const found = (await awaitedValues(tx))
    .map(missingOf)
    .filter(one => one.table === table && one.way === 'unit' && isConvertible(one.value, factors))
  const waiting = found.length === 0 ? [] : await valuesHeld(tx, plan, found)
  await releaseWaiting(tx, found)
  if (!dryRun) await audit(tx, { ...who, what: 'edited', about: `table:${table}`, facts })
  return { table, unit, of, is, ...(thing !== '' && { thing }), was, dryRun, releases: releasedBy(waiting) }
}

/** A factor leads both ways: said twice, one of them would not count. */
const saidTurned = ({ unit, of, thing }: FactorRequest, is: string) =>
  problem(
    'bad-request',
    `One ${of}${thing === undefined ? '' : ` of ${thing}`} is said to be ${is} ${unit} already, which holds both ways.`,
    'Change that one, or take it out first.',
  )
