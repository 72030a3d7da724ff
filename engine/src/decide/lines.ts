// Lines, merged by key: which there are, by who may add and take them away, and each field of each by its owner. Pure.
import type { Field } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { extrasOf } from '../kernel/line-keys.ts'

export type Line = Readonly<Record<string, unknown>> & { readonly line: string }

/** Whether a system's role owns a field as the record now stands, and whether it did before this observation. */
export type Owned = {
  readonly now: (field: Field<unknown>) => boolean
  readonly before: (field: Field<unknown>) => boolean
}

export const byLine = (lines: unknown): Map<string, Line> =>
  new Map((Array.isArray(lines) ? (lines as readonly Line[]) : []).map(line => [line.line, line]))

/** Whether two values of a field are the same; lines are, in whatever order a system tells them. */
export function isSame(field: Field<unknown>, a: unknown, b: unknown): boolean {
  if (field.kind !== 'lines' || !Array.isArray(a) || !Array.isArray(b)) return equal(a, b)
  if (a.length !== b.length) return false
  const there = byLine(b)
  return (a as readonly Line[]).every(line => equal(line, there.get(line.line)))
}

/** Whether a system shows what it was sent: of lines what it tells of each, in whatever order. */
export function isShownAs(sent: unknown, told: unknown): boolean {
  if (!Array.isArray(sent) || !Array.isArray(told)) return equal(sent, told)
  const wanted = byLine(sent)
  const isAsSent = (line: Line): boolean => {
    const of = wanted.get(line.line)
    return of !== undefined && Object.keys(line).every(name => equal(line[name], of[name]))
  }
  return sent.length === told.length && (told as readonly Line[]).every(isAsSent)
}

/** Ownership passes on with this very observation: what its new owner shows is the baseline, touched or not. */
export const isHandedOver = (field: Field<unknown>, owned: Owned): boolean =>
  field.kind === 'lines'
    ? partsOf(field).some(([, of]) => isHandedOver(of, owned))
    : owned.now(field) && !owned.before(field)

export const partsOf = (field: Field<unknown>): [string, Field<unknown>][] =>
  Object.entries<Field<unknown>>(field.of ?? {})

/** The field by which lines come and go, where the contract names one. */
const standBy = (field: Field<unknown>): Field<unknown> | undefined =>
  field.lines?.standBy === undefined ? undefined : field.of?.[field.lines.standBy]

/** A line that we did not send is somebody's, also where it is first seen in the answer to a write of ours. */
export function mayAddLines(field: Field<unknown>, role: string, owned: Owned): boolean {
  const by = standBy(field)
  if (extrasOf(field) === role || field.shared?.roles.includes(role) === true) return true
  return by ? owned.now(by) : partsOf(field).some(([, of]) => owned.now(of))
}

export function mayRemoveLines(field: Field<unknown>, owned: Owned): boolean {
  const by = standBy(field)
  return by ? owned.now(by) : partsOf(field).every(([, of]) => owned.now(of))
}

/** The lines that stood and stand no more. */
export function linesGone(before: unknown, after: unknown): string[] {
  const now = byLine(after)
  return [...byLine(before).keys()].filter(line => !now.has(line))
}

/** What a system says of a field of lines, against what it said before and what stands. */
export type LinesSaid = {
  readonly field: Field<unknown>
  readonly role: string
  readonly owned: Owned
  readonly mine: unknown
  readonly before: unknown
  readonly theirs: unknown
  /** Lines that the system added by itself, where its role may: it may take them away again. */
  readonly extras: ReadonlySet<string>
  /** Of lines that several roles share: whether this edit counts as the later one. */
  readonly isLater: () => boolean
}

export function mergeLines({
  field,
  role,
  owned,
  mine,
  before,
  theirs,
  extras,
  isLater,
}: LinesSaid): Line[] | undefined {
  const ours = (mine ?? []) as readonly Line[]
  const known = byLine(ours)
  // Of a record that never had lines nobody has taken one away.
  const was = byLine(mine === undefined ? undefined : before)
  const now = byLine(theirs)
  const fields = partsOf(field)
  const mayRemove = mayRemoveLines(field, owned)
  const isBaseline = mayRemove && isHandedOver(field, owned)
  const isRemoved = (line: Line): boolean => {
    if (now.has(line.line) || !(was.has(line.line) || isBaseline)) return false
    if (!mayRemove) return extras.has(line.line)
    // Of shared lines one that the other side has edited meanwhile is not taken away.
    return !(field.shared && !equal(was.get(line.line), line))
  }
  const merged = ours
    .filter(line => !isRemoved(line))
    .map(line => {
      const wins = field.shared ? isLater : () => true
      return mergeLine(line, was.get(line.line), now.get(line.line), fields, owned, wins)
    })
  // One that it showed before and that stands no more was taken away by somebody else: it is not added once again, unless both
  // have a say and it was edited here meanwhile.
  const isNews = (line: Line): boolean =>
    !was.has(line.line) || isBaseline || (field.shared !== undefined && !equal(was.get(line.line), line))
  const isAdded = (line: Line): boolean => !known.has(line.line) && isNews(line)
  const added = mayAddLines(field, role, owned) ? [...now.values()].filter(isAdded) : []
  const all = [...merged, ...added]
  return all.length === 0 && mine === undefined ? undefined : withoutLost(fields, all)
}

/** What names a line that is gone names none. */
function withoutLost(fields: readonly [string, Field<unknown>][], lines: readonly Line[]): Line[] {
  const pointers = fields.flatMap(([name, of]) => (of.kind === 'line' ? [name] : []))
  if (pointers.length === 0) return [...lines]
  const there = new Set(lines.map(line => line.line))
  return lines.map(line => {
    const lost = pointers.filter(name => typeof line[name] === 'string' && !there.has(String(line[name])))
    return lost.length === 0 ? line : { ...line, ...Object.fromEntries(lost.map(name => [name, null])) }
  })
}

function mergeLine(
  line: Line,
  before: Line | undefined,
  now: Line | undefined,
  fields: readonly [string, Field<unknown>][],
  owned: Owned,
  wins: () => boolean,
): Line {
  if (!now) return line
  const isTouched = (name: string): boolean =>
    !(before && equal(before[name], now[name])) && (!before || equal(before[name], line[name]) || wins())
  // A field that the contract has not had so long, and what named a line that is back again.
  const isLacking = (name: string, of: Field<unknown>): boolean =>
    line[name] === undefined || (of.kind === 'line' && line[name] === null)
  const isTaken = ([name, of]: readonly [string, Field<unknown>]): boolean =>
    now[name] !== undefined && owned.now(of) && (isTouched(name) || isLacking(name, of) || isHandedOver(of, owned))
  const taken = fields.filter(isTaken)
  return taken.length === 0 ? line : { ...line, ...Object.fromEntries(taken.map(([name]) => [name, now[name]])) }
}
