// A migration changes what processes of the version before still work on: it waits until they are gone.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { Db } from '../src/store/db.ts'
import { migrate } from '../src/store/migrate.ts'

let database: TestDatabase
let db: Db
beforeAll(async () => {
  database = await freshDatabase()
  db = new Db(database.url, 2)
  await migrate(db)
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

const worker = (lives: string): Promise<unknown> =>
  db.query(
    `insert into worker (worker, build, lease_until) values ('host-1', 'old', clock_timestamp() + $1::interval)
     on conflict (worker) do update set lease_until = excluded.lease_until`,
    [lives],
  )

test('it refuses beside a process that works, names it, and goes on when its lease is over', async () => {
  // One that can be run twice.
  const name = '0006_lean_rows.sql'
  await db.query('delete from migration where name = $1', [name])
  await worker('5 seconds')
  await expect(migrate(db)).rejects.toThrow('host-1')
  await worker('-1 seconds')
  expect(await migrate(db)).toEqual([name])
})

test('where nothing is to be migrated, others may work', async () => {
  await worker('5 seconds')
  expect(await migrate(db)).toEqual([])
})
