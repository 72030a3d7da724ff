// What this process works on is its own; what it has dropped is given back, so that somebody takes it up again.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Claim, claimables, claimOf, giveBackStrays, take } from '../src/kernel/claims.ts'
import { Db } from '../src/store/db.ts'
import { migrate } from '../src/store/migrate.ts'

const { feed } = claimables
let database: TestDatabase
let db: Db
beforeAll(async () => {
  database = await freshDatabase()
  db = new Db(database.url, 2)
  await migrate(db)
  await db.query("insert into feed (system) values ('sales')")
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

async function claimed(): Promise<Claim> {
  const [row] = await take<Claim>(db, feed, 'us', 1, [['sales']])
  if (!row) throw new Error('There was nothing to claim')
  await db.query("update feed set claimed_at = clock_timestamp() - interval '1 minute'")
  return row
}

test('a row that is claimed anew, before the claim before has quite ended, is not given back while it is worked on', async () => {
  const working = new Set<string>()
  const first = await claimed()
  working.add(claimOf(feed, first))
  await db.query('update feed set worker = null')
  const second = await claimed()
  working.add(claimOf(feed, second))
  working.delete(claimOf(feed, first))
  expect(await giveBackStrays(db, 'us', feed, working)).toBe(0)

  working.delete(claimOf(feed, second))
  expect(await giveBackStrays(db, 'us', feed, working)).toBe(1)
  expect(await take(db, feed, 'another', 1, [['sales']])).toHaveLength(1)
})
