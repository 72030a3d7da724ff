// Announced events in their order: `seq` is given after the commit that made the event, so a reader may follow it.
import type { Query, Tx } from '../store/db.ts'

export type Announced = {
  readonly seq: number
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly data: Readonly<Record<string, unknown>>
  readonly at: Date
}

/** Uses the unique index on seq. */
const after: Query = {
  name: 'events-after',
  text: 'select seq, id, type, subject, data, at from event where seq > $1 order by seq limit $2',
}
const newest: Query = { name: 'events-newest', text: 'select coalesce(max(seq), 0) as seq from event' }

export const eventsAfter = (tx: Tx, seq: number, limit: number): Promise<Announced[]> =>
  tx.query<Announced>(after, [seq, limit])

export const newestSeq = async (tx: Tx): Promise<number> => (await tx.query<{ seq: number }>(newest))[0]?.seq ?? 0
