// Sums of amounts, digit by digit: no cent passes through a float.
import type { Amount } from './format.ts'

/** One sum for each currency, the largest first. What is no number is left out. */
export function sumOf(amounts: readonly Amount[]): Amount[] {
  return [...Map.groupBy(amounts, one => one.currency)]
    .map(([currency, of]) => ({ currency, amount: added(of.map(one => one.amount).filter(isDecimal)) }))
    .sort((a, b) => compare(b.amount, a.amount))
}

/** Of two decimal texts, as a sort wants it. */
export function compare(a: string, b: string): number {
  const places = Math.max(placesOf(a), placesOf(b))
  const difference = scaled(a, places) - scaled(b, places)
  return difference > 0n ? 1 : difference < 0n ? -1 : 0
}

function added(texts: readonly string[]): string {
  const places = Math.max(0, ...texts.map(placesOf))
  const sum = texts.reduce((all, text) => all + scaled(text, places), 0n)
  const digits = String(sum < 0n ? -sum : sum).padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  return `${sum < 0n ? '-' : ''}${whole}${places > 0 ? `.${digits.slice(-places)}` : ''}`
}

const isDecimal = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text)
const placesOf = (text: string): number => text.split('.')[1]?.length ?? 0
function scaled(text: string, places: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(places, '0'))
}
