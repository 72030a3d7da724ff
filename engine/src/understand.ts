// The first half of a change's way: receive → identify → translate → decide, for a batch of inbox rows in one transaction.
import { type Native, type Observation, Unavailable } from '@plumbline/sdk'
import { type Done, decide, type Seen } from './decide/decide.ts'
import { withoutShown } from './decide/merge.ts'
import { planted } from './host.ts'
import { entryLinks, type Group, identify, type Pointer, pointerKey, resolvePointers } from './identify/identify.ts'
import { dropJoined } from './identify/joined.ts'
import { ofTheLiving } from './identify/living.ts'
import { claimables, held, keyOf } from './kernel/claims.ts'
import { halving } from './kernel/halving.ts'
import { hintTo } from './kernel/hint.ts'
import { LaneClosed } from './kernel/lanes.ts'
import { extrasIn } from './kernel/line-keys.ts'
import { contractNamed, hasReached, type Plan, type SystemPlan, systemNamed } from './kernel/plan.ts'
import { answered, type Heard, type InboxRow, type StoredHolding, type StoredRecord } from './kernel/rows.ts'
import { heldBack, keyOfMissing, type Vocabulary } from './kernel/vocabulary.ts'
import type { Running } from './running.ts'
import type { Tx } from './store/db.ts'
import { wakeJourneys } from './store/follow-up.ts'
import { finishInbox, holdInbox, postponeInbox, storeArrivals } from './store/inbox.ts'
import { addLinks, wakeChildren } from './store/links.ts'
import { forgetKeys } from './store/notify.ts'
import { holdingKey, placesOf } from './store/records.ts'
import { releaseWaiting } from './store/tables.ts'
import { isEach, nativeRefsIn, toContract } from './translate/native.ts'
import { type Hearing, type Held, hearAll, nothingHeld, type Wrote } from './translate/observe.ts'
import { factsOf, readWords } from './translate/words.ts'

/** How long an entry's event may wait for the event that brings its record, before a person is told. */
const orphanPatience = 8

export async function understand(running: Running, claimed: readonly InboxRow[]): Promise<void> {
  const all = await ofTheLiving(running, claimed, async rows => (await lookAgain(running, rows)).ready)
  const rows = await soundRows(running, all)
  const { ready, postponed } = await lookAgain(running, rows)
  for (const { row, reason, inMs = 1_000 * Math.min(30, 2 ** row.tries) } of postponed)
    await postpone(running, row, { reason, parked: false, inMs })
  const sure = await soundRows(running, ready)
  const concerned = sure.filter(row => concerns(running, row))
  await inOneTransaction(
    running,
    concerned,
    sure.filter(row => !concerned.includes(row)),
  )
}

/** Rows that a mapping can at least be asked about. An author's code that fails on one parks that one alone. */
async function soundRows(running: Running, rows: readonly InboxRow[]): Promise<InboxRow[]> {
  const sound: InboxRow[] = []
  for (const row of rows) {
    try {
      startsAJourney(running.plan, row)
      concerns(running, row)
      sound.push(row)
    } catch (error) {
      await poisoned(running, row, error as Error)
    }
  }
  return sound
}

type Postponed = { readonly row: InboxRow; readonly reason: string; readonly inMs?: number | undefined }

/** Rows that only hint, or that are about to start a journey, are read now, outside any transaction. */
async function lookAgain(
  running: Running,
  rows: readonly InboxRow[],
): Promise<{ ready: InboxRow[]; postponed: Postponed[] }> {
  const isMapped = (row: InboxRow): boolean => systemNamed(running.plan, row.system).byObject.has(row.object)
  const hints = rows.filter(row => isMapped(row) && (row.changes.some(isHint) || startsAJourney(running.plan, row)))
  const ready: InboxRow[] = rows.filter(row => !hints.includes(row))
  const postponed: Postponed[] = []
  for (const same of Map.groupBy(hints, row => `${row.system}\u0000${row.object}`).values()) {
    const { system: name, object } = same[0] as InboxRow
    try {
      ready.push(...(await readAll(running, systemNamed(running.plan, name), object, same)))
    } catch (error) {
      const inMs = await inMsAfter(running, systemNamed(running.plan, name), error)
      for (const row of same) postponed.push({ row, reason: (error as Error).message, inMs })
    }
  }
  return { ready, postponed }
}

/** What waits for a lane is due when that opens; the lane is asked last, since somebody may be opening it. */
async function inMsAfter(running: Running, system: SystemPlan, error: unknown): Promise<number | undefined> {
  if (error instanceof LaneClosed) return running.lane(system).closedForMs()
  return error instanceof Unavailable ? error.retryAfterMs : undefined
}

const isHint = (change: Heard): boolean => change.observation.kind === 'look again'

async function readAll(
  running: Running,
  system: SystemPlan,
  object: string,
  rows: readonly InboxRow[],
): Promise<InboxRow[]> {
  const liveSince = await running.liveSince(system)
  const asked = running.read(
    system,
    object,
    rows.map(row => row.native_id),
  )
  const found = planted.has('html-is-an-answer') ? await asked.catch(() => []) : await asked
  const read = new Map(found.map(one => [String(one.id), one]))
  return rows.map(row => {
    const last = row.changes.at(-1) as Heard
    const observation: Observation = read.get(row.native_id) ?? { ...last.observation, kind: 'gone', mask: 'all' }
    const live = last.live || observation.position.at >= liveSince
    return { ...row, reading: { heard: { ...last, live, observation } } }
  })
}

/**
 * A journey sees one world: what starts one is read whole first, so that a line edited just before is never missed,
 * whatever order the events came in.
 */
function startsAJourney(plan: Plan, row: InboxRow): boolean {
  const system = systemNamed(plan, row.system)
  const mapping = system.byObject.get(row.object)
  const triggers = (plan.startedBy.get(mapping?.contract ?? '') ?? []).map(workflow => workflow.startsWhen.becomes)
  const rule = mapping?.rules.status
  if (!mapping || !rule || triggers.length === 0 || !Object.values(mapping.rules).some(isEach)) return false
  const contract = contractNamed(plan, mapping.contract)
  const statusOnly = { ...mapping, rules: { status: rule } }
  return row.changes.some(({ live, observation }) => {
    if (!live || observation.kind !== 'seen' || observation.entryOf || observation.mask === 'all') return false
    const { status } = toContract(statusOnly, contract, system, observation.fields, () => undefined)
    return triggers.some(becomes => hasReached(contract, status, becomes))
  })
}

/** Whether a mapping speaks of this record at all (a delivery before goods issue is none of its business). */
function concerns(running: Running, row: InboxRow): boolean {
  const only = running.plan.systems.get(row.system)?.byObject.get(row.object)?.options.only
  if (!only) return true
  const whole = [...row.changes, ...(row.reading ? [row.reading.heard] : [])].findLast(
    change => change.observation.mask === 'all' && !change.observation.entryOf,
  )
  return whole?.observation.kind !== 'seen' || only.test(whole.observation.fields)
}

/** A batch that fails halves itself until a poison record is alone and parked; the others go on. */
async function inOneTransaction(
  running: Running,
  rows: readonly InboxRow[],
  ignored: readonly InboxRow[],
): Promise<void> {
  await halving(
    [...rows, ...ignored],
    some =>
      transact(
        running,
        some.filter(row => rows.includes(row)),
        some.filter(row => ignored.includes(row)),
      ),
    (row, error) => poisoned(running, row, error),
    running.isAway,
  )
}

async function transact(running: Running, rows: readonly InboxRow[], ignored: readonly InboxRow[]): Promise<void> {
  const result = await running.db.transaction(async tx => {
    const mine = await held(tx, claimables.inbox, running.lease.worker, [...rows, ...ignored])
    const isMine = (row: InboxRow): boolean => mine.has(keyOf(claimables.inbox, row))
    const outcome = await translateAndDecide(tx, running, rows.filter(isMine))
    await finishInbox(tx, ignored.filter(isMine))
    return outcome
  })
  if (result.hasErased) forgetKeys(running.db)
  if (result.started + result.woken > 0) running.poke('journeys')
  if (result.tries) running.poke('wishes')
  if (result.units.length > 0) for (const stage of ['understand', 'deliver'] as const) running.poke(stage)
  running.poke('deliver', result.marked)
  running.poke('understand', result.toRead)
}

async function poisoned(running: Running, row: InboxRow, error: Error): Promise<void> {
  // What an error says of a person is kept with the change, sealed; a log is for everybody.
  const isPersonal = running.db.sealing.subjectOf(row) !== undefined
  running.host.log(`A change of ${row.object} ${row.native_id} in ${row.system} could not be understood`, {
    error: isPersonal ? error.name : (error.stack ?? error.message),
  })
  await postpone(running, row, {
    reason: `A change of ${row.object} ${row.native_id} in ${row.system} could not be understood: ${error.message}`,
    todo: 'Mend the mapping or the record, then retry it. Nothing else is held up.',
    parked: row.tries >= 4,
    inMs: 500 * 2 ** row.tries,
  })
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
): Promise<Done & { readonly toRead: ReadonlySet<string>; readonly hasErased: boolean }> {
  const {
    creating,
    known: nowKnown,
    groups,
    records,
    unmapped,
    orphans,
    early,
    ambiguous,
    joined,
    survivors,
  } = await identify(tx, running.plan, rows, running.host.uuid)
  const places = await placesOf(
    tx,
    groups.map(({ ref, system }) => ({ ref, system: system.name })),
  )
  const { holdings } = places

  // A reading is the truth only where nothing was written or heard since the row was claimed: what tells of that is not in the row.
  const isOvertaken = ({ row, ref, system }: Group): boolean => {
    const heardAt = holdings.get(holdingKey({ ref, system: system.name }))?.at
    return row.reading !== undefined && heardAt !== undefined && heardAt >= row.claimed_at
  }
  const overtaken = groups.filter(isOvertaken)
  const placed = groups.filter(group => !overtaken.includes(group))
  const now = new Map<string, Held>()
  const all = placed.map(group => {
    const key = holdingKey({ ref: group.ref, system: group.system.name })
    const before: Held | undefined = now.get(key) ?? holdings.get(key)
    const known = holdings.get(key)
    const isOurs = (one: Observation): boolean => isOfOurs(group.system, one)
    const hearing = hearAll(before ?? nothingHeld, group.mapping, group.row, wroteTo(group, known), isOurs)
    now.set(key, hearing.after)
    return { group, before, ...hearing, known }
  })
  const {
    refs,
    unseen,
    early: pointing,
  } = await resolvePointers(
    tx,
    all.flatMap(({ group, after, before }) => pointersOf(group, after.native, before?.native)),
    creating,
  )
  // Everything of a record that points too early waits together: half of it decided would hide the other half.
  const keyOfGroup = ({ ref, system }: Group): string => holdingKey({ ref, system: system.name })
  const tooEarly = new Set(all.filter(({ group }) => pointing.has(group.row)).map(({ group }) => keyOfGroup(group)))
  const timely = all.filter(({ group }) => !tooEarly.has(keyOfGroup(group)))
  const waiting = [...early, ...all.filter(one => !timely.includes(one)).map(({ group }) => group.row)]
  // So does everything of a record with a value that no table knows: one part decided would show a world that never was.
  const refIn =
    ({ name }: SystemPlan) =>
    (contract: string, id: string): string | undefined =>
      refs.get(pointerKey(name, contract, id))
  const { vocabulary, missing } = await readWords(tx, running.plan, running.tables, timely, records, refIn)
  const unknownIn = Map.groupBy(missing, one => keyOfGroup(one.group))
  const observed = timely.filter(({ group }) => !unknownIn.has(keyOfGroup(group)))
  const untold = timely.filter(one => !observed.includes(one))
  // What cannot be placed, and an entry that is only hinted at, makes its record be read.
  const doubtful = observed.filter(
    ({ group, after }) => after.unsure || (!group.row.reading && group.row.changes.some(isHint)),
  )
  await addLinks(
    tx,
    observed.flatMap(({ group, after }) => entryLinks(group, after.native)),
  )
  const toRead: readonly { system: SystemPlan; object: string; id: string; isNews?: boolean }[] = [
    ...survivors,
    ...unseen,
    ...doubtful.map(({ group }) => ({
      system: group.system,
      object: group.mapping.object,
      id: group.nativeId,
      isNews: group.row.changes.some(({ live }) => live),
    })),
  ]
  await storeArrivals(
    tx,
    toRead.map(({ system, object, id, isNews }) => ({
      system: system.name,
      object,
      native_id: id,
      heard: hintTo(running.host, object, id, isNews),
    })),
    0,
  )

  const seen = observed
    .filter(({ before, after }) => before !== after)
    .map(({ group, before, known, ...hearing }) =>
      seenOf(
        running.build,
        group,
        before,
        hearing,
        known,
        records.get(group.ref) as StoredRecord,
        places.heldIn(group.ref),
        refs,
        vocabulary,
      ),
    )
  const result = await decide(tx, running.plan, running.host, seen)
  const unblocked = await wakeChildren(tx, nowKnown)
  const woken = result.woken + (await wakeJourneys(tx, nowKnown))
  await finishInbox(tx, [...observed.map(({ group }) => group.row), ...unmapped])
  for (const { row } of overtaken)
    await postponeInbox(tx, running.lease.worker, row, { reason: null, parked: false, inMs: 30 })
  await holdInbox(
    tx,
    running.lease.worker,
    untold.map(({ group, after }) => {
      const values = (unknownIn.get(keyOfGroup(group)) ?? []).map(one => one.value)
      return {
        row: group.row,
        missing: values.map(keyOfMissing),
        ...heldBack(running.plan.tables, values),
        held: factsOf(running.plan, running.host.now(), group, after, vocabulary),
      }
    }),
  )
  // After what was held back just now: it may be for a unit that a product of this very batch says.
  if (result.units.length > 0) await releaseWaiting(tx, result.units)
  for (const row of waiting)
    await postponeInbox(tx, running.lease.worker, row, {
      reason: row.tries < 5 ? null : `A create in ${row.system} is under way that this may be the answer to`,
      parked: false,
      inMs: Math.min(1_000, 50 * 2 ** row.tries),
    })
  const isOver = (row: InboxRow): boolean => leavesNothing(running, row)
  await finishInbox(tx, orphans.filter(isOver))
  for (const row of orphans.filter(row => !isOver(row)))
    await postponeInbox(tx, running.lease.worker, row, orphanReason(row))
  for (const { row, reason, todo } of ambiguous)
    await postponeInbox(tx, running.lease.worker, row, { reason, todo, parked: true, inMs: 0 })
  await dropJoined(tx, joined)
  return {
    ...result,
    hasErased: joined.length > 0,
    woken,
    marked: new Set([...result.marked, ...unblocked]),
    toRead: new Set(toRead.map(one => one.system.name)),
  }
}

/** The answer to a write of ours, or its echo. */
const isOfOurs = ({ signsAs }: SystemPlan, { by }: Observation): boolean =>
  by === answered || (signsAs !== undefined && by === signsAs)

/** What we wrote to the record, and under which name, for what is heard of it. */
const wroteTo = ({ system }: Group, known: StoredHolding | undefined): Wrote | undefined =>
  known && { fields: Object.keys(known.accepted), signedAs: system.signsAs }

function seenOf(
  build: number,
  group: Group,
  before: Held | undefined,
  { after, told, made }: Hearing,
  known: StoredHolding | undefined,
  record: StoredRecord,
  homes: readonly string[],
  refs: ReadonlyMap<string, string>,
  vocabulary: Vocabulary,
): Seen {
  const { system, mapping, contract, row } = group
  const refOf = (contractName: string, id: string): string | undefined =>
    refs.get(pointerKey(system.name, contractName, id))
  const inContract = (native: Native): Record<string, unknown> =>
    toContract(mapping, contract, system, native, refOf, vocabulary)
  const last = row.reading?.heard ?? (row.changes.at(-1) as Heard)
  return {
    system,
    contract,
    record,
    before: before && inContract(before.native),
    after: inContract(after.native),
    known,
    holding: {
      ref: group.ref,
      system: system.name,
      object: mapping.object,
      native_id: group.nativeId,
      native: after.native,
      position: after.position,
      field_positions: after.field_positions,
      token: after.token,
      accepted: withoutShown(known?.accepted ?? {}, inContract(told)),
      gone: after.gone,
      answered: true,
    },
    live: row.changes.some(change => change.live) || row.reading?.heard.live === true,
    ours: (!row.reading || after.gone) && row.changes.every(({ observation }) => isOfOurs(system, observation)),
    made: Object.keys(made).length > 0 ? inContract(made) : undefined,
    extras: extrasIn(group, [before?.native ?? {}, after.native]),
    gone: after.gone,
    source: {
      system: system.name,
      at: new Date(last.observation.position.at).toISOString(),
      change: last.change,
      build,
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
          row: group.row,
        }))
      : [],
  )
}

/**
 * History without its record is history that the load tells. What we did ourselves to an entry that no record is known to have is
 * over, since it was taken away after that. One that somebody else took away leaves nothing to be done either, when its record has
 * had time to come.
 */
function leavesNothing({ plan }: Running, { system, changes, tries }: InboxRow): boolean {
  const from = plan.systems.get(system)
  const isOurs = (heard: Observation): boolean => from !== undefined && isOfOurs(from, heard)
  if (changes.every(({ live, observation }) => !live || isOurs(observation))) return true
  return tries >= orphanPatience && changes.some(({ observation }) => observation.kind === 'gone')
}

const orphanReason = (row: InboxRow): { reason: string; todo: string; parked: boolean; inMs: number } => ({
  reason: `${row.system} told of ${row.object} ${row.native_id}, but not which record it belongs to`,
  todo: 'Wait for the record itself to be heard of, or change it once in the system',
  parked: row.tries >= orphanPatience,
  inMs: 250 * 2 ** row.tries,
})
