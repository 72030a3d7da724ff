// Deliveries and their attempts. An attempt is a row, committed before anything is sent.
import type { DeliveryRow } from '../kernel/rows.ts'
import type { Tx } from './db.ts'
import type { HeldFacts } from './tables.ts'

export type Settled = {
  readonly ref: string
  readonly system: string
  readonly state: 'due' | 'waiting' | 'parked' | 'idle'
  readonly in_ms: number
  readonly done?: number
  readonly tried?: boolean
  readonly waits_for?: string | undefined
  readonly reason?: string | undefined
  readonly todo?: string | undefined
  /** How often it had been marked when it was claimed; when it was marked once more meanwhile, it is due. */
  readonly marks: number
  /** The record is closed there, or was never there. */
  readonly closed?: boolean
  /** Keep the attempt: it is in doubt. */
  readonly in_doubt?: boolean
  /** Until when an attempt before this one may still arrive. */
  readonly late_until?: Date | undefined
}

const settle = {
  name: 'deliveries-settle',
  text: `update delivery d set worker = null,
           state = case when x.state = 'idle' and (d.wanted > coalesce(x.done, d.done) or d.marks > x.marks or (d.close and not coalesce(x.closed, false))) then 'due'
                      when x.state = 'parked' and d.marks > x.marks then 'due' else x.state end,
           done = coalesce(x.done, d.done), close = d.close and not coalesce(x.closed, false),
           tries = case when x.state = 'idle' then 0 when x.tried then d.tries + 1 else d.tries end,
           waits_for = x.waits_for, reason = x.reason, todo = x.todo, missing = null, held = null,
           attempt = case when x.in_doubt then d.attempt end, doubt_until = case when x.in_doubt then d.doubt_until end, creating_since = case when x.in_doubt then d.creating_since end,
           late_until = coalesce(x.late_until, d.late_until),
           due_at = clock_timestamp() + make_interval(secs => x.in_ms / 1000.0),
           since = case when x.state = d.state then d.since else clock_timestamp() end
         from jsonb_to_recordset($1::jsonb) as x(ref text, system text, state text, in_ms numeric, done int, tried boolean, waits_for text, reason text, todo text, in_doubt boolean, late_until timestamptz, marks int, closed boolean)
         where d.ref = x.ref and d.system = x.system`,
}
/** Ends this claim of each delivery in the state it is in now. What was marked meanwhile is due at once. */
export const settleDeliveries = async (tx: Tx, all: readonly Settled[]): Promise<unknown> =>
  all.length === 0
    ? Promise.resolve()
    : tx.query(settle, [JSON.stringify(await tx.sealing.about(all, 'reason', 'todo'))])

export type Attempt = {
  readonly id: string
  readonly ref: string
  readonly system: string
  readonly version: number
  readonly kind: string
  readonly key: string
  readonly request: object
  readonly send_by_ms: number
  readonly doubt_ms: number
}

const begin = {
  name: 'attempts-begin',
  text: `with tried as (
           select * from jsonb_to_recordset($1::jsonb) as x(id uuid, ref text, system text, version int, kind text, key text, request jsonb, send_by_ms numeric, doubt_ms numeric)
         ), marked as (
           update delivery d set attempt = t.id, sent_version = t.version, creating_since = case when t.kind = 'create' then coalesce(d.creating_since, clock_timestamp()) end, doubt_until = clock_timestamp() + make_interval(secs => t.doubt_ms / 1000.0)
           from tried t where d.ref = t.ref and d.system = t.system
         )
         insert into attempt (id, ref, system, version, kind, key, request, send_by)
         select id, ref, system, version, kind, key, request, clock_timestamp() + make_interval(secs => send_by_ms / 1000.0) from tried`,
}
/** Records that these writes are about to be sent. */
export const beginAttempts = async (tx: Tx, attempts: readonly Attempt[]): Promise<unknown> =>
  attempts.length === 0 ? Promise.resolve() : tx.query(begin, [JSON.stringify(await tx.sealing.attempts(attempts))])

const end = {
  name: 'attempts-end',
  text: `update attempt a set ended_at = clock_timestamp(), ended = x.ended, reason = x.reason
         from jsonb_to_recordset($1::jsonb) as x(id uuid, ref text, ended text, reason text)
         where a.id = x.id and a.ref = x.ref and a.at > clock_timestamp() - interval '1 day'`,
}
export const endAttempts = async (
  tx: Tx,
  ended: readonly { id: string; ref: string; ended: string; reason?: string | undefined }[],
): Promise<unknown> =>
  ended.length === 0 ? Promise.resolve() : tx.query(end, [JSON.stringify(await tx.sealing.about(ended, 'reason'))])

const carried = {
  name: 'attempts-carried',
  text: `select a.id, array(select jsonb_object_keys(a.request -> 'fields')) || array(select jsonb_object_keys(a.request -> 'lists')) as names
         from attempt a join unnest($1::uuid[], $2::text[]) as asked(id, ref) on a.id = asked.id and a.ref = asked.ref`,
}
/** The native fields that these attempts carry; uses attempt_of. */
export async function carriedBy(
  tx: Tx,
  attempts: readonly { readonly id: string; readonly ref: string }[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (attempts.length === 0) return new Map()
  const rows = await tx.query<{ id: string; names: string[] }>(carried, [
    attempts.map(({ id }) => id),
    attempts.map(({ ref }) => ref),
  ])
  return new Map(rows.map(({ id, names }) => [id, names]))
}

export const isInDoubt = (row: DeliveryRow): boolean => row.attempt !== null

const creating = {
  name: 'deliveries-creating',
  text: `select system, contract, min(creating_since) as since from delivery where creating_since is not null and state = 'due' group by system, contract`,
}
/** Since when creates are under way whose native ids are not known yet, by system and contract. */
export async function createsUnderWay(tx: Tx): Promise<Map<string, Date>> {
  const rows = await tx.query<{ system: string; contract: string; since: Date }>(creating)
  return new Map(rows.map(row => [creatingKey(row.system, row.contract), row.since]))
}
export const creatingKey = (system: string, contract: string): string => `${system}\u0000${contract}`

const recheck = {
  name: 'deliveries-recheck',
  text: `update delivery d set state = 'due', due_at = clock_timestamp() + make_interval(secs => least(d.tries - 1, 60) * 0.5)
         where d.system = $1 and d.ref = any($2) and d.state = 'waiting' and d.worker is null
           and exists (select from link l where l.system = d.system
                       and l.ref = coalesce((select r.alias_of from record r where r.ref = d.waits_for), d.waits_for))
         returning 1 as woken`,
}
/** Deliveries that wait for a record which is there by now. */
export const wakeThoseWhoNeedNotWait = async (tx: Tx, system: string, refs: readonly string[]): Promise<number> =>
  refs.length === 0 ? 0 : (await tx.query(recheck, [system, refs])).length

export type HeldDelivery = {
  readonly row: DeliveryRow
  /** The keys of the values that it waits for. */
  readonly missing: readonly string[]
  readonly reason: string
  readonly todo: string
  readonly held: HeldFacts
}
const hold = {
  name: 'deliveries-hold',
  // An attempt in doubt stays in doubt.
  text: `update delivery d set worker = null, tries = 0, waits_for = null, reason = x.reason, todo = x.todo,
           state = case when x.is_new then 'due' else 'waiting' end,
           due_at = case when x.is_new then clock_timestamp() else 'infinity' end,
           since = case when d.missing is null then clock_timestamp() else d.since end,
           missing = array(select jsonb_array_elements_text(x.missing)),
           held = x.held || case when d.missing is null then '{}' else jsonb_build_object('since', d.held ->> 'since') end
         from (
           select h.ref, h.system, h.missing, h.reason, h.todo, h.held, d.marks > h.marks or d.close as is_new
           from jsonb_to_recordset($1::jsonb) as h(ref text, system text, marks int, missing jsonb, reason text, todo text, held jsonb)
           join delivery d using (ref, system)
         ) x
         where d.ref = x.ref and d.system = x.system`,
}
/** Holds deliveries, which are ours, back until a value that they wait for is there; what was wanted meanwhile is due. */
export async function holdDeliveries(tx: Tx, all: readonly HeldDelivery[]): Promise<void> {
  if (all.length === 0) return
  const rows = all.map(({ row: { ref, system, wanted }, ...why }) => ({
    ref,
    system,
    wanted,
    ...why,
    title: why.held.title,
  }))
  const sealed = await tx.sealing.about(rows, 'reason', 'todo', 'title')
  await tx.query(hold, [
    JSON.stringify(sealed.map(({ title, held, ...row }) => ({ ...row, held: { ...held, title } }))),
  ])
}
