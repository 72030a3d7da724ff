// Journeys that are put off: what they wait for, whether that came while a run was being committed, and who wakes them.
import { equal } from '../kernel/equal.ts'
import type { StoredRecord } from '../kernel/rows.ts'
import type { Running } from '../running.ts'
import type { Tx } from '../store/db.ts'
import { waitsForSystem, wakeWhoWaitsForLane } from '../store/follow-up.ts'
import { lanesNow, lanesWaitedFor, type NewWait } from '../store/journeys.ts'
import { idsIn } from '../store/links.ts'
import type { PutOff } from './suspend.ts'

/** `now`: what was in the way is gone. `when woken`: whoever clears it wakes the journey. `later`: nobody does, time decides. */
export type Again = 'now' | 'when woken' | 'later'

const refOf = ({ by }: PutOff): string =>
  by.is === 'route' ? (by.ref ?? waitsForSystem(by.role)) : by.is === 'record' ? by.ref : waitsForSystem(by.system)

/** The refs of records that are in the way, to be locked. */
export const recordsInTheWay = (all: readonly PutOff[]): string[] =>
  all.flatMap(({ by }) => (by.is === 'system' ? [] : (by.ref ?? [])))

/**
 * The other half of "no lost wake-up": whoever opens a lane, or links or changes one of these locked records, either sees the waits that are
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
  const unknown = all.flatMap(({ by }) => (by.is === 'record' ? by : []))
  for (const [system, same] of Map.groupBy(unknown, by => by.system))
    linked.set(
      system,
      await idsIn(
        tx,
        system,
        same.map(({ ref }) => ref),
      ),
    )
  return ({ by }) => {
    if (by.is === 'system') {
      const isOpen = lanes.get(by.system)
      if (isOpen === false) return 'when woken'
      return isOpen && by.isOfLane ? 'now' : 'later'
    }
    const record = records.get(by.ref ?? '')
    if (!record) return 'later'
    if (record.alias_of !== null) return 'now'
    if (by.is === 'route') return equal(record.fields[by.field], by.value) ? 'when woken' : 'now'
    return linked
      .get(by.system)
      ?.get(by.ref)
      ?.some(link => link.object === by.object)
      ? 'now'
      : 'when woken'
  }
}

/** One for each thing that is in the way, called by it: what was in the way before is no longer waited for. */
export function waitsOfPutOff(all: readonly PutOff[], again: (one: PutOff) => Again, tries: number): NewWait[] {
  const waits = all.map(one => {
    const ref = refOf(one)
    return { name: `Put off · ${ref}`, ref, due_in_ms: again(one) === 'later' ? backOffMs(one, tries) : null }
  })
  return [...new Map(waits.map(wait => [wait.ref, wait])).values()]
}

const backOffMs = ({ inMs }: PutOff, tries: number): number => Math.max(inMs, 500 * 2 ** Math.min(tries, 5))

/** Who waits to be woken costs nothing until then: this is only the guarantee. */
const guaranteeMs = 3_600_000

/** When a journey that is put off runs again by itself: tens of thousands that were put off together, not all at once. */
export function dueOfPutOff(journey: string, waits: readonly NewWait[]): number {
  const spread = [...journey].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 1_000, 0) / 1_000
  return Math.min(...waits.map(wait => wait.due_in_ms ?? guaranteeMs * (0.5 + spread / 2)))
}

/** How many journeys are woken together when a system answers again. */
export const mostWoken = 2_000

/**
 * Wakes the journeys that wait for a lane: a round of them while it takes calls, the oldest first; and while it is shut one
 * that tries it, as soon as it may be tried. Whatever told of it or failed to, the lane itself says how it stands.
 */
export async function wakeForLanes({ db, plan, poke }: Pick<Running, 'db' | 'plan' | 'poke'>): Promise<void> {
  let woken = 0
  for (const { system, isOpen } of await lanesWaitedFor(db, [...plan.systems.keys()]))
    woken += await wakeWhoWaitsForLane(db, system, isOpen ? mostWoken : 1)
  if (woken > 0) poke('journeys')
}
