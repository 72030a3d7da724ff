// The one place that knows how work is claimed: a row belongs to a worker under an epoch, until it is given back,
// finished, or taken over from a worker whose lease ran out. A stale epoch cannot commit.
import type { Db, Query, Tx } from '../store/db.ts'

export type Claim = { readonly epoch: number }

/** A table whose rows are work. */
export type Claimable = {
  readonly table: string
  readonly key: readonly string[]
  /**
   * Which rows without a worker may be claimed; `$3` on are the taker's own values. Times are compared with the
   * statement's: a clock that moves within the statement is no condition for an index.
   */
  readonly ready: string
  /** Taken over from a dead worker: what else changes, so that an attempt in doubt is not repeated. */
  readonly onTakeOver?: string
}

export const claimables = {
  inbox: {
    table: 'inbox',
    key: ['system', 'object', 'native_id'],
    ready: 'not parked and due_at <= statement_timestamp() and system = $3',
  },
  delivery: {
    table: 'delivery',
    key: ['ref', 'system'],
    ready: "state in ('due', 'waiting') and due_at <= statement_timestamp() and system = $3",
    // A create in doubt may be looked up at once. An update may still be sent by whom we take over from, and would then
    // undo a newer one: it waits until that can no longer arrive.
    onTakeOver: 'due_at = greatest(due_at, case when creating_since is null then doubt_until end)',
  },
  journey: {
    table: 'journey',
    key: ['journey'],
    ready: "state in ('ready', 'waiting') and due_at <= statement_timestamp()",
  },
  comparison: {
    table: 'comparison',
    key: ['comparison'],
    ready: 'ended_at is null and due_at <= statement_timestamp() and system = $3',
  },
  feed: { table: 'feed', key: ['system'], ready: 'due_at <= statement_timestamp() and system = any($3)' },
} as const satisfies Record<string, Claimable>

const takes = new Map<string, Query>()

/** Claims up to `limit` rows that are ready, oldest first. Rows that others are claiming are passed over. */
export async function take<R extends Claim>(
  tx: Tx,
  what: Claimable,
  worker: string,
  limit: number,
  values: readonly unknown[] = [],
): Promise<R[]> {
  const { table, ready } = what
  const query = cached(takes, table, () => ({
    name: `take-${table}`,
    text: `with free as (
             select ctid from ${table} where worker is null and ${ready} order by due_at limit $2 for update skip locked
           ), taken as (
             update ${table} set worker = $1, epoch = epoch + 1, claimed_at = clock_timestamp()
             from free where ${table}.ctid = free.ctid
             returning ${table}.*
           )
           select * from taken order by due_at`,
  }))
  return tx.query<R & Record<string, unknown>>(query, [worker, limit, ...values])
}

const fences = new Map<string, Query>()

/**
 * Locks the rows that are still ours and says which: the fence. Everything a stage writes for a row, it writes in the
 * same transaction after this and only for rows that are held. `is true` keeps the planner from the index of workers: the
 * rows are found by their keys.
 */
export async function held<R extends Claim>(
  tx: Tx,
  what: Claimable,
  worker: string,
  rows: readonly R[],
): Promise<Set<string>> {
  const { table, key } = what
  const query = cached(fences, table, () => ({
    name: `fence-${table}`,
    text: `select ${key.map(column => `t.${column}`).join(', ')} from ${table} t
           join unnest(${[...key, 'epoch'].map((column, i) => `$${i + 2}::${column === 'epoch' ? 'bigint' : 'text'}[]`).join(', ')})
             as mine(${[...key, 'epoch'].join(', ')}) on ${[...key, 'epoch'].map(column => `mine.${column} = t.${column}`).join(' and ')}
           where (t.worker = $1) is true order by ${key.map(column => `t.${column}`).join(', ')} for update of t`,
  }))
  const columns = [...key, 'epoch'].map(column => rows.map(row => (row as Record<string, unknown>)[column]))
  const still = await tx.query<Record<string, string>>(query, [worker, ...columns])
  return new Set(still.map(row => keyOf(what, row)))
}

export const keyOf = (what: Claimable, row: object): string =>
  what.key.map(column => String((row as Record<string, unknown>)[column])).join('\u0000')

/** One claim of a row: the next one of the same row, which may begin before this one has quite ended, is another. */
export const claimOf = (what: Claimable, row: Claim): string => `${keyOf(what, row)}\u0000${row.epoch}`

/** Gives rows back that this process no longer works on (a give-back that failed, say): those in our name that we do not hold. */
export async function giveBackStrays(
  db: Db,
  worker: string,
  what: Claimable,
  working: ReadonlySet<string>,
): Promise<number> {
  const { table, key } = what
  const mine = await db.query<Claim & Record<string, unknown>>(
    `select ${[...key, 'epoch'].join(', ')} from ${table} where worker = $1 and claimed_at < clock_timestamp() - interval '3 seconds'`,
    [worker],
  )
  const strays = mine.filter(row => !working.has(claimOf(what, row)))
  for (const stray of strays) {
    await db.query(
      `update ${table} set worker = null ${what.onTakeOver ? `, ${what.onTakeOver}` : ''} where worker = $1 and ${[...key, 'epoch'].map((column, i) => `${column} = $${i + 2}`).join(' and ')}`,
      [worker, ...[...key, 'epoch'].map(column => stray[column])],
    )
  }
  return strays.length
}

/** Frees the rows of workers whose lease ran out. Only a steady worker may (see lease.ts). */
export async function takeOver(tx: Tx, what: Claimable): Promise<number> {
  const { table, onTakeOver } = what
  const freed = await tx.query(
    `update ${table} set worker = null ${onTakeOver ? `, ${onTakeOver}` : ''}
     where worker is not null and not exists (select from worker w where w.worker = ${table}.worker and w.lease_until > clock_timestamp())
     returning 1 as freed`,
  )
  return freed.length
}

function cached(cache: Map<string, Query>, key: string, make: () => Query): Query {
  const found = cache.get(key) ?? make()
  cache.set(key, found)
  return found
}
