// Quantities and currencies: exact, there and back, and refused where they would not be.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { convert, type ExchangeRate, inCurrency, moneyOf, pricePer, rateOn, type UnitFactor } from '../src/index.ts'

const factors: readonly UnitFactor[] = [
  { unit: 'DZ', is: '12', of: 'EA' },
  { unit: 'CAR', is: '4', of: 'DZ' },
  { unit: 'PAL', is: '40', of: 'CAR' },
  { unit: 'KG', is: '2.5', of: 'EA' },
  { unit: 'CAR', is: '10', of: 'EA', thing: 'TG22' },
]

test('a dozen is twelve, both ways and over several steps', () => {
  expect(convert('2', { from: 'DZ', to: 'EA' }, factors)).toBe('24')
  expect(convert('24', { from: 'EA', to: 'DZ' }, factors)).toBe('2')
  expect(convert(3, { from: 'PAL', to: 'EA' }, factors)).toBe('5760')
  expect(convert('0.5', { from: 'DZ', to: 'EA' }, factors)).toBe('6')
  expect(convert('-7.25', { from: 'EA', to: 'EA' }, factors)).toBe('-7.25')
})

test('what is said of one product goes before what is said of all', () => {
  expect(convert('2', { from: 'CAR', to: 'EA' }, factors)).toBe('96')
  expect(convert('2', { from: 'CAR', to: 'EA', thing: 'TG11' }, factors)).toBe('96')
  expect(convert('2', { from: 'CAR', to: 'EA', thing: 'TG22' }, factors)).toBe('20')
})

test('what the target cannot hold exactly is refused, not rounded', () => {
  expect(() => convert('25', { from: 'EA', to: 'DZ' }, factors)).toThrow(
    '25 EA are no number of DZ with 3 digits behind the point (2.083…)',
  )
  expect(convert('3', { from: 'EA', to: 'DZ' }, factors)).toBe('0.25')
  expect(() => convert('3', { from: 'EA', to: 'DZ', scale: 1 }, factors)).toThrow('with 1 digits behind the point')
  expect(() => convert('1', { from: 'EA', to: 'MTR', thing: 'TG11' }, factors)).toThrow(
    'Nobody says how many MTR one EA of TG11 is',
  )
  expect(convert(1e21, { from: 'DZ', to: 'EA' }, factors)).toBe('12000000000000000000000')
  expect(() => convert(5e-7, { from: 'DZ', to: 'EA' }, factors)).toThrow('5e-7 DZ are no number of EA')
  expect(() => convert(Number.NaN, { from: 'DZ', to: 'EA' }, factors)).toThrow('"NaN" is not a quantity')
  expect(() => convert('1e3', { from: 'EA', to: 'DZ' }, factors)).toThrow('"1e3" is not a quantity')
})

const decimal = (digits: number) =>
  fc
    .tuple(fc.bigInt({ min: 1n, max: 10n ** 30n }), fc.integer({ min: 0, max: digits }))
    .map(
      ([parts, behind]) =>
        `${parts / 10n ** BigInt(behind)}.${String(parts % 10n ** BigInt(behind)).padStart(behind, '0')}`,
    )
    .map(text => text.replace(/\.?0*$/, '') || '0')

test('there and back is where it began, however many digits it has', () => {
  fc.assert(
    fc.property(
      decimal(6),
      decimal(6).filter(is => is !== '0'),
      (quantity, is) => {
        const own: UnitFactor[] = [{ unit: 'BOX', is, of: 'EA' }]
        const there = convert(quantity, { from: 'BOX', to: 'EA', scale: 12 }, own)
        return convert(there, { from: 'EA', to: 'BOX', scale: 6 }, own) === quantity
      },
    ),
    { numRuns: 500 },
  )
})

test('a quantity is either refused or exactly what the factor says, in whole numbers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 2, max: 97 }), (quantity, is) => {
      const own: UnitFactor[] = [{ unit: 'BOX', is: String(is), of: 'EA' }]
      const asked = { from: 'EA', to: 'BOX', scale: 0 }
      if (quantity % is === 0) return convert(quantity, asked, own) === String(quantity / is)
      expect(() => convert(quantity, asked, own)).toThrow('are no number of BOX')
      return true
    }),
  )
})

const rates: readonly ExchangeRate[] = [
  { from: 'USD', to: 'EUR', since: '2026-01-01', rate: '0.92' },
  { from: 'USD', to: 'EUR', since: '2026-07-01', rate: '0.8571' },
]

test('the rate is that of the day, never of a later one and never turned round', () => {
  expect(rateOn(rates, { from: 'USD', to: 'EUR', on: '2026-06-30' })).toBe('0.92')
  expect(rateOn(rates, { from: 'USD', to: 'EUR', on: '2026-07-01' })).toBe('0.8571')
  expect(rateOn(rates, { from: 'USD', to: 'EUR', on: '2025-12-31' })).toBeUndefined()
  expect(rateOn(rates, { from: 'EUR', to: 'USD', on: '2026-07-01' })).toBeUndefined()
  expect(rateOn(rates, { from: 'EUR', to: 'EUR', on: '2020-01-01' })).toBe('1')
})

test('whatever rates there are, none from the future is taken, and the latest of the past is', () => {
  const day = fc.integer({ min: 0, max: 400 }).map(n => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000))
  const since = day.map(one => one.toISOString().slice(0, 10) as `${number}-${number}-${number}`)
  fc.assert(
    fc.property(fc.uniqueArray(since, { maxLength: 20 }), since, (days, on) => {
      const all = days.map((one, i): ExchangeRate => ({ from: 'USD', to: 'EUR', since: one, rate: String(i + 1) }))
      const past = days.filter(one => one <= on).sort()
      const expected = past.length === 0 ? undefined : String(days.indexOf(past.at(-1) ?? on) + 1)
      return rateOn(all, { from: 'USD', to: 'EUR', on }) === expected
    }),
  )
})

test('an amount in another currency has its digits, half up, without a float', () => {
  expect(inCurrency(moneyOf('100', 'USD'), 'EUR', '0.8571')).toEqual({ amount: '85.71', currency: 'EUR' })
  expect(inCurrency(moneyOf('0.1', 'USD'), 'EUR', '0.25')).toEqual({ amount: '0.03', currency: 'EUR' })
  expect(inCurrency(moneyOf('10.05', 'EUR'), 'JPY', '163.2')).toEqual({ amount: '1640', currency: 'JPY' })
  expect(inCurrency(moneyOf('90071992547409.93', 'USD'), 'EUR', '1.0000001')).toEqual({
    amount: '90072001554609.18',
    currency: 'EUR',
  })
  expect(() => inCurrency(moneyOf('1', 'USD'), 'EUR', '-1')).toThrow('"-1" is not an exchange rate')
})

test('a price goes to the price of another unit exactly, or not at all', () => {
  const dozen = [{ unit: 'DZ', is: '12', of: 'EA' }] as const
  const eur = (amount: string) => moneyOf(amount, 'EUR')
  expect(pricePer(eur('210.60'), { from: 'DZ', to: 'EA' }, dozen)).toEqual(eur('17.55'))
  expect(pricePer(eur('17.55'), { from: 'EA', to: 'DZ' }, dozen)).toEqual(eur('210.60'))
  expect(() => pricePer(eur('10.00'), { from: 'DZ', to: 'EA' }, dozen)).toThrow(/no exact price of one EA/)
  expect(() => pricePer(eur('10.00'), { from: 'DZ', to: 'KG' }, dozen)).toThrow(/Nobody says how many KG one DZ is/)
})
