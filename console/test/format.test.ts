// Times and amounts as people read them.
import { describe, expect, test } from 'vitest'
import { counted, money, moneys, relative, shortMoney, took } from '../src/words/format.ts'

const NOW = Date.parse('2026-11-22T08:00:00Z')
const before = (ms: number): number => NOW - ms

describe('A moment', () => {
  test.each([
    [1_000, 'just now'],
    [42_000, '42 s ago'],
    [180_000, '3 min ago'],
    [2 * 3_600_000, '2 h ago'],
    [24 * 3_600_000, '1 day ago'],
    [9 * 24 * 3_600_000, '9 days ago'],
  ])('%d ms past is "%s"', (ms, says) => {
    expect(relative(before(ms), NOW)).toBe(says)
  })

  test('to come says so', () => {
    expect(relative(before(-300_000), NOW)).toBe('in 5 min')
  })

  test('a month away says its date', () => {
    expect(relative(before(60 * 24 * 3_600_000), NOW)).toMatch(/2026/)
  })
})

test('how long something took is told in its largest unit', () => {
  expect([12, 1_240, 59_000, 61_000, 7_200_000, 172_800_000].map(took)).toEqual([
    '12 ms',
    '1.2 s',
    '59 s',
    '1 min',
    '2 h',
    '2 days',
  ])
})

describe('An amount', () => {
  test('has its currency, and keeps every digit that a float would lose', () => {
    expect(money({ amount: '90071992547409931.07', currency: 'EUR' }, 'en')).toBe('€90,071,992,547,409,931.07')
  })

  test('without a currency is a plain figure', () => {
    expect(money({ amount: '1250.5', currency: null }, 'en')).toBe('1,250.5')
  })

  test('in a currency that nobody knows is still told', () => {
    expect(money({ amount: '12', currency: 'points' }, 'en')).toBe('12')
    expect(money({ amount: 'many', currency: 'EUR' }, 'en')).toBe('many EUR')
  })

  test('is short in a heading', () => {
    expect(shortMoney({ amount: '1249000', currency: 'EUR' }, 'en')).toBe('€1.2M')
    expect(shortMoney({ amount: '257.55', currency: 'EUR' }, 'en')).toBe('€258')
  })

  test('of several currencies is never added up', () => {
    const both = [
      { amount: '10', currency: 'EUR' },
      { amount: '5', currency: 'USD' },
    ]
    expect(moneys(both, one => money(one, 'en'))).toBe('€10.00 + $5.00')
    expect(moneys([])).toBe('nothing')
  })
})

test('a count agrees with its noun', () => {
  expect([counted(0, 'journey'), counted(1, 'journey'), counted(2, 'reply', 'replies')]).toEqual([
    '0 journeys',
    '1 journey',
    '2 replies',
  ])
})
