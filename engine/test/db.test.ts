// What PostgreSQL answers is read as it was written; a connection that breaks, at whatever moment, costs its query and nothing else.
import { createServer } from 'node:net'
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

/** One of PostgreSQL's messages: a letter, its length, its text. */
function message(letter: string, text: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + text.length)
  return Buffer.concat([Buffer.from(letter), length, Buffer.from(text, 'latin1')])
}

test('a server that is killed in the moment in which it took a connection', async () => {
  // No real one can be made to say both at once.
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', () =>
      socket.end(
        Buffer.concat([
          message('R', '\0\0\0\0'),
          message('Z', 'I'),
          message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
        ]),
      ),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const dying = new Db(`postgres://a@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/a`, 1)
  try {
    await expect(dying.transaction(tx => tx.query('select 1'))).rejects.toThrow()
    await expect(dying.query('select 1')).rejects.toThrow()
  } finally {
    await dying.close()
    server.close()
  }
})
