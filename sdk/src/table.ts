// Value tables: what our values are called in each system. Kept by people while everything runs; a project only says where
// they begin.

/** One native value, or several that mean the same: the first is written and each is read. */
type OneOrMore = string | readonly [string, ...string[]]

export type ValueTable = {
  readonly table: string
  /** The desk that keeps it: who adds a value that is missing. */
  readonly keptBy: string
  readonly says: string
  /** By system: our value, and what it is called there. Stored once; from then on people edit it, and the code is not asked. */
  readonly starts: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>
}

/**
 * `table('payment terms', { keptBy: 'finance', says: 'When an invoice is to be paid', starts: { s4: { 'net 30': 'NT30' } } })`.
 * A rule uses it: `paymentTerms: { field: 'CustomerPaymentTerms', table: PaymentTerms }`.
 */
export const table = (
  name: string,
  of: { readonly keptBy: string; readonly says: string; readonly starts?: ValueTable['starts'] },
): ValueTable => ({ table: name, keptBy: of.keptBy, says: of.says, starts: of.starts ?? {} })
