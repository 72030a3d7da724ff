// Receive: what a system tells becomes stored changes, in the same transaction as the feed's cursor.
// A feed belongs to one process at a time. Acknowledged is only what is stored: the next batch is asked for after the commit.
import { createHash } from 'node:crypto'
import { CursorLost, type Heard as HeardBatch, type Observation, Unavailable, type Unreadable } from '@plumbline/sdk'
import type { Host } from '../host.ts'
import { planted } from '../host.ts'
import { type Claim, claimables, held, keyOf, take } from '../kernel/claims.ts'
import type { Lane } from '../kernel/lanes.ts'
import type { Lease } from '../kernel/lease.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import type { Db, Tx } from '../store/db.ts'
import { type Arrival, type Illegible, storeArrivals, storeIllegible } from '../store/inbox.ts'

type FeedRow = Claim & {
  readonly system: string
  readonly cursor: string | null
  readonly live_since: Date | null
  readonly loaded_at: Date | null
  readonly load_at: Record<string, string | null>
  readonly tries: number
}

/** How long heard changes wait for others of the same record. */
export const debounceMs = 15

export type Receiver = {
  readonly db: Db
  readonly host: Host
  readonly lease: Lease
  readonly api: (system: SystemPlan) => Promise<unknown>
  readonly lane: (system: SystemPlan) => Lane
  /** Feeds that broke because nobody gets an answer from the system. */
  readonly shut: Set<string>
  readonly arrived: () => void
}

/** Claims the feeds that nobody follows and follows them until the signal aborts. Answers how many it took. */
export async function followFree(
  receiver: Receiver,
  systems: readonly SystemPlan[],
  signal: AbortSignal,
  running: Map<string, Promise<void>>,
): Promise<number> {
  const free = systems.filter(system => system.connector.spec.follow && !running.has(system.name))
  if (free.length === 0) return 0
  const rows = await receiver.db.transaction(tx =>
    take<FeedRow>(tx, claimables.feed, receiver.lease.worker, free.length, [free.map(system => system.name)]),
  )
  for (const row of rows) {
    const system = free.find(system => system.name === row.system) as SystemPlan
    receiver.lease.workingOn(claimables.feed).add(keyOf(claimables.feed, row))
    running.set(
      row.system,
      follow(receiver, system, row, signal).finally(() => {
        receiver.lease.workingOn(claimables.feed).delete(keyOf(claimables.feed, row))
        running.delete(row.system)
      }),
    )
  }
  return rows.length
}

async function follow(receiver: Receiver, system: SystemPlan, row: FeedRow, signal: AbortSignal): Promise<void> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  let problem: Error | undefined
  try {
    const api = await receiver.api(system)
    const liveSince = await begin(receiver, system, row, api)
    if (!row.live_since)
      await receiver.db.query('update feed set live_since = $2 where system = $1 and live_since is null', [
        row.system,
        liveSince,
      ])
    // An object that was mapped since is loaded too.
    const isLoaded =
      row.loaded_at !== null && row.cursor !== null && system.objects.every(object => row.load_at[object] === null)
    const loading = isLoaded
      ? Promise.resolve()
      : load(receiver, system, api, row, liveSince, either).catch(failed => {
          problem = failed as Error
          stop.abort()
        })
    await listen(receiver, system, api, row, liveSince, either)
    await loading
  } catch (error) {
    problem ??= error as Error
  } finally {
    stop.abort()
    if (problem instanceof Unavailable && problem.systemIsDown) {
      receiver.shut.add(row.system)
      await receiver.lane(system).heard(problem)
    }
    await giveUp(receiver, row, problem, signal.aborted)
  }
}

/** Since when changes are live. A feed to which the system was shut begins when a call in the lane, where calls take turns, is answered. */
async function begin(receiver: Receiver, system: SystemPlan, row: FeedRow, api: unknown): Promise<Date> {
  if (row.live_since && !receiver.shut.has(row.system)) return row.live_since
  const now = await receiver.lane(system).run('interactive', async () => system.connector.spec.clock(api))
  receiver.shut.delete(row.system)
  return row.live_since ?? new Date(now)
}

async function listen(
  receiver: Receiver,
  system: SystemPlan,
  api: unknown,
  row: FeedRow,
  liveSince: Date,
  signal: AbortSignal,
): Promise<void> {
  const from = {
    objects: system.objects,
    specs: system.connector.objects,
    signal,
    ...(row.cursor !== null && { cursor: row.cursor }),
  }
  for await (const batch of system.connector.spec.follow?.(api, from) ?? []) {
    if (signal.aborted || !receiver.lease.isAlive()) return
    await storeBatch(receiver, system, row, batch, liveSince)
  }
}

async function storeBatch(
  receiver: Receiver,
  system: SystemPlan,
  row: FeedRow,
  batch: HeardBatch,
  liveSince: Date,
): Promise<void> {
  if (planted.has('acknowledge-before-store')) {
    await receiver.db.query('update feed set cursor = $2 where system = $1', [row.system, batch.cursor])
    // As long as a buffer in memory would hold it.
    await receiver.host.sleep(300)
  }
  const overflown = await receiver.db.transaction(async tx => {
    const mine = await held(tx, claimables.feed, receiver.lease.worker, [row])
    if (mine.size === 0) throw new Unavailable('Another process follows this feed now')
    const overflown = await storeHeard(tx, receiver, system, batch.heard, liveSince)
    // Stored like the rest, and its load asked for, in the one transaction: the same overflow is not met again.
    if (overflown.length > 0)
      await tx.query('update feed set load_at = load_at - $2::text[] where system = $1', [row.system, overflown])
    await tx.query(
      {
        name: 'feed-cursor',
        text: 'update feed set cursor = $2, heard_at = clock_timestamp(), tries = 0, reason = null where system = $1',
      },
      [row.system, batch.cursor],
    )
    return overflown
  })
  if (overflown.length > 0)
    throw new Error(`More changed of ${overflown.join(', ')} than ${system.name} can tell: it is loaded again`)
  if (batch.heard.length > 0) receiver.arrived()
}

/**
 * Stores observations under the record they belong to; what nobody can read is kept, parked and visible. Answers the
 * objects of which more changed than the system can tell.
 */
async function storeHeard(
  tx: Tx,
  receiver: Receiver,
  system: SystemPlan,
  heard: HeardBatch['heard'],
  liveSince: Date,
): Promise<readonly string[]> {
  const arrivals: Arrival[] = []
  const illegible: Illegible[] = []
  const overflown: string[] = []
  for (const one of heard) {
    if ('unreadable' in one) illegible.push(illegibleOf(receiver.host, system, one))
    else if (one.id === '*') overflown.push(one.object)
    else arrivals.push(arrivalOf(receiver.host, system, one, one.position.at >= liveSince.getTime()))
  }
  await storeArrivals(tx, arrivals, debounceMs)
  await storeIllegible(tx, illegible)
  return overflown
}

function arrivalOf(host: Host, system: SystemPlan, observation: Observation, live: boolean): Arrival {
  const under =
    observation.entryOf?.parent === undefined
      ? { object: observation.object, native_id: observation.id }
      : { object: observation.entryOf.object, native_id: observation.entryOf.parent }
  return {
    system: system.name,
    ...under,
    heard: { change: host.uuid(), live, heardAt: new Date(host.now()).toISOString(), observation },
  }
}

function illegibleOf(host: Host, system: SystemPlan, one: Unreadable): Illegible {
  const id =
    one.id ??
    createHash('sha256')
      .update(JSON.stringify(one.raw ?? null))
      .digest('hex')
      .slice(0, 16)
  return {
    system: system.name,
    object: one.object ?? 'unknown',
    // A row of its own: what can be read of the same record is not held up by it.
    native_id: `unreadable:${id}`,
    raw: one.raw,
    change: host.uuid(),
    reason: `${system.name} sent something that cannot be read: ${one.unreadable}`,
    todo: 'It is kept as it came and holds nothing else up. Look at the record in the system; a change to it brings it in again.',
  }
}

/** The first load: everything there is, as history. What changed since the feed began is live all the same. */
async function load(
  receiver: Receiver,
  system: SystemPlan,
  api: unknown,
  row: FeedRow,
  liveSince: Date,
  signal: AbortSignal,
): Promise<void> {
  // Without a cursor nobody told what changed since a load that was begun.
  const begun = row.cursor === null ? {} : row.load_at
  for (const object of system.objects) {
    if (begun[object] === null) continue
    let page = begun[object]
    do {
      if (signal.aborted) return
      const from = page
      const listed = await receiver
        .lane(system)
        .run('batch', async () => system.connector.objects[object]?.list?.(api, from))
      page = listed?.next
      await receiver.db.transaction(async tx => {
        const mine = await held(tx, claimables.feed, receiver.lease.worker, [row])
        if (mine.size === 0) throw new Unavailable('Another process follows this feed now')
        await storeArrivals(
          tx,
          (listed?.records ?? []).map(record =>
            arrivalOf(receiver.host, system, record, record.position.at >= liveSince.getTime()),
          ),
          0,
        )
        await tx.query(
          'update feed set load_at = load_at || jsonb_build_object($2::text, $3::text) where system = $1',
          [row.system, object, page ?? null],
        )
      })
      receiver.arrived()
    } while (page !== undefined)
  }
  await receiver.db.query('update feed set loaded_at = clock_timestamp() where system = $1', [row.system])
}

async function giveUp(receiver: Receiver, row: FeedRow, problem: Error | undefined, stopping: boolean): Promise<void> {
  const inMs =
    stopping || planted.has('relogin-hot-loop')
      ? 0
      : problem instanceof Unavailable && problem.retryAfterMs !== undefined
        ? problem.retryAfterMs
        : Math.min(5_000, 250 * 2 ** Math.min(row.tries, 5))
  const lost = problem instanceof CursorLost
  if (problem && !stopping)
    receiver.host.log(`The feed of ${row.system} broke and begins again`, { reason: problem.message })
  await receiver.db
    .query(
      `update feed set worker = null, tries = tries + 1, reason = $3, due_at = clock_timestamp() + make_interval(secs => $4 / 1000.0),
       cursor = case when $5 then null else cursor end, loaded_at = case when $5 then null else loaded_at end, load_at = case when $5 then '{}' else load_at end
     where system = $1 and worker = $2`,
      [row.system, receiver.lease.worker, problem && !stopping ? problem.message : null, inMs, lost],
    )
    .catch(() => undefined)
}
