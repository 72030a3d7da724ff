// Deliver: bring one system to the records' current state. The one write path: within the lane, with a key, an attempt
// committed before the send, and one of four ends after it.
import type { Observation, WriteEnd } from '@plumbline/sdk'
import { planted } from '../host.ts'
import { claimables, held, keyOf } from '../kernel/claims.ts'
import { halving } from '../kernel/halving.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import type { DeliveryRow } from '../kernel/rows.ts'
import type { Vocabulary } from '../kernel/vocabulary.ts'
import type { Running } from '../running.ts'
import { doOtherBuildsRun } from '../store/builds.ts'
import { isInDoubt, type Settled, settleDeliveries, wakeThoseWhoNeedNotWait } from '../store/deliveries.ts'
import { endGranted } from './granted.ts'
import { holdUnknown, tablesFor } from './hold.ts'
import { type Need, prepare, type ToNative } from './prepare.ts'
import { type End, recordEnds } from './record-ends.ts'
import { send } from './send.ts'

export async function deliver(
  running: Running,
  system: SystemPlan,
  rows: readonly DeliveryRow[],
  toNative: ToNative,
  queued: () => void,
): Promise<void> {
  const needs = await withoutTooEarly(running, system, await sortOut(running, system, rows, toNative))
  const doubtful = needs.filter(need => isInDoubt(need.row))
  const fresh = needs.filter(need => !isInDoubt(need.row))
  const cleared = await withoutClosed(running, await lookUp(running, system, doubtful))
  await send(running, system, [...fresh, ...cleared], queued)
}

/**
 * A write that was not answered may still be carried out, after what was sent since. The very same may be sent again at once;
 * what is newer waits until the old one can no longer arrive, unless the system itself refuses a write that is out of date.
 */
async function withoutTooEarly(running: Running, system: SystemPlan, needs: readonly Need[]): Promise<readonly Need[]> {
  const newer = needs.filter(need => lateUntil(need, system) !== undefined && !need.write.token)
  if (newer.length === 0) return needs
  const now = await databaseNow(running)
  const waitMs = (need: Need): number => (lateUntil(need, system)?.getTime() ?? 0) - now
  const early = newer.filter(need => waitMs(need) > 0)
  await recordEnds(
    running,
    system,
    early.map(need => ({
      need,
      attempt: null,
      end: {
        end: 'unavailable',
        reason: `${system.name} may still carry out an earlier write that it did not answer; what is newer follows after that`,
        retryAfterMs: waitMs(need),
      },
    })),
  )
  return needs.filter(need => !early.includes(need))
}

/** Until when something older than what is to be sent may still arrive. What is looked up first is none of it. */
function lateUntil({ row, record, kind, mapping }: Need, system: SystemPlan): Date | undefined {
  if (row.sent_version === null || row.sent_version === record.version) return undefined
  if (row.attempt === null) return row.late_until ?? undefined
  return kind === 'create' && !isLookedUp(system, mapping.object) ? (row.doubt_until ?? undefined) : undefined
}

const isLookedUp = ({ connector }: SystemPlan, object: string): boolean => {
  const spec = connector.objects[object]
  const { createIdempotency = 'searchThenCreate', find } = spec ?? {}
  return createIdempotency === 'searchThenCreate' && find !== undefined && !planted.has('no-look-up')
}

/** The database's clock writes until when a write is in doubt; no other may read it. */
async function databaseNow({ db }: Running): Promise<number> {
  const [clock] = await db.query<{ now: Date }>('select clock_timestamp() as now')
  return clock?.now.getTime() ?? 0
}

/** A create that never arrived, of a record that is to be closed by now, is not sent again. */
async function withoutClosed(running: Running, cleared: readonly Need[]): Promise<Need[]> {
  const closed = cleared.filter(need => need.row.close)
  if (closed.length > 0)
    await running.db.transaction(async tx => {
      const mine = await held(
        tx,
        claimables.delivery,
        running.lease.worker,
        closed.map(need => need.row),
      )
      const rows = closed.map(need => need.row).filter(row => mine.has(keyOf(claimables.delivery, row)))
      await settleDeliveries(
        tx,
        rows.map(({ ref, system, wanted, marks }) => ({
          ref,
          system,
          marks,
          state: 'idle',
          in_ms: 0,
          done: wanted,
          closed: true,
        })),
      )
    })
  return cleared.filter(need => !need.row.close)
}

/** Ends the claim of what needs nothing or waits for another record; answers what must be written. */
const sortOut = async (
  running: Running,
  system: SystemPlan,
  rows: readonly DeliveryRow[],
  toNative: ToNative,
): Promise<Need[]> =>
  (
    await halving(
      rows,
      some => sorted(running, system, some, toNative),
      (row, error) => spoilt(running, row, error),
      running.isAway,
    )
  ).flat()

async function sorted(
  running: Running,
  system: SystemPlan,
  rows: readonly DeliveryRow[],
  toNative: ToNative,
): Promise<Need[]> {
  const prepared = await running.db.transaction(async tx => {
    const mine = await held(tx, claimables.delivery, running.lease.worker, rows)
    const ours = rows.filter(row => mine.has(keyOf(claimables.delivery, row)))
    const tables = tablesFor(
      system.byContract,
      ours.map(row => row.contract),
    )
    const by = (vocabulary: Vocabulary) => prepare(tx, running.plan, system, ours, toNative, vocabulary)
    let prepared = await by(await running.tables.now(tx, tables))
    // Read once more, settled, before anything is held back for a missing word.
    if (prepared.some(one => one.is === 'unknown')) prepared = await by(await running.tables.settled(tx, tables))
    await holdUnknown(
      tx,
      running,
      prepared.filter(one => one.is === 'unknown'),
    )
    const isReplaced = prepared.some(one => one.is === 'unmapped') && (await doOtherBuildsRun(tx, running.lease.worker))
    await settleDeliveries(
      tx,
      prepared.flatMap((one): Settled[] => {
        if (one.is === 'needed' || one.is === 'unknown') return []
        const { ref, system, marks, tries } = one.row
        const is = { ref, system, marks }
        if (one.is === 'done')
          return [{ ...is, state: 'idle', in_ms: 0, done: one.version, closed: one.closed === true }]
        if (one.is === 'unmapped')
          return [
            isReplaced
              ? { ...is, state: 'due', in_ms: 2_000, in_doubt: isInDoubt(one.row) }
              : { ...is, state: 'idle', in_ms: 0, done: one.version, closed: true },
          ]
        if (one.is === 'early') return [{ ...is, ...untilTold(system, tries) }]
        if (one.is === 'in vain')
          return [{ ...is, state: 'parked', in_ms: 0, tried: true, reason: one.reason, todo: one.todo }]
        // Waking is a row update; looking again now and then is the guarantee.
        const in_ms = Math.min(3_600_000, 10_000 * 2 ** Math.min(tries, 9))
        return [{ ...is, state: 'waiting', in_ms, tried: true, waits_for: one.for, reason: one.reason, todo: one.todo }]
      }),
    )
    await endGranted(
      tx,
      prepared.filter(one => one.is === 'done').map(one => one.row),
    )
    return prepared
  })
  // A parent that came in between has looked for who waits before we said so: asked once more, after the commit.
  const waiting = prepared.filter(one => one.is === 'waiting').map(one => one.row.ref)
  if ((await wakeThoseWhoNeedNotWait(running.db, system.name, waiting)) > 0) running.poke('deliver', [system.name])
  return prepared.filter(one => one.is === 'needed')
}

/** What cannot be said in the system's words, by an author's code for instance: after some tries it is a person's to mend. */
async function spoilt(running: Running, row: DeliveryRow, error: Error): Promise<Need[]> {
  const { ref, system, marks, tries } = row
  const what = `${ref} could not be put into the words of ${system}`
  running.host.log(what, {
    error: running.db.sealing.personal.fieldsOf(row.contract) ? error.name : (error.stack ?? error.message),
  })
  await running.db.transaction(async tx => {
    if ((await held(tx, claimables.delivery, running.lease.worker, [row])).size === 0) return
    await settleDeliveries(tx, [
      {
        ref,
        system,
        marks,
        in_doubt: isInDoubt(row),
        state: tries >= 4 ? 'parked' : 'due',
        in_ms: tries >= 4 ? 0 : 500 * 2 ** tries,
        tried: true,
        reason: `${what}: ${error.message}`,
        todo: `Mend the mapping or the record; then: plumb retry ${ref}. Nothing else is held up.`,
      },
    ])
  })
  return []
}

/** The next look is soon: a system tells of what it was sent within moments. */
const untilTold = (system: string, tries: number): Pick<Settled, 'state' | 'in_ms' | 'tried' | 'reason' | 'todo'> => ({
  state: 'due',
  in_ms: Math.min(30_000, 100 * 2 ** Math.min(tries, 9)),
  tried: true,
  reason: `${system} has not told yet of a line that it was just sent, and that is to change again`,
  todo: 'Nothing: it goes on by itself',
})

/** Attempts whose end is unknown: found by their key, or cleared to be sent again once they can no longer arrive. */
async function lookUp(running: Running, system: SystemPlan, needs: readonly Need[]): Promise<Need[]> {
  const creates = needs.filter(need => need.kind === 'create')
  const others = needs.filter(need => need.kind !== 'create')
  // An update in doubt is settled by looking at the record: the difference that then remains is written.
  await recordEnds(
    running,
    system,
    others.map(need => ({ need, attempt: need.row.attempt, end: { end: 'look again' as const } })),
  )
  const cleared: Need[] = []
  for (const same of Map.groupBy(creates, need => need.mapping.object).values()) {
    if (isLookedUp(system, (same[0] as Need).mapping.object))
      cleared.push(...(await findCreates(running, system, same)))
    else cleared.push(...same)
  }
  return cleared
}

async function findCreates(running: Running, system: SystemPlan, needs: readonly Need[]): Promise<Need[]> {
  const find = system.connector.objects[(needs[0] as Need).mapping.object]?.find
  const ends: End[] = []
  const cleared: Need[] = []
  const noneFound = planted.has('html-is-an-answer') ? () => [] : undefined
  const now = await databaseNow(running)
  try {
    const found = await running
      .lane(system)
      .run('batch', async () => {
        const api = await running.api(system)
        return find?.(
          api,
          needs.map(need => need.write as never),
        )
      })
      .catch((error: Error) => (noneFound ? noneFound() : Promise.reject(error)))
    needs.forEach((need, i) => {
      const hits = found?.[i] ?? []
      if (hits.length === 1)
        ends.push({ need: asSent(need), attempt: need.row.attempt, end: asWritten(hits[0] as Observation) })
      else if (hits.length > 1)
        ends.push({
          need,
          attempt: need.row.attempt,
          end: {
            end: 'refused',
            reason: `${system.name} has ${hits.length} records for one create: ${hits.map(hit => hit.id).join(', ')}`,
            todo: `Decide which is the right one and close the others in ${system.name}; then retry`,
          },
        })
      else if (mayStillArrive(need, now))
        ends.push({
          need,
          attempt: need.row.attempt,
          end: {
            end: 'unknown',
            reason: `${system.name} did not answer, and may still carry it out; it is looked up again before anything is sent`,
          },
        })
      else cleared.push(need)
    })
  } catch (error) {
    ends.push(
      ...needs.map(need => ({
        need,
        attempt: need.row.attempt,
        end: { end: 'unknown' as const, reason: (error as Error).message },
      })),
    )
  }
  await recordEnds(running, system, ends)
  return cleared
}

/** What is found is what was sent then; what was decided since is still to be brought there. */
function asSent(need: Need): Need {
  const { sent_version: sent } = need.row
  if (sent === null || sent === need.record.version) return need
  return {
    ...need,
    record: { ...need.record, version: sent },
    write: { ...need.write, fields: {}, lists: {} },
    isOlder: true,
  }
}

const mayStillArrive = (need: Need, now: number): boolean =>
  !planted.has('resend-at-once') && (need.row.doubt_until?.getTime() ?? 0) > now

const asWritten = (found: Observation): WriteEnd => ({
  end: 'written',
  id: found.id,
  native: found.fields,
  position: found.position,
  ...(found.token !== undefined && { token: found.token }),
})
