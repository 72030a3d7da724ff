// The way of a change: read this first.
//
//   receive → identify → translate → decide → deliver → announce
//
//   receive    what a system tells becomes stored changes, in the transaction of the feed's cursor   receive/
//   identify   native id → ref, by link, by match rule, or a new ref                                 identify/
//   translate  native fields ↔ contract fields, by the mapping; pure                                 translate/
//   decide     take what the system owns, append a version, mark deliveries, wake journeys           decide/
//   deliver    desired minus holding is the patch; write it within the lane, learn the answer        deliver/
//   announce   events, in one order                                                                  announce/
//
// What no change told is found by comparing what a system has with what we hold (reconcile/), and comes in as a hint.
//
// A journey (journeys/) is woken by decide and wishes records into being; deliver brings them into the systems. Each
// stage reads rows and appends rows in one transaction; none calls back. This file alone knows them all.
import { announce } from './announce/announce.ts'
import { settleWishes } from './decide/wishes.ts'
import { deliver } from './deliver/deliver.ts'
import { planted } from './host.ts'
import { wakeForLanes } from './journeys/put-off.ts'
import { runJourneys } from './journeys/run.ts'
import { type Claim, type Claimable, claimables, claimOf, take } from './kernel/claims.ts'
import { Loop } from './kernel/loop.ts'
import type { SystemPlan } from './kernel/plan.ts'
import type { DeliveryRow, InboxRow, JourneyRow } from './kernel/rows.ts'
import { isKnown, isSaid, missingOf, saidOf } from './kernel/vocabulary.ts'
import { debounceMs, followFree } from './receive/feeds.ts'
import { compareSome } from './reconcile/compare.ts'
import { beginSweeps } from './reconcile/sweep.ts'
import type { Running, StageName } from './running.ts'
import type { ComparisonRow } from './store/comparisons.ts'
import { mostMissed, wakeMissed } from './store/journeys.ts'
import { makePartitions } from './store/migrate.ts'
import { awaitedValues, releaseWaiting } from './store/tables.ts'
import { thingsOf } from './store/things.ts'
import { toNative } from './translate/native.ts'
import { understand } from './understand.ts'

/** The most rows of a claim. */
const sizes = { inbox: 200, journeys: 40, deliveries: 200 } as const

export type Flow = {
  /** Any name: a Plumbline of another version beside us may tell of a stage that we do not have. */
  poke(stage: string, system?: string): void
  stop(): Promise<void>
}

/** A loop, and the system that it works for, if it is one. */
type Turning = { readonly loop: Loop; readonly system?: string }

export function startFlow(running: Running): Flow {
  const { host } = running
  const systems = [...running.plan.systems.values()]
  const stopping = new AbortController()
  const feeds = new Map<string, Promise<void>>()
  const receiver = {
    db: running.db,
    host,
    lease: running.lease,
    api: running.api,
    lane: running.lane,
    shut: new Set<string>(),
    // What was heard rests a moment for more of the same record.
    arrived: (system: string) => void host.after(debounceMs + 1, () => running.poke('understand', [system])),
  }

  const forAll = (loop: Loop): Turning => ({ loop })
  const eachSystem = (loop: (system: SystemPlan) => Loop): Turning[] =>
    systems.map(system => ({ loop: loop(system), system: system.name }))
  const loops: Record<StageName | 'receive' | 'compare' | 'sweep', Turning[]> = {
    receive: [forAll(new Loop(host, 'receive', 500, () => followFree(receiver, systems, stopping.signal, feeds)))],
    understand: eachSystem(
      system =>
        new Loop(host, `understand ${system.name}`, 300, () =>
          claimed<InboxRow>(running, claimables.inbox, sizes.inbox, [system.name], rows =>
            understand(running, planted.has('feed-by-id') ? laterThanAll(rows) : rows),
          ),
        ),
    ),
    wishes: [forAll(new Loop(host, 'wishes', 1_000, () => settleWishes(running)))],
    deliver: eachSystem(
      system => new Loop(host, `deliver to ${system.name}`, 300, () => deliverSome(running, system), 4),
    ),
    journeys: [forAll(new Loop(host, 'journeys', 300, () => runSome(running), 2))],
    compare: eachSystem(
      system =>
        new Loop(host, `compare ${system.name}`, 1_000, () =>
          claimed<ComparisonRow>(running, claimables.comparison, 1, [system.name], async rows => {
            for (const row of rows) await compareSome(running, system, row)
          }),
        ),
    ),
    lanes: [forAll(new Loop(host, 'lanes', 1_000, () => wakeForLanes(running)))],
    announce: [forAll(new Loop(host, 'announce', 300, () => announce(running.db)))],
    sweep: [
      new Loop(host, 'sweep', 30_000, sweepOf(running)),
      new Loop(host, 'sweeps', 10_000, () => beginSweeps(running)),
      new Loop(host, 'allowances', 10_000, () => keepAllowances(running)),
    ].map(forAll),
  }
  const stages = new Map(Object.entries(loops))
  const all = [...stages.values()].flat().map(({ loop }) => loop)
  for (const loop of all) loop.start()
  return {
    poke: (stage, only) => {
      for (const { loop, system } of stages.get(stage) ?? [])
        if (only === undefined || system === undefined || system === only) loop.poke()
    },
    stop: async () => {
      stopping.abort()
      await Promise.all([...all.map(loop => loop.stop()), ...feeds.values()])
    },
  }
}

const runSome = (running: Running): Promise<number> =>
  claimed<JourneyRow>(running, claimables.journey, sizes.journeys, [], rows => runJourneys(running, rows))

async function deliverSome(running: Running, system: SystemPlan): Promise<number> {
  const lane = running.lane(system)
  const room = await lane.room()
  const letGo = (): void => {
    if (room.letGo()) running.poke('deliver', [system.name])
  }
  try {
    if (room.calls === 0) return 0
    const limit = lane.isToBeTried() ? 1 : Math.min(sizes.deliveries, room.calls * biggestBatch(system))
    return await claimed<DeliveryRow>(running, claimables.delivery, limit, [system.name], rows =>
      deliver(running, system, rows, toNative, letGo),
    )
  } finally {
    letGo()
  }
}

let newest = 0
/** Planted: the mistake of reading "later than the last", which passes over what was committed late. */
const laterThanAll = (rows: readonly InboxRow[]): InboxRow[] => {
  const later = rows.filter(row => row.first_at.getTime() >= newest)
  newest = Math.max(newest, ...rows.map(row => row.first_at.getTime()))
  return later
}

const biggestBatch = (system: SystemPlan): number =>
  Math.max(1, ...system.objects.map(object => system.connector.objects[object]?.batch ?? 1))

/** Claims rows, works on them, and lets go of what the work did not end: the heartbeat gives such rows back. */
async function claimed<R extends Claim>(
  running: Running,
  what: Claimable,
  limit: number,
  values: readonly unknown[],
  work: (rows: readonly R[]) => Promise<void>,
): Promise<number> {
  if (!running.lease.isAlive()) return 0
  const rows = await take<R>(running.db, what, running.lease.worker, limit, values)
  if (rows.length === 0) return 0
  const working = running.lease.workingOn(what)
  for (const row of rows) working.add(claimOf(what, row))
  try {
    await work(rows)
  } finally {
    for (const row of rows) working.delete(claimOf(what, row))
  }
  return rows.length
}

/** A change is seen by a sweep even when its transaction took so long to commit. */
const longestCommitMs = 120_000

/** The first looks at everything that waits; each later one only at what changed since the one before. */
function sweepOf(running: Running): () => Promise<void> {
  const { db, host } = running
  let sweptAt: number | undefined
  return async () => {
    await makePartitions(db)
    if (planted.has('forget-wake')) return
    const began = host.monotonic()
    const missed = await wakeMissed(db, sweptAt === undefined ? undefined : (began - sweptAt + longestCommitMs) / 1_000)
    if (missed > 0) host.log(`${missed} journeys had not been woken`, { metric: 'missed wake-ups' })
    const forgotten = await releaseMissed(running)
    if (forgotten > 0) host.log(`${forgotten} records had not been let go`, { metric: 'missed releases' })
    if (missed < mostMissed) sweptAt = began
  }
}

/**
 * What waits for a value that is there: whoever added it has let it go, and there should be none. What waits for a product to say its unit
 * is let go here too, where both came in the same moment: that is nothing missed.
 */
const releaseMissed = ({ db, plan, tables }: Running): Promise<number> =>
  db.transaction(async tx => {
    const awaited = (await awaitedValues(tx)).map(missingOf)
    if (awaited.length === 0) return 0
    const words = await tables.settled(
      tx,
      awaited.map(one => one.table),
    )
    const things = await thingsOf(
      tx,
      plan,
      awaited.filter(isSaid).map(({ value }) => saidOf(value).ref),
    )
    const vocabulary = { ...words, about: (ref: string) => things.get(ref) }
    const known = awaited.filter(one => isKnown(vocabulary, one))
    if (known.length === 0) return 0
    const [said, others] = [known.filter(isSaid), known.filter(one => !isSaid(one))]
    if (said.length > 0) await releaseWaiting(tx, said)
    if (others.length === 0) return 0
    const { changes, deliveries } = await releaseWaiting(tx, others)
    return changes + deliveries
  })

/** What the systems said of their calls of the day, for people to see. */
async function keepAllowances(running: Running): Promise<void> {
  for (const system of running.plan.systems.values()) {
    const api = await running.api(system).catch(() => undefined)
    const said = api === undefined ? undefined : system.connector.spec.allowance?.(api)
    if (said) await running.lane(system).keepAllowance(said)
  }
}
