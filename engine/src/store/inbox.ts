// The inbox: what was heard and is not understood yet, one row per native record.
import type { Heard, InboxRow } from '../kernel/rows.ts'
import type { Tx } from './db.ts'
import { withoutErased } from './erased.ts'
import type { HeldFacts } from './tables.ts'

export type Arrival = {
  readonly system: string
  readonly object: string
  readonly native_id: string
  readonly heard: Heard
}
export type Illegible = {
  readonly system: string
  readonly object: string
  readonly native_id: string
  readonly reason: string
  readonly todo: string
  readonly raw: unknown
  readonly change: string
}

const log = {
  name: 'change-log',
  text: `insert into change (id, system, object, native_id, body)
         select id, system, object, native_id, body from jsonb_to_recordset($1::jsonb) as x(id uuid, system text, object text, native_id text, body jsonb)`,
}
const arrive = {
  name: 'inbox-arrive',
  text: `with arrived as materialized (
           select * from jsonb_to_recordset($1::jsonb) as x(system text, object text, native_id text, changes jsonb)
         ), logged as (
           insert into change (id, system, object, native_id, body)
           select (heard ->> 'change')::uuid, system, object, native_id, heard -> 'observation' || jsonb_build_object('live', heard -> 'live')
           from arrived, jsonb_array_elements(changes) as c(heard)
         )
         insert into inbox (system, object, native_id, changes, due_at)
         select system, object, native_id, array(select jsonb_array_elements(changes)), clock_timestamp() + make_interval(secs => $2 / 1000.0)
         from arrived order by system, object, native_id
         on conflict (system, object, native_id) do update set
           changes = inbox.changes || excluded.changes, parked = false, reason = null, todo = null, tries = 0,
           due_at = least(inbox.due_at, excluded.due_at)`,
}
const park = {
  name: 'inbox-illegible',
  text: `insert into inbox (system, object, native_id, changes, parked, reason, todo)
         select distinct on (system, object, native_id) system, object, native_id, '{}'::jsonb[], true, reason, todo
         from jsonb_to_recordset($1::jsonb) as x(system text, object text, native_id text, reason text, todo text)
         on conflict (system, object, native_id) do update set parked = true, reason = excluded.reason, todo = excluded.todo`,
}

/** Stores what arrived, for the story and to be understood. A short wait lets changes of one record come together. */
export async function storeArrivals(tx: Tx, told: readonly Arrival[], debounceMs: number): Promise<void> {
  const arrivals = await tx.sealing.arrivals(await withoutErased(tx, told))
  if (arrivals.length === 0) return
  const rows = [...Map.groupBy(arrivals, a => `${a.system}\u0000${a.object}\u0000${a.native_id}`).values()].map(
    same => {
      const { heard: _, ...key } = same[0] as Arrival
      return { ...key, changes: same.map(arrival => arrival.heard) }
    },
  )
  await tx.query(arrive, [JSON.stringify(rows), debounceMs])
}

/** Keeps what could not be read, parked and visible. */
export async function storeIllegible(tx: Tx, told: readonly Illegible[]): Promise<void> {
  if (told.length === 0) return
  const all = await tx.sealing.told(told, 'raw', 'reason')
  await tx.query(log, [
    JSON.stringify(
      all.map(one => ({
        id: one.change,
        system: one.system,
        object: one.object,
        native_id: one.native_id,
        body: { unreadable: one.reason, raw: one.raw },
      })),
    ),
  ])
  await tx.query(park, [JSON.stringify(all)])
}

const finish = {
  name: 'inbox-finish',
  text: `with done as (
           select * from unnest($1::text[], $2::text[], $3::text[], $4::int[]) as d(system, object, native_id, n)
         ), emptied as (
           delete from inbox i using done d
           where i.system = d.system and i.object = d.object and i.native_id = d.native_id and cardinality(i.changes) <= d.n
         )
         update inbox i set worker = null, changes = i.changes[d.n + 1:], tries = 0, missing = null, due_at = clock_timestamp()
         from done d where i.system = d.system and i.object = d.object and i.native_id = d.native_id and cardinality(i.changes) > d.n`,
}
/** Takes off what was understood; what arrived meanwhile stays. */
export const finishInbox = (tx: Tx, rows: readonly InboxRow[]): Promise<unknown> =>
  rows.length === 0
    ? Promise.resolve()
    : tx.query(finish, [
        rows.map(r => r.system),
        rows.map(r => r.object),
        rows.map(r => r.native_id),
        rows.map(r => r.changes.length),
      ])

const later = {
  name: 'inbox-later',
  text: `update inbox set worker = null, tries = tries + 1, reason = $5, todo = $6, parked = $7,
           due_at = clock_timestamp() + make_interval(secs => $8 / 1000.0)
         where worker = $1 and system = $2 and object = $3 and native_id = $4`,
}
export async function postponeInbox(
  tx: Tx,
  worker: string,
  { system, object, native_id }: InboxRow,
  { reason, todo, parked, inMs }: { reason: string | null; todo?: string; parked: boolean; inMs: number },
): Promise<void> {
  const words = { system, object, native_id, reason, todo: todo ?? null }
  const [why] = await tx.sealing.told([words], 'reason', 'todo')
  await tx.query(later, [worker, system, object, native_id, why?.reason, why?.todo, parked, inMs])
}

export type Held = {
  readonly row: InboxRow
  /** The keys of the values that it waits for. */
  readonly missing: readonly string[]
  readonly reason: string
  readonly todo: string
  readonly held: HeldFacts
}
const hold = {
  name: 'inbox-hold',
  text: `update inbox i set worker = null, tries = 0, parked = false, reason = x.reason, todo = x.todo,
           held = x.held || case when i.missing is null then '{}' else jsonb_build_object('since', i.held ->> 'since') end,
           missing = array(select jsonb_array_elements_text(x.missing)),
           due_at = case when cardinality(i.changes) > x.n then clock_timestamp() else 'infinity' end
         from jsonb_to_recordset($2::jsonb) as x(system text, object text, native_id text, n int, missing jsonb, reason text, todo text, held jsonb)
         where i.worker = $1 and i.system = x.system and i.object = x.object and i.native_id = x.native_id`,
}
/** Holds changes back until a value that they wait for is there; what arrived meanwhile is looked at at once. */
export async function holdInbox(tx: Tx, worker: string, all: readonly Held[]): Promise<void> {
  if (all.length === 0) return
  const rows = all.map(({ row: { system, object, native_id, changes }, ...why }) => ({
    ...{ system, object, native_id, n: changes.length },
    ...why,
    title: why.held.title,
  }))
  const sealed = await tx.sealing.told(rows, 'reason', 'todo', 'title')
  const held = sealed.map(({ title, held, ...row }) => ({ ...row, held: { ...held, title } }))
  await tx.query(hold, [worker, JSON.stringify(held)])
}
