// Who else proposed what: edits of a field by those who did not own it, and what became of each.
import type { AnyContract } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import type { Became } from '../store/disputes.ts'
import { type FieldPath, linesIn } from './field-path.ts'
import { placesIn, type Sayings, sayingsOf } from './field-told.ts'

export type Proposal = {
  readonly dispute: string
  readonly system: string
  /** Who, in the system's words. */
  readonly by: string | null
  readonly at: Date
  /** The role that owned the field then. */
  readonly owner: string | null
  readonly value: unknown
  /** What held instead. */
  readonly instead: unknown
  readonly became: Became
  readonly reason: string | null
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
  /** Where it is asked about. */
  readonly task: string | null
}

const MOST_SHOWN = 20

/** Uses dispute_of. Of a line its own field and the line as a whole; of the lines everything about any of them. */
const ofField: Query = {
  name: 'proposals-of',
  text: `
    select d.dispute, d.system, d.by, d.edited_at as at, d.owner, d.wanted as value, d.held as instead, d.field, d.became,
           d.reason, d.decided_by as "decidedBy", d.decided_at as "decidedAt", t.task
    from dispute d
    left join task t on t.dispute = d.dispute and t.answer is null and t.withdrawn_at is null
    where d.ref = $1 and d.field = any($2::text[]) and ($3::text is null or d.line = $3)
    order by d.at desc, d.dispute
    limit ${MOST_SHOWN}`,
}
type Row = Proposal & { readonly field: string }

export async function proposalsOf(
  tx: Tx,
  plan: Plan,
  contract: AnyContract,
  ref: string,
  path: FieldPath,
): Promise<Proposal[]> {
  const { list, line, name, field } = path
  const fields =
    list === null
      ? [name, ...(field.kind === 'lines' ? Object.keys(field.of ?? {}).map(inner => `${name}.${inner}`) : [])]
      : [list, `${list}.${name}`]
  const rows = await tx.query<Row>(ofField, [ref, fields, line])
  const oldest = rows.at(-1)
  if (!oldest) return []
  const places = await placesIn(tx, ref, line === null ? [] : [line])
  const from = new Date(oldest.at.getTime() - SAME_MS)
  const sayings = await sayingsOf(tx, plan, contract, places, [path], { named: [], from })
  return rows.flatMap(({ field: of, ...row }) => {
    // A dispute about the whole line is one about this field where it wants another value of it.
    const part = (whole: unknown): unknown => (list !== null && of === list ? inLine(whole, path) : whole)
    const one = { ...row, value: part(row.value) ?? null, instead: part(row.instead) ?? null }
    return equal(one.value, one.instead) ? [] : [{ ...one, by: whoSaid(sayings, path, one) }]
  })
}

const inLine = (line: unknown, { name }: FieldPath): unknown =>
  linesIn({ only: [line] }, 'only').find(one => typeof one === 'object' && one !== null)?.[name]

/** A dispute names who made the last of the changes that were decided together; the change itself knows better. */
function whoSaid(sayings: Sayings, path: FieldPath, { system, by, at, value }: Proposal): string | null {
  const said = sayings(path, system).find(
    ({ told, value: wanted }) =>
      told.mask !== 'all' &&
      equal(wanted, value) &&
      Math.abs((told.changedAt ?? told.at.getTime()) - at.getTime()) < SAME_MS,
  )
  return said?.told.by ?? by
}
const SAME_MS = 60_000
