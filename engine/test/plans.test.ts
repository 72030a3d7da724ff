// The stages' statements, planned once whatever their values, find their rows by an index, also on an empty database; and a version is
// written by what changed alone.
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { claimables, held, take } from '../src/kernel/claims.ts'
import type { StoredHolding } from '../src/kernel/rows.ts'
import { byIndex, Db, type Query, type Tx } from '../src/store/db.ts'
import { beginAttempts, endAttempts, settleDeliveries } from '../src/store/deliveries.ts'
import { wakeJourneys, wakeWhoWaitsForLane } from '../src/store/follow-up.ts'
import { finishInbox } from '../src/store/inbox.ts'
import { lanesWaitedFor, wakeMissed } from '../src/store/journeys.ts'
import { idsIn, linksOf, mergeRefs, parentsOf } from '../src/store/links.ts'
import { migrate } from '../src/store/migrate.ts'
import { type Changed, holdingsOf, lockRecords, placesOf, writeHoldings, writeVersions } from '../src/store/records.ts'
import { nothingPersonal } from '../src/store/sealing.ts'

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

const changed: Changed = {
  ref: 'item-1',
  contract: 'item',
  version: 1,
  fields: { name: 'Gear', size: 3 },
  about: [],
  names: [{ name: 'gear', whole: true }],
  formerNames: [],
  born: false,
  delta: { name: 'Gear', size: 3 },
  cause: { system: 'crm' },
  quiet: false,
}

async function connected(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url, options: `-c search_path=plumbline ${byIndex}` })
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

test('no statement of the stages reads a table whole', async () => {
  await using client = await connected(database.url)
  const plans = new Map<string, string>()
  const explain = async (query: Query | string, values: readonly unknown[] = []): Promise<never[]> => {
    if (typeof query === 'string') return []
    await client.query(`prepare "${query.name}" as ${query.text}`)
    const nothing = values.length === 0 ? '' : `(${values.map(() => 'null').join()})`
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain execute "${query.name}"${nothing}`)
    plans.set(query.name, rows.map(row => row['QUERY PLAN']).join('\n'))
    return []
  }
  const tx = { query: explain, sealing: nothingPersonal } as Tx
  // One that an older version of its contract wrote, brought up to today's.
  const stored = { ref: 'r', contract: 'item', contract_version: 1, version: 1, fields: { name: 'Gear' } }
  const answering =
    (name: string, ...rows: readonly object[]) =>
    async (query: Query | string, values: readonly unknown[] = []): Promise<unknown[]> => {
      if (typeof query === 'string') return []
      if (!plans.has(query.name)) await explain(query, values)
      return query.name === name ? [...rows] : []
    }
  const names = [{ name: 'gear', whole: true }]
  const upgraded = { contract_version: 2, fields: {}, delta: { name: null }, about: [], names, formerNames: names }
  const newer = { versionOf: () => 2, upgrade: () => upgraded }
  const row = { ref: 'r', system: 's', object: 'o', native_id: 'n', epoch: 1, changes: [] }
  await linksOf(tx, [row])
  await idsIn(tx, 's', ['r'])
  await parentsOf(tx, [row])
  const lined = { ...stored, fields: { lines: [{ line: '1' }] } }
  await mergeRefs({ ...tx, query: answering('records-read', lined) } as Tx, 'r', 'q')
  await holdingsOf(tx, [row])
  await placesOf(tx, [row])
  await writeVersions(tx, [changed])
  await lockRecords({ query: answering('records-lock', stored), today: newer, sealing: nothingPersonal } as Tx, [
    { ref: 'r', contract: 'item', contractVersion: 2 },
  ])
  const holding = { ...row, native: {}, field_positions: {}, accepted: {} } as unknown as StoredHolding
  await writeHoldings(tx, [
    { before: undefined, after: holding },
    { before: holding, after: { ...holding, native: { a: 1 } } },
  ])
  await settleDeliveries(tx, [row as never])
  await beginAttempts(tx, [row as never])
  await endAttempts(tx, [row as never])
  await finishInbox(tx, [row as never])
  await wakeMissed(tx, 150)
  await wakeMissed(tx, undefined)
  await wakeJourneys(tx, ['r'], ['r'])
  await wakeWhoWaitsForLane(tx, 's', 1)
  await lanesWaitedFor(tx, ['s'])
  for (const what of Object.values(claimables)) {
    await held(tx, what, 'w', [row])
    await take(tx, what, 'w', 10, what.ready.includes('$3') ? ['s'] : [])
  }
  expect(plans.size).toBeGreaterThan(15)
  for (const [name, plan] of plans)
    if (!name.endsWith('-feed')) expect(plan, `${name}\n${plan}`).not.toMatch(/Seq Scan on (?!feed)/)
  // With the worker's index or the system's links, each row would be compared with all others.
  expect(plans.get('fence-delivery')).toContain('delivery_pkey')
  expect(plans.get('fence-inbox')).toContain('inbox_pkey')
  expect(plans.get('links-ids-in-system')).toContain('link_of')
  expect(plans.get('links-move-entries')).toContain('link_of')
  expect(plans.get('records-upgrade')).toContain('record_pkey')
  expect(plans.get('names-drop')).toContain('name_pkey')
  // From tens of thousands that wait to each journey, not from each journey to all that wait.
  for (const name of ['journeys-wake', 'journeys-wake-system', 'journeys-lanes-waited-for']) {
    expect(plans.get(name)).toContain('wait_for')
    expect(plans.get(name)?.match(/journey_(?!pkey)\w+ on journey/g), plans.get(name)).toBeNull()
  }
})

test('a version changes what it says, clears what it clears and leaves the rest', async () => {
  await db.transaction(async tx => {
    await lockRecords(tx, [{ ref: 'item-1', contract: 'item', contractVersion: 1 }])
    await writeVersions(tx, [changed])
    await writeVersions(tx, [
      {
        ...changed,
        version: 2,
        fields: { name: 'Wheel' },
        delta: { name: 'Wheel', size: null },
      },
    ])
  })
  const [record] = await db.query('select version, fields, sources from record where ref = $1', ['item-1'])
  expect(record).toEqual({
    version: 2,
    fields: { name: 'Wheel' },
    sources: { name: 2, size: 2 },
  })
  const versions = await db.query('select fields from record_version where ref = $1 order by version', ['item-1'])
  expect(versions.map(version => version.fields)).toEqual([
    { name: 'Gear', size: 3 },
    { name: 'Wheel', size: null },
  ])
})
