// What somebody wants who does not own it: each difference that a system's people made, field by field and line by line, with
// what stands instead and what the contract says is to become of it. Pure.
import type { AnyContract, Field, Treatment } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { ownerOf } from '../kernel/plan.ts'
import type { Accepted } from '../kernel/rows.ts'
import { type Edit, isContested, type Stood } from './agreed.ts'
import { byLine, mayAddLines, mayRemoveLines, type Owned, partsOf } from './lines.ts'
import { type Fields, type Merged, noLines, ownedIn } from './merge.ts'

export type Dispute = {
  /** `quantity`; of lines `lines.quantity`, and `lines` when a whole line was added or taken away. */
  readonly field: string
  readonly line?: string
  /** null where it was cleared, or the line taken away. */
  readonly wanted: unknown
  readonly held: unknown
  readonly owner: string | undefined
  /** 'latest' and 'ask': it met another edit of a field that several roles share. */
  readonly treatment: Treatment | 'latest' | 'ask'
  /** Not seen in this system, but taken from the former owner and overtaken by the hand-over. */
  readonly ofFormerOwner: boolean
  /** Whose edit it met. */
  readonly met?: Stood | undefined
  /** Whose edit it was, where that is not what was seen. */
  readonly from?: Stood | undefined
}

/** A whole line that somebody added and that nobody wanted. */
export const isAddedLine = (dispute: Dispute): dispute is Dispute & { readonly line: string } =>
  dispute.line !== undefined && !dispute.field.includes('.') && dispute.held === null && !dispute.ofFormerOwner

/** The disputes of one observation. What nobody is known to have changed is none, nor what `isWritten` denies: that we cannot put right. */
export function disputesIn(
  contract: AnyContract,
  role: string,
  record: Fields,
  merged: Merged,
  before: Fields | undefined,
  after: Fields,
  isWritten: (name: string) => boolean,
  edit?: Edit,
  accepted: Accepted = {},
  extras: ReadonlySet<string> = noLines,
): Dispute[] {
  if (!before) return []
  const owned = ownedIn(contract, role, record, merged.fields)
  const about = { contract, role, owned, fields: merged.fields, edit, accepted, extras }
  const foreign = merged.foreign.filter(isWritten).flatMap(name => foreignIn(about, name, before[name], after[name]))
  const overtaken = merged.changed.flatMap(name => overtakenIn(about, name, record[name], before[name], after[name]))
  const older = merged.changed.flatMap(name => olderIn(about, name, record[name], before[name], after[name]))
  return [...foreign, ...overtaken, ...older]
}

type About = {
  readonly contract: AnyContract
  readonly role: string
  readonly owned: Owned
  readonly fields: Fields
  readonly edit: Edit | undefined
  readonly accepted: Accepted
  /** Lines that the system added by itself, where its role may: it may take them away again. */
  readonly extras: ReadonlySet<string>
}

/** The edit that stood until a later one of somebody else, who had not heard of it, was taken. */
function olderIn(about: About, name: string, stood: unknown, before: unknown, after: unknown): Dispute[] {
  const field = about.contract.fields[name] as Field<unknown>
  const from = about.edit?.stood(name)
  const isOlder =
    field.shared?.agreed === 'latest' &&
    from &&
    from.role !== about.role &&
    isContested(stood, before, about.accepted[name])
  return isOlder && !equal(stood, after) ? [{ ...disputeOf(about, field, { field: name }, stood, after), from }] : []
}

function foreignIn(about: About, name: string, before: unknown, after: unknown): Dispute[] {
  const field = about.contract.fields[name] as Field<unknown>
  if (field.kind !== 'lines') return [disputeOf(about, field, { field: name }, after, about.fields[name])]
  const [was, now, held] = [byLine(before), byLine(after), byLine(about.fields[name])]
  const { owned, role, extras } = about
  const added = [...now].filter(([line]) => !was.has(line) && !held.has(line) && !mayAddLines(field, role, owned))
  const removed = [...held].filter(
    ([line]) => was.has(line) && !now.has(line) && !mayRemoveLines(field, owned) && !extras.has(line),
  )
  return [
    ...added.map(([line, wanted]) => wholeLine(about, field, { field: name, line }, wanted, null)),
    ...removed.map(([line, stands]) => wholeLine(about, field, { field: name, line }, null, stands)),
    ...[...was].flatMap(([line, old]) => {
      const [wanted, stands] = [now.get(line), held.get(line)]
      if (!wanted) return []
      return partsOf(field).flatMap(([part, of]) => {
        const isTouched = wanted[part] !== undefined && !equal(old[part], wanted[part])
        // Whose field it is does not matter where the line itself was taken away meanwhile.
        const isLost = stands ? !owned.now(of) && !equal(wanted[part], stands[part]) : true
        return isTouched && isLost
          ? [disputeOf(about, of, { field: `${name}.${part}`, line }, wanted[part], stands?.[part])]
          : []
      })
    }),
  ]
}

/** What the former owner had changed when ownership passed on, and the new owner had not: the baseline is the new owner's. */
function overtakenIn(about: About, name: string, stood: unknown, before: unknown, after: unknown): Dispute[] {
  const field = about.contract.fields[name] as Field<unknown>
  const isHandedOver = (of: Field<unknown>): boolean => about.owned.now(of) && !about.owned.before(of)
  if (field.kind !== 'lines') {
    const isOvertaken = isHandedOver(field) && stood !== undefined && equal(before, after) && !equal(stood, after)
    return isOvertaken ? [former(about, field, { field: name }, stood, after)] : []
  }
  const [was, now, held] = [byLine(before), byLine(after), byLine(about.fields[name])]
  return [...byLine(stood)].flatMap(([line, old]) => {
    const stands = held.get(line)
    if (!stands && !was.has(line) && !now.has(line))
      return [{ ...wholeLine(about, field, { field: name, line }, old, null), ofFormerOwner: true }]
    return partsOf(field).flatMap(([part, of]) => {
      const shown = now.get(line)?.[part]
      const isOvertaken =
        isHandedOver(of) && shown !== undefined && equal(was.get(line)?.[part], shown) && old[part] !== undefined
      return isOvertaken && !equal(old[part], shown)
        ? [former(about, of, { field: `${name}.${part}`, line }, old[part], shown)]
        : []
    })
  })
}

type Where = { readonly field: string; readonly line?: string }

function disputeOf(
  { contract, role, fields, edit }: About,
  field: Field<unknown>,
  where: Where,
  wanted: unknown,
  held: unknown,
): Dispute {
  const owner = ownerOf(contract, field, fields)
  const treatment = treatmentOf(field, role)
  const met = field.shared && { met: edit?.stood(where.field) }
  return { ...where, wanted: wanted ?? null, held: held ?? null, owner, treatment, ofFormerOwner: false, ...met }
}

const former = (about: About, field: Field<unknown>, where: Where, wanted: unknown, held: unknown): Dispute => ({
  ...disputeOf(about, field, where, wanted, held),
  treatment: field.handOver?.later ?? field.others ?? 'put right',
  ofFormerOwner: true,
})

/** A line as a whole is treated as strictly as the strictest of its fields. */
function wholeLine(about: About, field: Field<unknown>, where: Where, wanted: unknown, held: unknown): Dispute {
  const foreign = partsOf(field).flatMap(([, of]) => (about.owned.now(of) ? [] : [of]))
  const treatments = foreign.map(of => treatmentOf(of, about.role))
  const owner = foreign.map(of => ownerOf(about.contract, of, about.fields))[0]
  const treatment = (['change request', 'refuse', 'try'] as const).find(one => treatments.includes(one)) ?? 'put right'
  return { ...where, wanted: wanted ?? null, held: held ?? null, owner, treatment, ofFormerOwner: false }
}

/** The former owner's edits are treated as the hand-over says, all others' as the field says. */
const treatmentOf = (field: Field<unknown>, role: string): Dispute['treatment'] =>
  sharedTreatment(field, role) ??
  (field.owner === role ? field.handOver?.later : undefined) ??
  field.others ??
  'put right'

const sharedTreatment = ({ shared }: Field<unknown>, role: string): 'latest' | 'ask' | undefined =>
  shared?.roles.includes(role) && shared.agreed !== 'keep both' ? shared.agreed : undefined
