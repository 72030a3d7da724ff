// Migrations run by themselves, in order, once, however many processes start at the same moment.
import { readdir, readFile } from 'node:fs/promises'
import type { Db, Tx } from './db.ts'

const folder = new URL('./migrations/', import.meta.url)
/** Any number: all that matters is that every Plumbline process asks for the same lock. */
const lockKey = 4600_4601

export async function migrate(db: Db): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter(name => name.endsWith('.sql')).sort()
  return db.transaction(async tx => {
    await tx.query('select pg_advisory_xact_lock($1)', [lockKey])
    await tx.query('create schema if not exists plumbline')
    await tx.query(
      'create table if not exists migration (name text primary key, at timestamptz not null default clock_timestamp())',
    )
    const done = new Set((await tx.query<{ name: string }>('select name from migration')).map(row => row.name))
    const due = files.filter(name => !done.has(name))
    if (done.size > 0 && due.length > 0) await refuseBesideOthers(tx)
    for (const name of due) await apply(tx, name)
    return due
  })
}

/** What the version before still runs on would change under it. */
class OthersRun extends Error {
  readonly todo = 'Stop all processes of the version before, wait ten seconds, and start this one.'
  constructor(workers: readonly string[]) {
    super(`The database is to be migrated, and ${workers.length} process(es) work on it: ${workers.join(', ')}.`)
  }
}

async function refuseBesideOthers(tx: Tx): Promise<void> {
  const workers = await tx.query<{ worker: string }>(
    'select worker from worker where lease_until > clock_timestamp() order by worker',
  )
  if (workers.length > 0) throw new OthersRun(workers.map(row => row.worker))
}

async function apply(tx: Tx, name: string): Promise<void> {
  await tx.query(await readFile(new URL(name, folder), 'utf8'))
  await tx.query('insert into migration (name) values ($1)', [name])
}

/** How much of a page is filled at first: the row of an attempt is written once more, at its end. */
const partitioned = new Map([
  ['change', 100],
  ['record_version', 100],
  ['attempt', 60],
])

/**
 * Makes the partitions of this month and the next two, so that old months can be dropped whole. Rows of a month that
 * nobody made a partition for lie in the default one and move.
 */
export async function makePartitions(db: Db): Promise<void> {
  for (const table of partitioned.keys()) {
    const missing = await db.query<{ part: string; from: string; to: string }>(missingParts, [table])
    for (const { part, from, to } of missing) await db.transaction(tx => makePartition(tx, table, part, from, to))
  }
}

const missingParts = `
  select part, "from", "to" from (
    select format('%s_%s', $1::text, to_char(first, 'YYYY_MM')) as part,
           to_char(first, 'YYYY-MM-DD') || ' 00:00:00+00' as "from",
           to_char(first + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00' as "to"
    from generate_series(0, 2) as n, lateral (
      select date_trunc('month', statement_timestamp() at time zone 'utc') + make_interval(months => n) as first) f
  ) months where to_regclass(part) is null`

async function makePartition(tx: Tx, table: string, part: string, from: string, to: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [lockKey])
  // Asked of the catalogue itself: to_regclass may still answer from before the lock was given.
  const there = await tx.query(
    'select from pg_class where relname = $1 and relnamespace = current_schema()::regnamespace',
    [part],
  )
  if (there.length > 0) return
  await tx.query(
    `create table ${part} (like ${table} including defaults including constraints) with (fillfactor = ${partitioned.get(table)})`,
  )
  // Nobody adds a row of that month to the default one between its move and the attachment.
  await tx.query(`lock table ${table}_default in access exclusive mode`)
  await tx.query(
    `with moved as (delete from ${table}_default where at >= '${from}' and at < '${to}' returning *) insert into ${part} select * from moved`,
  )
  await tx.query(`alter table ${table} attach partition ${part} for values from ('${from}') to ('${to}')`)
}
