// Work that is done for many at once.
import { setImmediate as later } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { together } from './together.ts'

test('what comes at the same moment is done in one go, what comes meanwhile in the next, each with its own answer', async () => {
  const goes: (readonly number[])[] = []
  const double = together(async (all: readonly number[]) => {
    goes.push(all)
    await later()
    return all.map(one => one * 2)
  })
  const first = [double(1), double(2)]
  await Promise.resolve()
  await Promise.resolve()
  const second = [double(3), double(4), double(5)]
  expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8, 10])
  expect(goes).toEqual([
    [1, 2],
    [3, 4, 5],
  ])
})

test('a go that fails fails for those who were in it, and for nobody after', async () => {
  const refusing = together(async (all: readonly string[]) => {
    if (all.includes('bad')) throw new Error('no')
    return all
  })
  const together_ = await Promise.allSettled([refusing('good'), refusing('bad')])
  expect(together_.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await refusing('good again')).toBe('good again')
})
