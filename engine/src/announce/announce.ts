// Announce: events get their place in one order, after the commits that made them, by one announcer at a time.
// Readers follow `seq`; the same event is never announced under two.
import type { Db } from '../store/db.ts'

const announcerLock = 4600_0006
const announceSome = {
  name: 'events-announce',
  text: `with next as materialized (
           select ctid, at, id from event where seq is null order by at limit $1 for update skip locked
         ), numbered as (
           select ctid, (select coalesce(max(seq), 0) from event) + row_number() over (order by at, id) as seq from next
         )
         update event set seq = numbered.seq from numbered where event.ctid = numbered.ctid returning 1 as announced`,
}

/** Puts unannounced events in order; answers how many. 0 also when another process is doing it. */
export function announce(db: Db, limit = 500): Promise<number> {
  return db.transaction(async tx => {
    const [lock] = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [announcerLock])
    if (!lock?.mine) return 0
    return (await tx.query(announceSome, [limit])).length
  })
}
