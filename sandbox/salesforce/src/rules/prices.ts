// Price book entries: the standard price comes first, and a product has one price per book, in each currency of the org.
import { refused } from '../errors.ts'
import { CURRENCY } from '../objects/currency.ts'
import { STANDARD_PRICEBOOK_ID } from '../org.ts'
import type { FieldValue, Row } from '../table.ts'
import type { Rules, Saving } from './types.ts'

export const pricebookEntryRules: Rules = {
  prepare({ before, draft, org }) {
    if (before || !draft.UseStandardPrice || typeof draft.Product2Id !== 'string') return
    draft.UnitPrice = standardEntry(org, draft)?.UnitPrice ?? draft.UnitPrice
  },
  beforeSave(saving) {
    const { draft, org } = saving
    const product = org.table('Product2').get(String(draft.Product2Id))
    draft.Name = product?.Name ?? null
    draft.ProductCode = product?.ProductCode ?? null
    if (!saving.before) checkNewEntry(saving)
  },
}

function checkNewEntry({ draft, org }: Saving): void {
  if (draft.Pricebook2Id !== STANDARD_PRICEBOOK_ID && !standardEntry(org, draft)) {
    throw refused('STANDARD_PRICE_NOT_DEFINED', 'No standard price defined for this product')
  }
  if (entryIn(org, draft, draft.Pricebook2Id))
    throw refused('DUPLICATE_VALUE', 'This price definition already exists in this price book')
}

const standardEntry = (org: Saving['org'], price: Saving['draft']): Row | undefined =>
  entryIn(org, price, STANDARD_PRICEBOOK_ID)

/** The price of the same product in the same currency, in a price book. */
function entryIn(org: Saving['org'], price: Saving['draft'], book: FieldValue | undefined): Row | undefined {
  const table = org.table('PricebookEntry')
  for (const id of table.find('Product2Id', String(price.Product2Id))) {
    const entry = table.get(id)
    if (entry && !entry.IsDeleted && entry.Pricebook2Id === book && entry[CURRENCY] === price[CURRENCY]) return entry
  }
  return undefined
}
