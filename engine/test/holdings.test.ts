// A holding that is written by its differences alone is what it would be written whole: null stays apart from what was never
// read, and what was taken away is gone.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import type { StoredHolding } from '../src/kernel/rows.ts'
import { Db } from '../src/store/db.ts'
import { migrate } from '../src/store/migrate.ts'
import { holdingKey, holdingsOf, writeHoldings } from '../src/store/records.ts'

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

const name = fc.constantFrom('a', 'b', 'c', '__proto__x', 'ä"')
const value = fc.oneof(
  fc.constantFrom(null, 1, '1', '', true),
  fc.array(fc.dictionary(name, fc.constantFrom(null, 1, 'x'), { maxKeys: 3 }), { maxLength: 2 }),
)
const entries = fc.dictionary(name, value, { maxKeys: 4 })
const position = fc.record({ at: fc.nat(3), seq: fc.nat(3) })
const written = fc.record({
  native: entries,
  accepted: fc.dictionary(name, fc.record({ sent: value }), { maxKeys: 3 }),
  field_positions: fc.dictionary(name, position, { maxKeys: 3 }),
  position,
  token: fc.constantFrom(null, 'W/"1"', 'W/"2"'),
  native_id: fc.constantFrom('1', '2'),
  gone: fc.boolean(),
  answered: fc.boolean(),
})

test('any way of a holding, written by differences, ends as it was written last', async () => {
  let n = 0
  await fc.assert(
    fc.asyncProperty(fc.array(written, { minLength: 1, maxLength: 5 }), async states => {
      const key = { ref: `item-${n++}`, system: 'crm' }
      let before: StoredHolding | undefined
      for (const state of states) {
        const after: StoredHolding = { ...key, object: 'Item', ...state } as StoredHolding
        await db.transaction(tx => writeHoldings(tx, [{ before, after }]))
        before = (await holdingsOf(db, [key])).get(holdingKey(key))
        const { at: _, ...stored } = before as StoredHolding
        expect(stored).toEqual(after)
      }
    }),
    { numRuns: 150 },
  )
})
