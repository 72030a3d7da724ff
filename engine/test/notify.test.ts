// What processes tell each other: heard once, heard again after the connection broke, and whatever it says it ends nobody.
import { setTimeout as sleep } from 'node:timers/promises'
import { contract, fill, mapping, objectOf, project, role, text, whereFound } from '@plumbline/sdk'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { realHost } from '../src/host.ts'
import { startEngine } from '../src/index.ts'
import { Db } from '../src/store/db.ts'
import { Listener } from '../src/store/notify.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

let database: TestDatabase
let db: Db
beforeAll(async () => {
  database = await freshDatabase()
  db = new Db(database.url, 2)
})
afterAll(async () => {
  await db?.close()
  await database?.drop()
})

const tell = (words: string): Promise<unknown> => db.query('select pg_notify($1, $2)', ['plumbline', words])
const listening = `from pg_stat_activity where datname = current_database() and query = 'listen plumbline'`
const listeners = async (): Promise<number> => (await db.query(`select ${listening}`)).length

test('one whose connection was broken off listens again, once', async () => {
  const heard: string[] = []
  const listener = new Listener(
    database.url,
    realHost(() => undefined),
    (from, stage) => void heard.push(`${from}: ${stage}`),
  )
  await listener.start()
  onTestFinished(() => listener.stop())
  await tell('another deliver/erp')
  await until(async () => heard.length === 1)
  expect(heard).toEqual(['another: deliver/erp'])

  await db.query(`select pg_terminate_backend(pid) ${listening}`)
  await until(async () => (await listeners()) === 0)
  await until(async () => (await listeners()) > 0)
  // As long as a second one would need to come after the first.
  await sleep(1_500)
  expect(await listeners()).toBe(1)
  await tell('another journeys')
  await until(async () => heard.length > 1)
  expect(heard.slice(1)).toEqual(['another: journeys'])
})

test('a worker goes on when one of another version tells of work that it does not know', async () => {
  const ends: unknown[] = []
  const end = (error: unknown): void => void ends.push(error)
  process.on('uncaughtException', end)
  onTestFinished(() => void process.off('uncaughtException', end))

  const Guest = contract(
    'guest',
    { name: text('Name').ownedBy('hotel') },
    { knownBy: ['name'], livesIn: { hotel: whereFound() } },
  )
  const hotel = role('hotel', { holds: [Guest] })
  const shelf = new Shelf()
  const inHotel = shelfConnector(shelf)
  const filled = fill(
    hotel,
    'hotel',
    inHotel,
    {},
    { mappings: [mapping(Guest, objectOf(inHotel, 'Thing'), { name: 'Name' })] },
  )
  const engine = await startEngine({
    project: project('guests', { contracts: [Guest], roles: [hotel], systems: [filled], workflows: [] }),
    databaseUrl: database.url,
  })
  onTestFinished(() => engine.close())
  await until(async () => (await engine.ready()).ready)
  for (const words of ['newer stage', 'newer constructor', 'newer deliver/nowhere', 'newer /', 'newer', ''])
    await tell(words)
  shelf.put('h1', { Name: 'Ann' })
  await until(async () => (await db.query('select from plumbline.record')).length === 1)
  expect(ends).toEqual([])
})
