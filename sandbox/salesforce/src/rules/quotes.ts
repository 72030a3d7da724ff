// Quotes: the account comes from the opportunity, totals from the lines, tax and shipping on top.
import { add, decimal, divide, multiply, toNumber } from '../decimal.ts'
import { refused } from '../errors.ts'
import type { Org } from '../org.ts'
import type { FieldValue } from '../table.ts'
import { amount, keepCurrency, linesOf, lineTotals, settleParent, takeEntry, total } from './lines.ts'
import type { Rules } from './types.ts'

export const quoteRules: Rules = {
  beforeSave(saving) {
    const { org, before, draft } = saving
    keepCurrency(saving, 'QuoteLineItem', 'QuoteId', 'quote')
    if (!before) draft.AccountId = org.table('Opportunity').get(String(draft.OpportunityId))?.AccountId ?? null
    if (
      before &&
      before.Pricebook2Id !== draft.Pricebook2Id &&
      linesOf(org, 'QuoteLineItem', 'QuoteId', before.Id).length > 0
    ) {
      throw refused(
        'FIELD_INTEGRITY_EXCEPTION',
        'field integrity exception: Pricebook2Id (a pricebook cannot be changed while the quote has line items)',
        ['Pricebook2Id'],
      )
    }
    Object.assign(draft, quoteTotals(org, draft))
  },
}

export const quoteItemRules: Rules = {
  prepare({ org, draft }) {
    draft.UnitPrice ??= org.table('PricebookEntry').get(String(draft.PricebookEntryId))?.UnitPrice ?? null
  },
  beforeSave(saving) {
    const { org, draft } = saving
    takeEntry(saving, org.table('Quote').get(String(draft.QuoteId)), 'quote')
    if (draft.Quantity === 0) throw refused('FIELD_INTEGRITY_EXCEPTION', 'Quantity: must be nonzero', ['Quantity'])
    const { subtotal, total } = lineTotals(draft)
    draft.Subtotal = subtotal
    draft.TotalPrice = total
  },
  afterSave({ org, tx, before, after }) {
    settleParent(org, tx, 'Quote', (after ?? before)?.QuoteId, quote => quoteTotals(org, quote))
  },
}

function quoteTotals(
  org: Org,
  quote: { readonly [field: string]: FieldValue | undefined },
): Record<string, FieldValue> {
  const lines = typeof quote.Id === 'string' && quote.Id ? linesOf(org, 'QuoteLineItem', 'QuoteId', quote.Id) : []
  const subtotal = total(lines, 'Subtotal')
  const net = total(lines, 'TotalPrice')
  const off = add(subtotal, multiply(net, decimal(-1)))
  return {
    Subtotal: toNumber(subtotal),
    TotalPrice: toNumber(net),
    Discount: subtotal.units === 0n ? 0 : toNumber(divide(multiply(off, decimal(100)), subtotal, 2)),
    GrandTotal: toNumber(add(net, add(amount(quote.Tax), amount(quote.ShippingHandling)))),
    LineItemCount: lines.length,
  }
}
