// Fields that several roles share: what counts when both sides edit one before either has heard of the other. Pure.
import type { AnyContract, Field } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { onceFor } from '../kernel/once.ts'
import type { Accepted } from '../kernel/rows.ts'

type Fields = Readonly<Record<string, unknown>>

/** Who made the value that stands, where and when. */
export type Stood = { readonly at: number; readonly system: string; readonly role: string; readonly by: string | null }
/** When an edit was made, and since when what it would change stands so. */
export type Edit = {
  readonly at: number
  readonly stood: (field: string) => Stood | undefined
  /** It was taken: from now on these fields stand by it. */
  readonly took: (fields: readonly string[]) => void
}

export const isShared = onceFor((contract: AnyContract): boolean =>
  Object.values<Field<unknown>>(contract.fields).some(field => field.shared !== undefined),
)
const nothingShared: ReadonlySet<Field<unknown>> = new Set()

/** The fields in which a role has a say beside others; of shared lines those that nobody owns. */
export function sharedWith(contract: AnyContract, role: string): ReadonlySet<Field<unknown>> {
  if (!isShared(contract)) return nothingShared
  const shared = Object.values<Field<unknown>>(contract.fields).filter(field => field.shared?.roles.includes(role))
  const inLines = shared.flatMap(field => Object.values<Field<unknown>>(field.of ?? {}))
  return new Set([...shared, ...inLines.filter(of => of.owner === undefined)])
}

/**
 * Systems tell the time of an edit by their own clocks, some to the second. None counts as later than the moment in which we
 * decide on it, so a clock that is ahead wins nothing; within a second nobody knows, and the role that is named first wins.
 */
const sameInstantMs = 1_000

export function isLater(roles: readonly string[], role: string, edit: Edit | undefined, name: string): boolean {
  const stood = edit?.stood(name)
  if (!edit || !stood || stood.role === role) return true
  const ms = edit.at - stood.at
  return Math.abs(ms) < sameInstantMs ? roles.indexOf(role) < roles.indexOf(stood.role) : ms > 0
}

/** Whether somebody else changed the field since this system last showed it: then two edits meet. */
export function isContested(record: unknown, before: unknown, accepted: Accepted[string] | undefined): boolean {
  if (record === undefined || equal(record, before)) return false
  return !(accepted !== undefined && equal(accepted.sent, record) && equal(accepted.became, before))
}

/** What stands after an edit of a field that the system's role shares. */
export function agreedValue(
  field: Field<unknown>,
  role: string,
  name: string,
  { record, before, after }: { readonly record: Fields; readonly before: Fields | undefined; readonly after: Fields },
  accepted: Accepted,
  edit: Edit | undefined,
): unknown {
  const { roles, agreed } = field.shared ?? { roles: [], agreed: 'latest' }
  if (!isContested(record[name], before?.[name], accepted[name])) return after[name]
  if (agreed === 'ask') return record[name]
  return isLater(roles, role, edit, name) ? after[name] : record[name]
}
