// Exact conversion of quantities and currencies. Quantities are decimal texts; between units everything is counted in whole
// fractions, so that nothing passes through a float and whatever comes back is what went out.
import Big from 'big.js'
import { Refused } from './errors.ts'
import { digitsOf, moneyOf } from './money.ts'
import type { DateOnly, Money } from './values.ts'

/** One `unit` is so many `of` another: `{ unit: 'DZ', is: '12', of: 'EA' }`. For one product alone where `thing` names it. */
export type UnitFactor = { readonly unit: string; readonly is: string; readonly of: string; readonly thing?: string }

type Fraction = { readonly over: bigint; readonly under: bigint }

export type Conversion = {
  readonly from: string
  readonly to: string
  /** The product: what is said of it goes before what is said of all. */
  readonly thing?: string
  /** Digits behind the point that the target keeps; 3 when left out. */
  readonly scale?: number
}

/**
 * `convert('24', { from: 'EA', to: 'DZ' }, factors)` is "2". A quantity that the target cannot hold exactly is refused, never
 * rounded: 25 EA are no number of dozens.
 */
export function convert(
  quantity: string | number,
  { from, to, thing, scale = 3 }: Conversion,
  factors: readonly UnitFactor[],
): string {
  const amount = fractionOf(typeof quantity === 'number' ? inFull(quantity) : quantity)
  const rate = from === to ? { over: 1n, under: 1n } : rateBetween(from, to, factorsFor(factors, thing))
  if (!rate) throw unsaid(from, to, thing)
  const exact = times(amount, rate)
  const text = decimalOf(exact, scale)
  if (text !== undefined) return text
  throw new Refused(
    `${quantity} ${from} are no number of ${to} with ${scale} digits behind the point (${approximately(exact, scale)}…)`,
    `Order in ${from}, or a quantity that is whole in ${to}.`,
  )
}

/**
 * What one of another unit costs, where one of this unit costs so much: "1.00" for a piece, where a dozen is "12.00". A price that
 * the currency cannot say exactly is refused, never rounded.
 */
export function pricePer(price: Money, { from, to, thing }: Conversion, factors: readonly UnitFactor[]): Money {
  // So many of the one are one of the other.
  const rate = from === to ? { over: 1n, under: 1n } : rateBetween(to, from, factorsFor(factors, thing))
  if (!rate) throw unsaid(from, to, thing)
  const text = decimalOf(times(fractionOf(price.amount), rate), digitsOf(price.currency))
  if (text !== undefined) return moneyOf(text, price.currency)
  throw new Refused(
    `${price.amount} ${price.currency} for one ${from} are no exact price of one ${to}`,
    `Price it in ${to}, or so that it divides.`,
  )
}

const unsaid = (from: string, to: string, thing: string | undefined): Refused =>
  new Refused(
    `Nobody says how many ${to} one ${from}${thing === undefined ? '' : ` of ${thing}`} is`,
    `Add the factor between ${from} and ${to}.`,
  )

/** Those of a thing replace what is said of all between the same units. */
function factorsFor(all: readonly UnitFactor[], thing: string | undefined): readonly UnitFactor[] {
  const own = thing === undefined ? [] : all.filter(one => one.thing === thing)
  const isOwn = (one: UnitFactor): boolean =>
    own.some(other => [other.unit, other.of].sort().join('\u001f') === [one.unit, one.of].sort().join('\u001f'))
  return [...own, ...all.filter(one => one.thing === undefined && !isOwn(one))]
}

/** By the shortest way over the factors, each of which leads both ways. */
function rateBetween(from: string, to: string, factors: readonly UnitFactor[]): Fraction | undefined {
  const reached = new Map<string, Fraction>([[from, { over: 1n, under: 1n }]])
  const queue = [from]
  for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
    const sofar = reached.get(unit) as Fraction
    if (unit === to) return sofar
    for (const { unit: one, is, of } of factors) {
      const next = one === unit ? of : of === unit ? one : undefined
      if (next === undefined || reached.has(next)) continue
      const factor = fractionOf(is)
      if (factor.over <= 0n) throw new TypeError(`One ${one} cannot be ${is} ${of}`)
      reached.set(next, times(sofar, one === unit ? factor : { over: factor.under, under: factor.over }))
      queue.push(next)
    }
  }
  return undefined
}

function fractionOf(text: string): Fraction {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!found) throw new TypeError(`"${text}" is not a quantity`)
  const [, sign = '', whole = '0', behind = ''] = found
  return { over: BigInt(`${sign}${whole}${behind}`), under: 10n ** BigInt(behind.length) }
}

/** Without an exponent, as the very small and the very large are printed. */
const inFull = (number: number): string => (Number.isFinite(number) ? new Big(number).toFixed() : String(number))

const times = (a: Fraction, b: Fraction): Fraction => ({ over: a.over * b.over, under: a.under * b.under })

/** As a decimal of at most so many digits behind the point; nothing when it is none. */
function decimalOf({ over, under }: Fraction, scale: number): string | undefined {
  const scaled = over * 10n ** BigInt(scale)
  return scaled % under === 0n ? inDigits(scaled / under, scale) : undefined
}

const approximately = ({ over, under }: Fraction, scale: number): string =>
  inDigits((over * 10n ** BigInt(scale)) / under, scale)

function inDigits(parts: bigint, scale: number): string {
  const digits = String(parts < 0n ? -parts : parts).padStart(scale + 1, '0')
  const behind = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '')
  return `${parts < 0n ? '-' : ''}${scale === 0 ? digits : digits.slice(0, -scale)}${behind === '' ? '' : `.${behind}`}`
}

// ---- currencies

/** From this day on, one `from` is so many `to`. */
export type ExchangeRate = {
  readonly from: string
  readonly to: string
  readonly since: DateOnly
  readonly rate: string
}

/**
 * The rate that was valid on a day: the latest that had begun by then, never one that came later, and never one turned round:
 * what a currency is bought for is not what it is sold for. Nothing, where nobody has said it.
 */
export function rateOn(
  rates: readonly ExchangeRate[],
  { from, to, on }: { readonly from: string; readonly to: string; readonly on: DateOnly },
): string | undefined {
  if (from === to) return '1'
  const valid = rates.filter(one => one.from === from && one.to === to && one.since <= on)
  return valid.reduce<ExchangeRate | undefined>(
    (best, one) => (best && best.since >= one.since ? best : one),
    undefined,
  )?.rate
}

/** The amount in another currency, rounded half up to the digits that it has. Asked for by name, never done by itself. */
export function inCurrency(money: Money, to: string, rate: string): Money {
  if (fractionOf(rate).over <= 0n) throw new TypeError(`"${rate}" is not an exchange rate`)
  if (money.currency === to) return moneyOf(money.amount, to)
  const { over, under } = times(fractionOf(money.amount), fractionOf(rate))
  return moneyOf(terminating(over, under), to)
}

/** Both are decimals, so their product is one. */
const terminating = (over: bigint, under: bigint): string => {
  const scale = String(under).length - 1
  return inDigits(over, scale)
}
