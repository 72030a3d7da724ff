// Opportunities: the stage says whether they are closed and how likely; with products the amount is their sum.
import { decimal, divide, multiply, toNumber } from '../decimal.ts'
import { refused } from '../errors.ts'
import { CURRENCY } from '../objects/currency.ts'
import { OPPORTUNITY_STAGES } from '../objects/stages.ts'
import { amount, keepCurrency, linesOf, lineTotals, settleParent, takeEntry, total } from './lines.ts'
import type { Rules, Saving } from './types.ts'

export const opportunityRules: Rules = {
  beforeSave(saving) {
    const { org, before, draft, given } = saving
    keepCurrency(saving, 'OpportunityLineItem', 'OpportunityId', 'opportunity')
    const stage = OPPORTUNITY_STAGES.find(known => known.name === draft.StageName)
    const stageChanged = draft.StageName !== before?.StageName
    if (stageChanged && given.Probability === undefined) draft.Probability = stage?.probability ?? 0
    draft.IsClosed = stage?.closed ?? false
    draft.IsWon = stage?.won ?? false
    draft.ForecastCategory = stage?.forecast ?? 'Pipeline'
    // The amount of an opportunity with products is theirs; writing it is ignored, not refused.
    if (before?.HasOpportunityLineItem) draft.Amount = before.Amount
    draft.ExpectedRevenue = expectedRevenue(draft)
    if (
      before &&
      before.Pricebook2Id !== draft.Pricebook2Id &&
      linesOf(org, 'OpportunityLineItem', 'OpportunityId', before.Id).length > 0
    ) {
      throw refused(
        'FIELD_INTEGRITY_EXCEPTION',
        'field integrity exception: Pricebook2Id (a pricebook cannot be changed while the opportunity has products)',
        ['Pricebook2Id'],
      )
    }
  },
}

export const opportunityItemRules: Rules = {
  prepare(saving) {
    const { before, draft, given } = saving
    if (!before) findEntry(saving)
    if (given.TotalPrice != null && given.UnitPrice != null)
      throw refused(
        'FIELD_INTEGRITY_EXCEPTION',
        'field integrity exception: UnitPrice, TotalPrice (specify either UnitPrice or TotalPrice, not both)',
        ['UnitPrice', 'TotalPrice'],
      )
    if (!before && draft.UnitPrice == null && draft.TotalPrice == null)
      throw refused('REQUIRED_FIELD_MISSING', 'Required fields are missing: [UnitPrice]', ['UnitPrice'])
    if (given.TotalPrice != null && typeof draft.Quantity === 'number' && draft.Quantity !== 0) {
      draft.UnitPrice = toNumber(divide(amount(given.TotalPrice), decimal(draft.Quantity), 2))
    }
  },
  beforeSave(saving) {
    const { org, tx, draft, given } = saving
    const opportunity = org.table('Opportunity').get(String(draft.OpportunityId))
    const entry = org.table('PricebookEntry').get(String(draft.PricebookEntryId))
    // The first product decides the price book of an opportunity that has none.
    const book = opportunity?.Pricebook2Id ?? entry?.Pricebook2Id
    takeEntry(saving, opportunity, 'opportunity', book)
    if (opportunity && !opportunity.Pricebook2Id && book)
      tx.put(org.table('Opportunity'), { ...opportunity, Pricebook2Id: book })
    draft.ProductCode = entry?.ProductCode ?? null
    draft.Name = `${String(opportunity?.Name ?? '')} ${String(entry?.Name ?? '')}`
    const { subtotal, total } = lineTotals(draft)
    draft.Subtotal = subtotal
    draft.TotalPrice = given.TotalPrice ?? total
  },
  afterSave({ org, tx, before, after }) {
    settleParent(org, tx, 'Opportunity', (after ?? before)?.OpportunityId, opportunity => {
      const lines = linesOf(org, 'OpportunityLineItem', 'OpportunityId', opportunity.Id)
      const Amount = toNumber(total(lines, 'TotalPrice'))
      const quantity = toNumber(total(lines, 'Quantity'))
      return {
        Amount,
        HasOpportunityLineItem: lines.length > 0,
        TotalOpportunityQuantity: quantity,
        ExpectedRevenue: expectedRevenue({ ...opportunity, Amount }),
      }
    })
  },
}

function expectedRevenue(opportunity: Saving['draft'] | Parameters<typeof lineTotals>[0]): number | null {
  if (typeof opportunity.Amount !== 'number') return null
  return toNumber(divide(multiply(amount(opportunity.Amount), amount(opportunity.Probability)), decimal(100), 2))
}

function findEntry({ org, draft }: Saving): void {
  if (draft.PricebookEntryId || typeof draft.Product2Id !== 'string') {
    if (!draft.PricebookEntryId)
      throw refused('REQUIRED_FIELD_MISSING', 'Required fields are missing: [PricebookEntryId]', ['PricebookEntryId'])
    return
  }
  const opportunity = org.table('Opportunity').get(String(draft.OpportunityId))
  const table = org.table('PricebookEntry')
  for (const id of table.find('Product2Id', draft.Product2Id)) {
    const entry = table.get(id)
    if (
      entry &&
      !entry.IsDeleted &&
      entry.Pricebook2Id === opportunity?.Pricebook2Id &&
      entry[CURRENCY] === opportunity?.[CURRENCY]
    )
      draft.PricebookEntryId = id
  }
}
