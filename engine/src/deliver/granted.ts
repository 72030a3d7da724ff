// Wishes that were granted: with them go fields to a system that owns them itself. It takes them or refuses them; either way the
// wish ends, and what is refused is put right by whoever decides (decide/wishes.ts).
import type { AnyContract, Field } from '@plumbline/sdk'
import { fieldAt, isAsWished } from '../kernel/field-at.ts'
import { baselineOf, type DeliveryRow, isWish } from '../kernel/rows.ts'
import type { Tx } from '../store/db.ts'
import { dropGrants, endWishes, type Wish, type WishEnd, wishesArrived, wishesNamed } from '../store/disputes.ts'
import { readRecords } from '../store/records.ts'

/** The wishes that go with these deliveries, by record. */
export async function wishesOf(tx: Tx, rows: readonly DeliveryRow[]): Promise<Map<string, Wish[]>> {
  const granted = rows.flatMap(row => row.grants)
  return Map.groupBy(await wishesNamed(tx, granted), wish => wish.ref)
}

/** The fields that go with a delivery although the system owns them: wished for, or a baseline; of a whole line all its fields. */
export const fieldsGranted = (
  contract: AnyContract,
  row: DeliveryRow,
  wishes: readonly Wish[],
): ReadonlySet<Field<unknown>> =>
  new Set(
    [...wishes.map(wish => wish.field), ...row.grants.flatMap(grant => baselineOf(grant) ?? [])].flatMap(path => {
      const field = fieldAt(contract, path)
      return field?.kind === 'lines' ? Object.values<Field<unknown>>(field.of ?? {}) : (field ?? [])
    }),
  )

/**
 * Ends the wishes that went with deliveries which are done, once they are done in every system that owns a part of it: each holds
 * what the record says, be it what was wished or not.
 */
export async function endGranted(tx: Tx, rows: readonly DeliveryRow[]): Promise<void> {
  const done = rows.filter(row => row.grants.length > 0)
  if (done.length === 0) return
  await dropGrants(tx, done)
  const wishes = await wishesArrived(
    tx,
    done.flatMap(row => row.grants.filter(isWish)),
  )
  const records = await readRecords(tx, [...new Set(wishes.map(wish => wish.ref))])
  const fields = new Map(records.map(record => [record.ref, record.fields]))
  await endWishes(
    tx,
    wishes.map((wish): WishEnd => {
      const isSo = isAsWished(fields.get(wish.ref) ?? {}, wish)
      return { dispute: wish.dispute, became: isSo ? 'applied' : 'overtaken', due: false, onlyIf: 'granted' }
    }),
  )
}

/** Wishes that the system would not take: decided on once more, by the record's own word. */
export async function refuseGranted(
  tx: Tx,
  refused: readonly { readonly row: DeliveryRow; readonly reason: string }[],
): Promise<void> {
  const all = refused.filter(({ row }) => row.grants.length > 0)
  await endWishes(
    tx,
    all.flatMap(({ row, reason }) =>
      row.grants
        .filter(isWish)
        .map((dispute): WishEnd => ({ dispute, became: 'refused there', reason, due: true, onlyIf: 'granted' })),
    ),
  )
  // A baseline that was refused is a delivery that was: for a person to mend, and then to try again.
  await dropGrants(
    tx,
    all.map(({ row }) => ({ ...row, grants: row.grants.filter(isWish) })),
  )
}
