// What turns out to be an erased person's when a system tells of it: it carries our key, was linked after that, or belongs to them.
// Nothing of it is kept.
import type { AnyContract, Field, Mapping } from '@plumbline/sdk'
import { nativeNamesOf } from '../kernel/personal.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import type { InboxRow } from '../kernel/rows.ts'
import type { Tx } from '../store/db.ts'
import { erasedAmong, eraseJoined, noteStillHeld } from '../store/erased.ts'
import { finishInbox } from '../store/inbox.ts'
import { type Link, linksOf, type NativeKey, nativeKey } from '../store/links.ts'

type Located = {
  readonly row: InboxRow
  readonly system: SystemPlan
  readonly mapping: Mapping
  readonly contract: AnyContract
  readonly object: string
  readonly nativeId: string
}
/** A row, and the record of the erased person whose it is. */
export type Joined = { readonly row: InboxRow; readonly ref: string }

type JoinedToErased = {
  readonly joined: readonly Joined[]
  /** Where the persons themselves turned out to be. */
  readonly links: readonly Link[]
}

/** `refOf` is what is known of who a record is, by link or by our key. */
export async function joinedToErased(
  tx: Tx,
  located: readonly Located[],
  refOf: (of: NativeKey) => string | undefined,
): Promise<JoinedToErased> {
  const told = located.map(one => ({ row: one.row, ref: refOf(asKey(one)), key: asKey(one) }))
  const own = await ofErased(tx, told)
  const places = new Map(own.map(({ key, ref }) => [nativeKey(key), ref]))
  const pointing = located.filter(one => refOf(asKey(one)) === undefined).flatMap(one => ownersTold(tx, one))
  const links = await linksOf(
    tx,
    pointing.map(one => one.owner),
  )
  const belonging = await ofErased(
    tx,
    pointing.map(({ row, owner }) => ({ row, ref: places.get(nativeKey(owner)) ?? links.get(nativeKey(owner)) })),
  )
  return { joined: [...own, ...belonging], links: own.map(({ key, ref }) => ({ ...key, ref })) }
}

async function ofErased<J extends { readonly ref: string | undefined }>(
  tx: Tx,
  all: readonly J[],
): Promise<(J & { readonly ref: string })[]> {
  const erased = await erasedAmong(
    tx,
    all.flatMap(({ ref }) => ref ?? []),
  )
  return all.flatMap(one => (one.ref !== undefined && erased.has(one.ref) ? [{ ...one, ref: one.ref }] : []))
}

/** Whose a record is that belongs to a person, by the ref that is marked as personal. */
function ownersTold(tx: Tx, { row, system, mapping, contract }: Located): { row: InboxRow; owner: NativeKey }[] {
  if (!tx.sealing.personal.belonging.includes(contract.contract)) return []
  const observed = [...row.changes, ...(row.reading ? [row.reading.heard] : [])].map(heard => heard.observation)
  const fields = Object.assign({}, ...observed.filter(seen => !seen.entryOf).map(seen => seen.fields))
  return Object.entries<Field<unknown>>(contract.fields).flatMap(([name, field]) => {
    const rule = mapping.rules[name]
    const object = field.to === undefined ? undefined : system.byContract.get(field.to)?.object
    if (!field.isPersonal || field.kind !== 'ref' || rule === undefined || object === undefined) return []
    const ids = nativeNamesOf(rule).map(native => fields[native])
    return ids.flatMap(id =>
      typeof id === 'string' ? [{ row, owner: { system: system.name, object, native_id: id } }] : [],
    )
  })
}

/** Last of all that its transaction does: whoever makes keys waits for it, beside their own transaction. */
export async function dropJoined(tx: Tx, joined: readonly Joined[]): Promise<void> {
  if (joined.length === 0) return
  const rows = joined.map(one => one.row)
  await finishInbox(tx, rows)
  // What tells nothing of a person by itself was never sealed, and is not looked for there.
  const personal = rows.filter(row => tx.sealing.subjectOf(row) !== undefined)
  await noteStillHeld(
    tx,
    personal.flatMap(({ reading, changes, ...row }) =>
      (reading ? [reading.heard] : changes).map(heard => ({ ...row, heard })),
    ),
  )
  await eraseJoined(
    tx,
    joined.map(({ row: { system, object, native_id }, ref }) => ({ system, object, native_id, ref })),
  )
}

const asKey = ({ system, object, nativeId }: Located): NativeKey => ({
  system: system.name,
  object,
  native_id: nativeId,
})
