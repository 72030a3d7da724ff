// What people did, in one chain: each entry has the hash of all before it, so that none can be changed, taken out or moved without
// being seen. What an entry says of a person is sealed, and the hash is that of the seal: it stands when the person is erased.
import { createHash } from 'node:crypto'
import type { Query, Tx } from './db.ts'

export type Act = {
  readonly by: string
  /** "answered", "paused": what was done. */
  readonly what: string
  /** A record's ref, or the name of a system or table. */
  readonly about: string
  readonly why?: string | null
  readonly facts?: object
}

/** Locked until the act itself is committed: there is one order, and no number is left out. */
const lockHead: Query = {
  name: 'audit-head-lock',
  text: 'select n, hash, clock_timestamp() as at from audit_head for update',
}
const append: Query = {
  name: 'audit-append',
  text: `with entry as (insert into audit (n, entry, hash) values ($1, $2, $3))
         update audit_head set n = $1, hash = $3`,
}

/** In the transaction of the act. Whatever else that locks, it has locked before. */
export async function audit(tx: Tx, { by, what, about, why = null, facts = {} }: Act): Promise<void> {
  const [said] = await tx.sealing.events([{ subject: about, data: { why, facts } }])
  const [head] = await tx.query<{ n: number; hash: string; at: Date }>(lockHead)
  if (!head) throw new Error('The head of the audit is missing; nothing was done')
  const entry = JSON.stringify({ n: head.n + 1, at: head.at.toISOString(), by, what, about, ...said?.data })
  await tx.query(append, [head.n + 1, entry, chained(head.hash, Buffer.from(entry))])
}

const chained = (before: string, entry: Buffer): string =>
  createHash('sha256').update(before).update('\n').update(entry).digest('hex')

/** How far the chain goes; kept elsewhere, it tells whether the end was cut off or all of it written anew. */
export type Head = { readonly n: number; readonly hash: string }

const head: Query = { name: 'audit-head', text: 'select n, hash from audit_head' }
export const auditHead = async (tx: Tx): Promise<Head> => (await tx.query<Head>(head))[0] ?? { n: 0, hash: '' }

const PAGE = 1_000
/** As bytes, just as they were hashed: what is read as text is opened. */
const page: Query = {
  name: 'audit-page',
  text: `select n, convert_to(entry, 'UTF8') as entry, hash from audit where n > $1 order by n limit ${PAGE}`,
}

export type Verified = {
  readonly stands: boolean
  /** What is wrong, in words; null when nothing is. */
  readonly finding: string | null
  readonly entries: number
  readonly head: Head
}

/** Reads all of it. `noted` is a head that somebody kept. */
export async function verifyAudit(tx: Tx, noted?: Head): Promise<Verified> {
  const end = await auditHead(tx)
  let n = 0
  let hash = ''
  const broken = (finding: string): Verified => ({ stands: false, finding, entries: n, head: end })
  for (;;) {
    const rows = await tx.query<{ n: number; entry: Buffer; hash: string }>(page, [n])
    for (const row of rows) {
      if (row.n !== n + 1) return broken(`Entry ${n + 1} is missing: after ${n} comes ${row.n}.`)
      if (chained(hash, row.entry) !== row.hash || numberIn(row.entry) !== row.n)
        return broken(`Entry ${row.n} is not what was written, or not where it was written.`)
      n = row.n
      hash = row.hash
      if (n === noted?.n && hash !== noted.hash) return broken(`Entry ${n} is not the one whose hash was noted.`)
    }
    if (rows.length < PAGE) break
  }
  if (n < end.n) return broken(`The end is missing: there were ${end.n} entries, and ${n} are left.`)
  if (noted && n < noted.n) return broken(`The end is missing: ${noted.n} entries were noted, and ${n} are left.`)
  return { stands: true, finding: null, entries: n, head: { n, hash } }
}

function numberIn(entry: Buffer): number {
  const said: unknown = JSON.parse(entry.toString('utf8'))
  return typeof said === 'object' && said !== null && 'n' in said ? Number(said.n) : 0
}
