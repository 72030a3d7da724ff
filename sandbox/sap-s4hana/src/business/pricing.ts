// What an item costs: a price, the caller's own or that of a condition record, then discounts and surcharges, then tax.
import Big from 'big.js'
import type { ConditionRecord } from '../documents/condition.ts'
import type { Order, OrderItem, PriceElement, PriceElementInput } from '../documents/order.ts'
import { itemPriceElement } from '../documents/order.ts'
import type { Product } from '../documents/product.ts'
import { refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { type Call, dayOf } from './call.ts'
import { CONDITION_TYPES, conditionOn, rateFor } from './conditions.ts'
import { money } from './money.ts'
import { isoUnit, taxPercent } from './organisation.ts'
import type { World } from './world.ts'

/** A price that a caller put on an item. */
export interface ManualPrice {
  /** PPR0 takes the place of the price, discounts still apply; PMP0 takes the place of all that. */
  readonly type: 'PPR0' | 'PMP0'
  readonly rate: Big
  readonly per: Big
}

const PRICE = 'PPR0'
const FINAL_PRICE = 'PMP0'
const FINAL_STEP = '600'
const TAX = 'TTX1'
const TAX_STEP = '915'
const ADJUSTMENTS = ['K004', 'K005', 'K007']
/** PR00 is what the price is called in older procedures. */
const MANUAL: Readonly<Record<string, ManualPrice['type']>> = { PPR0: PRICE, PR00: PRICE, PMP0: FINAL_PRICE }
/** Inactive because of a subsequent price. */
const BY_LATER_PRICE = 'Y'

/** The price that a caller put on an item, if any. */
export function manualPrice(
  elements: readonly PriceElementInput[] | undefined,
  currency: string,
): ManualPrice | undefined {
  const wrong = elements?.find(element => MANUAL[element.ConditionType ?? ''] === undefined)
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
  return { type: MANUAL[element.ConditionType ?? ''] ?? PRICE, rate, per: per.gt(0) ? per : new Big(1) }
}

const noExchangeRate = (from: string, to: string) =>
  refused('SG/105', `Enter rate ${from} / ${to} rate type M in the system settings`, 'TransactionCurrency')

/** The price that an item was given by hand, if it was. */
export function manualPriceOf(item: OrderItem): ManualPrice | undefined {
  const element = item.to_PricingElement.find(each => each.ConditionIsManuallyChanged)
  if (!element) return undefined
  const type = MANUAL[element.ConditionType] ?? PRICE
  return { type, rate: new Big(element.ConditionRateValue), per: new Big(element.ConditionQuantity) }
}

/** The item priced by the procedure. Each amount is rounded by itself: an item's net is the sum of rounded conditions. */
export function pricedItem(
  world: World,
  order: Order,
  item: OrderItem,
  product: Product,
  manual: ManualPrice | undefined,
  call: Call,
): OrderItem {
  const asked = { customer: order.SoldToParty, material: product.Product, day: order.PricingDate ?? dayOf(call.at) }
  const percent = taxPercentOf(world, order.SoldToParty, product)
  const base = manual?.type === PRICE ? manualElement(item, manual) : automatic(world, item, PRICE, asked, new Big(0))
  if (!base && !manual) {
    const message = `Item ${item.SalesOrderItem}: mandatory condition ${PRICE} is missing for material ${item.Material}`
    call.warn({ code: 'V1/801', message, target: 'Material' })
    return valued(item, [], '0', percent)
  }
  const gross = new Big(base?.ConditionAmount ?? '0')
  const adjustments = base ? ADJUSTMENTS.map(type => automatic(world, item, type, asked, gross)) : []
  const found = [base, ...adjustments].filter(each => each !== undefined)
  if (manual?.type !== FINAL_PRICE) return valued(item, found, unitPriceOf(item, found), percent)
  const replaced = found.map(each => ({ ...each, ConditionInactiveReason: BY_LATER_PRICE }))
  const final = manualElement(item, manual)
  return valued(item, [...replaced, final], unitPriceOf(item, [final]), percent)
}

const isActive = (element: PriceElement) => element.ConditionInactiveReason === ''

/** A single price speaks for itself; one with discounts is what they leave of it for each piece. */
function unitPriceOf(item: OrderItem, active: readonly PriceElement[]): string {
  const [price, ...others] = active
  if (!price) return '0'
  if (others.length === 0) return price.ConditionRateValue
  const net = active.reduce((sum, each) => sum.plus(each.ConditionAmount), new Big(0))
  return net.times(price.ConditionQuantity).div(item.RequestedQuantity).toFixed(9)
}

function valued(item: OrderItem, conditions: readonly PriceElement[], unitPrice: string, percent: string): OrderItem {
  const currency = item.TransactionCurrency
  const active = conditions.filter(isActive)
  const net = money(
    active.reduce((sum, each) => sum.plus(each.ConditionAmount), new Big(0)),
    currency,
  )
  const tax = money(new Big(net).times(percent).div(100), currency)
  return {
    ...item,
    NetAmount: net,
    TaxAmount: tax,
    NetPriceAmount: money(unitPrice, currency),
    NetPriceQuantity: active[0]?.ConditionQuantity ?? '1',
    NetPriceQuantityUnit: item.RequestedQuantityUnit,
    TaxRatePercent: percent,
    to_PricingElement: active.length === 0 ? [] : [...conditions, taxElement(item, percent, net, tax)],
  }
}

const elementOf = (item: OrderItem, step: string, type: string): PriceElement => ({
  ...blank(itemPriceElement),
  SalesOrder: item.SalesOrder,
  SalesOrderItem: item.SalesOrderItem,
  PricingProcedureStep: step,
  PricingProcedureCounter: '1',
  ConditionType: type,
  TransactionCurrency: item.TransactionCurrency,
})

const byQuantity = (item: OrderItem, rate: Big, per: Big) => ({
  ConditionCalculationType: 'C',
  ConditionBaseValue: item.RequestedQuantity,
  ConditionRateValue: rate.toFixed(9),
  ConditionCurrency: item.TransactionCurrency,
  ConditionQuantity: per.toFixed(0),
  ConditionQuantityUnit: item.RequestedQuantityUnit,
  ConditionQuantitySAPUnit: item.RequestedQuantityUnit,
  ConditionQuantityISOUnit: isoUnit(item.RequestedQuantityUnit),
  ConditionAmount: money(rate.times(item.RequestedQuantity).div(per), item.TransactionCurrency),
})

const manualElement = (item: OrderItem, { type, rate, per }: ManualPrice): PriceElement => ({
  ...elementOf(item, type === PRICE ? (CONDITION_TYPES.PPR0?.step ?? '') : FINAL_STEP, type),
  ...byQuantity(item, rate, per),
  ConditionIsManuallyChanged: true,
})

/** The element that a condition record of this type brings about, if there is one. */
function automatic(
  world: World,
  item: OrderItem,
  type: string,
  asked: { customer: string; material: string; day: number },
  gross: Big,
): PriceElement | undefined {
  const found = conditionOn(world, type, asked)
  if (!found) return undefined
  const element = {
    ...elementOf(item, CONDITION_TYPES[type]?.step ?? '', type),
    ConditionRecord: found.ConditionRecord,
  }
  const rate = rateFor(found, item.RequestedQuantity)
  return { ...element, ...amountsOf(item, found, rate, gross) }
}

function amountsOf(item: OrderItem, record: ConditionRecord, rate: Big, gross: Big): Partial<PriceElement> {
  const { ConditionCalculationType: calculation, ConditionRateValueUnit: unit } = record
  const currency = item.TransactionCurrency
  if (calculation !== 'A' && unit !== currency) throw noExchangeRate(unit, currency)
  if (calculation === 'C') return byQuantity(item, rate, new Big(record.ConditionQuantity))
  const common = { ConditionCalculationType: calculation, ConditionRateValue: rate.toFixed(9) }
  if (calculation === 'B') return { ...common, ConditionCurrency: currency, ConditionAmount: money(rate, currency) }
  return {
    ...common,
    ConditionBaseValue: gross.toFixed(3),
    ConditionAmount: money(gross.times(rate).div(100), currency),
  }
}

const taxElement = (item: OrderItem, percent: string, net: string, tax: string): PriceElement => ({
  ...elementOf(item, TAX_STEP, TAX),
  ConditionCalculationType: 'A',
  ConditionBaseValue: new Big(net).toFixed(3),
  ConditionRateValue: new Big(percent).toFixed(9),
  ConditionAmount: tax,
})

/** By the tax classes of customer and material and the customer's country, unless a rate was agreed. */
function taxPercentOf(world: World, customer: string, product: Product): string {
  const account = world.credit.get(customer)
  if (product.TaxClassification === '0' || account?.CustomerTaxClassification === '0') return '0'
  if (account?.TaxRatePercent) return account.TaxRatePercent
  const country = world.partners.get(customer)?.to_BusinessPartnerAddress[0]?.Country ?? ''
  return taxPercent(country, product.TaxClassification)
}
