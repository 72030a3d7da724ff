// What an item costs: the caller's own price, else the customer's, else the list's; and the tax on it.
import Big from 'big.js'
import type { OrderItem, PriceElement, PriceElementInput } from '../documents/order.ts'
import { itemPriceElement } from '../documents/order.ts'
import type { PriceScale, Product } from '../documents/product.ts'
import { refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { money } from './money.ts'
import { isoUnit, taxPercent } from './organisation.ts'
import type { World } from './world.ts'

export interface UnitPrice {
  readonly rate: Big
  readonly per: Big
  readonly manual: boolean
}

const PRICE_CONDITIONS = ['PPR0', 'PR00']

/** The price that a caller put on an item, if any. */
export function manualPrice(
  elements: readonly PriceElementInput[] | undefined,
  currency: string,
): UnitPrice | undefined {
  const wrong = elements?.find(element => !PRICE_CONDITIONS.includes(element.ConditionType ?? ''))
  if (wrong) {
    throw refused('VK/071', `Condition type ${wrong.ConditionType ?? ''} cannot be entered manually`, 'ConditionType')
  }
  const element = elements?.[0]
  if (!element) return undefined
  if (elements.length > 1) throw refused('VK/072', 'An item has one price condition only', 'ConditionType')
  const rate = new Big(element.ConditionRateValue ?? '0')
  if (rate.lt(0)) throw refused('VK/073', `A price of ${rate} is not allowed`, 'ConditionRateValue')
  const asked = element.ConditionCurrency || currency
  if (asked !== currency) throw noExchangeRate(asked, currency)
  const per = new Big(element.ConditionQuantity ?? '1')
  return { rate, per: per.gt(0) ? per : new Big(1), manual: true }
}

const noExchangeRate = (from: string, to: string) =>
  refused('SG/105', `Enter rate ${from} / ${to} rate type M in the system settings`, 'TransactionCurrency')

/** The agreed or listed price for this quantity; undefined when the material has no price. */
export function agreedPrice(
  world: World,
  asked: { customer: string; product: Product; quantity: string; currency: string },
) {
  const special = world.credit.get(asked.customer)?.SpecialPrices.find(each => each.Material === asked.product.Product)
  const scales = special?.Scales ?? asked.product.ListPrice
  const currency = special?.Currency ?? asked.product.ListPriceCurrency
  if (scales.length === 0) return undefined
  if (currency !== asked.currency) throw noExchangeRate(currency, asked.currency)
  return { rate: rateFor(scales, asked.quantity), per: new Big(1), manual: false }
}

/** The rate of the highest step that the quantity reaches; below all steps the lowest one holds. */
function rateFor(scales: readonly PriceScale[], quantity: string): Big {
  const ascending = [...scales].sort((a, b) => new Big(a.From).cmp(b.From))
  const reached = ascending.filter(scale => new Big(scale.From).lte(quantity)).at(-1) ?? ascending[0]
  return new Big(reached?.Rate ?? '0')
}

export function taxPercentOf(world: World, customer: string, product: Product): string {
  const own = world.credit.get(customer)?.TaxRatePercent
  if (own) return product.TaxClassification === '0' ? '0' : own
  const country = world.partners.get(customer)?.to_BusinessPartnerAddress[0]?.Country ?? ''
  return taxPercent(country, product.TaxClassification)
}

/** The item with its price worked out. Net and tax are rounded per item: totals are sums of rounded lines. */
export function priced(item: OrderItem, price: UnitPrice | undefined, percent: string): OrderItem {
  const currency = item.TransactionCurrency
  const exact = price ? price.rate.times(item.RequestedQuantity).div(price.per) : new Big(0)
  const net = money(exact, currency)
  const tax = money(new Big(net).times(percent).div(100), currency)
  return {
    ...item,
    NetAmount: net,
    TaxAmount: tax,
    NetPriceAmount: price ? money(price.rate, currency) : money('0', currency),
    NetPriceQuantity: price ? price.per.toFixed(0) : '1',
    NetPriceQuantityUnit: item.RequestedQuantityUnit,
    TaxRatePercent: percent,
    to_PricingElement: price ? elementsOf(item, price, { net, tax, percent }) : [],
  }
}

function elementsOf(
  item: OrderItem,
  price: UnitPrice,
  amounts: { net: string; tax: string; percent: string },
): PriceElement[] {
  const common = {
    ...blank(itemPriceElement),
    SalesOrder: item.SalesOrder,
    SalesOrderItem: item.SalesOrderItem,
    PricingProcedureCounter: '1',
    TransactionCurrency: item.TransactionCurrency,
  }
  return [
    {
      ...common,
      PricingProcedureStep: '20',
      ConditionType: 'PPR0',
      ConditionRateValue: price.rate.toFixed(9),
      ConditionCurrency: item.TransactionCurrency,
      ConditionQuantity: price.per.toFixed(0),
      ConditionQuantityUnit: item.RequestedQuantityUnit,
      ConditionQuantitySAPUnit: item.RequestedQuantityUnit,
      ConditionQuantityISOUnit: isoUnit(item.RequestedQuantityUnit),
      ConditionAmount: amounts.net,
      ConditionIsManuallyChanged: price.manual,
    },
    {
      ...common,
      PricingProcedureStep: '915',
      ConditionType: 'TTX1',
      ConditionRateValue: new Big(amounts.percent).toFixed(9),
      ConditionAmount: amounts.tax,
    },
  ]
}

/** The price that an item was given by hand, if it was. */
export function manualPriceOf(item: OrderItem): UnitPrice | undefined {
  const element = item.to_PricingElement.find(each => each.ConditionType === 'PPR0' && each.ConditionIsManuallyChanged)
  if (!element) return undefined
  return { rate: new Big(element.ConditionRateValue), per: new Big(element.ConditionQuantity), manual: true }
}
