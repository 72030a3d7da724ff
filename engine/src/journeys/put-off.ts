// A journey that is put off: what it waits for, and whether that has come while its run was being committed.
import type { StoredRecord } from '../kernel/rows.ts'
import type { Tx } from '../store/db.ts'
import { waitsForSystem } from '../store/follow-up.ts'
import { lanesNow, type NewWait } from '../store/journeys.ts'
import { idsIn } from '../store/links.ts'
import type { PutOff } from './suspend.ts'

/** `now`: what was in the way is gone. `when woken`: whoever clears it wakes the journey. `later`: nobody does, time decides. */
export type Again = 'now' | 'when woken' | 'later'

const refOf = ({ by }: PutOff): string => (by.is === 'record' ? by.ref : waitsForSystem(by.system))

/** The refs of records that systems do not know, to be locked. */
export const unknownRecords = (all: readonly PutOff[]): string[] =>
  all.flatMap(({ by }) => (by.is === 'record' ? by.ref : []))

/**
 * The other half of "no lost wake-up": whoever opens a lane, or links one of these locked records, either sees the waits that are
 * committed with this, or is seen here.
 */
export async function againOf(
  tx: Tx,
  all: readonly PutOff[],
  shared: readonly StoredRecord[],
): Promise<(one: PutOff) => Again> {
  const lanes = await lanesNow(
    tx,
    all.flatMap(({ by }) => (by.is === 'system' ? by.system : [])),
  )
  const records = new Map(shared.map(record => [record.ref, record]))
  const linked = new Map<string, Awaited<ReturnType<typeof idsIn>>>()
  for (const [system, unknown] of Map.groupBy(all, one => one.by.system))
    linked.set(system, await idsIn(tx, system, unknownRecords(unknown)))
  return ({ by }) => {
    if (by.is === 'system') {
      const isOpen = lanes.get(by.system)
      if (isOpen === false) return 'when woken'
      return isOpen && by.isOfLane ? 'now' : 'later'
    }
    const record = records.get(by.ref)
    if (!record) return 'later'
    if (record.alias_of !== null) return 'now'
    return linked
      .get(by.system)
      ?.get(by.ref)
      ?.some(link => link.object === by.object)
      ? 'now'
      : 'when woken'
  }
}

/** One for each thing that is in the way, called by it: what was in the way before is no longer waited for. */
export function waitsOfPutOff(all: readonly PutOff[]): NewWait[] {
  const refs = new Set(all.map(refOf))
  return [...refs].map(ref => ({ name: `Put off · ${ref}`, ref, due_in_ms: null }))
}

export const dueInMs = (all: readonly PutOff[], tries: number): number =>
  Math.min(...all.map(({ inMs }) => Math.max(inMs, 500 * 2 ** Math.min(tries, 5))))
