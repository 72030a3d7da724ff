// Whose turn it is in a lane.
import { expect, test } from 'vitest'
import { type Tier, Turns } from '../src/kernel/turns.ts'

/** Each waits in its tier, all get their turns; answers the order in which they did. */
async function orderOf(waiting: readonly `${Tier} ${number}`[]): Promise<string[]> {
  const turns = new Turns<number>()
  const order: string[] = []
  const all = waiting.map(one => turns.wait(one.split(' ')[0] as Tier).then(() => order.push(one)))
  for (let turn = 0; turn < waiting.length; turn++) expect(turns.give(turn)).toBeDefined()
  expect(turns.give(99)).toBeUndefined()
  await Promise.all(all)
  return order
}

test('who a person waits for goes first, then journeys and batches in turn, each in the order they came', async () => {
  const order = await orderOf([
    'batch 1',
    'batch 2',
    'journey 1',
    'journey 2',
    'journey 3',
    'journey 4',
    'interactive 1',
    'interactive 2',
  ])
  expect(order).toEqual([
    'interactive 1',
    'interactive 2',
    'journey 1',
    'batch 1',
    'journey 2',
    'batch 2',
    'journey 3',
    'journey 4',
  ])
})

test('a turn that is none for batches goes past them, and they keep their place', async () => {
  const turns = new Turns<number>()
  const batch = turns.wait('batch')
  expect(turns.give(1, false)).toBeUndefined()
  const journey = turns.wait('journey')
  expect(turns.give(2, false)).toBe('journey')
  expect(turns.give(3)).toBe('batch')
  expect(await Promise.all([batch, journey])).toEqual([3, 2])
})

test('who no longer wants to wait takes no turn', async () => {
  const turns = new Turns<string>()
  const patience = new AbortController()
  const impatient = turns.wait('interactive', patience.signal)
  const patient = turns.wait('interactive')
  patience.abort(new Error('too late'))
  await expect(impatient).rejects.toThrow('too late')
  await expect(turns.wait('batch', patience.signal)).rejects.toThrow('too late')
  expect(turns.length).toBe(1)
  turns.give('a permit')
  expect(await patient).toBe('a permit')
})

test('when there are no turns everybody learns why', async () => {
  const turns = new Turns<string>()
  const all = Promise.allSettled([turns.wait('interactive'), turns.wait('journey'), turns.wait('batch')])
  turns.sendAway(new Error('paused'))
  expect((await all).map(one => (one.status === 'rejected' ? String(one.reason) : one.value))).toEqual(
    Array(3).fill('Error: paused'),
  )
  expect(turns.length).toBe(0)
})
