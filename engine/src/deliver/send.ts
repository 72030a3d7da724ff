// Send what must be written, as many calls at once as the lane has permits for. Attempts are committed before their calls, when
// the first of a few that start within a moment may: what waits for longer has begun nothing, however long it waits.
import type { Native, Write, WriteEnd } from '@plumbline/sdk'
import { Refused, Unavailable } from '@plumbline/sdk'
import { planted } from '../host.ts'
import { claimables, held, keyOf } from '../kernel/claims.ts'
import type { Lane, Told } from '../kernel/lanes.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import { together } from '../kernel/together.ts'
import type { Running } from '../running.ts'
import { type Attempt, beginAttempts } from '../store/deliveries.ts'
import type { Need } from './prepare.ts'
import { type End, recordEnds } from './record-ends.ts'

type Sending = Need & { readonly attempt: string; readonly sendBefore: number }

/** `queued`: hears that all that is to be sent has its turn, or waits for it. */
export async function send(
  running: Running,
  system: SystemPlan,
  needs: readonly Need[],
  queued: () => void,
): Promise<void> {
  const end = together<readonly End[]>(all => recordEnds(running, system, all.flat()))
  const api = await running.api(system).catch((error: Error) => error)
  const rounds = inChunks(chunksOf(system, needs), running.lane(system).atOnce)
  const sent = rounds.flatMap(chunks => {
    const round = roundOf(running, system, chunks.flat())
    return chunks.map(async chunk =>
      end(api instanceof Error ? notSent(chunk, api.message) : await sendChunk(running, system, api, round, chunk)),
    )
  })
  queued()
  for (const one of await Promise.allSettled(sent)) if (one.status === 'rejected') throw one.reason
}

/** Calls that start within a moment of each other: the first begins them all, in one transaction. */
function roundOf(running: Running, system: SystemPlan, needs: readonly Need[]) {
  const away = new Set<Need>()
  let all: Promise<ReadonlyMap<Need, Sending>> | undefined
  return {
    /** What another worker owns by now is missing in the answer. */
    async begin(chunk: readonly Need[]): Promise<readonly Sending[]> {
      all ??= beginAll(
        running,
        system,
        needs.filter(need => !away.has(need)),
      )
      // Nobody fails for another.
      const begun = await all.catch(() => beginAll(running, system, chunk))
      return chunk.flatMap(need => begun.get(need) ?? [])
    },
    /** These had no turn: as they stand, begun with the others or not. What was not is not begun any more. */
    async turnedAway(chunk: readonly Need[]): Promise<readonly (Need | Sending)[]> {
      const begun = await all?.catch(() => undefined)
      if (begun) return chunk.flatMap(need => begun.get(need) ?? [])
      for (const need of chunk) away.add(need)
      return chunk
    },
  }
}

const chunksOf = ({ connector }: SystemPlan, needs: readonly Need[]): Need[][] =>
  [...Map.groupBy(needs, one => `${one.mapping.object}/${one.kind === 'create'}`).values()].flatMap(same =>
    inChunks(same, connector.objects[(same[0] as Need).mapping.object]?.batch ?? 1),
  )

const inChunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

async function sendChunk(
  running: Running,
  system: SystemPlan,
  api: unknown,
  round: ReturnType<typeof roundOf>,
  chunk: readonly Need[],
): Promise<readonly End[]> {
  const lane = running.lane(system)
  let sending: readonly Sending[] = []
  let isSent = false
  try {
    const ends = await lane.run(
      'batch',
      async () => {
        sending = await round.begin(chunk)
        // No await between this check and the socket: a worker whose lease ran out must not send.
        if (!sending.every(one => isTimely(running, one))) return undefined
        isSent = true
        return timed(running, lane, write(running, system, api, sending))
      },
      ends => (ends ? toldBy(ends) : 'nothing'),
    )
    if (!ends) return notSent(sending, 'The worker was too late to send it')
    return sending.map((need, i) => ({
      need,
      attempt: need.attempt,
      end: ends[i] ?? { end: 'unknown', reason: `${system.name} answered for fewer records than it was sent` },
    }))
  } catch (error) {
    if (isSent) throw error
    const reason = error instanceof Unavailable ? error.message : `It could not be begun: ${(error as Error).message}`
    return notSent(sending.length > 0 ? sending : await round.turnedAway(chunk), reason)
  }
}

/** The lane learns how long a write takes; a system that takes none is quick at saying so. */
async function timed(
  { host }: Running,
  lane: Lane,
  writing: Promise<readonly WriteEnd[]>,
): Promise<readonly WriteEnd[]> {
  const began = host.monotonic()
  const ends = await writing
  if (ends.some(({ end }) => end !== 'unavailable')) lane.ahead.wrote(host.monotonic() - began)
  return ends
}

/** Commits the attempts. From here on a process that dies leaves a row that says what may have happened. */
async function beginAll(
  running: Running,
  system: SystemPlan,
  needs: readonly Need[],
): Promise<ReadonlyMap<Need, Sending>> {
  const sendBefore = running.host.monotonic() + running.sendWithinMs
  return running.db.transaction(async tx => {
    const ours = await held(
      tx,
      claimables.delivery,
      running.lease.worker,
      needs.map(need => need.row),
    )
    const begun = new Map(
      needs
        .filter(need => ours.has(keyOf(claimables.delivery, need.row)))
        .map(need => [need, { ...need, attempt: running.host.uuid(), sendBefore }]),
    )
    await beginAttempts(
      tx,
      [...begun.values()].map(one => attemptOf(running, system, one)),
    )
    return begun
  })
}

const attemptOf = ({ sendWithinMs }: Running, system: SystemPlan, sending: Sending): Attempt => ({
  id: sending.attempt,
  ref: sending.row.ref,
  system: system.name,
  version: sending.record.version,
  kind: sending.kind,
  key: sending.write.key,
  request: {
    object: sending.mapping.object,
    ...(sending.write.id !== undefined && { id: sending.write.id }),
    fields: sending.write.fields as object,
    lists: sending.write.lists,
  },
  send_by_ms: sendWithinMs,
  doubt_ms: sendWithinMs + system.longestCallMs,
})

/** Due again at once, however often: as long as the lane is closed, none is taken up. */
const notSent = (chunk: readonly (Need & { readonly attempt?: string })[], reason: string): End[] =>
  chunk.map(need => ({
    need,
    attempt: need.attempt ?? null,
    end: { end: 'unavailable', reason, retryAfterMs: 500, systemIsDown: true },
  }))

/** The fence before the socket, by a clock that only grows: asked here, and by the connector before each request. */
const isTimely = (running: Running, one: Sending): boolean =>
  planted.has('no-fence') || (running.lease.isAlive() && running.host.monotonic() <= one.sendBefore)

async function write(
  running: Running,
  system: SystemPlan,
  api: unknown,
  chunk: readonly Sending[],
): Promise<readonly WriteEnd[]> {
  const [first] = chunk
  if (!first) return []
  const { object } = first.mapping
  const spec = system.connector.objects[object]
  const writes = chunk.map(one => ({
    ...(planted.has('key-dropped') ? withoutKey(one) : one.write),
    mayStillSend: () => isTimely(running, one),
  }))
  try {
    if (!spec?.write)
      return chunk.map(() => ({
        end: 'refused',
        reason: `${system.name} cannot be written ${object}`,
        todo: 'Skip the field in the mapping, or use a connector that writes it',
      }))
    return await spec.write(api, writes as never)
  } catch (error) {
    if (error instanceof Unavailable)
      return chunk.map(() => ({
        end: 'unavailable',
        reason: error.message,
        ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
        systemIsDown: error.systemIsDown,
        tooManyAtOnce: error.tooManyAtOnce,
      }))
    if (error instanceof Refused)
      return chunk.map(() => ({
        end: 'refused',
        reason: error.message,
        ...(error.todo !== undefined && { todo: error.todo }),
      }))
    return chunk.map(
      () => ({ end: 'defect', reason: `The connector failed: ${(error as Error).message}` }) as unknown as WriteEnd,
    )
  }
}

const withoutKey = (one: Sending): Write => {
  const { Plumbline_Ref__c: _, ...fields } = one.write.fields as Native & Record<string, unknown>
  return { ...one.write, key: '', fields }
}

/** What the ends say about the system: that of one record is true for all. */
function toldBy(ends: readonly WriteEnd[]): Told {
  const down = ends.find(end => (end.end === 'unavailable' || end.end === 'unknown') && end.systemIsDown)
  if (down?.end === 'unavailable') return { down: down.reason, retryAfterMs: down.retryAfterMs }
  if (down?.end === 'unknown') return { down: down.reason }
  if (ends.some(end => end.end === 'unavailable' && end.tooManyAtOnce)) return 'crowded'
  return ends.some(end => end.end === 'written' || end.end === 'refused') ? 'up' : 'nothing'
}
