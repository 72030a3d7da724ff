// One record explained: its value, where each field's value came from, and what each system holds of it.
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { recordsOf, type StoryRecord } from './cast.ts'

export type Explained = StoryRecord & {
  readonly at: Date
  readonly born: boolean
  /** The record that this one was merged into. */
  readonly mergedInto: string | null
  /** Field → where its value came from. */
  readonly sources: Readonly<Record<string, unknown>>
  readonly about: readonly string[]
  readonly holdings: readonly {
    readonly system: string
    readonly object: string
    readonly nativeId: string
    readonly native: Readonly<Record<string, unknown>>
    readonly gone: boolean
    readonly at: string
  }[]
}

/** Uses the primary keys of record, record_version and holding. */
const details: Query = {
  name: 'record-details',
  text: `
    select r.at, r.born, r.alias_of as "mergedInto", r.about,
           coalesce(
             (select json_object_agg(s.key, v.cause)
              from jsonb_each_text(r.sources) s join record_version v on v.ref = r.ref and v.version = s.value::int),
             '{}') as sources,
           coalesce(
             (select json_agg(json_build_object('system', h.system, 'object', h.object, 'nativeId', h.native_id,
                'native', h.native, 'gone', h.gone, 'at', h.at) order by h.system)
              from holding h where h.ref = r.ref),
             '[]') as holdings
    from record r
    where r.ref = $1`,
}

export async function recordExplained(tx: Tx, plan: Plan, ref: string): Promise<Explained | undefined> {
  const [record] = await recordsOf(tx, plan, [ref])
  const [more] = await tx.query<Omit<Explained, keyof StoryRecord>>(details, [ref])
  return record && more && { ...record, ...more }
}
