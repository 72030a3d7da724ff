// Value tables: what our values are called in each system. Kept by people while everything runs; a project only says where
// they begin.

import type { ExchangeRate, UnitFactor } from './units.ts'

/** One native value, or several that mean the same: the first is written and each is read. */
type OneOrMore = string | readonly [string, ...string[]]

export type ValueTable = {
  readonly table: string
  /** The desk that keeps it: who adds a value that is missing. */
  readonly keptBy: string
  readonly says: string
  /** By system: our value, and what it is called there. Stored once; from then on people edit it, and the code is not asked. */
  readonly starts: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>
  readonly rates?: readonly ExchangeRate[] | undefined
  readonly factors?: readonly UnitFactor[] | undefined
}
/** A table of exchange rates: kept in the same way. */
export type RateTable = ValueTable & { readonly rates: readonly ExchangeRate[] }
/** A table of units: what each system calls them, and how many of one another is. */
export type UnitTable = WordTable & { readonly factors: readonly UnitFactor[] }
/** A table of words. */
export type WordTable = ValueTable & { readonly rates?: undefined }

/**
 * `table('payment terms', { keptBy: 'finance', says: 'When an invoice is to be paid', starts: { s4: { 'net 30': 'NT30' } } })`.
 * A rule uses it: `paymentTerms: { field: 'CustomerPaymentTerms', table: PaymentTerms }`.
 */
export const table = (
  name: string,
  of: { readonly keptBy: string; readonly says: string; readonly starts?: ValueTable['starts'] },
): WordTable => ({ table: name, keptBy: of.keptBy, says: of.says, starts: of.starts ?? {} })

/**
 * `rates('exchange rates', { keptBy: 'treasury', says: 'What one currency is of another', starts: [{ from: 'USD', to: 'EUR', since:
 * '2026-01-01', rate: '0.92' }] })`. A rule converts by it: `{ field: 'Total__c', converted: Rates, to: 'EUR', on: 'date' }`.
 */
export const rates = (
  name: string,
  of: { readonly keptBy: string; readonly says: string; readonly starts?: readonly ExchangeRate[] },
): RateTable => ({ table: name, keptBy: of.keptBy, says: of.says, starts: {}, rates: of.starts ?? [] })

/**
 * `units('units', { keptBy: 'product desk', says: 'What goods are counted in', starts: { s4: { piece: 'PC' } }, factors: [{ unit: 'dozen',
 * is: '12', of: 'piece' }] })`. A rule of a line's word uses it like any table; a rule of a quantity, or of the price of one, converts by it.
 */
export const units = (
  name: string,
  of: {
    readonly keptBy: string
    readonly says: string
    readonly starts?: ValueTable['starts']
    readonly factors: readonly UnitFactor[]
  },
): UnitTable => ({ table: name, keptBy: of.keptBy, says: of.says, starts: of.starts ?? {}, factors: of.factors })
