// Who else proposed what: values that other systems told of a field and that were not taken, because another owned it.
import type { AnyContract } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import type { Held } from './field-held.ts'
import type { Taken } from './field-history.ts'
import { carrierOf, type FieldPath, valueAt } from './field-path.ts'
import { isOurs, type Said, type Sayings } from './field-told.ts'

export type Proposal = {
  readonly system: string
  /** Who, in the system's words. */
  readonly by: string | null
  readonly at: Date
  readonly value: unknown
  /** What held instead. */
  readonly instead: unknown
  /** A change request was made of it; it was put right there; it stands there still. */
  readonly outcome: 'change request' | 'put right' | 'stands there'
}

/** Uses event_requested. */
const requests: Query = {
  name: 'proposals-requests',
  text: `
    select at, data
    from event
    where subject = $1 and type = 'change.requested' and data -> 'wanted' ? $2
    order by at desc
    limit 50`,
}
type RequestRow = {
  readonly at: Date
  readonly data: { readonly system?: string; readonly wanted?: Readonly<Record<string, unknown>> }
}

const MOST_SHOWN = 20
/** An event of a request is written when its change is understood: seconds, and with a backlog hours later. */
const SOON_MS = 24 * 3_600_000

/** `taken` are the values that held, newest first; what was proposed before the oldest of them is not told. */
export async function proposalsOf(
  tx: Tx,
  plan: Plan,
  contract: AnyContract,
  ref: string,
  path: FieldPath,
  history: { readonly taken: readonly Taken[]; readonly more: boolean },
  sayings: Sayings,
  held: readonly Held[],
): Promise<Proposal[]> {
  const systems = [...plan.systems.values()].filter(system => system.byContract.has(contract.contract))
  const oldest = history.more ? history.taken.at(-1)?.at : undefined
  const found = systems.flatMap(({ name }) =>
    proposed(
      plan,
      sayings(path, name),
      history.taken,
      held.find(one => one.system === name),
    )
      .filter(({ said }) => oldest === undefined || said.told.at >= oldest)
      .map(one => ({ ...one, system: name })),
  )
  if (found.length === 0) return []
  const asked = await tx.query<RequestRow>(requests, [ref, carrierOf(path)])
  return found
    .sort((a, b) => b.said.told.at.getTime() - a.said.told.at.getTime())
    .slice(0, MOST_SHOWN)
    .map(({ system, said, instead }) => {
      const isAsked = asked.some(
        ({ at, data }) =>
          data.system === system &&
          at >= said.told.at &&
          at.getTime() - said.told.at.getTime() < SOON_MS &&
          equal(valueAt({ [carrierOf(path)]: data.wanted?.[carrierOf(path)] }, path), said.value),
      )
      const stands = equal(held.find(one => one.system === system)?.value, said.value)
      return {
        system,
        by: said.told.by,
        at: said.told.changedAt === null ? said.told.at : new Date(said.told.changedAt),
        value: said.value,
        instead,
        outcome: isAsked ? 'change request' : stands ? 'stands there' : 'put right',
      }
    })
}

/** What a system changed by itself and nobody took: neither told back to us nor the value that held, then or next. */
function proposed(
  plan: Plan,
  said: readonly Said[],
  taken: readonly Taken[],
  held: Held | undefined,
): { said: Said; instead: unknown }[] {
  const found: { said: Said; instead: unknown }[] = []
  let before: Said | undefined
  let newest = Number.NEGATIVE_INFINITY
  for (const one of said.toReversed()) {
    const { mask, changedAt, at } = one.told
    // A whole reading that comes late says what was, not what somebody wants.
    const isLate = changedAt !== null && changedAt < newest
    newest = Math.max(newest, changedAt ?? newest)
    const isNews = mask === 'all' ? before !== undefined && !isLate && !equal(before.value, one.value) : true
    before = one
    if (!isNews || isOurs(plan, one.told) || !one.told.live) continue
    const now = taken.find(value => value.at <= at)
    const next = taken.findLast(value => value.at > at)
    const isTaken = taken.some(
      value => value.cause.system === one.told.system && equal(value.value, one.value) && value.at >= at,
    )
    const isOwnForm = held?.state === 'own form' && equal(held.value, one.value)
    if (isTaken || isOwnForm || equal(now?.value, one.value) || (next && equal(next.value, one.value))) continue
    found.push({ said: one, instead: now?.value ?? null })
  }
  return found
}
