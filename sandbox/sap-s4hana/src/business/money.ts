// Money: decimal strings, rounded half up to the digits of their currency. Never a float.
import Big from 'big.js'

const DIGITS: Readonly<Record<string, number>> = {
  JPY: 0,
  KRW: 0,
  CLP: 0,
  ISK: 0,
  VND: 0,
  BHD: 3,
  KWD: 3,
  JOD: 3,
  OMR: 3,
  TND: 3,
}

export const digitsOf = (currency: string): number => DIGITS[currency] ?? 2

export const money = (value: Big | string, currency: string): string =>
  new Big(value).toFixed(digitsOf(currency), Big.roundHalfUp)

export const sumOf = (values: readonly string[], currency: string): string =>
  money(
    values.reduce((total, value) => total.plus(value), new Big(0)),
    currency,
  )

/** A count as SAP prints it, with three decimals. */
export const count = (value: Big | string): string => new Big(value).toFixed(3)
