// What people did, the newest first.
import type { Query, Tx } from '../store/db.ts'

type AuditEntry = {
  readonly n: number
  readonly at: string
  readonly by: string
  readonly what: string
  readonly about: string
  readonly why: string | null
  readonly facts: Readonly<Record<string, unknown>>
}
export type AuditPage = { readonly entries: readonly AuditEntry[]; readonly next: number | null }

/** Uses the primary key. */
const newest: Query = {
  name: 'audit-newest',
  text: `select entry::jsonb as entry from audit where $1::bigint is null or n < $1 order by n desc limit $2`,
}

export async function auditOf(
  tx: Tx,
  { before = null, limit = 100 }: { before?: number | null; limit?: number },
): Promise<AuditPage> {
  const rows = await tx.query<{ entry: AuditEntry }>(newest, [before, limit])
  const entries = rows.map(row => row.entry)
  return { entries, next: entries.length < limit ? null : (entries.at(-1)?.n ?? null) }
}
