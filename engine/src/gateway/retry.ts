// Retry: what was held back for a person, or waits for its time, is due now. A preview does it all and takes it back.
import type { Plan } from '../kernel/plan.ts'
import { castOf } from '../observe/cast.ts'
import { journeysByName } from '../observe/journeys.ts'
import { resolve } from '../observe/resolve.ts'
import { type Act, audit } from '../store/audit.ts'
import type { Db, Query, Tx } from '../store/db.ts'
import { tellWorkers } from '../store/notify.ts'
import { previewable } from './preview.ts'
import { problem } from './problems.ts'

export type RetryRequest = {
  /** A journey and everything that takes part in it; its id, or a number of one of its records. */
  readonly journey?: string
  /** Several of them at once, as they are chosen from a list. */
  readonly journeys?: readonly string[]
  readonly ref?: string
  readonly system?: string
  readonly all?: boolean
  readonly dryRun?: boolean
  /** Who asks; the audit says so. */
  readonly by?: string
}

export type Released = {
  readonly dryRun: boolean
  readonly journeys: readonly string[]
  readonly deliveries: readonly { readonly ref: string; readonly system: string }[]
  readonly changes: readonly { readonly system: string; readonly object: string; readonly nativeId: string }[]
  readonly feeds: readonly string[]
  readonly lanes: readonly string[]
}

/** What is meant; `null` is no limit. */
type Scope = { readonly refs: readonly string[] | null; readonly systems: readonly string[] | null }

/** Uses journey_open and journey_of. */
const releaseJourneys: Query = {
  name: 'retry-journeys',
  text: `
    update journey
    set state = 'ready', tries = 0, due_at = clock_timestamp(), reason = null, todo = null
    where worker is null and ended_at is null
      and (state = 'stuck' or (state in ('ready', 'waiting') and reason is not null))
      and ($1::text[] is null or ref = any($1))
    returning journey`,
}

/** Uses delivery_open and delivery_due. What waits for a parent goes on waiting, unless the parent itself is released. */
const releaseDeliveries: Query = {
  name: 'retry-deliveries',
  text: `
    update delivery
    set state = 'due', tries = 0, due_at = clock_timestamp(), reason = null, todo = null
    where worker is null
      and (state = 'parked' or (state = 'due' and due_at > clock_timestamp() and (doubt_until is null or doubt_until < clock_timestamp())))
      and ($1::text[] is null or ref = any($1)) and ($2::text[] is null or system = any($2))
    returning ref, system`,
}

/** What was sent in vain may be sent again: somebody has seen to it. */
const forgetTimes: Query = {
  name: 'retry-forget-times',
  text: `
    update holding h
    set accepted = (select jsonb_object_agg(field, known - 'times') from jsonb_each(h.accepted) as a(field, known))
    from delivery d
    where d.state = 'parked' and d.worker is null and h.ref = d.ref and h.system = d.system and h.accepted <> '{}'
      and ($1::text[] is null or d.ref = any($1)) and ($2::text[] is null or d.system = any($2))`,
}

/** A small table. What could not even be read holds no change to try again, and stays to be seen. */
const releaseChanges: Query = {
  name: 'retry-changes',
  text: `
    update inbox i
    set parked = false, tries = 0, due_at = clock_timestamp(), reason = null, todo = null
    where i.worker is null and cardinality(i.changes) > 0 and (i.parked or (i.tries > 0 and i.due_at > clock_timestamp()))
      and ($2::text[] is null or i.system = any($2))
      and ($1::text[] is null or exists (
        select from link l
        where l.system = i.system and l.object = i.object and l.native_id = i.native_id and l.ref = any($1)))
    returning system, object, native_id as "nativeId"`,
}

const releaseFeeds: Query = {
  name: 'retry-feeds',
  text: `
    update feed set due_at = clock_timestamp(), tries = 0
    where worker is null and due_at > clock_timestamp() and ($1::text[] is null or system = any($1))
    returning system`,
}
/** A pause is somebody's wish and stays. */
const releaseLanes: Query = {
  name: 'retry-lanes',
  text: `
    update lane
    set closed_until = null, failures = 0, reason = null, probe_by = null, probe_until = null, ceiling = null
    where failures > 0 and not paused and ($1::text[] is null or system = any($1))
    returning system`,
}

export async function retry(db: Db, plan: Plan, request: RetryRequest): Promise<Released> {
  const dryRun = request.dryRun ?? false
  return previewable(
    db,
    dryRun,
    async tx => {
      const released = await release(tx, await scopeOf(tx, plan, request), dryRun)
      if (!dryRun) await audit(tx, actOf(request, released))
      return released
    },
    () => tellWorkers(db, 'lanes', 'understand', 'deliver', 'journeys'),
  )
}

/** What was asked for may be anybody's name: the audit says what that was found to be. */
function actOf({ by, ref, system, all }: RetryRequest, { journeys, deliveries, changes }: Released): Act {
  const refs = deliveries.map(one => one.ref)
  const about = all ? 'everything' : (system ?? ref ?? journeys[0] ?? refs[0] ?? 'nothing')
  return { by: by?.trim() || 'not said', what: 'retried', about, facts: { journeys, refs, changes: changes.length } }
}

async function scopeOf(tx: Tx, plan: Plan, { journey, journeys, ref, system, all }: RetryRequest): Promise<Scope> {
  if (all) return { refs: null, systems: null }
  if (system !== undefined) {
    if (plan.systems.has(system)) return { refs: null, systems: [system] }
    const known = [...plan.systems.keys()].join(', ')
    throw problem('not-found', `The project has no system "${system}".`, `Name one of: ${known}.`)
  }
  if (journey !== undefined) return { refs: await refsOf(tx, plan, journey), systems: null }
  if (journeys !== undefined) {
    const refs = new Set<string>()
    for (const one of journeys) for (const ref of await refsOf(tx, plan, one)) refs.add(ref)
    return { refs: [...refs], systems: null }
  }
  if (ref !== undefined) return { refs: [ref], systems: null }
  throw problem('nothing-named', 'A retry needs to know what to retry.', 'Give journey, journeys, ref, system or all.')
}

async function refsOf(tx: Tx, plan: Plan, asked: string): Promise<readonly string[]> {
  const { refs, journeys } = await resolve(tx, plan, asked)
  if (refs.length === 0) {
    throw problem(
      'not-found',
      `Nothing is known as "${asked}".`,
      'Give a journey, or a number or name of one of its records.',
    )
  }
  const starts = await journeysByName(tx, plan, journeys)
  const { records, shortened } = await castOf(tx, plan, starts.length > 0 ? starts.map(one => one.ref) : refs)
  if (shortened)
    throw problem(
      'bad-request',
      `More takes part in "${asked}" than is retried by one name; nothing was changed.`,
      'Retry its journeys one by one, or everything of a system, or all.',
    )
  return records.map(record => record.ref)
}

async function release(tx: Tx, { refs, systems }: Scope, dryRun: boolean): Promise<Released> {
  // A system's own rows are released for the system or for all, not for a single record.
  const wholeSystems = refs === null
  await tx.query(forgetTimes, [refs, systems])
  return {
    dryRun,
    journeys:
      systems === null ? (await tx.query<{ journey: string }>(releaseJourneys, [refs])).map(row => row.journey) : [],
    deliveries: await tx.query<Released['deliveries'][number]>(releaseDeliveries, [refs, systems]),
    changes: await tx.query<Released['changes'][number]>(releaseChanges, [refs, systems]),
    feeds: wholeSystems ? await namesFrom(tx, releaseFeeds, systems) : [],
    lanes: wholeSystems ? await namesFrom(tx, releaseLanes, systems) : [],
  }
}

const namesFrom = async (tx: Tx, query: Query, systems: readonly string[] | null): Promise<string[]> =>
  (await tx.query<{ system: string }>(query, [systems])).map(row => row.system)
