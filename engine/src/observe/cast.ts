// Who takes part in a story: the record that began it, those that point to it, and so on, with what each system has of them.
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { asToday } from '../store/records.ts'
import { titleOf } from './words.ts'

export type StoryRecord = {
  readonly ref: string
  readonly contract: string
  readonly title: string
  /** Of the contract: today's, or a newer one. */
  readonly contractVersion: number
  readonly version: number
  readonly fields: Readonly<Record<string, unknown>>
  readonly systems: readonly {
    readonly system: string
    readonly object: string | null
    readonly nativeId: string | null
    readonly state: 'current' | 'due' | 'waiting' | 'parked'
    readonly reason: string | null
    readonly todo: string | null
  }[]
}

export type Cast = { readonly records: readonly StoryRecord[]; readonly shortened: boolean }

type Versioned = { readonly contract: string; readonly contract_version: number; fields: Record<string, unknown> }

const MOST_RECORDS = 100
/** Quote, order, invoice, payment, and one to spare. */
const MOST_STEPS = 4

/** Uses the primary key of record and record_about. */
const pointingTo: Query = {
  name: 'cast-pointing-to',
  text: 'select ref from record where about && $1::text[] and not ref = any($2::text[]) order by at limit $3',
}

/** Uses the primary keys of record and delivery, and link_of; holdings tell the object where a link is not enough. */
const records: Query = {
  name: 'cast-records',
  text: `
    select r.ref, r.contract, r.contract_version, r.version, r.fields,
           coalesce(
             (select json_agg(json_build_object(
                'system', coalesce(l.system, d.system), 'object', l.object, 'nativeId', l.native_id,
                'state', case when d.state is null or d.state = 'idle' then 'current' else d.state end,
                'reason', d.reason, 'todo', d.todo) order by coalesce(l.system, d.system))
              from (select * from link where ref = r.ref) l
              full join (select * from delivery where ref = r.ref) d on d.system = l.system),
             '[]') as systems
    from record r
    where r.ref = any($1::text[])
    order by array_position($1::text[], r.ref)`,
}

export async function castOf(tx: Tx, plan: Plan, beginning: readonly string[]): Promise<Cast> {
  const refs = [...beginning]
  let shortened = false
  for (let layer = beginning, steps = 0; layer.length > 0 && steps < MOST_STEPS; steps++) {
    const found = await tx.query<{ ref: string }>(pointingTo, [layer, refs, MOST_RECORDS + 1 - refs.length])
    layer = found.map(row => row.ref)
    refs.push(...layer)
    if (refs.length <= MOST_RECORDS) continue
    shortened = true
    refs.length = MOST_RECORDS
    break
  }
  return { records: await recordsOf(tx, plan, refs), shortened }
}

export async function recordsOf(tx: Tx, plan: Plan, refs: readonly string[]): Promise<StoryRecord[]> {
  const rows = await tx.query<Omit<StoryRecord, 'title' | 'contractVersion'> & Versioned>(records, [refs])
  return rows.map(row => {
    const { contract_version: contractVersion, ...record } = asToday(tx, row)
    return { ...record, contractVersion, title: titleOf(plan, record.contract, record.ref, record.fields) }
  })
}
