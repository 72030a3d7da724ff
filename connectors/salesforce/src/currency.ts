// Which currency an amount is in. In an org with several each record has its own, which is read beside its amounts; no amount is
// ever read without.
import type { Fields } from '@plumbline/sdk'
import type { Settings } from './settings.ts'

export const currencyField = 'CurrencyIsoCode'

/** What every amount of the org is in; undefined where each record says it of its own. */
export const oneCurrency = ({ currencies, currency }: Settings): string | undefined =>
  currencies === 'several' ? undefined : currency

export const hasMoney = (fields: Fields): boolean => Object.values(fields).some(({ kind }) => kind === 'money')

/** The column without which the amounts among these fields cannot be read, where there is one. */
export const currencyColumn = (settings: Settings, fields: Fields): readonly string[] =>
  oneCurrency(settings) === undefined && hasMoney(fields) ? [currencyField] : []

/** What the amounts of a row, or of an event, are in, as far as it says. */
export function currencyOf(one: string | undefined, said: unknown): string | undefined {
  if (one !== undefined) return one
  return typeof said === 'string' && said !== '' ? said : undefined
}
