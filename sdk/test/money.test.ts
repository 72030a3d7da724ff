// Money is exact: no sum loses a cent, whatever the order, and what is written down is read back.
import { compareMoney, digitsOf, minus, moneyOf, plus, sum, times } from '@plumbline/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const currency = fc.constantFrom('EUR', 'USD', 'JPY', 'KWD')
/** Whole minor units, far beyond what a float holds exactly, as an amount of a currency. */
const minor = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
const amountOf = (units: bigint, digits: number): string => {
  const sign = units < 0n ? '-' : ''
  const figures = String(units < 0n ? -units : units).padStart(digits + 1, '0')
  return digits === 0 ? `${sign}${figures}` : `${sign}${figures.slice(0, -digits)}.${figures.slice(-digits)}`
}
const money = (units: bigint, of: string) => moneyOf(amountOf(units, digitsOf(of)), of)

describe('Amounts', () => {
  test('an amount that fits its currency is kept to the digit', () => {
    fc.assert(
      fc.property(minor, currency, (units, of) => {
        expect(money(units, of)).toEqual({ amount: amountOf(units, digitsOf(of)), currency: of })
      }),
    )
  })

  test('an amount comes back from JSON as it went', () => {
    fc.assert(
      fc.property(minor, currency, (units, of) => {
        const written = money(units, of)
        const read = JSON.parse(JSON.stringify(written)) as typeof written
        expect(moneyOf(read.amount, read.currency)).toEqual(written)
      }),
    )
  })

  test('each currency has its own digits', () => {
    expect(moneyOf('12.5', 'EUR').amount).toBe('12.50')
    expect(moneyOf('12.5', 'JPY').amount).toBe('13')
    expect(moneyOf('12.5', 'KWD').amount).toBe('12.500')
  })

  test('half a cent is rounded away from zero', () => {
    expect(moneyOf('0.005', 'EUR').amount).toBe('0.01')
    expect(moneyOf('-0.005', 'EUR').amount).toBe('-0.01')
    expect(moneyOf('0.0049', 'EUR').amount).toBe('0.00')
  })

  test.each(['', 'ten', '1,50', 'NaN', 'Infinity'])('"%s" is no amount', amount => {
    expect(() => moneyOf(amount, 'EUR')).toThrow(`"${amount}" is not an amount of money`)
  })
})

describe('Sums', () => {
  test('are exact: as many minor units come out as went in', () => {
    fc.assert(
      fc.property(fc.array(minor, { minLength: 1 }), currency, (all, of) => {
        const total = all.reduce((one, other) => one + other, 0n)
        expect(sum(all.map(units => money(units, of)))).toEqual(money(total, of))
      }),
    )
  })

  test('what is added can be taken away again', () => {
    fc.assert(
      fc.property(minor, minor, currency, (a, b, of) => {
        expect(minus(plus(money(a, of), money(b, of)), money(b, of))).toEqual(money(a, of))
      }),
    )
  })

  test('compare as the minor units do', () => {
    fc.assert(
      fc.property(minor, minor, currency, (a, b, of) => {
        expect(compareMoney(money(a, of), money(b, of))).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
    )
  })

  test('a count of things costs that many times as much', () => {
    fc.assert(
      fc.property(minor, fc.integer({ min: 0, max: 10_000 }), currency, (units, count, of) => {
        expect(times(money(units, of), count)).toEqual(money(units * BigInt(count), of))
      }),
    )
  })

  test('a share is rounded once', () => {
    expect(times(moneyOf('10.00', 'EUR'), '0.333333').amount).toBe('3.33')
    expect(times(moneyOf('0.10', 'EUR'), '3').amount).toBe('0.30')
  })

  test('currencies do not mix', () => {
    expect(() => plus(moneyOf('1', 'EUR'), moneyOf('1', 'USD'))).toThrow('EUR and USD cannot be combined')
    expect(() => compareMoney(moneyOf('1', 'EUR'), moneyOf('1', 'USD'))).toThrow('EUR and USD cannot be combined')
  })

  test('nothing has no currency', () => {
    expect(sum([])).toBeUndefined()
  })
})
