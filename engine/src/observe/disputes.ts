// What people edited without owning it, and what became of each edit: as a list, and counted by person and by field.
import { whoseWords, wishWords } from '../kernel/dispute-words.ts'
import { fieldAt } from '../kernel/field-at.ts'
import { titleOf } from '../kernel/naming.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import type { Became } from '../store/disputes.ts'
import { cursorOf, fromCursor } from './cursor.ts'
import { resolve } from './resolve.ts'

export type DisputeFilter = {
  /** A record, by any number or name that it has. */
  readonly about?: string
  readonly contract?: string
  readonly field?: string
  /** In which system it was edited, and by whom, in that system's words. */
  readonly system?: string
  readonly by?: string
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

type DisputeLine = {
  readonly dispute: string
  readonly ref: string
  readonly contract: string
  /** "Order 17". */
  readonly title: string
  readonly field: string
  readonly label: string
  readonly line: string | null
  /** "quantity 5 instead of 4 on line 2 of Order 17; the ERP owns it since it was booked". */
  readonly says: string
  readonly system: string
  /** In that system's words; null where it does not tell. */
  readonly by: string | null
  readonly editedAt: Date
  readonly owner: string | null
  readonly wanted: unknown
  readonly held: unknown
  readonly became: Became
  readonly reason: string | null
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
  readonly task: string | null
  /** What may be answered, or could be. */
  readonly answers: readonly string[] | null
}
export type DisputePage = { readonly disputes: readonly DisputeLine[]; readonly next: string | null }

/** Uses dispute_newest, which a rare choice reads further back; of one record dispute_of. */
const newest: Query = {
  name: 'disputes-newest',
  text: `
    select d.dispute, d.ref, d.contract, r.fields, d.field, d.line, d.system, d.by, d.edited_at as "editedAt", d.owner,
           d.wanted, d.held, d.became, d.reason, d.decided_by as "decidedBy", d.decided_at as "decidedAt", t.task,
           t.answers, d.at::text as position
    from dispute d
    left join record r on r.ref = d.ref
    left join task t on t.dispute = d.dispute
    where ($1::text[] is null or d.ref = any($1)) and ($2::timestamptz is null or (d.at, d.dispute) < ($2, $3))
      and ($5::text is null or d.contract = $5) and ($6::text is null or d.field = $6)
      and ($7::text is null or d.system = $7) and ($8::text is null or d.by = $8)
    order by d.at desc, d.dispute desc
    limit $4`,
}
type Row = Omit<DisputeLine, 'title' | 'label' | 'says'> & {
  readonly fields: Readonly<Record<string, unknown>> | null
  readonly position: string
}

export async function disputesOf(
  tx: Tx,
  plan: Plan,
  { about, contract, field, system, by, limit = 100, after }: DisputeFilter,
): Promise<DisputePage> {
  const refs = about === undefined ? null : (await resolve(tx, plan, about)).refs
  const [position, dispute] = after === undefined ? [null, null] : fromCursor(after)
  const chosen = [contract, field, system, by].map(one => one ?? null)
  const rows = await tx.query<Row>(newest, [refs, position, dispute, limit + 1, ...chosen])
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    disputes: page.map(row => lineOf(plan, row)),
    next: rows.length > limit && last ? cursorOf(last.position, last.dispute) : null,
  }
}

function lineOf(plan: Plan, { fields, position: _, ...row }: Row): DisputeLine {
  const contract = plan.contracts.get(row.contract)
  const record = { ref: row.ref, fields: fields ?? {} }
  return {
    ...row,
    title: contract ? titleOf(contract, record) : row.ref,
    label: (contract && fieldAt(contract, row.field)?.label) ?? row.field,
    says: contract ? `${wishWords(contract, record, row)}; ${whoseWords(contract, row, row.owner)}` : row.field,
  }
}

export type CountedBy = 'user' | 'field'
type DisputeCount = {
  /** Who, in the system's words; null when counted by field, or where the system does not tell. */
  readonly by: string | null
  readonly system: string
  readonly contract: string
  readonly field: string
  readonly label: string
  readonly count: number
  /** Of them, by what became of them. */
  readonly became: Readonly<Partial<Record<Became, number>>>
  readonly last: Date
}
export type DisputeCounts = { readonly counts: readonly DisputeCount[] }

/** Reads the disputes of a while: by dispute_newest. */
const counted: Query = {
  name: 'disputes-counted',
  text: `
    select by, system, contract, field, sum(count)::int as count, jsonb_object_agg(became, count) as became, max(last) as last
    from (
      select case when $1 then by end as by, system, contract, field, became, count(*) as count, max(edited_at) as last
      from dispute
      where at > clock_timestamp() - make_interval(days => $2)
      group by 1, 2, 3, 4, 5
    ) d
    group by 1, 2, 3, 4
    order by count desc, contract, field, system, by
    limit $3`,
}

/** How often each person edited what somebody else owns, or how often each field was edited so, in the last days. */
export async function disputesCounted(
  tx: Tx,
  plan: Plan,
  { by = 'user', days = 30, limit = 200 }: { readonly by?: CountedBy; readonly days?: number; readonly limit?: number },
): Promise<DisputeCounts> {
  const rows = await tx.query<Omit<DisputeCount, 'label'>>(counted, [by === 'user', days, limit])
  return {
    counts: rows.map(row => {
      const contract = plan.contracts.get(row.contract)
      return { ...row, label: (contract && fieldAt(contract, row.field)?.label) ?? row.field }
    }),
  }
}
