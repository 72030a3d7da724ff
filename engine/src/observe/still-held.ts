// Persons who were erased here, and of whom a system goes on telling: deleting them there is for people.
import type { Query, Tx } from '../store/db.ts'

/** A small table. Uses the primary key of personal_key. */
const stillHeld: Query = {
  name: 'still-held',
  text: `
    select h.system, h.object, h.native_id as "nativeId", h.times, h.first_at as since, k.erased_at as "erasedAt"
    from still_held h join personal_key k using (subject)
    order by h.first_at
    limit $1`,
}
export type StillHeld = {
  readonly system: string
  readonly object: string
  readonly nativeId: string
  readonly times: number
  readonly since: Date
  readonly erasedAt: Date
}

export const stillHeldOf = (tx: Tx, limit: number): Promise<StillHeld[]> => tx.query<StillHeld>(stillHeld, [limit])
