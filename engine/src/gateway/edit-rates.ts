// A person says what one currency is of another from a day on. As with words: the rate, its history, the event and letting go what
// waits for it are one transaction, and a preview takes it back.
import { isDay } from '@plumbline/sdk'
import type { Plan } from '../kernel/plan.ts'
import { type Missing, missingOf, rateAsked } from '../kernel/vocabulary.ts'
import { valuesHeld } from '../observe/missing.ts'
import { audit } from '../store/audit.ts'
import type { Db, Query, Tx } from '../store/db.ts'
import { tellWorkers } from '../store/notify.ts'
import { awaitedValues, releaseWaiting } from '../store/tables.ts'
import { releasedBy, tableNamed, tellTurn, type WordAnswer } from './edit-table.ts'
import { previewable } from './preview.ts'
import { problem } from './problems.ts'

export type RateRequest = {
  readonly from: string
  readonly to: string
  readonly since: string
  /** A decimal text; nothing takes the rate of that day out. */
  readonly rate: string | null
  readonly by: string
  readonly why: string
  readonly dryRun?: boolean
}
export type RateAnswer = Pick<WordAnswer, 'table' | 'dryRun' | 'releases'> &
  Pick<RateRequest, 'from' | 'to' | 'since' | 'rate'> & { readonly was: string | null }

const lock: Query = {
  name: 'edit-rates-lock',
  text: `select t.version, r.rate::text as rate
         from value_table t left join value_rate r on r.in_table = t.name and r.thing = '' and r.source = $2 and r.target = $3 and r.valid_from = $4::date
         where t.name = $1 for update of t`,
}
const write: Query = {
  name: 'edit-rates-write',
  text: `insert into value_rate (in_table, source, target, valid_from, rate) values ($1, $2, $3, $4::date, $5::numeric)
         on conflict (in_table, thing, source, target, valid_from) do update set rate = excluded.rate`,
}
const clear: Query = {
  name: 'edit-rates-clear',
  text: "delete from value_rate where in_table = $1 and thing = '' and source = $2 and target = $3 and valid_from = $4::date",
}
export async function setRate(db: Db, plan: Plan, table: string, request: RateRequest): Promise<RateAnswer> {
  tableNamed(plan, table)
  if (plan.tables.get(table)?.rates === undefined)
    throw problem(
      'bad-request',
      `"${table}" keeps words, not exchange rates.`,
      `Say a word: PUT /api/tables/${table}/words.`,
    )
  if (!isDay(request.since))
    throw problem('bad-request', `"${request.since}" is not a day.`, 'Write it like 2026-11-22.')
  return previewable(
    db,
    request.dryRun === true,
    tx => set(tx, plan, table, request),
    () => tellWorkers(db, 'deliver', 'announce'),
  )
}

async function set(tx: Tx, plan: Plan, table: string, request: RateRequest): Promise<RateAnswer> {
  const { from, to, since, rate, by, why, dryRun = false } = request
  const [before] = await tx.query<{ rate: string | null }>(lock, [table, from, to, since])
  const was = before?.rate ?? null
  if (rate === null) await tx.query(clear, [table, from, to, since])
  else await tx.query(write, [table, from, to, since, rate])
  const said = { value: `${from} since ${since}`, system: to }
  const words = (one: string | null) => (one === null ? [] : [{ native: one, used: 'both' as const }])
  const who = { by: by.trim(), why: why.trim() }
  const facts = { from, to, since, was, is: rate }
  await tellTurn(tx, table, who, { ...said, was: words(was), is: words(rate) }, facts)
  const found =
    rate === null ? [] : (await awaitedValues(tx)).map(missingOf).filter(one => isFound(one, table, request))
  const waiting = found.length === 0 ? [] : await valuesHeld(tx, plan, found)
  await releaseWaiting(tx, found)
  if (!dryRun) await audit(tx, { ...who, what: 'edited', about: `table:${table}`, facts })
  return { table, from, to, since, rate, was, dryRun, releases: releasedBy(waiting) }
}

/** Whatever day from then on nobody had a rate for has one now. */
function isFound({ table, way, value }: Missing, named: string, { from, to, since }: RateRequest): boolean {
  const asked = rateAsked(value)
  return (
    way === 'rate' && table === named && asked.from === from && asked.to === to && isDay(asked.on) && asked.on >= since
  )
}
