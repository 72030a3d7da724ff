// Exact decimal arithmetic for money: numbers become whole units of 10^-scale (bigint), are added and multiplied there,
// and return to numbers only at the end. No total is ever a floating point sum.

export type Decimal = { readonly units: bigint; readonly scale: number }

const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i

/** Reads a number as the decimal it was written as: 0.1 is one tenth. */
export function decimal(value: number | string): Decimal {
  const match = PLAIN.exec(String(value))
  if (!match) throw new Error(`${value} is not a decimal number`)
  const [, sign, whole = '', fraction = '', exponent] = match
  let units = BigInt(`${whole}${fraction}` || '0')
  let scale = fraction.length - Number(exponent ?? 0)
  if (scale < 0) {
    units *= 10n ** BigInt(-scale)
    scale = 0
  }
  return { units: sign === '-' ? -units : units, scale }
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { units: widen(a, scale) + widen(b, scale), scale }
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale }
}

/** a / b, rounded half away from zero to the scale. */
export function divide(a: Decimal, b: Decimal, scale: number): Decimal {
  const shift = scale + b.scale - a.scale
  const top = shift >= 0 ? a.units * 10n ** BigInt(shift) : a.units
  const bottom = shift >= 0 ? b.units : b.units * 10n ** BigInt(-shift)
  return { units: divideHalfUp(top, bottom), scale }
}

/** Rounds half away from zero, as Salesforce does. */
export function round(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return { units: widen(value, scale), scale }
  return { units: divideHalfUp(value.units, 10n ** BigInt(value.scale - scale)), scale }
}

export function toNumber(value: Decimal): number {
  const negative = value.units < 0n
  const digits = (negative ? -value.units : value.units).toString().padStart(value.scale + 1, '0')
  const cut = digits.length - value.scale
  return Number(`${negative ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)}0`)
}

export function sum(values: Iterable<number>): Decimal {
  let total: Decimal = { units: 0n, scale: 0 }
  for (const value of values) total = add(total, decimal(value))
  return total
}

function widen(value: Decimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale)
}

function divideHalfUp(top: bigint, bottom: bigint): bigint {
  const negative = top < 0n !== bottom < 0n
  const a = top < 0n ? -top : top
  const b = bottom < 0n ? -bottom : bottom
  const rounded = (2n * a + b) / (2n * b)
  return negative ? -rounded : rounded
}
