// The short form of the soak, and what its systems call an echo.
import type { Write } from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { begin } from './commands.ts'
import { judge } from './judge.ts'
import { soak } from './soak.ts'
import { SoakSystem, type Values } from './system.ts'
import { names, openSoakWorld } from './world.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

test('whatever several people do in three systems, and whatever goes wrong, each holds what ownership says and no write is in vain', async () => {
  const size = { runs: 30, commands: 20, strands: 30, seed: 1, withFaults: true }
  const { failures, runs, commands, writes } = await soak(database.url, size, () => undefined)
  expect(failures).toEqual([])
  expect(runs).toBe(30)
  expect(commands).toBeGreaterThan(300)
  expect(writes).toBeGreaterThan(200)
}, 240_000)

test('readings that are old when they arrive undo nothing that was written meanwhile', async () => {
  const size = { runs: 12, commands: 12, strands: 12, seed: 1, withFaults: false, withStaleReads: true }
  const { failures, runs, writes } = await soak(database.url, size, () => undefined)
  expect(failures).toEqual([])
  expect(runs).toBe(12)
  expect(writes).toBeGreaterThan(50)
}, 240_000)

test('a thousand updates from two sides, in words that the others write their own way, bring about not one write too many', async () => {
  const { systems, rest, close } = await openSoakWorld(database.url, () => undefined)
  try {
    const people = Array.from({ length: 50 }, async (_, person) => {
      const { model } = begin(systems, rest, `T${person}`)
      for (let round = 0; round < 10; round++) {
        await judge(model, systems, rest)
        const name = [`ann ${round}`, ` Ann ${round}`, `ANN ${round} `][(round + person) % 3] as string
        const price = `${round}.${person}`
        systems.crm.edit('Kim', model.label, { Name: name })
        systems.erp.edit('Lee', model.label, { Price: price })
        Object.assign(model.values, { Name: name, Price: price })
      }
      await judge(model, systems, rest)
    })
    await Promise.all(people)
    const written = names.reduce((sum, name) => sum + systems[name].counted.writes, 0)
    expect(written).toBeGreaterThan(1_000)
    // Two creates of each record, and for each update one write to each of the two others at most.
    expect(written).toBeLessThanOrEqual(2 * 50 + 2 * 1_000)
  } finally {
    await close()
  }
}, 240_000)

/** A system that writes names in capitals, and one record of ours in it. */
function aSystem() {
  const system = new SoakSystem('erp', true, false, ({ Name, ...others }) => ({
    ...others,
    ...(typeof Name === 'string' && { Name: Name.toUpperCase() }),
  }))
  const write = (fields: Values) => system.write({ key: 'k1', fields, lists: {} } as unknown as Write)
  write({ Label: 'T1', Name: 'Ann', Phone: '1' })
  return { system, write, echoes: () => system.of('T1').echoes.map(({ asked }) => asked) }
}

test('a write that changes nothing is an echo', () => {
  const { system, write, echoes } = aSystem()
  write({ Phone: '2' })
  expect(echoes()).toEqual([])
  write({ Phone: '2' })
  system.edit('Kim', 'T1', { Phone: '3' })
  write({ Phone: '3' })
  expect(echoes()).toEqual([{ Phone: '2' }, { Phone: '3' }])
})

test('a write that was not answered may come once more, and not twice', () => {
  const { system, write, echoes } = aSystem()
  system.misbehave('T1', 'answer lost')
  expect(write({ Phone: '2' })).toMatchObject({ end: 'unknown' })
  write({ Phone: '2' })
  expect(echoes()).toEqual([])
  write({ Phone: '2' })
  expect(echoes()).toEqual([{ Phone: '2' }])
})

test('a new value that the system brings into the form it has is no echo, the same once more is', () => {
  const { write, echoes } = aSystem()
  write({ Name: 'ann' })
  expect(echoes()).toEqual([])
  write({ Name: 'ann' })
  expect(echoes()).toEqual([{ Name: 'ann' }])
})
