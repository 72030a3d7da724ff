// The sweep for lost wake-ups, over journeys that nobody woke although what they watch changed.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { Db } from '../src/store/db.ts'
import { wakeMissed } from '../src/store/journeys.ts'
import { migrate } from '../src/store/migrate.ts'
import { bookedQuote, type Given, invoiced } from './gateway.fixtures.ts'

let database: TestDatabase
let db: Db

beforeAll(async () => {
  database = await freshDatabase()
  db = new Db(database.url)
  await migrate(db)
})
afterAll(async () => {
  await db?.close()
  await database?.drop()
})

let number = 0
/** A booked order with an invoice, whose journey looked at both a minute ago; they are as old as that. */
async function givenWaiting(): Promise<Given> {
  const n = ++number
  const given = await bookedQuote(db, `Q${n}`, `O${n}`)
  await invoiced(db, given, `I${n}`)
  await db.query("update record set at = now() - interval '10 minutes' where ref = any($1)", [
    [given.quote, given.order, given.invoice],
  ])
  await db.query("update journey set at = now() - interval '1 minute' where journey = $1", [given.journey])
  return given
}
const changes = (ref: string, ago: string): Promise<unknown> =>
  db.query('update record set at = now() - $2::interval where ref = $1', [ref, ago])
const stateOf = async ({ journey }: Given): Promise<string> =>
  String((await db.query<{ state: string }>('select state from journey where journey = $1', [journey]))[0]?.state)

test.each([
  ['looked at from what changed lately', 150],
  ['looked at from everything that waits', undefined],
])('%s: who waits for a record or for all records about it is woken, and nobody else', async (_, seconds) => {
  const forRecord = await givenWaiting()
  const forAll = await givenWaiting()
  const others = [await givenWaiting(), await givenWaiting()]
  await changes(forRecord.order, '2 seconds')
  await changes(forAll.invoice, '2 seconds')
  expect(await wakeMissed(db, seconds)).toBe(2)
  expect(await Promise.all([forRecord, forAll, ...others].map(stateOf))).toEqual([
    'ready',
    'ready',
    'waiting',
    'waiting',
  ])
  expect(await wakeMissed(db, seconds)).toBe(0)
})

test('what changed before a journey looked, or just then, has been seen by it', async () => {
  const before = await givenWaiting()
  await changes(before.order, '70 seconds')
  const justThen = await givenWaiting()
  await changes(justThen.order, '57 seconds')
  expect(await wakeMissed(db, 150)).toBe(0)
  expect(await wakeMissed(db, undefined)).toBe(0)
})
