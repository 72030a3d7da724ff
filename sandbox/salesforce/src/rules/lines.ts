// What the lines of opportunities, quotes and orders have in common: a price book entry of the parent's book and currency, exact
// totals, and a parent whose totals follow its lines.
import { add, type Decimal, decimal, divide, multiply, round, sum, toNumber } from '../decimal.ts'
import { refused } from '../errors.ts'
import { CURRENCY, hasCurrency } from '../objects/currency.ts'
import type { Org } from '../org.ts'
import { writeDerived } from '../rows.ts'
import type { FieldValue, Row } from '../table.ts'
import type { Transaction } from '../transaction.ts'
import type { Saving } from './types.ts'

const HUNDRED = decimal(100)

/** Quantity x price, and the same less the discount in percent: both exact, rounded once to cents. */
export function lineTotals(line: { readonly [field: string]: FieldValue | undefined }): {
  subtotal: number
  total: number
} {
  const full = multiply(amount(line.Quantity), amount(line.UnitPrice))
  const kept = add(HUNDRED, multiply(amount(line.Discount), decimal(-1)))
  return { subtotal: toNumber(round(full, 2)), total: toNumber(divide(multiply(full, kept), HUNDRED, 2)) }
}

export function amount(value: FieldValue | undefined): Decimal {
  return typeof value === 'number' ? decimal(value) : decimal(0)
}

/** Live lines of a parent. */
export function linesOf(org: Org, lineObject: string, parentField: string, parentId: string): Row[] {
  const table = org.table(lineObject)
  const lines: Row[] = []
  for (const id of table.find(parentField, parentId)) {
    const row = table.get(id)
    if (row && !row.IsDeleted) lines.push(row)
  }
  return lines
}

export function total(lines: readonly Row[], field: string): Decimal {
  return sum(lines.map(line => (typeof line[field] === 'number' ? line[field] : 0)))
}

/** Takes product, list price and currency from the price book entry, which must be of the parent's book and in its currency. */
export function takeEntry(
  { org, type, before, draft }: Saving,
  parent: Row | undefined,
  parentLabel: string,
  book: FieldValue | undefined = parent?.Pricebook2Id,
): void {
  if (before) return
  const entry = org.table('PricebookEntry').get(String(draft.PricebookEntryId))
  if (!entry) return
  if (!entry.IsActive)
    throw refused(
      'FIELD_INTEGRITY_EXCEPTION',
      'field integrity exception: PricebookEntryId (pricebook entry is inactive)',
      ['PricebookEntryId'],
    )
  if (entry.Pricebook2Id !== book) {
    throw refused(
      'FIELD_INTEGRITY_EXCEPTION',
      `field integrity exception: PricebookEntryId (pricebook entry is in a different pricebook than the one assigned to the ${parentLabel}, or ${parentLabel} has no pricebook assigned)`,
      ['PricebookEntryId'],
    )
  }
  if (hasCurrency(type)) {
    if (entry[CURRENCY] !== parent?.[CURRENCY])
      throw refused(
        'FIELD_INTEGRITY_EXCEPTION',
        `field integrity exception: PricebookEntryId (pricebook entry currency code does not match ${parentLabel} currency code)`,
        ['PricebookEntryId'],
      )
    draft[CURRENCY] = entry[CURRENCY]
  }
  draft.Product2Id = entry.Product2Id
  draft.ListPrice = entry.UnitPrice
}

/** Lines are priced in their parent's currency, so that stays as it is while there are any. */
export function keepCurrency(
  { org, before, draft }: Saving,
  lineObject: string,
  parentField: string,
  parentLabel: string,
): void {
  if (!before || before[CURRENCY] === draft[CURRENCY] || linesOf(org, lineObject, parentField, before.Id).length === 0)
    return
  throw refused(
    'FIELD_INTEGRITY_EXCEPTION',
    `field integrity exception: ${CURRENCY} (the currency cannot be changed while the ${parentLabel} has products)`,
    [CURRENCY],
  )
}

/** Recomputes a parent's totals once, however many of its lines the transaction touches. */
export function settleParent(
  org: Org,
  tx: Transaction,
  parentObject: string,
  parentId: FieldValue | undefined,
  totals: (parent: Row) => Record<string, FieldValue>,
): void {
  if (typeof parentId !== 'string') return
  tx.settleLater(parentId, () => {
    const type = org.schema.named(parentObject)
    const parent = org.table(parentObject).get(parentId)
    if (type && parent && !parent.IsDeleted) writeDerived(org, tx, type, parentId, totals(parent))
  })
}
