// What a seller has agreed with a customer about credit, under the names of credit management, and how the customer is taxed.
import { amount, entity, flag, hidden, instant, type RowOf, text } from '../odata/model.ts'

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
    CustomerTaxClassification: hidden(text(1)),
  },
  { etag: 'LastChangeDateTime' },
)

export type CreditAccount = RowOf<typeof creditAccount>
