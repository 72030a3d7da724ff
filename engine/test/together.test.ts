// What is asked for at the same moment is done at once, and nobody fails for another.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gathered, together } from '../src/kernel/together.ts'

test('the first goes at once, those who come meanwhile go together, at most so many', async () => {
  const rounds: (readonly number[])[] = []
  const ask = together<number>(async all => {
    rounds.push(all)
    await sleep(20)
  }, 3)
  const first = ask(1)
  await sleep(5)
  await Promise.all([first, ask(2), ask(3), ask(4), ask(5)])
  expect(rounds).toEqual([[1], [2, 3, 4], [5]])
  await ask(6)
  expect(rounds.at(-1)).toEqual([6])
})

test('a round that fails is done one by one: only who cannot be done fails', async () => {
  const done: number[] = []
  const ask = together<number>(async all => {
    if (all.includes(2)) throw new Error('2 cannot be done')
    done.push(...all)
  }, 10)
  const asked = await Promise.allSettled([ask(1), ask(2), ask(3)])
  expect(asked.map(one => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(done).toEqual([1, 3])
})

test('each has its own answer', async () => {
  const double = together(async (all: readonly number[]) => all.map(one => one * 2))
  expect(await Promise.all([double(1), double(2)])).toEqual([2, 4])
})

test('what is asked within one turn is looked up once, each key once', async () => {
  const asked: (readonly string[])[] = []
  const lengthOf = gathered(async keys => {
    asked.push(keys)
    return new Map(keys.filter(key => key !== 'nobody').map(key => [key, key.length]))
  })
  expect(await Promise.all([lengthOf('a'), lengthOf('bb'), lengthOf('a'), lengthOf('nobody')])).toEqual([
    1,
    2,
    1,
    undefined,
  ])
  expect(await lengthOf('ccc')).toBe(3)
  expect(asked).toEqual([['a', 'bb', 'nobody'], ['ccc']])
})
