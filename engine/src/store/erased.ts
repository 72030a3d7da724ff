// Somebody who was erased here may still be told of by a system: that is dropped, and noted until it is deleted there.
import { contractOfRef } from '../kernel/ids.ts'
import type { Query, Tx } from './db.ts'

type Place = { readonly system: string; readonly object: string; readonly native_id: string }
type Told = Place & {
  readonly heard: { readonly observation: { readonly kind: string } }
}

const note: Query = {
  name: 'still-held-note',
  text: `insert into still_held (system, object, native_id, subject, times)
         select * from jsonb_to_recordset($1::jsonb) as x(system text, object text, native_id text, subject text, times int)
         order by system, object, native_id
         on conflict (system, object, native_id) do update set times = still_held.times + excluded.times, last_at = clock_timestamp()`,
}
const forget: Query = {
  name: 'still-held-forget',
  text: `delete from still_held h using unnest($1::text[], $2::text[], $3::text[]) as gone(system, object, native_id)
         where (h.system, h.object, h.native_id) = (gone.system, gone.object, gone.native_id)`,
}

/** What may be stored of what was told. */
export async function withoutErased<T extends Told>(tx: Tx, told: readonly T[]): Promise<readonly T[]> {
  const subjectOf = (one: T): string => tx.sealing.subjectOf(one) ?? ''
  const personal = told.filter(one => subjectOf(one) !== '')
  if (personal.length === 0) return told
  const erased = await tx.sealing.erased(personal.map(subjectOf))
  if (erased.size === 0) return told
  // What only hints says nothing of them: whether they are there still is read.
  const dropped = personal.filter(one => erased.has(subjectOf(one)) && kindOf(one) !== 'look again')
  await noteStillHeld(tx, dropped)
  return told.filter(one => !dropped.includes(one))
}

const among: Query = {
  name: 'erased-among',
  text: 'select subject from personal_key where subject = any($1) and erased_at is not null',
}
/** Which of these records are of erased persons: as it stands now, not as it was when their keys were last asked for. */
export async function erasedAmong(tx: Tx, refs: readonly string[]): Promise<ReadonlySet<string>> {
  const personal = refs.filter(ref => tx.sealing.personal.fieldsOf(contractOfRef(ref)))
  if (personal.length === 0) return new Set()
  const rows = await tx.query<{ subject: string }>(among, [personal])
  return new Set(rows.map(row => row.subject))
}

/** What was told before it was known of whom has a key of its own. */
const join: Query = {
  name: 'erased-join',
  text: `insert into personal_key (subject, erased_at)
         select distinct on (j.subject) j.subject, k.erased_at
         from unnest($1::text[], $2::text[]) as j(subject, ref) join personal_key k on k.subject = j.ref
         where k.erased_at is not null order by j.subject
         on conflict (subject) do update set wrapped = null, erased_at = coalesce(personal_key.erased_at, excluded.erased_at)`,
}
/** Erases what systems told of records that turned out to be these erased ones, since they were. */
export async function eraseJoined(tx: Tx, joined: readonly (Place & { readonly ref: string })[]): Promise<void> {
  const subjects = joined.flatMap(({ ref, ...place }) => subjectsAt(tx, place).map(subject => ({ subject, ref })))
  if (subjects.length === 0) return
  await tx.query(join, [subjects.map(one => one.subject), subjects.map(one => one.ref)])
}

/** Whose keys seal what a system tells of a record: what could not be read of it lies beside it. */
export const subjectsAt = (tx: Tx, { native_id, ...place }: Place): string[] =>
  [native_id, `unreadable:${native_id}`].flatMap(id => tx.sealing.subjectOf({ ...place, native_id: id }) ?? [])

const kindOf = ({ heard }: Told): string => heard.observation.kind

/** What systems said of the erased: that they are there, or gone. */
export async function noteStillHeld(tx: Tx, dropped: readonly Told[]): Promise<void> {
  const same = [...Map.groupBy(dropped, one => `${one.system}\u0000${one.object}\u0000${one.native_id}`).values()]
  const gone = same.flatMap(all => all.at(-1) ?? []).filter(one => kindOf(one) === 'gone')
  const held = same.flatMap(all => {
    const [one] = all
    const times = all.filter(each => kindOf(each) === 'seen').length
    if (!one || times === 0 || gone.some(last => all.includes(last))) return []
    const { system, object, native_id } = one
    return [{ system, object, native_id, subject: tx.sealing.subjectOf(one), times }]
  })
  if (held.length > 0) await tx.query(note, [JSON.stringify(held)])
  if (gone.length > 0)
    await tx.query(forget, [gone.map(one => one.system), gone.map(one => one.object), gone.map(one => one.native_id)])
}
