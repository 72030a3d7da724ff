// The merge: what one system newly says, against what it said before, under the rule that each field has one owner. Pure.
import type { AnyContract, Field } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { ownerOf } from '../kernel/plan.ts'
import type { Accepted } from '../kernel/rows.ts'

export type Fields = Readonly<Record<string, unknown>>
type Line = Fields & { readonly line: string }

export type Merged = {
  readonly fields: Record<string, unknown>
  /** Contract fields whose value changed by this observation. */
  readonly changed: readonly string[]
  /** Fields that the system changed without owning them: to be put right there. */
  readonly foreign: readonly string[]
  /** Of those, what the former owner changed after the hand-over and the contract wants as a change request. */
  readonly requests: readonly string[]
  readonly accepted: Accepted
}

/**
 * `before` and `after` are the contract fields as this system showed them before and now; without `before` everything is new.
 * `ours` says that the observation is the echo or the answer of our own write: what the system made of it is then accepted.
 */
export function merge(
  contract: AnyContract,
  role: string,
  record: Fields,
  before: Fields | undefined,
  after: Fields,
  accepted: Accepted,
  ours: boolean,
): Merged {
  const fields: Record<string, unknown> = { ...record }
  const changed: string[] = []
  const foreign: string[] = []
  let nowAccepted = accepted
  for (const [name, field] of fieldsStatusFirst(contract)) {
    if (after[name] === undefined) continue
    if (before && equal(before[name], after[name]) && !isNew(contract, field, role, fields, name)) continue
    const value =
      field.kind === 'lines'
        ? mergeLines(contract, field, role, fields, record[name], before?.[name], after[name])
        : takenValue(contract, field, role, fields, fields[name], after[name])
    if (!equal(value, record[name])) {
      fields[name] = value
      changed.push(name)
    }
    if (equal(value, after[name])) {
      nowAccepted = forget(nowAccepted, name)
      continue
    }
    if (isAcceptable(nowAccepted[name], value, after[name], ours))
      nowAccepted = { ...nowAccepted, [name]: { sent: value, became: after[name] } }
    else {
      foreign.push(name)
      nowAccepted = forget(nowAccepted, name)
    }
  }
  const requests = foreign.filter(
    name => before !== undefined && isRequest(contract.fields[name] as Field<unknown>, role),
  )
  return { fields, changed, foreign, requests, accepted: nowAccepted }
}

/** A field that the project has had for a shorter time than the record: what its owner shows was never taken. */
const isNew = (
  contract: AnyContract,
  field: Field<unknown>,
  role: string,
  record: Record<string, unknown>,
  name: string,
): boolean => field.kind !== 'lines' && record[name] === undefined && ownerOf(contract, field, record) === role

const isRequest = (field: Field<unknown>, role: string): boolean =>
  field.kind === 'lines'
    ? (Object.values(field.of ?? {}) as Field<unknown>[]).some(of => isRequest(of, role))
    : field.owner === role && field.handOver?.later === 'change request'

/** The status is merged first: whether ownership has passed on is decided by where the record now stands. */
function fieldsStatusFirst(contract: AnyContract): [string, Field<unknown>][] {
  const all = Object.entries(contract.fields) as [string, Field<unknown>][]
  return [...all.filter(([name]) => name === 'status'), ...all.filter(([name]) => name !== 'status')]
}

const takenValue = (
  contract: AnyContract,
  field: Field<unknown>,
  role: string,
  record: Fields,
  mine: unknown,
  theirs: unknown,
): unknown => (ownerOf(contract, field, record) === role ? theirs : mine)

/** The system has moved on from the form it had given to what we sent. */
function forget(accepted: Accepted, name: string): Accepted {
  const known = accepted[name]
  return known?.became === undefined ? accepted : { ...accepted, [name]: { sent: known.sent } }
}

/** What the system made of exactly what we sent is no disagreement: it is noted once and not fought. */
const isAcceptable = (known: Accepted[string] | undefined, value: unknown, theirs: unknown, ours: boolean): boolean =>
  known !== undefined &&
  equal(known.sent, value) &&
  (ours ? known.became === undefined || equal(known.became, theirs) : equal(known.became, theirs))

/** Lines are merged by key, each field by its owner; who may add a line is who owns its fields, or the role of the extras. */
function mergeLines(
  contract: AnyContract,
  field: Field<unknown>,
  role: string,
  record: Fields,
  mine: unknown,
  before: unknown,
  theirs: unknown,
): Line[] | undefined {
  const ours = (mine ?? []) as readonly Line[]
  const was = new Map(((before ?? []) as readonly Line[]).map(line => [line.line, line]))
  const now = (theirs ?? []) as readonly Line[]
  const owns = (of: Field<unknown>): boolean => ownerOf(contract, of, record) === role
  const lineFields = Object.entries(field.of ?? {}) as [string, Field<unknown>][]
  const mayAdd = lineFields.some(([, of]) => owns(of)) || field.lines?.extras === role
  const mayRemove = lineFields.every(([, of]) => owns(of))
  const kept = ours.filter(line => now.some(other => other.line === line.line) || !(was.has(line.line) && mayRemove))
  const merged = kept.map(line =>
    mergeLine(
      line,
      was.get(line.line),
      now.find(other => other.line === line.line),
      lineFields,
      owns,
    ),
  )
  const added = mayAdd ? now.filter(line => !ours.some(other => other.line === line.line)) : []
  const all = [...merged, ...added]
  return all.length === 0 && mine === undefined ? undefined : all
}

function mergeLine(
  line: Line,
  before: Line | undefined,
  now: Line | undefined,
  fields: [string, Field<unknown>][],
  owns: (of: Field<unknown>) => boolean,
): Line {
  if (!now) return line
  const taken = fields.filter(
    ([name, of]) => owns(of) && now[name] !== undefined && !(before && equal(before[name], now[name])),
  )
  return taken.length === 0 ? line : { ...line, ...Object.fromEntries(taken.map(([name]) => [name, now[name]])) }
}
