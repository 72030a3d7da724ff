// Decide: take the fields this system owns, append a record version with its sources, mark the other systems' deliveries,
// wake journeys and start them. Everything in the one transaction that also takes the changes off the inbox.
import { type AnyContract, type Duration, type Field, milliseconds } from '@plumbline/sdk'
import type { Host } from '../host.ts'
import { hydrate } from '../kernel/hydrate.ts'
import { journeyId } from '../kernel/ids.ts'
import { aboutOf, namesOf, titleOf } from '../kernel/naming.ts'
import { hasReached, homesOf, ownerOf, type Plan, type SystemPlan } from '../kernel/plan.ts'
import type { Source, StoredHolding, StoredRecord } from '../kernel/rows.ts'
import type { Tx } from '../store/db.ts'
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
import { type Changed, type HoldingChange, holdingKey, writeHoldings, writeVersions } from '../store/records.ts'
import { merge } from './merge.ts'

/** What a system newly shows of a record, in contract words. `before` is absent when we never saw it there. */
export type Seen = {
  readonly system: SystemPlan
  readonly contract: AnyContract
  readonly record: StoredRecord
  readonly before: Readonly<Record<string, unknown>> | undefined
  readonly after: Readonly<Record<string, unknown>>
  readonly holding: StoredHolding
  /** The holding as it is stored. */
  readonly known: StoredHolding | undefined
  readonly live: boolean
  readonly ours: boolean
  readonly gone: boolean
  readonly source: Source
  /** The systems that hold the record already: what a version must be brought to, beside where it is to live. */
  readonly heldIn: readonly string[]
}

type Outcome = {
  changed: Changed[]
  marks: Mark[]
  starts: Start[]
  events: Event[]
  holdings: HoldingChange[]
  woken: Set<string>
}

export async function decide(
  tx: Tx,
  plan: Plan,
  host: Host,
  all: readonly Seen[],
): Promise<{ started: number; woken: number }> {
  const outcome: Outcome = { changed: [], marks: [], starts: [], events: [], holdings: [], woken: new Set() }
  const now = new Map<string, StoredRecord>()
  for (const seen of all)
    now.set(
      seen.record.ref,
      decideOne(plan, host, { ...seen, record: now.get(seen.record.ref) ?? seen.record }, outcome),
    )
  await writeVersions(tx, outcome.changed)
  await writeHoldings(tx, [...new Map(outcome.holdings.map(change => [holdingKey(change.after), change])).values()])
  await markDeliveries(tx, outcome.marks)
  const started = await startJourneys(tx, outcome.starts)
  await orderWithWaits(tx, [...outcome.woken])
  const woken = await wakeJourneys(tx, [...outcome.woken])
  const isNew = new Set(started)
  await addEventRows(tx, [
    ...outcome.events,
    ...outcome.starts.filter(start => isNew.has(start.journey)).map(start => startedEvent(host, start)),
  ])
  return { started: started.length, woken }
}

function decideOne(plan: Plan, host: Host, seen: Seen, outcome: Outcome): StoredRecord {
  const { system, contract, record, holding, live } = seen
  const merged = merge(contract, system.role, record.fields, seen.before, seen.after, holding.accepted, seen.ours)
  outcome.holdings.push({ before: seen.known, after: { ...holding, accepted: merged.accepted, gone: seen.gone } })
  // Whoever opened the record waits for this answer, even when it says nothing new.
  if (seen.ours) outcome.woken.add(record.ref)
  const isNew = record.version === 0
  const next =
    merged.changed.length > 0 || isNew ? nextVersion(contract, seen, merged.fields, merged.changed, outcome) : record
  if (next === record && merged.foreign.length === 0) return record
  // Never dropped and never silently applied: what the former owner wants is said aloud before it is put right.
  if (live && merged.requests.length > 0) outcome.events.push(requestEvent(host, seen, next, merged.requests))
  if (live) outcome.marks.push(...marksOf(plan, seen, next, merged.changed, merged.foreign))
  if (next !== record) {
    for (const ref of [next.ref, ...aboutOf(contract, next.fields)]) outcome.woken.add(ref)
    if (live) {
      outcome.starts.push(...startsOf(plan, contract, record, next, [system.name, ...seen.heldIn]))
      outcome.events.push(changedEvent(host, contract, next, merged.changed))
    }
  }
  return next
}

function nextVersion(
  contract: AnyContract,
  seen: Seen,
  fields: Record<string, unknown>,
  changed: readonly string[],
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
    cause: { ...source },
    quiet: !live,
  })
  return { ...record, version, fields }
}

/** Which systems this version must be brought to: those that write a changed field, and the one whose edit is put right. */
function marksOf(
  plan: Plan,
  seen: Seen,
  next: StoredRecord,
  changed: readonly string[],
  foreign: readonly string[],
): Mark[] {
  const { contract, system } = seen
  if (contract.options.bornBy !== undefined && !next.born) return []
  const homes = homesOf(plan, contract, hydrate(contract, next.ref, next.fields))
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

/** Whether a system is written a field: it is mapped there, and somebody else owns it (or part of it). */
function writes(
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
        start: { version: after.version, fields: after.fields },
        late_in_ms: firstDue,
        systems: [...new Set(systems)].sort(),
      }
    })
}

function firstDeadlineMs(within: Readonly<Record<string, Duration>>): number | null {
  const all = Object.values(within).map(milliseconds)
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

const requestEvent = (host: Host, seen: Seen, record: StoredRecord, names: readonly string[]): Event => ({
  id: host.uuid(),
  type: 'change.requested',
  subject: record.ref,
  data: {
    contract: seen.contract.contract,
    title: titleOf(seen.contract, record),
    system: seen.system.name,
    by: seen.source.by ?? null,
    wanted: Object.fromEntries(names.map(name => [name, seen.after[name] ?? null])),
    held: Object.fromEntries(names.map(name => [name, record.fields[name] ?? null])),
  },
})

const changedEvent = (host: Host, contract: AnyContract, record: StoredRecord, changed: readonly string[]): Event => ({
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
