// How long a loop rests.
import { expect, test } from 'vitest'
import { realHost } from '../src/host.ts'
import { Loop } from '../src/kernel/loop.ts'

/** The pauses that a loop makes, one after the other, while its work goes so. */
async function pausesOf(pauseMs: number, work: (round: number) => number): Promise<number[]> {
  const pauses: number[] = []
  let round = 0
  const done = Promise.withResolvers<void>()
  const host = {
    ...realHost(() => undefined),
    after: (ms: number, wake: () => void) => {
      pauses.push(ms)
      if (pauses.length < 4) queueMicrotask(wake)
      else done.resolve()
      return { cancel: () => undefined }
    },
  }
  const loop = new Loop(host, 'a loop', pauseMs, async () => work(round++))
  loop.start()
  await done.promise
  await loop.stop()
  return pauses
}
const fails = (): number => {
  throw new Error('no')
}

test('it rests as long as it says when there is nothing to do', async () => {
  expect(await pausesOf(30_000, () => 0)).toEqual([30_000, 30_000, 30_000, 30_000])
})

test('it rests longer after each failure, two seconds at most, and never less than it says', async () => {
  expect(await pausesOf(900, fails)).toEqual([900, 1_800, 2_000, 2_000])
  expect(await pausesOf(30_000, fails)).toEqual([30_000, 30_000, 30_000, 30_000])
})
