// Who was erased is nobody's identity any more: what was on its way in of them is taken off, and what only hinted at them is
// looked at once, so that people know whether the system has them still.
import { claimables, held, keyOf } from '../kernel/claims.ts'
import type { InboxRow } from '../kernel/rows.ts'
import type { Running } from '../running.ts'
import { noteStillHeld } from '../store/erased.ts'
import { finishInbox } from '../store/inbox.ts'

/** The rows of all others. `look` reads those that only hint, and answers what it read. */
export async function ofTheLiving(
  running: Running,
  rows: readonly InboxRow[],
  look: (rows: readonly InboxRow[]) => Promise<readonly InboxRow[]>,
): Promise<readonly InboxRow[]> {
  const { sealing } = running.db
  const erased = await sealing.erased(rows.flatMap(row => sealing.subjectOf(row) ?? []))
  if (erased.size === 0) return rows
  const dropped = rows.filter(row => erased.has(sealing.subjectOf(row) ?? ''))
  const read = (await look(dropped)).flatMap(({ reading, ...row }) =>
    reading ? [{ ...row, heard: reading.heard }] : [],
  )
  await running.db.transaction(async tx => {
    const mine = await held(tx, claimables.inbox, running.lease.worker, dropped)
    await noteStillHeld(tx, read)
    await finishInbox(
      tx,
      dropped.filter(row => mine.has(keyOf(claimables.inbox, row))),
    )
  })
  return rows.filter(row => !dropped.includes(row))
}
