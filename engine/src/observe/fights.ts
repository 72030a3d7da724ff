// Fields that are fought over: edited again and again by those who do not own them, and put right each time. With a rule that
// would end it.
import { fieldAt } from '../kernel/field-at.ts'
import { theRole } from '../kernel/naming.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { joined } from './owner-words.ts'
import { namesOf } from './words.ts'

/** More often than this, within an hour, one field of one record is fought over. */
const MOST_IN_AN_HOUR = 5

export type Fight = {
  readonly contract: string
  /** "Order: Payment terms". */
  readonly what: string
  readonly says: string
  readonly rule: string
  /** A system in which it is edited, and a record on which. */
  readonly system: string
  readonly ref: string
  readonly since: Date
  readonly times: number
}

/** Reads the disputes of an hour, by dispute_newest; of a record dispute_of. */
const fought: Query = {
  name: 'fights',
  text: `
    with back_and_forth as (
      select ref, contract, field, line, owner
      from dispute
      where at > clock_timestamp() - interval '1 hour'
      group by ref, contract, field, line, owner
      having count(*) > ${MOST_IN_AN_HOUR}
    )
    select d.contract, d.field, d.owner, count(*)::int as times, min(d.at) as since, array_agg(distinct d.ref) as refs,
           array_agg(distinct d.system) as systems, coalesce(array_agg(distinct d.by) filter (where d.by is not null), '{}') as people
    from back_and_forth f
    join dispute d on d.ref = f.ref and d.field = f.field and d.line is not distinct from f.line
      and d.owner is not distinct from f.owner and d.at > clock_timestamp() - interval '1 hour'
    group by d.contract, d.field, d.owner
    order by times desc
    limit $1`,
}
type Row = {
  readonly contract: string
  readonly field: string
  readonly owner: string | null
  readonly systems: readonly string[]
  readonly people: readonly string[]
  readonly times: number
  readonly since: Date
  readonly refs: readonly string[]
}

export async function fightsOf(tx: Tx, plan: Plan, limit: number): Promise<Fight[]> {
  const rows = await tx.query<Row>(fought, [limit])
  const titles = await namesOf(
    tx,
    plan,
    rows.flatMap(row => row.refs.slice(0, 1)),
  )
  return rows.map(row => fightOf(plan, row, titles.get(row.refs[0] ?? '')?.title ?? row.refs[0] ?? ''))
}

function fightOf(
  plan: Plan,
  { contract, field, owner, systems, people, times, since, refs }: Row,
  title: string,
): Fight {
  const owners = (plan.systemsOfRole.get(owner ?? '') ?? []).map(one => one.name)
  const declared = plan.contracts.get(contract)
  const label = (declared && fieldAt(declared, field)?.label) ?? field
  const by = people.length === 0 ? '' : `, by ${joined(people.slice(0, 3))}${people.length > 3 ? ' and others' : ''}`
  const more = refs.length > 1 ? ` and ${refs.length - 1} more` : ''
  const roles = [...new Set(systems.flatMap(system => plan.systems.get(system)?.role ?? []))]
  return {
    contract,
    what: `${contract.charAt(0).toUpperCase()}${contract.slice(1)}: ${label}`,
    says: `${joined([...systems, ...owners])} fight over ${contract}.${field}: ${times} times in an hour${by}, on ${title}${more}.`,
    rule: `Let ${joined(roles.map(theRole))} own it, if those who edit it are right; else make it read-only in ${joined(systems)}. Who edits it: plumb disputes --by user.`,
    system: systems[0] ?? '',
    ref: refs[0] ?? '',
    since,
    times,
  }
}
