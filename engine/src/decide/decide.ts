// Decide: take the fields this system owns, append a record version with its sources, mark the other systems' deliveries,
// wake journeys and start them. Everything in the one transaction that also takes the changes off the inbox.
import { type AnyContract, type Deadline, type Field, isInWorkingDays, milliseconds } from '@plumbline/sdk'
import type { Host } from '../host.ts'
import { equal } from '../kernel/equal.ts'
import { isAsWished, outer } from '../kernel/field-at.ts'
import { hydrate } from '../kernel/hydrate.ts'
import { journeyId } from '../kernel/ids.ts'
import { aboutOf, namesOf, titleOf } from '../kernel/naming.ts'
import { hasReached, ownerOf, type Plan, type SystemPlan } from '../kernel/plan.ts'
import type { StoredRecord } from '../kernel/rows.ts'
import { unitsSaid } from '../kernel/unit-fields.ts'
import type { Missing } from '../kernel/vocabulary.ts'
import type { Tx } from '../store/db.ts'
import { addDisputes, askedOf, endWishes, stoodSince, type WishEnd } from '../store/disputes.ts'
import {
  addEventRows,
  type Event,
  type Mark,
  markDeliveries,
  orderWithWaits,
  type Start,
  startJourneys,
  wakeJourneys,
} from '../store/follow-up.ts'
import { holdingKey, writeHoldings, writeVersions } from '../store/records.ts'
import { type Edit, isShared, type Stood } from './agreed.ts'
import { deskOf, type Kept, kept, saying } from './dispute-rows.ts'
import { type Dispute, disputesIn } from './disputes.ts'
import { comeOrGone } from './gone.ts'
import { inNames } from './in-names.ts'
import { baselinesOf, marksOf, takingAway, writes } from './marks.ts'
import { type Merged, merge } from './merge.ts'
import { nothingYet, type Outcome, type Seen } from './seen.ts'

export type { Seen } from './seen.ts'

/**
 * How many journeys started and were woken, the systems to which something is to be brought, whether the owner of something is to be tried,
 * and which products say their units now.
 */
export type Done = {
  readonly started: number
  readonly woken: number
  readonly marked: ReadonlySet<string>
  readonly tries: boolean
  readonly units: readonly Missing[]
}

export async function decide(tx: Tx, plan: Plan, host: Host, all: readonly Seen[]): Promise<Done> {
  const outcome = nothingYet()
  const now = new Map<string, StoredRecord>()
  const stood = await stoodOf(tx, plan, all)
  for (const one of all) {
    const seen = { ...one, record: now.get(one.record.ref) ?? one.record, keyed: tx.sealing.hash }
    const next = decideOne(plan, host, seen, outcome, editOf(host, seen, stood))
    comeOrGone(plan, host, seen, next, outcome)
    now.set(seen.record.ref, next)
  }
  const done = await carryOut(tx, plan, host, outcome)
  await endWishes(tx, await cameTrue(tx, plan, outcome))
  return done
}

/** Wishes that nobody has decided on, and that the owner has met by itself. */
async function cameTrue(tx: Tx, plan: Plan, { changed }: Outcome): Promise<WishEnd[]> {
  const asking = changed.filter(one => plan.contracts.get(one.contract)?.options.desk !== undefined)
  const now = new Map(asking.map(one => [one.ref, one.fields]))
  return (await askedOf(tx, [...now.keys()]))
    .filter(wish => isAsWished(now.get(wish.ref) ?? {}, wish))
    .map(({ dispute }) => ({ dispute, became: 'applied', reason: 'the owner did so by itself', due: false }))
}

/** Writes down what was decided, in one order for all who decide. */
export async function carryOut(tx: Tx, plan: Plan, host: Host, decided: Outcome): Promise<Done> {
  const outcome = await inNames(tx, plan, decided)
  await writeVersions(tx, outcome.changed)
  await writeHoldings(tx, [...new Map(outcome.holdings.map(change => [holdingKey(change.after), change])).values()])
  await markDeliveries(tx, outcome.marks)
  const started = await startJourneys(tx, outcome.starts)
  await orderWithWaits(tx, [...outcome.woken])
  const woken = await wakeJourneys(tx, [...outcome.woken], [...outcome.answered])
  await addDisputes(tx, outcome.disputes)
  const isNew = new Set(started)
  await addEventRows(tx, [
    ...outcome.events,
    ...outcome.starts.filter(start => isNew.has(start.journey)).map(start => startedEvent(host, start)),
  ])
  const marked = new Set(outcome.marks.map(mark => mark.system))
  const tries = outcome.disputes.some(dispute => dispute.due)
  return { started: started.length, woken, marked, tries, units: unitsSaid(plan, outcome.changed) }
}

/** Since when each field of these records stands, and by whom: asked only for contracts with fields that several roles share. */
async function stoodOf(tx: Tx, plan: Plan, all: readonly Seen[]): Promise<Map<string, Stood>> {
  const refs = all.filter(one => isShared(one.contract)).map(one => one.record.ref)
  const rows = await stoodSince(tx, refs)
  return new Map(
    rows.flatMap(({ ref, field, at, system, by }) => {
      const role = plan.systems.get(system)?.role
      return role === undefined ? [] : [[`${ref}/${field}`, { at: at.getTime(), system, role, by }]]
    }),
  )
}

function editOf(host: Host, { contract, record, source, system }: Seen, stood: Map<string, Stood>): Edit | undefined {
  if (!isShared(contract)) return undefined
  const at = Math.min(Date.parse(source.at), host.now())
  return {
    at,
    stood: field => stood.get(`${record.ref}/${field}`),
    took: fields => {
      for (const field of fields)
        stood.set(`${record.ref}/${field}`, { at, system: system.name, role: system.role, by: source.by ?? null })
    },
  }
}

function decideOne(plan: Plan, host: Host, seen: Seen, outcome: Outcome, edit: Edit | undefined): StoredRecord {
  const { system, contract, record, holding, live } = seen
  const said = merge(
    contract,
    system.role,
    record.fields,
    seen.before,
    seen.after,
    holding.accepted,
    seen.made,
    edit,
    seen.extras,
  )
  const leaving = live ? leftEmpty(plan, seen, said) : {}
  const empty = Object.keys(leaving)
  const merged =
    empty.length === 0
      ? said
      : { ...said, fields: { ...said.fields, ...emptied(empty) }, changed: [...said.changed, ...empty] }
  outcome.holdings.push({ before: seen.known, after: { ...holding, accepted: merged.accepted, gone: seen.gone } })
  // Whoever opened the record waits for this answer, even when it says nothing new.
  if (seen.ours) outcome.answered.add(record.ref)
  const isNew = record.version === 0 && !seen.gone
  const next =
    merged.changed.length > 0 || isNew
      ? nextVersion(contract, seen, merged.fields, merged.changed, leaving, outcome)
      : record
  if (next === record && merged.foreign.length === 0) {
    if (live) outcome.marks.push(...sayings(seen, record, []))
    return record
  }
  // Never dropped and never silently applied: what others want is kept and told before it is put right.
  if (live) {
    const disputed = !seen.ours && !seen.gone ? disputesOf(plan, seen, merged, next, edit) : []
    outcome.disputes.push(...disputed.map(one => one.row))
    outcome.events.push(...tellings(host, seen, next, disputed))
    outcome.marks.push(...marksOf(plan, seen, next, merged.changed, putRightNow(merged.foreign, disputed)))
    outcome.marks.push(...sayings(seen, next, disputed))
    outcome.marks.push(...baselinesOf(plan, seen, next))
    outcome.marks.push(...takingAway(plan, seen, next, merged, disputed))
  }
  edit?.took(merged.changed)
  if (next !== record) {
    for (const ref of [next.ref, ...aboutOf(contract, next.fields)]) outcome.woken.add(ref)
    if (live) {
      outcome.starts.push(...startsOf(plan, contract, record, next, [system.name, ...seen.heldIn]))
      // What is empty still has not changed.
      if (said.changed.length > 0 || isNew) outcome.events.push(changedEvent(host, contract, next, said.changed))
    }
  }
  return next
}

/** What the owner's system is tried with stays as it was edited until that has answered. */
function putRightNow(foreign: readonly string[], disputed: readonly Kept[]): readonly string[] {
  const of = (name: string) => disputed.filter(({ dispute }) => outer(dispute) === name)
  return foreign.filter(name => of(name).length === 0 || of(name).some(({ dispute }) => dispute.treatment !== 'try'))
}

/**
 * What its owner leaves empty is empty, once the owner has the record: what others enter there is put right to that. What a system
 * had when we first met the record there nobody has entered against the owner: it stays until the owner says something. Answers the
 * owner's system by field.
 */
function leftEmpty(plan: Plan, { contract, heldIn, before }: Seen, merged: Merged): Readonly<Record<string, string>> {
  if (before === undefined) return {}
  const leaving = merged.foreign.flatMap((name): [string, string][] => {
    const field = contract.fields[name] as Field<unknown>
    if (merged.fields[name] !== undefined || !field.isOptional || field.kind === 'lines') return []
    const owners = plan.systemsOfRole.get(ownerOf(contract, field, merged.fields) ?? '') ?? []
    const owner = owners.find(owner => heldIn.includes(owner.name) && keeps(owner, contract, name))
    return owner ? [[name, owner.name]] : []
  })
  return Object.fromEntries(leaving)
}

const emptied = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, null]))

/** Whether a system has a place for a field. */
function keeps(system: SystemPlan, contract: AnyContract, name: string): boolean {
  const rule = system.byContract.get(contract.contract)?.rules[name]
  return rule !== undefined && !(typeof rule === 'object' && ('skip' in rule || 'createOnly' in rule))
}

function nextVersion(
  contract: AnyContract,
  seen: Seen,
  fields: Record<string, unknown>,
  changed: readonly string[],
  leftEmpty: Readonly<Record<string, string>>,
  outcome: Outcome,
): StoredRecord {
  const { record, source, live } = seen
  const version = record.version + 1
  const delta = Object.fromEntries(changed.map(name => [name, fields[name] ?? null]))
  outcome.changed.push({
    ref: record.ref,
    contract: contract.contract,
    version,
    fields,
    born: record.born,
    about: aboutOf(contract, fields),
    names: namesOf(contract, fields),
    formerNames: record.version === 0 ? [] : namesOf(contract, record.fields),
    delta,
    cause: { ...source, ...(Object.keys(leftEmpty).length > 0 && { leftEmpty }) },
    quiet: !live,
  })
  return { ...record, version, fields }
}

function startsOf(
  plan: Plan,
  contract: AnyContract,
  before: StoredRecord,
  after: StoredRecord,
  systems: readonly string[],
): Start[] {
  return (plan.startedBy.get(contract.contract) ?? [])
    .filter(({ startsWhen }) => {
      const was = before.version > 0 && hasReached(contract, before.fields.status, startsWhen.becomes)
      return hasReached(contract, after.fields.status, startsWhen.becomes) && !was
    })
    .map(workflow => {
      const record = hydrate(contract, after.ref, after.fields)
      const once = workflow.once?.(record as never) ?? ''
      const worth = (workflow.worth === undefined ? undefined : after.fields[workflow.worth]) as
        | { amount: string; currency: string }
        | undefined
      const firstDue = firstDeadlineMs(workflow.within)
      return {
        journey: journeyId(workflow.workflow, after.ref, once),
        workflow: workflow.workflow,
        ref: after.ref,
        once,
        title: titleOf(contract, after),
        worth: worth?.amount ?? null,
        currency: worth?.currency ?? null,
        start: { version: after.version, contractVersion: after.contract_version, fields: after.fields },
        late_in_ms: firstDue,
        systems: [...new Set(systems)].sort(),
      }
    })
}

/** Working days are counted by the journey itself, in its first run. */
function firstDeadlineMs(within: Readonly<Record<string, Deadline>>): number | null {
  const all = Object.values(within).flatMap(one => (isInWorkingDays(one) ? [] : milliseconds(one)))
  return all.length === 0 ? null : Math.min(...all)
}

const startedEvent = (host: Host, start: Start): Event => ({
  id: host.uuid(),
  type: 'journey.started',
  subject: start.ref,
  data: {
    journey: start.journey,
    workflow: start.workflow,
    title: start.title,
    worth: start.worth,
    currency: start.currency,
  },
})

/** What the echo of our own write shows is nobody's edit, also where somebody edited something else at the same time. */
const isOfOurWrite = ({ made, after }: Seen, name: string): boolean =>
  made?.[name] !== undefined && equal(made[name], after[name])

const disputesOf = (plan: Plan, seen: Seen, merged: Merged, next: StoredRecord, edit: Edit | undefined): Kept[] =>
  disputesIn(
    seen.contract,
    seen.system.role,
    seen.record.fields,
    merged,
    seen.before,
    seen.after,
    name => writes(seen.system, seen.contract, name, merged.fields) && !isOfOurWrite(seen, name),
    edit,
    seen.holding.accepted,
    seen.extras,
  ).map(dispute => kept(plan, seen, next, dispute))

/** What each record is to say of these edits where they were made. An edit that is fine takes away what it said of one before. */
function sayings(seen: Seen, record: StoredRecord, disputed: readonly Kept[]): Mark[] {
  const { contract, system, holding, before, after } = seen
  if (contract.options.bornBy !== undefined && !record.born) return []
  const mark = (to: SystemPlan, says: string | null): Mark => ({
    ref: record.ref,
    system: to.name,
    contract: contract.contract,
    wanted: record.version,
    says,
  })
  const said = [...Map.groupBy(disputed, one => one.system)].flatMap(([to, all]) => {
    const rows = all.map(one => one.row)
    const says = saying(contract, record, rows)
    return says !== undefined && to.byContract.get(contract.contract)?.options.says ? [mark(to, says)] : []
  })
  const field = system.byContract.get(contract.contract)?.options.says
  const shows = field !== undefined && !equal(holding.native[field] ?? '', '')
  const isFineEdit = shows && !seen.ours && before !== undefined && !equal(before, after)
  return isFineEdit && !said.some(one => one.system === system.name) ? [...said, mark(system, null)] : said
}

/** One event for all that was asked for at once, and one for all that was refused. */
function tellings(host: Host, seen: Seen, record: StoredRecord, disputed: readonly Kept[]): Event[] {
  const tell = (type: string, treatment: Dispute['treatment']): Event[] => {
    const own = disputed.filter(one => one.dispute.treatment === treatment && !one.dispute.ofFormerOwner)
    const others = disputed.filter(one => one.dispute.treatment === treatment && one.dispute.ofFormerOwner)
    return [own, others].filter(all => all.length > 0).map(all => tellingEvent(host, type, seen, record, all))
  }
  return [...tell('change.requested', 'change request'), ...tell('change.refused', 'refuse')]
}

function tellingEvent(host: Host, type: string, seen: Seen, record: StoredRecord, all: readonly Kept[]): Event {
  const { contract } = seen
  const [{ row, system, dispute }] = all as [Kept]
  const names = [...new Set(all.map(one => one.row.field.split('.')[0] ?? ''))]
  const shown = dispute.ofFormerOwner ? seen.record.fields : seen.after
  const tasks = all.flatMap(one => one.row.task?.task ?? [])
  return {
    id: host.uuid(),
    type,
    subject: record.ref,
    data: {
      contract: contract.contract,
      title: titleOf(contract, record),
      system: system.name,
      by: row.by,
      wanted: Object.fromEntries(names.map(name => [name, shown[name] ?? null])),
      held: Object.fromEntries(names.map(name => [name, record.fields[name] ?? null])),
      ...(tasks.length > 0 && { desk: deskOf(contract), tasks }),
    },
  }
}

export const changedEvent = (
  host: Host,
  contract: AnyContract,
  record: StoredRecord,
  changed: readonly string[],
): Event => ({
  id: host.uuid(),
  type: 'record.changed',
  subject: record.ref,
  data: {
    contract: contract.contract,
    title: titleOf(contract, record),
    version: record.version,
    fields: Object.fromEntries(
      changed.filter(name => contract.fields[name]?.kind !== 'lines').map(name => [name, record.fields[name] ?? null]),
    ),
  },
})
