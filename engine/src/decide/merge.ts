// The merge: what one system newly says, against what it said before, under the rule that each field has one owner. Pure.
import type { AnyContract, Field } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { onceFor } from '../kernel/once.ts'
import { dependsOnRecord, ownerOf } from '../kernel/plan.ts'
import type { Accepted } from '../kernel/rows.ts'
import { agreedValue, type Edit, isLater, sharedWith } from './agreed.ts'
import { byLine, isHandedOver, isSame, isShownAs, mayAddLines, mergeLines, type Owned } from './lines.ts'

export type Fields = Readonly<Record<string, unknown>>

export const noLines: ReadonlySet<string> = new Set()

export type Merged = {
  readonly fields: Record<string, unknown>
  /** Contract fields whose value changed by this observation. */
  readonly changed: readonly string[]
  /** Fields that the system changed without owning them: to be put right there. */
  readonly foreign: readonly string[]
  readonly accepted: Accepted
}

/**
 * `before` and `after` are the contract fields as this system showed them before and now; without `before` everything is new.
 * `made` is what of it the echo or the answer of our own write showed: what the system made of it is then accepted.
 * `edit` says when it was made, for fields that several roles share; `extras` are lines that the system added by itself.
 */
export function merge(
  contract: AnyContract,
  role: string,
  record: Fields,
  before: Fields | undefined,
  after: Fields,
  accepted: Accepted,
  made: Fields | undefined,
  edit?: Edit,
  extras: ReadonlySet<string> = noLines,
): Merged {
  const isMade = (name: string): boolean => made?.[name] !== undefined && equal(made[name], after[name])
  const ours = Object.keys(after).every(name => isMade(name) || equal(before?.[name], after[name]))
  const fields: Record<string, unknown> = { ...record }
  const changed: string[] = []
  const foreign: string[] = []
  let nowAccepted = accepted
  for (const [name, field] of inOrderOfTaking(contract)) {
    if (after[name] === undefined) continue
    const same = (a: unknown, b: unknown): boolean => isSame(field, a, b)
    const owned = ownedIn(contract, role, record, fields, ours)
    const isOwnForm = same(accepted[name]?.became, after[name])
    const isUntouched = before !== undefined && same(before[name], after[name])
    if (
      isUntouched &&
      !isNew(field, role, owned, fields[name], after[name]) &&
      (isOwnForm || !isHandedOver(field, owned))
    )
      continue
    const value =
      field.kind === 'lines'
        ? mergeLines({
            field,
            role,
            owned,
            mine: record[name],
            before: before?.[name],
            theirs: after[name],
            extras,
            isLater: () => isLater(field.shared?.roles ?? [], role, edit, name),
          })
        : !owned.now(field)
          ? fields[name]
          : field.shared
            ? agreedValue(field, role, name, { record, before, after }, accepted, edit)
            : after[name]
    if (!same(value, record[name])) {
      fields[name] = value
      changed.push(name)
    }
    if (same(value, after[name])) {
      nowAccepted = forget(nowAccepted, name)
      continue
    }
    if (isAcceptable(field, nowAccepted[name], value, after[name], isMade(name)))
      nowAccepted = { ...nowAccepted, [name]: { sent: value, became: after[name] } }
    else {
      foreign.push(name)
      nowAccepted = forget(nowAccepted, name)
    }
  }
  return { fields, changed, foreign, accepted: nowAccepted }
}

export function ownedIn(contract: AnyContract, role: string, record: Fields, fields: Fields, ours = false): Owned {
  // What a system made of what we sent is no edit, also where it might edit.
  const shared = ours ? undefined : sharedWith(contract, role)
  const isOwned = (field: Field<unknown>, of: Fields): boolean =>
    shared?.has(field) === true || ownerOf(contract, field, of) === role
  return { now: field => isOwned(field, fields), before: field => isOwned(field, record) }
}

/**
 * A field that the record does not have: the project has had it for a shorter time, or this system showed it of another record, which
 * became one with this. What its owner shows was never taken.
 */
function isNew(field: Field<unknown>, role: string, owned: Owned, mine: unknown, theirs: unknown): boolean {
  if (mine !== undefined) return false
  return field.kind === 'lines' ? byLine(theirs).size > 0 && mayAddLines(field, role, owned) : owned.now(field)
}

/**
 * The status is merged first, and last what depends on the record: whether ownership has passed on is decided by where the
 * record now stands.
 */
const inOrderOfTaking = onceFor((contract: AnyContract): readonly [string, Field<unknown>][] => {
  const all = Object.entries<Field<unknown>>(contract.fields)
  const rank = ([name, field]: [string, Field<unknown>]): number =>
    name === 'status' ? 0 : dependsOnRecord(field) ? 2 : 1
  return all.sort((a, b) => rank(a) - rank(b))
})

/** The system has moved on from the form it had given to what we sent. */
function forget(accepted: Accepted, name: string): Accepted {
  const known = accepted[name]
  if (known?.became === undefined) return accepted
  const { became: _, ...rest } = known
  return { ...accepted, [name]: rest }
}

/** What the system has told to be as it was sent: that was not sent in vain. That we hold it to be so, since we sent it, says nothing. */
export function withoutShown(accepted: Accepted, told: Fields): Accepted {
  const isShown = (name: string): boolean => told[name] !== undefined && isShownAs(accepted[name]?.sent, told[name])
  const shown = Object.keys(accepted).filter(name => accepted[name]?.times !== undefined && isShown(name))
  if (shown.length === 0) return accepted
  const settled = shown.map(name => {
    const { times: _, ...rest } = accepted[name] as Accepted[string]
    return [name, rest]
  })
  return { ...accepted, ...Object.fromEntries(settled) }
}

/**
 * What the system made of exactly what we sent is no disagreement: it is noted once, from the first answer or echo that shows it, and
 * not fought.
 */
const isAcceptable = (
  field: Field<unknown>,
  known: Accepted[string] | undefined,
  value: unknown,
  theirs: unknown,
  isMade: boolean,
): boolean =>
  known !== undefined &&
  isSame(field, known.sent, value) &&
  (known.became === undefined ? isMade && known.times !== undefined : isSame(field, known.became, theirs))
