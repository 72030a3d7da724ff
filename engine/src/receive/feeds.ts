// Receive: what a system tells becomes stored changes, in the same transaction as the feed's cursor.
// A feed belongs to one process at a time. Acknowledged is only what is stored: the next batch is asked for after the commit.
import { createHash } from 'node:crypto'
import { CursorLost, type Heard as HeardBatch, type Observation, Unavailable, type Unreadable } from '@plumbline/sdk'
import type { Host } from '../host.ts'
import { planted } from '../host.ts'
import { type Claim, claimables, claimOf, held, take } from '../kernel/claims.ts'
import type { Lane } from '../kernel/lanes.ts'
import type { Lease } from '../kernel/lease.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import { type Gap, hasOpenGap, openGap, readGapAnew } from '../store/comparisons.ts'
import type { Db, Tx } from '../store/db.ts'
import { addEventRows } from '../store/follow-up.ts'
import { type Arrival, type Illegible, storeArrivals, storeIllegible } from '../store/inbox.ts'

type FeedRow = Claim & {
  readonly system: string
  readonly cursor: string | null
  readonly live_since: Date | null
  readonly loaded_at: Date | null
  readonly load_at: Record<string, string | null>
  /** Up to when, by the system's clock, its changes have been heard. */
  readonly heard_up_to: Date | null
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
  readonly arrived: (system: string) => void
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
    receiver.lease.workingOn(claimables.feed).add(claimOf(claimables.feed, row))
    running.set(
      row.system,
      follow(receiver, system, row, signal).finally(() => {
        receiver.lease.workingOn(claimables.feed).delete(claimOf(claimables.feed, row))
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
      await receiver.db.query(
        'update feed set live_since = $2, heard_up_to = $2 where system = $1 and live_since is null',
        [row.system, liveSince],
      )
    await missWhatNobodyTold(receiver, system, row)
    // An object that was mapped since is loaded too.
    const isLoaded = row.loaded_at !== null && system.objects.every(object => row.load_at[object] === null)
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
    await giveUp(receiver, system, row, problem, signal.aborted)
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
  let isFirst = row.cursor === null
  for await (const batch of system.connector.spec.follow?.(api, from) ?? []) {
    if (signal.aborted || !receiver.lease.isAlive()) return
    await storeBatch(receiver, system, row, batch, liveSince, isFirst)
    isFirst = false
  }
}

async function storeBatch(
  receiver: Receiver,
  system: SystemPlan,
  row: FeedRow,
  batch: HeardBatch,
  liveSince: Date,
  isFirst: boolean,
): Promise<void> {
  if (planted.has('acknowledge-before-store')) {
    await receiver.db.query('update feed set cursor = $2 where system = $1', [row.system, batch.cursor])
    // As long as a buffer in memory would hold it.
    await receiver.host.sleep(300)
  }
  await receiver.db.transaction(async tx => {
    const mine = await held(tx, claimables.feed, receiver.lease.worker, [row])
    if (mine.size === 0) throw new Unavailable('Another process follows this feed now')
    const overflown = await storeHeard(tx, receiver, system, batch.heard, liveSince)
    // In the transaction of the cursor: the same overflow is not met again, and none is passed over.
    if (overflown.length > 0) await overflew(tx, receiver, system, overflown)
    if (isFirst) await readGapAnew(tx, system.name)
    await tx.query(
      {
        name: 'feed-cursor',
        text: `update feed set cursor = $2, heard_at = clock_timestamp(), tries = 0, reason = null,
                 heard_up_to = greatest(heard_up_to, to_timestamp($3 / 1000.0)) where system = $1`,
      },
      [row.system, batch.cursor, newestIn(batch.heard)],
    )
  })
  if (batch.heard.length > 0) receiver.arrived(system.name)
}

const newestIn = (heard: HeardBatch['heard']): number =>
  heard.reduce((newest, one) => ('unreadable' in one ? newest : Math.max(newest, one.position.at)), 0)

/**
 * Stores observations under the record they belong to; what nobody can read is kept, parked and visible. Answers of which
 * objects more changed than the system can tell, and when.
 */
async function storeHeard(
  tx: Tx,
  receiver: Receiver,
  system: SystemPlan,
  heard: HeardBatch['heard'],
  liveSince: Date,
): Promise<readonly Overflow[]> {
  const arrivals: Arrival[] = []
  const illegible: Illegible[] = []
  const overflown: Overflow[] = []
  for (const one of heard) {
    if ('unreadable' in one)
      illegible.push(illegibleOf(receiver.host, system, one, receiver.db.sealing.personal.people.length > 0))
    else if (one.id === '*') overflown.push({ object: one.entryOf?.object ?? one.object, at: one.position.at })
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

function illegibleOf(host: Host, system: SystemPlan, one: Unreadable, knowsPersons: boolean): Illegible {
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
    // What nobody can be named for, nobody could erase.
    raw: one.id === undefined && knowsPersons ? null : one.raw,
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
  const begun = row.cursor === null && row.loaded_at === null ? {} : row.load_at
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
      receiver.arrived(system.name)
    } while (page !== undefined)
  }
  await receiver.db.query('update feed set loaded_at = clock_timestamp() where system = $1', [row.system])
}

async function giveUp(
  receiver: Receiver,
  system: SystemPlan,
  row: FeedRow,
  problem: Error | undefined,
  stopping: boolean,
): Promise<void> {
  const inMs =
    stopping || planted.has('relogin-hot-loop')
      ? 0
      : problem instanceof Unavailable && problem.retryAfterMs !== undefined
        ? problem.retryAfterMs
        : Math.min(5_000, 250 * 2 ** Math.min(row.tries, 5))
  if (problem && !stopping)
    receiver.host.log(`The feed of ${row.system} broke and begins again`, { reason: problem.message })
  await receiver.db
    .transaction(async tx => {
      const [feed] = await tx.query<FeedRow>(
        `update feed set worker = null, tries = tries + 1, reason = $3, due_at = clock_timestamp() + make_interval(secs => $4 / 1000.0)
         where system = $1 and worker = $2 returning *`,
        [row.system, receiver.lease.worker, problem && !stopping ? problem.message : null, inMs],
      )
      if (feed && problem instanceof CursorLost) await beginAnew(tx, receiver, system, feed, problem)
    })
    .catch(() => undefined)
}

/** Changes that were made at the same time are told in any order, and a transaction may take long. */
const overlapMs = 30 * 60_000

/**
 * Where we stopped listening is no longer known: listening begins anew, and in the same transaction what was missed becomes a gap
 * that is read (reconcile/). Where the first load is not over yet, that begins anew and tells everything.
 */
async function beginAnew(
  tx: Tx,
  receiver: Receiver,
  system: SystemPlan,
  feed: FeedRow,
  { message }: CursorLost,
): Promise<void> {
  await tx.query(
    `update feed set cursor = null, reason = null, load_at = case when loaded_at is null then '{}' else load_at end where system = $1`,
    [system.name],
  )
  if (feed.loaded_at === null) return
  const heardUpTo = feed.heard_up_to ?? feed.live_since
  const since = heardUpTo === null ? null : new Date(heardUpTo.getTime() - overlapMs)
  const words = heardUpTo === null ? '' : `, and last told of a change of ${heardUpTo.toISOString()} (its clock)`
  await gapOf(tx, receiver, {
    system: system.name,
    kind: 'lost',
    objects: system.objects,
    since,
    reason: `${system.name} was not heard${words}: ${message}`,
  })
}

/** Stopped before the system had said where its changes stand, nobody told what changed since. */
async function missWhatNobodyTold(receiver: Receiver, system: SystemPlan, row: FeedRow): Promise<void> {
  if (row.cursor !== null || row.loaded_at === null) return
  await receiver.db.transaction(async tx => {
    if (await hasOpenGap(tx, system.name)) return
    const cause = new CursorLost('it had not said where its changes stand when we stopped listening')
    await beginAnew(tx, receiver, system, row, cause)
  })
}

type Overflow = { readonly object: string; readonly at: number }

async function overflew(tx: Tx, receiver: Receiver, system: SystemPlan, overflown: readonly Overflow[]): Promise<void> {
  const objects = [...new Set(overflown.map(({ object }) => object))].filter(object => system.objects.includes(object))
  if (objects.length === 0) return
  const at = Math.min(...overflown.map(one => one.at))
  await gapOf(tx, receiver, {
    system: system.name,
    kind: 'overflow',
    objects,
    since: new Date(at - overlapMs),
    reason: `At ${new Date(at).toISOString()} more changed of ${objects.join(', ')} than ${system.name} can tell`,
  })
}

async function gapOf(tx: Tx, receiver: Receiver, gap: Omit<Gap, 'comparison'>): Promise<void> {
  const comparison = `c-${receiver.host.uuid()}`
  if (!(await openGap(tx, { ...gap, comparison }))) return
  const { system, kind, objects, since, reason } = gap
  await addEventRows(tx, [
    { id: receiver.host.uuid(), type: 'gap.opened', subject: system, data: { system, kind, objects, since, reason } },
  ])
}
