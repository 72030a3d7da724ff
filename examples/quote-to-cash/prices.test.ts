// The tolerance of prices, by example and by property: exact in decimal strings, and the same in both directions.
import { moneyOf, times } from '@plumbline/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beyondTolerance, currenciesIn, isWithin } from './prices.ts'

const eur = (amount: string) => moneyOf(amount, 'EUR')
const usual = { percent: '1', amount: '0.05' }

describe('A line is within the tolerance', () => {
  test.each([
    ['100.00', '101.00', true],
    ['101.01', '100.00', false],
    ['99.00', '100.00', true],
    ['98.99', '100.00', false],
    ['0.12', '0.07', true],
    ['0.13', '0.07', false],
    ['99999999999.99', '99999999999.94', true],
    ['0.00', '0.00', true],
  ])('offered at %s, priced at %s: %s', (quoted, erp, within) => {
    expect(isWithin(eur(quoted), eur(erp), usual)).toBe(within)
  })

  const cents = fc.bigInt({ min: 0n, max: 10n ** 14n })
  const inEuros = (cents: bigint) => eur(`${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`)

  test('exactly when it differs by no more cents than a percent or five of them', () => {
    fc.assert(
      fc.property(cents, fc.bigInt({ min: -(10n ** 6n), max: 10n ** 6n }), (erp, difference) => {
        const quoted = erp + difference < 0n ? 0n : erp + difference
        const apart = quoted > erp ? quoted - erp : erp - quoted
        // One percent, rounded half up to the cent.
        const share = (erp + 50n) / 100n
        expect(isWithin(inEuros(quoted), inEuros(erp), usual)).toBe(apart <= (share > 5n ? share : 5n))
      }),
    )
  })

  test('wherever a narrower tolerance lets it be', () => {
    const percent = fc.integer({ min: 0, max: 50 })
    fc.assert(
      fc.property(cents, cents, percent, percent, (quoted, erp, one, other) => {
        const [narrow, wide] = [Math.min(one, other), Math.max(one, other)].map(share => ({
          percent: String(share),
          amount: '0.05',
        }))
        if (narrow && wide && isWithin(inEuros(quoted), inEuros(erp), narrow))
          expect(isWithin(inEuros(quoted), inEuros(erp), wide)).toBe(true)
      }),
    )
  })

  test('in a currency without cents too', () => {
    const yen = (amount: string) => moneyOf(amount, 'JPY')
    expect([isWithin(yen('1010'), yen('1000'), usual), isWithin(yen('1011'), yen('1000'), usual)]).toEqual([
      true,
      false,
    ])
  })
})

describe('What the price desk sees', () => {
  test('are the lines beyond the tolerance, with what was offered, what the ERP says and the difference', () => {
    const offered = [
      { line: 'a', quantity: 3, price: eur('10.00') },
      { line: 'b', quantity: 2, price: eur('90.00') },
    ]
    const priced = [
      { line: 'b', product: 'TG12', net: eur('200.00'), conditions: 'price 100.00 EUR for 1 PC' },
      { line: 'a', product: 'TG11', net: eur('30.10'), conditions: 'price 10.033 EUR for 1 PC' },
    ]
    expect(beyondTolerance(offered, priced, usual)).toEqual([
      {
        ...{ product: 'TG12', quantity: 2, conditions: 'price 100.00 EUR for 1 PC' },
        ...{ quoted: eur('180.00'), erp: eur('200.00'), difference: eur('-20.00') },
      },
    ])
    expect(currenciesIn(priced)).toEqual(['EUR'])
  })

  test('is nothing when every line is offered at the very price', () => {
    const line = fc.record({
      quantity: fc.integer({ min: 1, max: 1_000 }),
      cents: fc.integer({ min: 0, max: 1_000_000 }),
    })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), lines => {
        const offered = lines.map(({ quantity, cents }, at) => {
          const price = times(eur('0.01'), cents)
          return { line: String(at), quantity, price, product: 'x', net: times(price, quantity), conditions: '' }
        })
        expect(beyondTolerance(offered, offered, { percent: '0', amount: '0' })).toEqual([])
      }),
    )
  })
})
