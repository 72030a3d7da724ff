// A lane's limit is exact across processes, and a dead worker's permits come back only after its calls' deadline.
import { readdir } from 'node:fs/promises'
import { connector, type Instance } from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { realHost } from '../src/host.ts'
import { Lane } from '../src/kernel/lanes.ts'
import { Lease } from '../src/kernel/lease.ts'
import { planOf, type SystemPlan } from '../src/kernel/plan.ts'
import { Db } from '../src/store/db.ts'
import { migrate } from '../src/store/migrate.ts'

let database: TestDatabase
const dbs: Db[] = []
const newDb = (): Db => {
  const db = new Db(database.url, 4)
  dbs.push(db)
  return db
}
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  await Promise.all(dbs.map(db => db.close()))
  await database.drop()
})

function systemWith(
  limits: { concurrency: number; perSecond?: number; longestCallMs: number },
  name: string,
): SystemPlan {
  const made = connector(
    'slow',
    { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
    limits,
  )
  const instance: Instance = {
    instance: name,
    role: 'erp',
    connector: made as Instance['connector'],
    settings: {},
    mappings: [],
    answers: [],
  }
  return planOf({ project: 'p', contracts: [], roles: [], systems: [instance], routes: [], workflows: [] }).systems.get(
    name,
  ) as SystemPlan
}

test('many processes migrate at once, and each migration is applied once', async () => {
  const files = (await readdir(new URL('../src/store/migrations/', import.meta.url))).sort()
  const done = await Promise.all(Array.from({ length: 5 }, () => migrate(newDb())))
  expect(done.flat()).toEqual(files)
})

test('three processes together never exceed the limit', async () => {
  const system = systemWith({ concurrency: 4, longestCallMs: 1_000 }, 'limited')
  const workers = await Promise.all(
    [1, 2, 3].map(async () => {
      const db = newDb()
      const host = realHost(() => undefined)
      const lease = new Lease(db, host, 'build')
      await lease.start()
      const lane = new Lane(system, db, host, lease.worker)
      await lane.prepare()
      return { lane, lease, host }
    }),
  )
  let now = 0
  let most = 0
  let calls = 0
  await Promise.all(
    workers.flatMap(({ lane, host }) =>
      Array.from({ length: 40 }, () =>
        lane.run('batch', async () => {
          most = Math.max(most, ++now)
          await host.sleep(10)
          now--
          calls++
        }),
      ),
    ),
  )
  expect(calls).toBe(120)
  expect(most).toBeLessThanOrEqual(4)
  for (const { lane, lease } of workers) {
    await lane.stop()
    await lease.stop()
  }
})

test('the permits of a process that is gone are not given to another before its calls must have ended', async () => {
  const system = systemWith({ concurrency: 2, longestCallMs: 60_000 }, 'gone')
  const db = newDb()
  const host = realHost(() => undefined)
  const dead = new Lane(system, db, host, 'dead-worker')
  await dead.prepare()
  void dead.run('batch', () => new Promise(() => undefined))
  await expect
    .poll(
      async () => (await db.query('select 1 from permit where system = $1 and worker is not null', ['gone'])).length,
    )
    .toBe(2)
  const living = new Lane(system, db, host, 'living-worker')
  expect(await living.free()).toBe(0)
  await db.query("update permit set until = clock_timestamp() - interval '1 second' where system = 'gone'")
  expect(await living.free()).toBe(1)
})

test('a rate limit holds across processes', async () => {
  const system = systemWith({ concurrency: 8, perSecond: 50, longestCallMs: 1_000 }, 'rated')
  const host = realHost(() => undefined)
  const lanes = [1, 2].map(n => new Lane(system, newDb(), host, `rated-${n}`))
  await lanes[0]?.prepare()
  const began = host.monotonic()
  await Promise.all(lanes.flatMap(lane => Array.from({ length: 30 }, () => lane.run('batch', async () => undefined))))
  // 60 calls at 50 a second, less what the first blocks may send at once.
  expect(host.monotonic() - began).toBeGreaterThan(900)
})
