// The merge: what one system newly says, against what it said before, under the rule that each field has one owner. Pure.
import type { AnyContract, Field } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { dependsOnRecord, ownerOf } from '../kernel/plan.ts'
import type { Accepted } from '../kernel/rows.ts'
import { agreedValue, type Edit, isLater, sharedWith } from './agreed.ts'

export type Fields = Readonly<Record<string, unknown>>
export type Line = Fields & { readonly line: string }

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
 * `edit` says when it was made, for fields that several roles share.
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
): Merged {
  const isMade = (name: string): boolean => made?.[name] !== undefined && equal(made[name], after[name])
  const ours = Object.keys(after).every(name => isMade(name) || equal(before?.[name], after[name]))
  const fields: Record<string, unknown> = { ...record }
  const changed: string[] = []
  const foreign: string[] = []
  let nowAccepted = accepted
  for (const [name, field] of inOrderOfTaking(contract)) {
    if (after[name] === undefined) continue
    if (equal(after[name], record[name])) nowAccepted = shown(nowAccepted, name)
    const owned = ownedIn(contract, role, record, fields, ours)
    const isOwnForm = equal(accepted[name]?.became, after[name])
    const isUntouched = before !== undefined && equal(before[name], after[name])
    if (isUntouched && !isNew(field, owned, fields, name) && (isOwnForm || !isHandedOver(field, owned))) continue
    const value =
      field.kind === 'lines'
        ? mergeLines(field, role, owned, record[name], before?.[name], after[name], () =>
            isLater(field.shared?.roles ?? [], role, edit, name),
          )
        : !owned.now(field)
          ? fields[name]
          : field.shared
            ? agreedValue(field, role, name, { record, before, after }, accepted, edit)
            : after[name]
    if (!equal(value, record[name])) {
      fields[name] = value
      changed.push(name)
    }
    if (equal(value, after[name])) {
      nowAccepted = forget(nowAccepted, name)
      continue
    }
    if (isAcceptable(nowAccepted[name], value, after[name], isMade(name)))
      nowAccepted = { ...nowAccepted, [name]: { sent: value, became: after[name] } }
    else {
      foreign.push(name)
      nowAccepted = forget(nowAccepted, name)
    }
  }
  return { fields, changed, foreign, accepted: nowAccepted }
}

/** Whether the system's role owns a field as the record now stands, and whether it did before this observation. */
export type Owned = {
  readonly now: (field: Field<unknown>) => boolean
  readonly before: (field: Field<unknown>) => boolean
}
export function ownedIn(contract: AnyContract, role: string, record: Fields, fields: Fields, ours = false): Owned {
  // What a system made of what we sent is no edit, also where it might edit.
  const shared = ours ? undefined : sharedWith(contract, role)
  const isOwned = (field: Field<unknown>, of: Fields): boolean =>
    shared?.has(field) === true || ownerOf(contract, field, of) === role
  return { now: field => isOwned(field, fields), before: field => isOwned(field, record) }
}

/** A field that the project has had for a shorter time than the record: what its owner shows was never taken. */
const isNew = (field: Field<unknown>, owned: Owned, record: Fields, name: string): boolean =>
  field.kind !== 'lines' && record[name] === undefined && owned.now(field)

/** Ownership passes on with this very observation: what its new owner shows is the baseline, touched or not. */
const isHandedOver = (field: Field<unknown>, owned: Owned): boolean =>
  field.kind === 'lines'
    ? Object.values<Field<unknown>>(field.of ?? {}).some(of => isHandedOver(of, owned))
    : owned.now(field) && !owned.before(field)

/**
 * The status is merged first, and last what depends on the record: whether ownership has passed on is decided by where the
 * record now stands.
 */
function inOrderOfTaking(contract: AnyContract): [string, Field<unknown>][] {
  const all = Object.entries<Field<unknown>>(contract.fields)
  const rank = ([name, field]: [string, Field<unknown>]): number =>
    name === 'status' ? 0 : dependsOnRecord(field) ? 2 : 1
  return all.sort((a, b) => rank(a) - rank(b))
}

/** The system has moved on from the form it had given to what we sent. */
function forget(accepted: Accepted, name: string): Accepted {
  const known = accepted[name]
  if (known?.became === undefined) return accepted
  const { became: _, ...rest } = known
  return { ...accepted, [name]: rest }
}

/** The system shows what it was sent: it was not sent in vain. */
function shown(accepted: Accepted, name: string): Accepted {
  const known = accepted[name]
  if (known?.times === undefined) return accepted
  const { times: _, ...rest } = known
  return { ...accepted, [name]: rest }
}

/**
 * What the system made of exactly what we sent is no disagreement: it is noted once, from the first answer or echo that shows it, and
 * not fought.
 */
const isAcceptable = (known: Accepted[string] | undefined, value: unknown, theirs: unknown, isMade: boolean): boolean =>
  known !== undefined &&
  equal(known.sent, value) &&
  (known.became === undefined ? isMade && known.times !== undefined : equal(known.became, theirs))

/** Lines are merged by key, each field by its owner; who may add a line is who owns its fields, or the role of the extras. */
function mergeLines(
  field: Field<unknown>,
  role: string,
  owned: Owned,
  mine: unknown,
  before: unknown,
  theirs: unknown,
  isLater: () => boolean,
): Line[] | undefined {
  const ours = (mine ?? []) as readonly Line[]
  const was = new Map(((before ?? []) as readonly Line[]).map(line => [line.line, line]))
  const now = (theirs ?? []) as readonly Line[]
  const lineFields = Object.entries<Field<unknown>>(field.of ?? {})
  const mayAdd = mayAddLines(field, role, owned)
  const mayRemove = mayRemoveLines(field, owned)
  const isBaseline = mayRemove && isHandedOver(field, owned)
  // Of shared lines one that the other side has edited meanwhile is not taken away.
  const isRemoved = (line: Line): boolean =>
    mayRemove && (was.has(line.line) || isBaseline) && !(field.shared && !equal(was.get(line.line), line))
  const kept = ours.filter(line => now.some(other => other.line === line.line) || !isRemoved(line))
  const merged = kept.map(line =>
    mergeLine(
      line,
      was.get(line.line),
      now.find(other => other.line === line.line),
      lineFields,
      owned,
      field.shared ? isLater : () => true,
    ),
  )
  const added = mayAdd ? now.filter(line => !ours.some(other => other.line === line.line)) : []
  const all = [...merged, ...added]
  return all.length === 0 && mine === undefined ? undefined : all
}

export const mayAddLines = (field: Field<unknown>, role: string, owned: Owned): boolean =>
  Object.values<Field<unknown>>(field.of ?? {}).some(owned.now) || field.lines?.extras === role

export const mayRemoveLines = (field: Field<unknown>, owned: Owned): boolean =>
  Object.values<Field<unknown>>(field.of ?? {}).every(owned.now)

function mergeLine(
  line: Line,
  before: Line | undefined,
  now: Line | undefined,
  fields: [string, Field<unknown>][],
  owned: Owned,
  wins: () => boolean,
): Line {
  if (!now) return line
  const isTouched = (name: string): boolean =>
    !(before && equal(before[name], now[name])) && (!before || equal(before[name], line[name]) || wins())
  const taken = fields.filter(
    ([name, of]) => now[name] !== undefined && owned.now(of) && (isTouched(name) || isHandedOver(of, owned)),
  )
  return taken.length === 0 ? line : { ...line, ...Object.fromEntries(taken.map(([name]) => [name, now[name]])) }
}
