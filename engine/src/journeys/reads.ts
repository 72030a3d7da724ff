// What journeys that run at the same moment read: one question to the database for all of them. What decides is read once
// more, under lock, when a run is committed.
import type { StoredRecord } from '../kernel/rows.ts'
import { gathered } from '../kernel/together.ts'
import type { Db } from '../store/db.ts'
import { idsIn } from '../store/links.ts'
import { answeredIn, goneFrom, readRecords, readSurvivors } from '../store/records.ts'

export type Reads = {
  /** The record under exactly this ref. */
  record(ref: string): Promise<StoredRecord | undefined>
  /** The record, or the one that it was merged into. */
  survivor(ref: string): Promise<StoredRecord | undefined>
  /** The systems that have the record, and whose answer has been understood. */
  answeredIn(ref: string): Promise<readonly string[] | undefined>
  /** The systems from which the record has disappeared. */
  goneFrom(ref: string): Promise<readonly string[] | undefined>
  /** The record's native ids in a system. */
  idsIn(system: string, ref: string): Promise<readonly { object: string; native_id: string }[] | undefined>
}

export function readsOf(db: Db): Reads {
  const record = gathered<StoredRecord>(
    async refs => new Map((await readRecords(db, refs)).map(found => [found.ref, found])),
  )
  const bySystem = new Map<string, ReturnType<typeof idsGathered>>()
  const idsGathered = (system: string) =>
    gathered<readonly { object: string; native_id: string }[]>(refs => idsIn(db, system, refs))
  return {
    record,
    survivor: gathered(refs => readSurvivors(db, refs)),
    answeredIn: gathered(refs => answeredIn(db, refs)),
    goneFrom: gathered(refs => goneFrom(db, refs)),
    idsIn(system, ref) {
      const known = bySystem.get(system) ?? idsGathered(system)
      bySystem.set(system, known)
      return known(ref)
    },
  }
}
