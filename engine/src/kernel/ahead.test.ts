// How much is prepared for a lane before its permits are there.
import { expect, test } from 'vitest'
import { Ahead } from './ahead.ts'

test('of slow writes one more is prepared than there are permits, of fast ones many, and a slow one counts at once', () => {
  const ahead = new Ahead()
  expect(ahead.most(2)).toBe(3)
  for (let n = 0; n < 20; n++) ahead.wrote(10)
  expect(ahead.most(2)).toBe(51)
  expect(ahead.most(0)).toBe(0)
  ahead.wrote(600)
  expect(ahead.most(2)).toBe(3)
  ahead.wrote(10)
  expect(ahead.most(2)).toBe(3)
})

test('of what may start only so often, no more is prepared than starts in a moment', () => {
  for (const [perSecond, most] of [
    [1, 2],
    [20, 6],
    [1_000, 51],
  ] as const) {
    const ahead = new Ahead(perSecond)
    for (let n = 0; n < 20; n++) ahead.wrote(10)
    expect(ahead.most(2)).toBe(most)
  }
})

test('room is kept until it is let go, once, and whoever found none is told of', () => {
  const ahead = new Ahead()
  const first = ahead.keep(3)
  expect(ahead.promised).toBe(3)
  ahead.keep(0)
  expect(first.letGo()).toBe(true)
  expect(ahead.promised).toBe(0)
  expect(first.letGo()).toBe(false)
  expect(ahead.promised).toBe(0)
  expect(ahead.keep(2).letGo()).toBe(false)
})
