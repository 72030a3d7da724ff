// Exact arithmetic on money. Amounts are decimal strings; a sum of different currencies is refused.
import Big from 'big.js'
import type { Money } from './values.ts'

const minorDigits: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, KWD: 3, BHD: 3, TND: 3 }

/** Digits after the point that a currency has in ISO 4217 (2 unless listed). */
export const digitsOf = (currency: string): number => minorDigits[currency] ?? 2

/** `eur('12.5')` style constructor, normalised to the currency's digits. Throws a TypeError on what is no decimal. */
export function moneyOf(amount: string | number, currency: string): Money {
  try {
    return { amount: new Big(amount).toFixed(digitsOf(currency), Big.roundHalfUp), currency }
  } catch {
    throw new TypeError(`"${amount}" is not an amount of money`)
  }
}

export const plus = (a: Money, b: Money): Money => combine(a, b, (x, y) => x.plus(y))
export const minus = (a: Money, b: Money): Money => combine(a, b, (x, y) => x.minus(y))
export const times = (a: Money, factor: string | number): Money =>
  moneyOf(new Big(a.amount).times(factor).toString(), a.currency)

/** A part of it, rounded half up to the currency's digits: the price of one of several. */
export const dividedBy = (a: Money, divisor: string | number): Money =>
  moneyOf(new Big(a.amount).div(divisor).toString(), a.currency)

/** Negative when a is less, 0 when equal, positive when a is more. */
export function compareMoney(a: Money, b: Money): number {
  sameCurrency(a, b)
  return new Big(a.amount).cmp(b.amount)
}

/** The sum of all, or undefined of none (no amount has no currency). */
export const sum = (all: readonly Money[]): Money | undefined =>
  all.length === 0 ? undefined : all.slice(1).reduce(plus, all[0] as Money)

function combine(a: Money, b: Money, how: (x: Big, y: Big) => Big): Money {
  sameCurrency(a, b)
  return moneyOf(how(new Big(a.amount), new Big(b.amount)).toString(), a.currency)
}

function sameCurrency(a: Money, b: Money): void {
  if (a.currency !== b.currency) throw new TypeError(`${a.currency} and ${b.currency} cannot be combined`)
}
