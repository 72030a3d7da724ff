// The first half of a change's way: receive → identify → translate → decide, for a batch of inbox rows in one transaction.
import type { Native, Observation } from '@plumbline/sdk'
import { decide, type Seen } from './decide/decide.ts'
import { entryLinks, type Group, identify, type Pointer, pointerKey, resolvePointers } from './identify/identify.ts'
import { claimables, held, keyOf } from './kernel/claims.ts'
import { systemNamed } from './kernel/plan.ts'
import { answered, type Heard, type InboxRow, type StoredHolding, type StoredRecord } from './kernel/rows.ts'
import type { Running } from './running.ts'
import type { Tx } from './store/db.ts'
import { finishInbox, postponeInbox, storeArrivals } from './store/inbox.ts'
import { addLinks } from './store/links.ts'
import { heldIn, holdingKey, holdingsOf, lockRecords } from './store/records.ts'
import { isEach, lineKeyIn, nativeRefsIn, toContract } from './translate/native.ts'
import { type Held, nothingHeld, observe } from './translate/observe.ts'

/** How long an entry's event may wait for the event that brings its record, before a person is told. */
const orphanPatience = 8

export async function understand(running: Running, rows: readonly InboxRow[]): Promise<void> {
  const { ready, postponed } = await lookAgain(running, rows)
  for (const { row, reason } of postponed)
    await postpone(running, row, { reason, parked: false, inMs: 1_000 * Math.min(30, 2 ** row.tries) })
  const concerned = ready.filter(row => concerns(running, row))
  await inOneTransaction(
    running,
    concerned,
    ready.filter(row => !concerned.includes(row)),
  )
}

/** Rows that only hint are read now, outside any transaction; what was read then speaks for them. */
async function lookAgain(
  running: Running,
  rows: readonly InboxRow[],
): Promise<{ ready: InboxRow[]; postponed: { row: InboxRow; reason: string }[] }> {
  const hints = rows.filter(row => row.changes.some(change => change.observation.kind === 'look again'))
  const ready = rows.filter(row => !hints.includes(row))
  const postponed: { row: InboxRow; reason: string }[] = []
  for (const same of Map.groupBy(hints, row => `${row.system}\u0000${row.object}`).values()) {
    const system = systemNamed(running.plan, (same[0] as InboxRow).system)
    const object = (same[0] as InboxRow).object
    try {
      const read = await running.read(
        system,
        object,
        same.map(row => row.native_id),
      )
      const liveSince = await running.liveSince(system)
      for (const row of same)
        ready.push({
          ...row,
          changes: withReading(
            running,
            row,
            read.find(one => one.id === row.native_id),
            liveSince,
          ),
        })
    } catch (error) {
      for (const row of same) postponed.push({ row, reason: (error as Error).message })
    }
  }
  return { ready, postponed }
}

function withReading(running: Running, row: InboxRow, read: Observation | undefined, liveSince: number): Heard[] {
  const spoken = row.changes.filter(change => change.observation.kind !== 'look again')
  const hint = row.changes.findLast(change => change.observation.kind === 'look again') as Heard
  const observation: Observation = read ?? { ...hint.observation, kind: 'gone', position: { at: running.host.now() } }
  // The row keeps its number of changes: finishing takes off what was understood by count.
  const filler = row.changes.length - spoken.length - 1
  return [
    ...spoken,
    ...Array.from({ length: filler }, () => hint),
    { ...hint, live: observation.position.at >= liveSince, observation },
  ]
}

/** Whether a mapping speaks of this record at all (a delivery before goods issue is none of its business). */
function concerns(running: Running, row: InboxRow): boolean {
  const only = running.plan.systems.get(row.system)?.byObject.get(row.object)?.options.only
  if (!only) return true
  const whole = row.changes.findLast(change => change.observation.mask === 'all' && !change.observation.entryOf)
  return whole?.observation.kind !== 'seen' || only.test(whole.observation.fields)
}

async function inOneTransaction(
  running: Running,
  rows: readonly InboxRow[],
  ignored: readonly InboxRow[],
): Promise<void> {
  try {
    const result = await running.db.transaction(async tx => {
      const mine = await held(tx, claimables.inbox, running.lease.worker, [...rows, ...ignored])
      const isMine = (row: InboxRow): boolean => mine.has(keyOf(claimables.inbox, row))
      const outcome = await translateAndDecide(tx, running, rows.filter(isMine))
      await finishInbox(tx, ignored.filter(isMine))
      return outcome
    })
    if (result.started + result.woken > 0) running.poke('journeys')
    running.poke('deliver')
    if (result.unseen) running.poke('understand')
  } catch (error) {
    await halve(running, rows, ignored, error as Error)
  }
}

/** A batch halves itself until a poison record is alone and parked; the others go on. */
async function halve(
  running: Running,
  rows: readonly InboxRow[],
  ignored: readonly InboxRow[],
  error: Error,
): Promise<void> {
  if (running.isAway(error)) throw error
  const all = [...rows, ...ignored]
  if (all.length > 1) {
    const half = Math.ceil(all.length / 2)
    for (const part of [all.slice(0, half), all.slice(half)])
      await inOneTransaction(
        running,
        part.filter(row => rows.includes(row)),
        part.filter(row => ignored.includes(row)),
      )
    return
  }
  for (const row of all) {
    running.host.log(`A change of ${row.object} ${row.native_id} in ${row.system} could not be understood`, {
      error: error.stack ?? error.message,
    })
    await postpone(running, row, {
      reason: `A change of ${row.object} ${row.native_id} in ${row.system} could not be understood: ${error.message}`,
      todo: 'Mend the mapping or the record, then retry it. Nothing else is held up.',
      parked: row.tries >= 4,
      inMs: 500 * 2 ** row.tries,
    })
  }
}

const postpone = (
  running: Running,
  row: InboxRow,
  why: { reason: string | null; todo?: string; parked: boolean; inMs: number },
): Promise<unknown> => postponeInbox(running.db, running.lease.worker, row, why)

async function translateAndDecide(
  tx: Tx,
  running: Running,
  rows: readonly InboxRow[],
): Promise<{ started: number; woken: number; unseen: boolean }> {
  const { groups, unmapped, orphans, early, ambiguous } = await identify(tx, running.plan, rows)
  const records = await lockRecords(
    tx,
    groups.map(({ ref, contract }) => ({
      ref,
      contract: contract.contract,
      contractVersion: contract.options.version ?? 1,
    })),
  )
  const holdings = await holdingsOf(
    tx,
    groups.map(({ ref, system }) => ({ ref, system: system.name })),
  )
  const homes = await heldIn(
    tx,
    groups.map(group => group.ref),
  )

  const now = new Map<string, Held>()
  const observed = groups.map(group => {
    const key = holdingKey({ ref: group.ref, system: group.system.name })
    const before: Held | undefined = now.get(key) ?? holdings.get(key)
    const after = group.row.changes
      .filter(change => change.observation.kind !== 'look again')
      .reduce((held, change) => observe(held, group.mapping, change.observation), before ?? nothingHeld)
    now.set(key, after)
    return { group, before, after, known: holdings.get(key) }
  })
  const { refs, unseen } = await resolvePointers(
    tx,
    observed.flatMap(({ group, after, before }) => pointersOf(group, after.native, before?.native)),
  )
  await addLinks(
    tx,
    observed.flatMap(({ group, after }) =>
      entryLinks(group, (list, entry) => lineOf(group, list, entry), after.native),
    ),
  )
  await storeArrivals(
    tx,
    unseen.map(({ system, object, id }) => ({
      system: system.name,
      object,
      native_id: id,
      heard: hintTo(running, object, id),
    })),
    0,
  )

  const seen = observed
    .filter(({ before, after }) => before !== after)
    .map(({ group, before, after, known }) =>
      seenOf(group, before, after, known, records.get(group.ref) as StoredRecord, homes.get(group.ref) ?? [], refs),
    )
  const result = await decide(tx, running.plan, running.host, seen)
  await finishInbox(tx, [...groups.map(group => group.row), ...unmapped])
  for (const row of early)
    await postponeInbox(tx, running.lease.worker, row, {
      reason: null,
      parked: false,
      inMs: Math.min(1_000, 50 * 2 ** row.tries),
    })
  for (const row of orphans) await postponeInbox(tx, running.lease.worker, row, orphanReason(row))
  for (const { row, reason, todo } of ambiguous)
    await postponeInbox(tx, running.lease.worker, row, { reason, todo, parked: true, inMs: 0 })
  return { ...result, unseen: unseen.length > 0 }
}

function seenOf(
  group: Group,
  before: Held | undefined,
  after: Held,
  known: StoredHolding | undefined,
  record: StoredRecord,
  homes: readonly string[],
  refs: ReadonlyMap<string, string>,
): Seen {
  const { system, mapping, contract, row } = group
  const refOf = (contractName: string, id: string): string | undefined =>
    refs.get(pointerKey(system.name, contractName, id))
  const last = row.changes.at(-1) as Heard
  return {
    system,
    contract,
    record,
    before: before && toContract(mapping, contract, system.name, before.native, refOf),
    after: toContract(mapping, contract, system.name, after.native, refOf),
    holding: {
      ref: group.ref,
      system: system.name,
      object: mapping.object,
      native_id: group.nativeId,
      native: after.native,
      position: after.position,
      field_positions: after.field_positions,
      token: after.token,
      accepted: known?.accepted ?? {},
      gone: after.gone,
      answered: true,
    },
    live: row.changes.some(change => change.live),
    ours: row.changes.every(
      change =>
        change.observation.by === answered ||
        (system.signsAs !== undefined && change.observation.by === system.signsAs),
    ),
    gone: after.gone,
    source: {
      system: system.name,
      at: new Date(last.observation.position.at).toISOString(),
      change: last.change,
      ...(last.observation.by !== undefined && { by: last.observation.by }),
    },
    heldIn: homes,
  }
}

function pointersOf(group: Group, ...natives: (Native | undefined)[]): Pointer[] {
  return natives.flatMap(native =>
    native
      ? nativeRefsIn(group.mapping, group.contract, native).map(({ contract, id }) => ({
          system: group.system,
          contract,
          id,
        }))
      : [],
  )
}

function lineOf(group: Group, list: string, entry: Native): { line: string; id: string } | undefined {
  const rule = Object.values(group.mapping.rules).find(rule => isEach(rule) && rule.each === list)
  if (!rule || !isEach(rule) || entry[rule.id] === undefined) return undefined
  return { line: lineKeyIn(rule, group.mapping, group.system.name, entry), id: String(entry[rule.id]) }
}

const hintTo = (running: Running, object: string, id: string): Heard => ({
  change: running.host.uuid(),
  live: false,
  heardAt: new Date(running.host.now()).toISOString(),
  observation: { object, id: id as Observation['id'], kind: 'look again', mask: [], fields: {}, position: { at: 0 } },
})

const orphanReason = (row: InboxRow): { reason: string; todo: string; parked: boolean; inMs: number } => ({
  reason: `${row.system} told of ${row.object} ${row.native_id}, but not which record it belongs to`,
  todo: 'Wait for the record itself to be heard of, or change it once in the system',
  parked: row.tries >= orphanPatience,
  inMs: 250 * 2 ** row.tries,
})
