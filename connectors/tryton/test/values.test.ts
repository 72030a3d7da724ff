// Values of Tryton's wire: no digit, day or microsecond is lost.
import { describe, expect, it } from 'vitest'
import { positionIn } from '../src/entity.ts'
import { scheduleOf } from '../src/questions.ts'
import { dayAsWritten, dayIn, decimal, exactly, moneyIn } from '../src/values.ts'

describe('an amount', () => {
  it.each([
    ['85.000000000000', '85.00'],
    ['17.9910', '17.991'],
    ['0E-12', '0.00'],
    ['1E+2', '100.00'],
    ['-0.5', '-0.50'],
    ['99999999999999.9999', '99999999999999.9999'],
  ])('of %s is %s', (digits, amount) => {
    expect(moneyIn(decimal(digits), 'USD')).toEqual({ amount, currency: 'USD' })
  })

  it('has as many digits as its currency', () => {
    expect(exactly('100.0', 'JPY').amount).toBe('100')
    expect(exactly('100.0', 'KWD').amount).toBe('100.000')
    expect(() => moneyIn(decimal('1'), undefined)).toThrow('without a currency')
    expect(moneyIn(null, 'USD')).toBeNull()
  })
})

describe('a day', () => {
  it('is the same there and back, and none that the calendar does not have', () => {
    for (const day of ['2024-02-29', '2026-12-31', '0999-01-01']) expect(dayIn(dayAsWritten(day))).toBe(day)
    expect(() => dayAsWritten('2026-02-30')).toThrow('is not a day')
    expect(() => dayIn({ year: 2026, month: 2, day: 30 })).toThrow('is not a day')
  })
})

describe('a stamp', () => {
  it('orders changes to the microsecond', () => {
    expect(positionIn('1795012345.123456')).toEqual({ at: 1_795_012_345_123, seq: 456 })
    expect(positionIn('1795012345.1')).toEqual({ at: 1_795_012_345_100, seq: 0 })
    expect(() => positionIn('undefined')).toThrow('is not a time')
  })
})

describe('what can be promised', () => {
  const on = (date: '2026-11-22' | '2026-12-01', free: number) => ({ date, free })
  it.each([
    [
      'all of it now',
      5,
      on('2026-11-22', 9),
      on('2026-11-22', 9),
      { schedule: [{ date: '2026-11-22', quantity: 5 }], by: '2026-11-22' },
    ],
    [
      'the rest on the day',
      5,
      on('2026-11-22', 3),
      on('2026-12-01', 8),
      {
        schedule: [
          { date: '2026-11-22', quantity: 3 },
          { date: '2026-12-01', quantity: 2 },
        ],
        by: '2026-12-01',
      },
    ],
    [
      'not what leaves before the day',
      5,
      on('2026-11-22', 9),
      on('2026-12-01', 2),
      { schedule: [{ date: '2026-11-22', quantity: 2 }], by: undefined },
    ],
    ['nothing', 5, on('2026-11-22', 0), on('2026-11-22', 0), { schedule: [], by: undefined }],
  ])('is %s', (_, quantity, today, wanted, promised) => {
    expect(scheduleOf(quantity, today, wanted)).toEqual(promised)
  })
})
