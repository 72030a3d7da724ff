// Marks: to which systems a version of a record is to be brought, and what is settled there when it comes.
import type { AnyContract, Field } from '@plumbline/sdk'
import { pathsIn } from '../kernel/field-at.ts'
import { ownerOf, type Plan, type SystemPlan } from '../kernel/plan.ts'
import { homesOf } from '../kernel/routes.ts'
import { baseline, lineAway, type StoredRecord } from '../kernel/rows.ts'
import type { Mark } from '../store/follow-up.ts'
import type { Kept } from './dispute-rows.ts'
import { isAddedLine } from './disputes.ts'
import { linesGone } from './lines.ts'
import type { Merged } from './merge.ts'
import type { Seen } from './seen.ts'

/** Which systems this version must be brought to: those that write a changed field, and the one whose edit is put right. */
export function marksOf(
  plan: Plan,
  seen: Seen,
  next: StoredRecord,
  changed: readonly string[],
  foreign: readonly string[],
): Mark[] {
  const { contract, system } = seen
  if (contract.options.bornBy !== undefined && !next.born) return []
  const homes = homesOf(plan, contract, next)
  const mark = (to: SystemPlan): Mark => ({
    ref: next.ref,
    system: to.name,
    contract: contract.contract,
    wanted: next.version,
  })
  const wanting = homes.filter(home => home !== system && !seen.heldIn.includes(home.name))
  const holding = seen.heldIn
    .flatMap(name => plan.systems.get(name) ?? [])
    .filter(home => home !== system && changed.some(name => writes(home, contract, name, next.fields)))
  const putRight = foreign.some(name => writes(system, contract, name, next.fields)) ? [system] : []
  return [...wanting, ...holding, ...putRight].map(mark)
}

/**
 * A field passes to a role whose system did not say so itself: the version that stands is the baseline. Where it is still on its
 * way there it goes on, although the system owns the field by now.
 */
export function baselinesOf(plan: Plan, { contract, system, record, heldIn }: Seen, next: StoredRecord): Mark[] {
  if (next === record || record.version === 0) return []
  const passed = pathsIn(contract).flatMap(([path, field]) => {
    if (!field.handOver && !field.condition) return []
    const owner = ownerOf(contract, field, next.fields)
    const isPassed = owner !== undefined && owner !== system.role && owner !== ownerOf(contract, field, record.fields)
    return isPassed ? [{ owner, grant: baseline(path) }] : []
  })
  return [...Map.groupBy(passed, one => one.owner)].flatMap(([owner, all]) =>
    (plan.systemsOfRole.get(owner) ?? [])
      .filter(one => heldIn.includes(one.name))
      .map(one => ({
        ref: next.ref,
        system: one.name,
        contract: contract.contract,
        wanted: next.version,
        grants: all.map(({ grant }) => grant),
      })),
  )
}

/** Lines that are to go also where the system made the entry itself: those that stand no more, and those that were not welcome. */
export function takingAway(
  plan: Plan,
  { contract, system, record, heldIn }: Seen,
  next: StoredRecord,
  merged: Merged,
  disputed: readonly Kept[],
): Mark[] {
  const mark = (to: SystemPlan, lines: readonly string[]): Mark => ({
    ref: next.ref,
    system: to.name,
    contract: contract.contract,
    wanted: next.version,
    grants: lines.map(lineAway),
  })
  const unwelcome = disputed.flatMap(({ dispute, system: where }) =>
    where === system && isAddedLine(dispute) && dispute.treatment !== 'try' ? [dispute.line] : [],
  )
  const lists = merged.changed.filter(name => contract.fields[name]?.kind === 'lines')
  const elsewhere = heldIn.flatMap(name => plan.systems.get(name) ?? []).filter(home => home !== system)
  const gone = lists.flatMap(name => {
    const lines = linesGone(record.fields[name], next.fields[name])
    const homes = lines.length === 0 ? [] : elsewhere.filter(home => writes(home, contract, name, next.fields))
    return homes.map(home => mark(home, lines))
  })
  return unwelcome.length === 0 ? gone : [...gone, mark(system, unwelcome)]
}

/** Whether a system is written a field: it is mapped there, and somebody else owns it (or part of it). */
export function writes(
  system: SystemPlan,
  contract: AnyContract,
  name: string,
  record: Readonly<Record<string, unknown>>,
): boolean {
  const rule = system.byContract.get(contract.contract)?.rules[name]
  const field = contract.fields[name]
  if (
    !field ||
    rule === undefined ||
    (typeof rule === 'object' && ('skip' in rule || 'from' in rule || 'createOnly' in rule))
  )
    return false
  const owners =
    field.kind === 'lines'
      ? (Object.values(field.of ?? {}) as Field<unknown>[]).map(of => ownerOf(contract, of, record))
      : [ownerOf(contract, field, record)]
  return owners.some(owner => owner !== system.role)
}
