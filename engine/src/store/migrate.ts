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
    for (const name of due) await apply(tx, name)
    return due
  })
}

async function apply(tx: Tx, name: string): Promise<void> {
  await tx.query(await readFile(new URL(name, folder), 'utf8'))
  await tx.query('insert into migration (name) values ($1)', [name])
}

/** Makes the partitions of this month and the next, so that old months can be dropped whole. */
export async function makePartitions(db: Db): Promise<void> {
  await db.transaction(async tx => {
    await tx.query('select pg_advisory_xact_lock($1)', [lockKey])
    for (const table of ['change', 'record_version', 'attempt']) {
      await tx.query(`
        do $$
        declare
          first date := date_trunc('month', clock_timestamp() at time zone 'utc');
          part text;
        begin
          for months in 0..1 loop
            part := format('${table}_%s', to_char(first + make_interval(months => months), 'YYYY_MM'));
            if to_regclass(part) is null then
              execute format('create table %I partition of ${table} for values from (%L) to (%L)',
                part, (first + make_interval(months => months)), (first + make_interval(months => months + 1)));
            end if;
          end loop;
        end $$`)
    }
  })
}
