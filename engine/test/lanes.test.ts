// A lane's limit is exact across processes, and a dead worker's permits come back only after its calls' deadline.
import { readdir } from 'node:fs/promises'
import { connector, type Instance, Unavailable } from '@plumbline/sdk'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
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

/** How many calls there is room for. */
async function callsIn(lane: Lane | undefined): Promise<number | undefined> {
  const room = await lane?.room()
  room?.letGo()
  return room?.calls
}

test('many processes migrate at once, and each migration is applied once', async () => {
  const files = (await readdir(new URL('../src/store/migrations/', import.meta.url))).sort()
  const done = await Promise.all(Array.from({ length: 5 }, () => migrate(newDb())))
  expect(done.flat()).toEqual(files)
})

test('three processes together never exceed the limit', async () => {
  const system = systemWith({ concurrency: 4, longestCallMs: 1_000 }, 'limited')
  const lanes = await lanesOf(system, 3)
  const host = realHost(() => undefined)
  let now = 0
  let most = 0
  let calls = 0
  await Promise.all(
    lanes.flatMap(lane =>
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
  expect(await callsIn(living)).toBe(0)
  await db.query("update permit set until = clock_timestamp() - interval '1 second' where system = 'gone'")
  expect(await callsIn(living)).toBe(2)
})

test('a process that stops leases no permits when its last call ends', async () => {
  const system = systemWith({ concurrency: 2, longestCallMs: 60_000 }, 'stopped')
  const db = newDb()
  const host = realHost(() => undefined)
  let aheadMs = 0
  const leased: string[] = []
  const query: Db['query'] = (asked, values) => {
    if (typeof asked !== 'string' && asked.name === 'lane-lease') leased.push(asked.name)
    return db.query(asked, values)
  }
  const watched = new Proxy(db, { get: (of, name) => (name === 'query' ? query : Reflect.get(of, name)) })
  const lane = new Lane(system, watched, { ...host, monotonic: () => host.monotonic() + aheadMs }, 'stopping')
  await lane.prepare()
  await lane.run('batch', async () => {
    await lane.stop()
    // Its permits are no longer sure by the time the call ends.
    aheadMs = 10_000
  })
  expect(leased).toHaveLength(1)
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

/** The same lane in several processes. */
const lanesOf = (system: SystemPlan, processes: number): Promise<Lane[]> =>
  Promise.all(
    Array.from({ length: processes }, async () => {
      const db = newDb()
      const host = realHost(() => undefined)
      const lease = new Lease(db, host, 'build')
      await lease.start()
      const lane = new Lane(system, db, host, lease.worker)
      await lane.prepare()
      onTestFinished(async () => {
        await lane.stop()
        await lease.stop()
      })
      return lane
    }),
  )
const ends = async (calls: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(calls)).map(one => (one.status === 'fulfilled' ? 'answered' : one.reason.message))

test('a system that is down is tried by one call in all processes, and by the others when that is answered', async () => {
  const lanes = await lanesOf(systemWith({ concurrency: 4, longestCallMs: 5_000 }, 'down'), 2)
  let isDown = true
  let calls = 0
  const call = async () => {
    calls++
    if (isDown) throw new Unavailable('it is being updated', 400, { systemIsDown: true })
  }
  const tenEach = () => lanes.flatMap(lane => Array.from({ length: 10 }, () => lane.run('interactive', call)))
  const again = () => expect.poll(() => callsIn(lanes[0]), { timeout: 10_000 }).toBe(1)

  await ends([lanes[0]?.run('batch', call) ?? Promise.resolve()])
  const turnedAway = await ends(tenEach())
  expect(new Set(turnedAway)).toEqual(new Set(['down is not to be called now: it is being updated']))
  expect(calls).toBe(1)

  await again()
  const tried = await ends(tenEach())
  expect(tried.filter(words => words === 'it is being updated')).toHaveLength(1)
  expect(calls).toBe(2)

  isDown = false
  await again()
  const answered = await ends(tenEach())
  expect(answered.filter(words => words === 'answered').length).toBeGreaterThanOrEqual(1)
  await expect.poll(async () => new Set(await ends(tenEach())), { timeout: 10_000 }).toEqual(new Set(['answered']))
})

test('an answer to a call from before a system was closed does not open it', async () => {
  const [lane] = await lanesOf(systemWith({ concurrency: 4, longestCallMs: 5_000 }, 'early'), 1)
  const { promise: slowly, resolve: answer } = Promise.withResolvers<void>()
  const slow = lane?.run('batch', () => slowly)
  await ends([
    lane?.run('batch', () => Promise.reject(new Unavailable('a limit', 60_000, { systemIsDown: true }))) ??
      Promise.resolve(),
  ])
  answer()
  await slow
  expect(await callsIn(lane)).toBe(0)
})

test('too many calls at once close nothing: fewer are sent together, and more again as it goes well', async () => {
  const lanes = await lanesOf(systemWith({ concurrency: 8, longestCallMs: 5_000 }, 'crowded'), 2)
  const host = realHost(() => undefined)
  let takes = 2
  let now = 0
  let refused = 0
  let answered = 0
  const call = async () => {
    if (now >= takes) {
      refused++
      throw new Unavailable('too many at once', 50, { tooManyAtOnce: true })
    }
    now++
    await host.sleep(20)
    now--
    answered++
  }
  const untilAnswered = async (lane: Lane): Promise<void> => {
    for (;;) {
      const [end] = await ends([lane.run('batch', call)])
      if (end === 'answered') return
      await host.sleep(20)
    }
  }
  const ceiling = async (): Promise<number> => {
    const rows = await newDb().query<{ width: number }>(
      'select least(concurrency, coalesce(ceiling, concurrency)) as width from lane where system = $1',
      ['crowded'],
    )
    return rows[0]?.width ?? 0
  }
  await Promise.all(lanes.flatMap(lane => Array.from({ length: 60 }, () => untilAnswered(lane))))
  expect(answered).toBe(120)
  expect(refused).toBeGreaterThan(0)
  const narrowed = await ceiling()
  expect(narrowed).toBeLessThan(8)
  takes = 100
  await expect
    .poll(
      async () => {
        await Promise.all(lanes.map(untilAnswered))
        return ceiling()
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(narrowed)
}, 30_000)

test('a lane that may be wide again has all its permits back at once, those of calls under way when it was narrowed too', async () => {
  const [lane] = await lanesOf(systemWith({ concurrency: 8, longestCallMs: 60_000 }, 'wide again'), 1)
  const db = newDb()
  const { promise: slowly, resolve: answer } = Promise.withResolvers<void>()
  const free = async (): Promise<number | undefined> => {
    lane?.lookAgain()
    return callsIn(lane)
  }
  const slow = Array.from({ length: 6 }, () => lane?.run('batch', () => slowly))
  await expect.poll(() => callsIn(lane)).toBe(2)
  await ends([lane?.run('batch', () => Promise.reject(crowded)) ?? Promise.resolve()])
  expect(await free()).toBe(0)
  answer()
  await Promise.all(slow)
  expect(await free()).toBeLessThan(8)
  await db.query("update lane set ceiling = null where system = 'wide again'")
  await expect.poll(free).toBe(8)
})
const crowded = new Unavailable('too many at once', 50, { tooManyAtOnce: true })

test('one permit is kept for whoever comes to ask, however many writes wait', async () => {
  const [lane] = await lanesOf(systemWith({ concurrency: 3, longestCallMs: 60_000 }, 'asked'), 1)
  const { promise: slowly, resolve: answer } = Promise.withResolvers<void>()
  let writing = 0
  const writes = Array.from({ length: 6 }, () =>
    lane?.run('batch', () => {
      writing++
      return slowly
    }),
  )
  await expect.poll(() => writing).toBe(2)
  expect(await lane?.run('interactive', async () => 'answered')).toBe('answered')
  expect(writing).toBe(2)
  expect(await callsIn(lane)).toBe(0)
  answer()
  await Promise.all(writes)
  expect(writing).toBe(6)
})
