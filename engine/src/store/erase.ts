// Erasing a person: the keys are destroyed, and with them all that was sealed, wherever it lies; what was found by a name is not
// found any more; what is still to be done for them is not done. One transaction.
import type { Field } from '@plumbline/sdk'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from './db.ts'
import { subjectsAt } from './erased.ts'

type NativeRecord = { readonly system: string; readonly object: string; readonly nativeId: string }

/** All that goes with a person. */
export type Scope = {
  readonly ref: string
  readonly contract: string
  /** The records: the person's own, those that were merged into it, and those that tell of the person. */
  readonly refs: readonly string[]
  /** Where systems have them. */
  readonly natives: readonly NativeRecord[]
  /** All whose keys sealed something of it. */
  readonly subjects: readonly string[]
  /** What the records point to: the customer whose orders stay. */
  readonly around: readonly string[]
}

type RecordRow = {
  readonly ref: string
  readonly contract: string
  readonly about: readonly string[]
  readonly fields: Readonly<Record<string, unknown>>
}

/** Uses the primary key and record_aliases. */
const own: Query = {
  name: 'erase-own',
  text: `select ref, contract, about, fields from record where ref = any($1) or alias_of = any($1) order by ref`,
}
/** Uses record_about. */
const telling: Query = {
  name: 'erase-telling',
  text: `select ref, contract, about, fields from record where about && $1 and contract = any($2) order by ref`,
}
/** Of the records and of their lines. Uses link_of. */
const places: Query = {
  name: 'erase-places',
  text: `select l.system, l.object, l.native_id as "nativeId" from unnest($1::text[]) as r(ref)
         join link l on l.ref = r.ref or (l.ref > r.ref || '/' and l.ref < r.ref || '0')
         order by 1, 2, 3`,
}

export async function scopeOf(tx: Tx, plan: Plan, ref: string, contract: string): Promise<Scope> {
  const { personal } = tx.sealing
  const person = await tx.query<RecordRow>(own, [[ref]])
  const refsOfPerson = person.map(one => one.ref)
  const about = await tx.query<RecordRow>(telling, [refsOfPerson, personal.belonging])
  const belonging = about.filter(one => tellsOf(plan, one, refsOfPerson)).map(one => one.ref)
  const others = belonging.length === 0 ? [] : await tx.query<RecordRow>(own, [belonging])
  const refs = [...new Set([...person, ...others].map(one => one.ref))].sort()
  const natives = await tx.query<NativeRecord>(places, [refs])
  const seen = natives.flatMap(({ system, object, nativeId }) =>
    subjectsAt(tx, { system, object, native_id: nativeId }),
  )
  const around = [...new Set(person.flatMap(one => one.about))].filter(one => !refs.includes(one))
  return { ref, contract, refs, natives, subjects: [...new Set([...refs, ...seen])].sort(), around }
}

const lock: Query = { name: 'erase-lock', text: 'select from record where ref = any($1) order by ref for update' }
/** The same, whose records nobody joins another to until the transaction ends; what newly points to them somebody may still be understanding. */
export async function settledScopeOf(tx: Tx, plan: Plan, ref: string, contract: string): Promise<Scope> {
  const { refs } = await scopeOf(tx, plan, ref, contract)
  await tx.query(lock, [refs])
  return scopeOf(tx, plan, ref, contract)
}

/** By a field that is personal: a record may point to somebody without being about them. */
function tellsOf(plan: Plan, { contract, fields }: RecordRow, refs: readonly string[]): boolean {
  return Object.entries<Field<unknown>>(plan.contracts.get(contract)?.fields ?? {}).some(([name, field]) => {
    const value = fields[name]
    const points = typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : ''
    return field.isPersonal && field.kind === 'ref' && refs.includes(points)
  })
}

export type Counts = {
  readonly records: number
  readonly versions: number
  readonly changes: number
  readonly deliveries: number
  readonly disputes: number
  readonly tasks: number
}
const counted: Query = {
  name: 'erase-counts',
  text: `
    select (select count(*) from record where ref = any($1) and version > 0) as records,
           (select count(*) from record_version where ref = any($1)) as versions,
           (select count(*) from change c join unnest($2::text[], $3::text[], $4::text[]) as n(system, object, native_id) using (system, object, native_id)) as changes,
           (select count(*) from attempt where ref = any($1)) as deliveries,
           (select count(*) from dispute where ref = any($1)) as disputes,
           (select count(*) from task t left join journey j using (journey) where coalesce(t.ref, j.ref) = any($1)) as tasks`,
}
export const countsOf = async (tx: Tx, { refs, natives }: Scope): Promise<Counts> =>
  (await tx.query<Counts>(counted, [refs, ...keysOf(natives)]))[0] as Counts

const keysOf = (natives: readonly NativeRecord[]): readonly (readonly string[])[] => [
  natives.map(one => one.system),
  natives.map(one => one.object),
  natives.map(one => one.nativeId),
]

/** What points to the person, or to what the person points to, and stays as it is. Uses record_about. */
const stays: Query = {
  name: 'erase-stays',
  text: `select contract, count(*) as records from record
         where about && $1 and ref <> all($2) and version > 0 and alias_of is null group by contract order by contract`,
}
export type Staying = { readonly contract: string; readonly records: number }
export const staying = (tx: Tx, { refs, around }: Scope): Promise<Staying[]> =>
  tx.query<Staying>(stays, [[...refs, ...around], refs])

/** Without an id where creating it was not answered: it may be there. */
export type Holder = { readonly system: string; readonly object: string; readonly nativeId: string | null }
/** What was dropped of an erased person has no holding. */
const holders: Query = {
  name: 'erase-holders',
  text: `select system, object, native_id as "nativeId" from holding where ref = any($1) and not gone
         union
         select system, object, native_id from still_held
         join unnest($2::text[], $3::text[], $4::text[]) as n(system, object, native_id) using (system, object, native_id)
         order by 1, 2, 3`,
}
const creating: Query = {
  name: 'erase-creating',
  text: `select system, contract from delivery d where ref = any($1) and creating_since is not null
           and not exists (select from link l where l.ref = d.ref and l.system = d.system)
         order by 1, 2`,
}
/** Which systems have them still, as far as we know. */
export async function heldBy(tx: Tx, plan: Plan, { refs, natives }: Scope): Promise<Holder[]> {
  const held = await tx.query<Holder>(holders, [refs, ...keysOf(natives)])
  const inDoubt = await tx.query<{ system: string; contract: string }>(creating, [refs])
  const objectOf = (system: string, contract: string): string =>
    plan.systems.get(system)?.byContract.get(contract)?.object ?? contract
  return [
    ...held,
    ...inDoubt.map(({ system, contract }) => ({ system, object: objectOf(system, contract), nativeId: null })),
  ]
}

export type Erasure = {
  readonly ref: string
  readonly contract: string
  readonly by: string
  readonly reason: string
  readonly counts: Counts
  readonly at: Date
}
const known: Query = {
  name: 'erase-known',
  text: 'select ref, contract, by, reason, counts, at from erasure where refs @> array[$1]',
}
/** Who had this ref was erased already. */
export const erasureOf = async (tx: Tx, ref: string): Promise<Erasure | undefined> =>
  (await tx.query<Erasure>(known, [ref]))[0]

const left: Query = {
  name: 'erase-left',
  text: `select from unnest($1::text[]) as s(subject)
         where not exists (select from personal_key k where k.subject = s.subject and k.erased_at is not null) limit 1`,
}
/** Whether nothing is left to be erased: what joins an erased person later has keys of its own. */
export const isErased = async (tx: Tx, { subjects }: Scope): Promise<boolean> =>
  (await tx.query(left, [subjects])).length === 0

/** In the order in which all others lock: records, then what hangs on them. Since when a create is in doubt stays: it may be there. */
const statements: readonly Query[] = [
  lock,
  {
    name: 'erase-names',
    text: 'delete from name where ref = any($1)',
  },
  { name: 'erase-matches', text: 'delete from match where ref = any($1)' },
  {
    name: 'erase-deliveries',
    text: `update delivery set state = 'idle', done = wanted, close = false, tries = 0, waits_for = null, reason = null, todo = null,
             says = null, grants = '{}', missing = null, held = null, attempt = null, doubt_until = null, worker = null, epoch = epoch + 1
           where ref = any($1)`,
  },
  {
    name: 'erase-tasks',
    text: 'update task set withdrawn_at = clock_timestamp() where ref = any($1) and answer is null and withdrawn_at is null',
  },
  {
    name: 'erase-disputes',
    text: `update dispute set became = case when became in ('asked', 'granted') then 'overtaken' else became end, due = false,
             decided_at = coalesce(decided_at, clock_timestamp())
           where ref = any($1) and (due or became in ('asked', 'granted'))`,
  },
]
const dropTold: Query = {
  name: 'erase-told',
  text: `delete from inbox i using unnest($1::text[], $2::text[], $3::text[]) as n(system, object, native_id)
         where i.system = n.system and i.object = n.object and i.native_id in (n.native_id, 'unreadable:' || n.native_id)`,
}
/** The row stays: who was erased gets no other key. */
const destroy: Query = {
  name: 'erase-keys',
  text: `insert into personal_key (subject, erased_at) select subject, clock_timestamp() from unnest($1::text[]) as s(subject) order by subject
         on conflict (subject) do update set wrapped = null, erased_at = coalesce(personal_key.erased_at, excluded.erased_at)`,
}
const remember: Query = {
  name: 'erase-remember',
  text: `insert into erasure (ref, contract, refs, by, reason, counts) values ($1, $2, $3, $4, $5, $6)
         on conflict (ref) do update set refs = array(select distinct r from unnest(erasure.refs || excluded.refs) as r order by r),
           by = excluded.by, reason = excluded.reason, counts = excluded.counts, at = excluded.at
         returning ref, contract, by, reason, counts, at`,
}

/** `reason` must say nothing of the person any more. */
export async function erase(tx: Tx, scope: Scope, by: string, reason: string, counts: Counts): Promise<Erasure> {
  for (const statement of statements) await tx.query(statement, [scope.refs])
  await tx.query(dropTold, keysOf(scope.natives))
  await tx.query(destroy, [scope.subjects])
  const { ref, contract, refs } = scope
  const [erasure] = await tx.query<Erasure>(remember, [ref, contract, refs, by, reason, JSON.stringify(counts)])
  if (!erasure) throw new Error(`The erasure of ${ref} was not written down; nothing was done`)
  return erasure
}

/** What is dead is not left lying in the pages of the keys. */
export const sweepKeys = (tx: Tx): Promise<unknown> => tx.query('vacuum personal_key')
