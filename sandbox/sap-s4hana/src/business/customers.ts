// Customers as a seller sets them up: the partner, its sales area, its credit and its own prices, in one go.
import type { BusinessPartner } from '../documents/partner.ts'
import { type CreditAccount, creditAccount } from '../documents/terms.ts'
import { blank, type InputOf } from '../odata/model.ts'
import { type Call, stamped } from './call.ts'
import { createCondition, LONG_AGO, type Scale } from './conditions.ts'
import { money } from './money.ts'
import { HOME_AREA } from './organisation.ts'
import { createPartner } from './partners.ts'
import type { World } from './world.ts'

export interface NewCustomer {
  readonly id?: string
  readonly name: string
  readonly country: string
  readonly city?: string
  readonly currency?: string
  readonly creditLimit?: string
  readonly creditRefuses?: boolean
  readonly taxRatePercent?: string
  /** '0': exempt from tax. */
  readonly taxClass?: string
  readonly specialPrices?: readonly { readonly material: string; readonly scales: readonly Scale[] }[]
  readonly extKey?: string
}

export function setUpCustomer(world: World, asked: NewCustomer, call: Call): BusinessPartner {
  const currency = asked.currency ?? HOME_AREA.currency
  const partner = createPartner(
    world,
    {
      BusinessPartner: asked.id,
      BusinessPartnerCategory: '2',
      OrganizationBPName1: asked.name.slice(0, 40),
      OrganizationBPName2: asked.name.slice(40, 80),
      BusinessPartnerIDByExtSystem: asked.extKey ?? '',
      SearchTerm1: asked.name.slice(0, 20).toUpperCase(),
      to_BusinessPartnerAddress: [{ Country: asked.country, CityName: asked.city ?? '' }],
      to_BusinessPartnerRole: [{ BusinessPartnerRole: 'FLCU00' }, { BusinessPartnerRole: 'FLCU01' }],
      to_Customer: {
        to_CustomerSalesArea: [
          {
            SalesOrganization: HOME_AREA.organisation,
            DistributionChannel: HOME_AREA.channel,
            Division: HOME_AREA.division,
            Currency: currency,
            CustomerPaymentTerms: '0001',
            IncotermsClassification: 'EXW',
            IncotermsTransferLocation: 'Walldorf',
            ShippingCondition: '01',
          },
        ],
      },
    },
    call,
  )
  world.credit.put({
    ...accountOf(world, partner.BusinessPartner, currency, call),
    ...(asked.creditLimit === undefined
      ? {}
      : { CreditLimitAmount: money(asked.creditLimit, currency), CreditLimitIsUnlimited: false }),
    RefusesOverLimit: asked.creditRefuses ?? false,
    TaxRatePercent: asked.taxRatePercent ?? '',
    CustomerTaxClassification: asked.taxClass ?? '1',
  })
  for (const { material, scales } of asked.specialPrices ?? []) {
    const customer = partner.BusinessPartner
    createCondition(
      world,
      { type: 'PPR0', customer, material, calculation: 'C', scales, currency, validFrom: LONG_AGO },
      call,
    )
  }
  return partner
}

/** The customer's credit account; without one the customer has no limit. */
const accountOf = (world: World, customer: string, currency: string, call: Call): CreditAccount =>
  world.credit.get(customer) ?? {
    ...blank(creditAccount),
    CreditMgmtBusinessPartner: customer,
    CreditSegment: '0000',
    CreditSegmentCurrency: currency,
    CreditLimitIsUnlimited: true,
    LastChangeDateTime: call.at,
  }

/** Changes the account as a caller asks; naming a limit makes the account limited. */
export function setCreditAccount(
  world: World,
  customer: string,
  input: InputOf<typeof creditAccount>,
  call: Call,
): void {
  const account = accountOf(world, customer, HOME_AREA.currency, call)
  const fields = input
  const currency = account.CreditSegmentCurrency
  const limited =
    fields.CreditLimitAmount === undefined
      ? {}
      : { CreditLimitAmount: money(fields.CreditLimitAmount, currency), CreditLimitIsUnlimited: false }
  world.credit.put({
    ...account,
    ...fields,
    ...limited,
    LastChangeDateTime: stamped(call, account.LastChangeDateTime),
  })
}

export function setCreditLimit(world: World, customer: string, limit: string, call: Call): CreditAccount {
  const account = accountOf(world, customer, HOME_AREA.currency, call)
  const changed = {
    ...account,
    CreditLimitAmount: money(limit, account.CreditSegmentCurrency),
    CreditLimitIsUnlimited: false,
    LastChangeDateTime: stamped(call, account.LastChangeDateTime),
  }
  world.credit.put(changed)
  return changed
}
