// Price book entries: the standard price comes first, and a product has one price per book.
import { refused } from '../errors.ts'
import { STANDARD_PRICEBOOK_ID } from '../org.ts'
import type { Rules, Saving } from './types.ts'

export const pricebookEntryRules: Rules = {
  prepare({ before, draft, org }) {
    if (before || !draft.UseStandardPrice || typeof draft.Product2Id !== 'string') return
    draft.UnitPrice = standardEntry(org, draft.Product2Id)?.UnitPrice ?? draft.UnitPrice
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
  const productId = String(draft.Product2Id)
  if (draft.Pricebook2Id !== STANDARD_PRICEBOOK_ID && !standardEntry(org, productId)) {
    throw refused('STANDARD_PRICE_NOT_DEFINED', 'No standard price defined for this product')
  }
  const table = org.table('PricebookEntry')
  for (const id of table.find('Product2Id', productId)) {
    const other = table.get(id)
    if (other && !other.IsDeleted && other.Pricebook2Id === draft.Pricebook2Id) {
      throw refused('DUPLICATE_VALUE', 'This price definition already exists in this price book')
    }
  }
}

function standardEntry(org: Saving['org'], productId: string) {
  const table = org.table('PricebookEntry')
  for (const id of table.find('Product2Id', productId)) {
    const entry = table.get(id)
    if (entry && !entry.IsDeleted && entry.Pricebook2Id === STANDARD_PRICEBOOK_ID) return entry
  }
  return undefined
}
