// How much is prepared for a lane before its permits are there.
import { expect, test } from 'vitest'
import { Ahead } from './ahead.ts'

test('of slow writes one is prepared for each permit, of fast ones many, and a slow one counts at once', () => {
  const ahead = new Ahead()
  expect(ahead.perPermit).toBe(1)
  for (let n = 0; n < 20; n++) ahead.wrote(10)
  expect(ahead.perPermit).toBe(25)
  ahead.wrote(600)
  expect(ahead.perPermit).toBe(1)
  ahead.wrote(10)
  expect(ahead.perPermit).toBe(1)
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
