// From disputes to rows: what is kept of each, what the record says of it where it was edited, whom it is a question to.
import type { AnyContract } from '@plumbline/sdk'
import { valueWords, whoseWords, wishWords } from '../kernel/dispute-words.ts'
import { fieldAt } from '../kernel/field-at.ts'
import { disputeId, taskId } from '../kernel/ids.ts'
import { titleOf } from '../kernel/naming.ts'
import type { Plan, SystemPlan } from '../kernel/plan.ts'
import type { StoredRecord } from '../kernel/rows.ts'
import type { Became, NewDispute } from '../store/disputes.ts'
import type { Dispute } from './disputes.ts'
import type { Seen } from './seen.ts'

const AT_FIRST: Readonly<Record<Dispute['treatment'], Became>> = {
  'put right': 'put right',
  refuse: 'refused',
  'change request': 'asked',
  try: 'granted',
  latest: 'older',
  ask: 'asked',
}

export type Kept = { readonly row: NewDispute; readonly dispute: Dispute; readonly system: SystemPlan }

export function kept(plan: Plan, seen: Seen, record: StoredRecord, dispute: Dispute): Kept {
  const [system, by] = whose(plan, seen, dispute)
  const { field, line = null, wanted, held, owner = null } = dispute
  const id = disputeId(
    record.ref,
    system.name,
    field,
    line ?? '',
    wantedIn(seen, field, wanted),
    seen.source.at,
    by ?? '',
  )
  const row = {
    ...{ dispute: id, ref: record.ref, contract: record.contract, field, line, system: system.name, by },
    ...{ edited_at: seen.source.at, owner, wanted, held, version: record.version },
    became: AT_FIRST[dispute.treatment],
    due: dispute.treatment === 'try',
  }
  const asks = row.became === 'asked' && { task: taskFor(seen.contract, record, row, dispute) }
  return { row: { ...row, ...asks }, dispute, system }
}

/** Of a person's value the keyed hash: from a name that follows from the value itself, it could be guessed. */
function wantedIn({ contract, keyed }: Seen, field: string, wanted: unknown): string {
  const value = JSON.stringify(wanted ?? null)
  return fieldAt(contract, field)?.isPersonal && keyed ? keyed(value) : value
}

/** Where it was edited, and by whom. */
function whose(plan: Plan, seen: Seen, dispute: Dispute): [SystemPlan, string | null] {
  const { from, ofFormerOwner } = dispute
  if (from) return [plan.systems.get(from.system) ?? seen.system, from.by]
  return ofFormerOwner ? [formerOwner(plan, seen, dispute), null] : [seen.system, seen.source.by ?? null]
}

/** The system in which the former owner's people work, where the record is held there. */
const formerOwner = (plan: Plan, { contract, heldIn, system }: Seen, { field }: Dispute): SystemPlan =>
  (plan.systemsOfRole.get(fieldAt(contract, field)?.owner ?? '') ?? []).find(one => heldIn.includes(one.name)) ?? system

export const deskOf = ({ contract, options }: AnyContract): string => options.desk ?? `${contract} desk`

function taskFor(
  contract: AnyContract,
  record: StoredRecord,
  row: NewDispute,
  { treatment, met }: Dispute,
): NonNullable<NewDispute['task']> {
  const { field, system, by, wanted, held, owner, edited_at } = row
  const wants = `${by ?? 'Somebody'} in ${system} wants ${wishWords(contract, record, row)}`
  const other = met ? `${met.by ?? 'somebody'} in ${met.system} said ${valueWords(held)}` : `${valueWords(held)} stands`
  const asks =
    treatment === 'ask'
      ? { question: `${wants}; ${other}, and nobody owns it alone. Which is right?`, answers: ['keep', 'take'] }
      : { question: `${wants}; ${whoseWords(contract, row, owner)}. Apply it?`, answers: ['apply', 'refuse'] }
  return {
    task: taskId(row.dispute, 'change request'),
    title: titleOf(contract, record),
    desk: deskOf(contract),
    ...asks,
    facts: {
      field: fieldAt(contract, field)?.label ?? field,
      wanted: valueWords(wanted),
      now: valueWords(held),
      ...(met && { 'now by': `${met.by ?? 'unknown'} in ${met.system}` }),
      by: by ?? 'unknown',
      system,
      edited: edited_at,
    },
  }
}

/** What the record says where it was edited; undefined when it was only put right. */
export function saying(contract: AnyContract, record: StoredRecord, rows: readonly NewDispute[]): string | undefined {
  const at = (row: NewDispute): string => `${row.by ?? 'somebody'}, ${row.edited_at.slice(0, 16).replace('T', ' ')} UTC`
  const said = rows.flatMap(row => {
    const what = `${wishWords(contract, record, row)} (${at(row)})`
    if (row.became === 'refused') return [`Not taken: ${what}: ${whoseWords(contract, row, row.owner)}.`]
    return row.became === 'asked' ? [`Asked of the ${deskOf(contract)}: ${what}.`] : []
  })
  return said.length === 0 ? undefined : said.join(' ')
}
