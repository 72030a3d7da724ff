// What a seller has agreed with a customer: credit limit and prices. Credit is read under the names of
// credit management; prices and the tax rate live in condition tables that no interface shows.
import { amount, entity, flag, hidden, instant, many, type RowOf, text } from '../odata/model.ts'
import { priceScale } from './product.ts'

export const specialPrice = entity(
  'SpecialPrice',
  ['Material'],
  { Material: text(40), Currency: text(5) },
  { children: { Scales: many(priceScale) } },
)

export const creditAccount = entity(
  'A_CreditMgmtAccount',
  ['CreditMgmtBusinessPartner', 'CreditSegment'],
  {
    CreditMgmtBusinessPartner: text(10),
    CreditSegment: text(10),
    CreditLimitAmount: amount('always'),
    CreditSegmentCurrency: text(5),
    CreditLimitIsUnlimited: flag('always'),
    CreditAccountIsBlocked: flag('always'),
    CreditRiskClass: text(3, 'always'),
    CreditExposureAmount: amount(),
    LastChangeDateTime: instant(),
    RefusesOverLimit: hidden(flag()),
    TaxRatePercent: hidden(text(8)),
  },
  { children: { SpecialPrices: many(specialPrice) }, etag: 'LastChangeDateTime' },
)

export type CreditAccount = RowOf<typeof creditAccount>
