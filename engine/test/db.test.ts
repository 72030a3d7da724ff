// What PostgreSQL answers is read as it was written.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { Db } from '../src/store/db.ts'

let database: TestDatabase
let db: Db
beforeAll(async () => {
  database = await freshDatabase()
  db = new Db(database.url, 1)
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

test.each([
  [
    'objects, with quotes, backslashes, line ends and braces in them',
    [{ says: 'a "b" \\ {c}, \n\t⟦é⟧' }, { n: [1, { a: null }] }],
  ],
  ['other values', ['NULL', '', ' ', 'null', 3, -1.5, true, [], {}]],
  ['none', []],
  ['one that is missing', [{ a: 1 }, null]],
])('an array of jsonb: %s', async (_, values) => {
  // What is null in JSON is no value at all in the array.
  const array = `array(select nullif(one, 'null') from jsonb_array_elements($1::jsonb) as e(one))`
  const [row] = await db.query(`select ${array} as values`, [JSON.stringify(values)])
  expect(row?.values).toEqual(values)
})
