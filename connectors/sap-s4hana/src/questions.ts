// What S/4HANA is asked while somebody waits: may this customer order for so much, and what does this cost.
import { compareMoney, count, lookup, type Money, money, moneyOf, plus, Refused, yesNo } from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import { thrown } from './ends.ts'
import { isRow, type Row, rowsIn } from './odata.ts'
import { salesAreaIn } from './settings.ts'
import { addressOf } from './write.ts'

/** What a customer without a limit may owe: more than anybody orders. */
const unlimited = '999999999999.99'
const creditSegment = '0000'

export const creditCheck = {
  asks: { customer: lookup('BusinessPartner', 'Customer'), amount: money('Amount') },
  answers: { approved: yesNo('Approved'), limit: money('Credit limit'), exposure: money('Open already') },
  run: async (api: S4Api, { customer, amount }: { readonly customer: string; readonly amount: Money }) => {
    const key = { CreditMgmtBusinessPartner: customer, CreditSegment: creditSegment }
    const { json } = await api.http.get(
      'API_CRDTMBUSINESSPARTNER',
      addressOf('A_CreditMgmtAccount', key),
      'credit account',
    )
    const account = entityIn(json)
    const currency = String(account.CreditSegmentCurrency)
    if (currency !== amount.currency) {
      throw new Refused(
        `Credit of customer ${customer} is kept in ${currency}, not in ${amount.currency}`,
        'Ask in that currency.',
      )
    }
    const exposure = moneyOf(String(account.CreditExposureAmount ?? '0'), currency)
    const limit = moneyOf(
      account.CreditLimitIsUnlimited === true ? unlimited : String(account.CreditLimitAmount ?? '0'),
      currency,
    )
    const isWithin = compareMoney(plus(exposure, amount), limit) <= 0
    return { approved: isWithin && account.CreditAccountIsBlocked !== true, limit, exposure }
  },
}

export const price = {
  asks: {
    customer: lookup('BusinessPartner', 'Customer'),
    product: lookup('Product', 'Product'),
    quantity: count('Quantity'),
  },
  answers: { net: money('Net'), tax: money('Tax') },
  run: async (api: S4Api, ask: { readonly customer: string; readonly product: string; readonly quantity: number }) => {
    const [item] = rowsIn((await simulated(api, ask)).to_Item)
    if (!item) throw new Refused(`S/4HANA found no price for ${ask.product}`)
    const currency = String(item.TransactionCurrency)
    return { net: moneyOf(String(item.NetAmount), currency), tax: moneyOf(String(item.TaxAmount), currency) }
  },
}

/** An order worked out in full and not saved. */
async function simulated(api: S4Api, ask: { customer: string; product: string; quantity: number }): Promise<Row> {
  const body = {
    SalesOrderType: 'OR',
    ...salesAreaIn(api.settings.salesArea),
    SoldToParty: ask.customer,
    to_Pricing: {},
    to_Item: [
      { SalesOrderItem: '10', Material: ask.product, RequestedQuantity: String(ask.quantity), to_PricingElement: [] },
    ],
  }
  const outcome = await api.http.send({
    method: 'POST',
    service: 'API_SALES_ORDER_SIMULATION_SRV',
    path: 'A_SalesOrderSimulation',
    body,
    of: 'price',
  })
  if (!outcome.ok) throw thrown(outcome.end)
  return entityIn(outcome.json)
}

const entityIn = (json: unknown): Row => (isRow(json) && isRow(json.d) ? json.d : {})
