// After a write: what its end means for the delivery, the holding and the link, in one transaction behind the fence.
// The answer itself goes into the inbox like anything else a system tells.
import type { NativeId, Observation, WriteEnd } from '@plumbline/sdk'
import { planted } from '../host.ts'
import { claimables, held, keyOf } from '../kernel/claims.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import { answered, type StoredHolding } from '../kernel/rows.ts'
import type { Running } from '../running.ts'
import type { Tx } from '../store/db.ts'
import { carriedBy, endAttempts, type Settled, settleDeliveries } from '../store/deliveries.ts'
import { wakeJourneys } from '../store/follow-up.ts'
import { type Arrival, storeArrivals } from '../store/inbox.ts'
import { addLinks, idsIn, linksOf, mergeRefs, nativeKey, wakeChildren } from '../store/links.ts'
import { holdingKey, holdingsOf, lockRecords, writeHoldings } from '../store/records.ts'
import { endGranted, refuseGranted } from './granted.ts'
import { doubting, holdingAfter } from './holding-after.ts'
import type { Need } from './prepare.ts'

export type End = {
  readonly need: Need
  readonly attempt: string | null
  readonly end: WriteEnd | { readonly end: 'look again' } | { readonly end: 'defect'; readonly reason: string }
}

export async function recordEnds(running: Running, system: SystemPlan, ends: readonly End[]): Promise<void> {
  if (ends.length === 0) return
  // A step whose effect is done keeps its result and tries again until the database is back, rather than repeat the effect.
  const { unblocked, arrived, woken } = await recordPatiently(running, system, ends)
  if (arrived) running.poke('understand', [system.name])
  if (woken > 0) running.poke('journeys')
  running.poke('deliver', new Set([system.name, ...unblocked]))
  if (ends.some(({ end }) => end.end === 'refused')) running.poke('wishes')
}

type Recorded = {
  /** Systems in which something waited for what was created. */
  readonly unblocked: readonly string[]
  readonly arrived: boolean
  readonly woken: number
}

async function recordPatiently(running: Running, system: SystemPlan, all: readonly End[]): Promise<Recorded> {
  let ends = all
  for (let tries = 0; ; tries++) {
    try {
      return await running.db.transaction(tx => record(tx, running, system, ends))
    } catch (error) {
      if (error instanceof TakenOver) ends = error.stillOurs
      else {
        if (!running.isAway(error) || tries > 240) throw error
        await running.host.sleep(500)
      }
    }
  }
}

/** What a stale worker wrote is found by its key by whoever owns the row now; its word on the row does not count. */
class TakenOver extends Error {
  readonly stillOurs: readonly End[]
  constructor(stillOurs: readonly End[]) {
    super('Another worker has taken over what was written')
    this.stillOurs = stillOurs
  }
}

async function record(tx: Tx, running: Running, system: SystemPlan, ends: readonly End[]): Promise<Recorded> {
  const done = ends.filter(isWritten)
  const doubted = ends.filter(({ end, attempt }) => end.end === 'look again' && attempt !== null)
  const answers = done.flatMap(one => answerOf(running, system, one))
  const arrivals = [...answers, ...ends.flatMap(one => hintOf(running, system, one))]
  // The inbox before the records, as whoever understands takes them: the other order would be a deadlock.
  await storeArrivals(tx, arrivals, 0)
  await lockRecords(
    tx,
    [...done, ...doubted].map(({ need }) => ({
      ref: need.row.ref,
      contract: need.record.contract,
      contractVersion: 1,
    })),
  )
  const mine = await held(
    tx,
    claimables.delivery,
    running.lease.worker,
    ends.map(({ need }) => need.row),
  )
  const stillOurs = ends.filter(({ need }) => mine.has(keyOf(claimables.delivery, need.row)))
  if (stillOurs.length < ends.length && !planted.has('no-fence')) throw new TakenOver(stillOurs)
  const holdings = await holdingsOf(
    tx,
    [...done, ...doubted].map(({ need }) => need.row),
  )
  const created = done.filter(({ need }) => need.kind === 'create')
  await linkCreated(tx, system, created)
  await writeHoldings(
    tx,
    done.map(one => {
      const before = holdings.get(holdingKey(one.need.row))
      return { before, after: holdingAfter(system.name, one, before) }
    }),
  )
  await forgetAccepted(tx, doubted, holdings)
  await endAttempts(
    tx,
    ends.flatMap(({ need, attempt, end }) =>
      attempt === null
        ? []
        : [{ id: attempt, ref: need.row.ref, ended: end.end, ...('reason' in end && { reason: end.reason }) }],
    ),
  )
  const found = await foundMeanwhile(tx, system, ends)
  await settleDeliveries(
    tx,
    ends.map(one => (found.has(one.need.row.ref) ? goesOn(one) : settled(one))),
  )
  await endGranted(
    tx,
    done.map(({ need }) => need.row),
  )
  await refuseGranted(
    tx,
    ends.flatMap(({ need, end }) => (end.end === 'refused' ? [{ row: need.row, reason: end.reason }] : [])),
  )
  const unblocked = await wakeChildren(
    tx,
    created.map(({ need }) => need.row.ref),
  )
  const isUnanswered = answers.length < done.length
  const woken = isUnanswered
    ? await wakeJourneys(
        tx,
        [],
        done.map(({ need }) => need.row.ref),
      )
    : 0
  return { unblocked, arrived: arrivals.length > 0, woken }
}

/**
 * Nobody knows whether they were carried out: what the system shows of what they carried may come of them, and is not what it makes of
 * what was sent before.
 */
async function forgetAccepted(
  tx: Tx,
  doubted: readonly End[],
  holdings: ReadonlyMap<string, StoredHolding>,
): Promise<void> {
  const carried = await carriedBy(
    tx,
    doubted.map(({ need, attempt }) => ({ id: attempt ?? '', ref: need.row.ref })),
  )
  await writeHoldings(
    tx,
    doubted.flatMap(({ need, attempt }) => {
      const before = holdings.get(holdingKey(need.row))
      const names = carried.get(attempt ?? '') ?? []
      return before ? [{ before, after: doubting(need.mapping, before, names) }] : []
    }),
  )
}

/** What we created is linked. A record that somebody took for a stranger meanwhile is ours: the stranger becomes its alias. */
async function linkCreated(tx: Tx, system: SystemPlan, created: readonly Written[]): Promise<void> {
  const keys = created.map(({ need, end }) => ({
    system: system.name,
    object: need.mapping.object,
    native_id: end.id,
    ref: need.row.ref,
  }))
  const isNew = new Set(await addLinks(tx, keys))
  const taken = keys.filter(key => !isNew.has(key.ref))
  const links = await linksOf(tx, taken)
  for (const key of taken) {
    const taken = links.get(nativeKey(key))
    if (taken !== undefined && taken !== key.ref) await mergeRefs(tx, taken, key.ref)
  }
}

type Written = End & { readonly end: Extract<WriteEnd, { end: 'written' }> }
const isWritten = (end: End): end is Written => end.end.end === 'written'

/**
 * The system refused to create what it has: somebody entered it there while we were about to, and it was heard of and matched
 * meanwhile. Whoever marked the delivery then did so while it was under way. It is a change now, no question to a person.
 */
async function foundMeanwhile(tx: Tx, system: SystemPlan, ends: readonly End[]): Promise<ReadonlySet<string>> {
  const refused = ends.filter(({ need, end }) => end.end === 'refused' && need.kind === 'create')
  const ids = await idsIn(
    tx,
    system.name,
    refused.map(({ need }) => need.row.ref),
  )
  const isThere = ({ need }: End): boolean =>
    ids.get(need.row.ref)?.some(({ object }) => object === need.mapping.object) === true
  return new Set(refused.filter(isThere).map(({ need }) => need.row.ref))
}

const goesOn = ({ need }: End): Settled => ({
  ref: need.row.ref,
  system: need.row.system,
  marks: need.row.marks,
  in_doubt: need.row.attempt !== null,
  state: 'due',
  in_ms: 0,
  tried: true,
  reason: `It was in ${need.row.system} already`,
  todo: 'Nothing: it goes on by itself',
})

function settled({ need, end }: End): Settled {
  const { ref, system, tries, marks } = need.row
  // A doubt stays until a look-up or an answer ends it: being turned away now says nothing of the first send.
  const is = { ref, system, marks, in_doubt: need.row.attempt !== null }
  const mayArriveUntil = need.row.attempt === null ? undefined : (need.row.doubt_until ?? undefined)
  const backOffMs = Math.min(30_000, 250 * 2 ** Math.min(tries, 7))
  switch (end.end) {
    case 'written':
      return {
        ...is,
        in_doubt: false,
        late_until: mayArriveUntil,
        state: 'idle',
        in_ms: 0,
        done: need.record.version,
        closed: need.kind === 'close',
      }
    case 'refused':
      return {
        ...is,
        state: 'parked',
        in_ms: 0,
        tried: true,
        reason: end.reason,
        todo: end.todo ?? `Mend it in ${system} or in the record, then retry`,
      }
    case 'defect':
      return {
        ...is,
        state: 'parked',
        in_ms: 0,
        tried: true,
        in_doubt: true,
        reason: end.reason,
        todo: 'This is a defect of the connector: mend it, then retry',
      }
    case 'unavailable':
      return {
        ...is,
        state: 'due',
        in_ms: inMsAfter(end, backOffMs),
        tried: true,
        reason: end.reason,
        todo: 'It is tried again by itself',
      }
    case 'unknown':
      return {
        ...is,
        state: 'due',
        in_ms: Math.min(5_000, 500 * 2 ** Math.min(tries, 4)),
        tried: true,
        in_doubt: true,
        reason: end.reason,
        todo: 'It is looked up by its key before anything is sent again',
      }
    case 'look again':
      return {
        ...is,
        in_doubt: false,
        late_until: mayArriveUntil,
        state: 'due',
        in_ms: 300,
        tried: true,
        reason: `It is being compared with what ${system} has`,
        todo: 'Nothing: it goes on by itself',
      }
  }
}

function inMsAfter(
  { retryAfterMs, systemIsDown }: Extract<WriteEnd, { end: 'unavailable' }>,
  backOffMs: number,
): number {
  // Without a time, or when it is the lane that waits: when that opens, whoever is due goes first.
  if (retryAfterMs === undefined || systemIsDown) return Math.min(retryAfterMs ?? backOffMs, backOffMs)
  // 0 says that the record changed meanwhile: it is being read.
  if (retryAfterMs === 0) return Math.max(300, backOffMs)
  // What the system names keeps contenders apart; it does not know how often we came in vain.
  return retryAfterMs + backOffMs
}

/** A written record as the answer showed it: an observation like any other, told by our own write. */
function answerOf(running: Running, system: SystemPlan, { need, end }: Written): Arrival[] {
  if (!end.native || end.position === undefined) return []
  const observation: Observation = {
    object: need.mapping.object,
    id: end.id,
    kind: 'seen',
    mask: 'all',
    fields: end.native,
    position: end.position,
    by: answered,
    ...(end.token !== undefined && { token: end.token }),
  }
  const wrote = [...Object.keys(need.write.fields), ...Object.keys(need.write.lists)]
  return [arrival(running, system, need.mapping.object, end.id, observation, wrote)]
}

function hintOf(running: Running, system: SystemPlan, { need, end }: End): Arrival[] {
  const id = need.write.id
  if (id === undefined || !(end.end === 'look again' || (end.end === 'unavailable' && end.retryAfterMs === 0)))
    return []
  return [
    arrival(running, system, need.mapping.object, id, {
      object: need.mapping.object,
      id,
      kind: 'look again',
      mask: [],
      fields: {},
      position: { at: 0 },
    }),
  ]
}

const arrival = (
  running: Running,
  system: SystemPlan,
  object: string,
  id: NativeId,
  observation: Observation,
  wrote?: readonly string[],
): Arrival => ({
  system: system.name,
  object,
  native_id: id,
  heard: {
    ...{ change: running.host.uuid(), live: true, heardAt: new Date(running.host.now()).toISOString(), observation },
    ...(wrote && { wrote }),
  },
})
