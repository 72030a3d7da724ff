// Sales orders: creating, changing, adding and removing items, deleting.
import Big from 'big.js'
import {
  type Order,
  type OrderInput,
  type OrderItem,
  type OrderItemInput,
  order,
  type PriceElementInput,
} from '../documents/order.ts'
import { notFound, refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { type Call, dayOf, stamped } from './call.ts'
import { checkCredit, openValueOf, refuseOverLimit } from './credit.ts'
import { refuseLocked } from './locks.ts'
import { digitsOf, money } from './money.ts'
import { changedItem, splitItem, withNewItems } from './order-items.ts'
import { orderingCustomer, partnersOf, withPartner } from './order-parties.ts'
import { refuseComplete, refuseDelivered, refuseLate, refuseRerouting } from './order-stages.ts'
import { withStatuses } from './order-status.ts'
import { ORDER_TYPES, salesAreaOf } from './organisation.ts'
import { manualPrice, pricedItem } from './pricing.ts'
import type { World } from './world.ts'

/** Works an order out in full without saving it: what a create saves and what a simulation answers. */
export function draftOrder(world: World, number: string, input: OrderInput, call: Call): Order {
  const type = input.SalesOrderType ?? ''
  if (!ORDER_TYPES.includes(type))
    throw refused('V1/313', `Sales document type ${type} is not defined`, 'SalesOrderType')
  const area = salesAreaOf(
    input.SalesOrganization ?? '',
    input.DistributionChannel ?? '',
    input.OrganizationDivision ?? '',
  )
  const soldTo = input.SoldToParty ?? ''
  const terms = orderingCustomer(world, soldTo, area)
  const { to_Item: items, to_Partner: partners, to_PricingElement: headerPrices, ...fields } = input
  if (headerPrices?.length)
    throw refused('VK/070', 'Price conditions cannot be entered in the header', 'to_PricingElement')
  const today = dayOf(call.at)
  const header: Order = {
    ...blank(order),
    IncotermsClassification: terms.IncotermsClassification,
    IncotermsTransferLocation: terms.IncotermsTransferLocation,
    CustomerPaymentTerms: terms.CustomerPaymentTerms,
    ShippingCondition: terms.ShippingCondition,
    SalesOrderDate: today,
    PricingDate: today,
    RequestedDeliveryDate: today,
    ...definedOnes(fields),
    SalesOrder: number,
    TransactionCurrency: input.TransactionCurrency || terms.Currency || area.currency,
    CreationDate: today,
    CreatedByUser: call.by,
    LastChangeDateTime: call.at,
    to_Partner: partnersOf(world, number, soldTo, terms, partners),
  }
  return withStatuses(withNewItems(world, header, items ?? [], call))
}

/** A field that was sent empty keeps its default, as a screen field left blank does. */
const definedOnes = <T extends object>(fields: T): T => {
  const kept = { ...fields }
  for (const key in kept) if (kept[key] === '' || kept[key] === null) delete kept[key]
  return kept
}

export function createOrder(world: World, input: OrderInput, call: Call): Order {
  const number = world.store.next('order', 1)
  const draft = draftOrder(world, number, input, call)
  const verdict = checkCredit(world, draft, new Big(0))
  refuseOverLimit(world, draft, verdict)
  if (verdict.status === 'B') warnOfCredit(call, draft)
  const saved = { ...draft, TotalCreditCheckStatus: verdict.status }
  world.orders.put(saved)
  return saved
}

const warnOfCredit = (call: Call, order: Order) =>
  call.warn({
    code: 'VC/100',
    message: `Sales order ${order.SalesOrder} is blocked by the credit check of customer ${order.SoldToParty}`,
    target: 'SoldToParty',
  })

export function orderOf(world: World, number: string): Order {
  const found = world.orders.get(number)
  if (!found) throw notFound(`Sales order ${number} does not exist`)
  return found
}

export function itemOf(order: Order, number: string): OrderItem {
  const found = order.to_Item.find(item => item.SalesOrderItem === number)
  if (!found) throw notFound(`Sales order ${order.SalesOrder} has no item ${number}`)
  return found
}

/** Saves a changed order with its new stamp, statuses and credit check. */
export function saveOrder(world: World, former: Order, changed: Order, call: Call): Order {
  refuseLocked(world, 'salesOrder', former.SalesOrder)
  const stampedOrder = {
    ...withStatuses(changed),
    LastChangeDateTime: stamped(call, former.LastChangeDateTime),
    LastChangeDate: dayOf(call.at),
  }
  const saved = { ...stampedOrder, TotalCreditCheckStatus: creditAfterChange(world, former, stampedOrder, call) }
  world.orders.put(saved)
  return saved
}

/** Credit is checked again only when the order grew: a released order that shrinks stays released. */
function creditAfterChange(world: World, former: Order, changed: Order, call: Call): string {
  const [before, after] = [openValueOf(former), openValueOf(changed)]
  const sameGoods = former.to_Item.every((item, at) => sameValue(item, changed.to_Item[at]))
  if (after.lte(before) || (sameGoods && former.to_Item.length === changed.to_Item.length))
    return changed.TotalCreditCheckStatus
  const verdict = checkCredit(world, changed, before)
  refuseOverLimit(world, changed, verdict)
  if (verdict.status === 'B') warnOfCredit(call, changed)
  return verdict.status
}

const sameValue = (item: OrderItem, other: OrderItem | undefined) =>
  item.NetAmount === other?.NetAmount && item.TaxAmount === other.TaxAmount

export function changeOrder(world: World, number: string, input: OrderInput, call: Call): Order {
  const former = orderOf(world, number)
  refuseLate(former, input)
  const { to_Item: _items, to_Partner: _partners, to_PricingElement: _prices, ...fields } = input
  return saveOrder(world, former, { ...former, ...fields }, call)
}

/** Another customer in one of the functions of the order: goods go to, or the invoice to, somebody else. */
export function changePartner(world: World, number: string, role: string, customer: string, call: Call): void {
  const former = orderOf(world, number)
  if (role === 'SH') refuseRerouting(former)
  else refuseComplete(former)
  saveOrder(world, former, withPartner(world, former, role, customer), call)
}

export function addItem(world: World, number: string, input: OrderItemInput, call: Call): OrderItem {
  const former = orderOf(world, number)
  refuseDelivered(former)
  const known = new Set(former.to_Item.map(item => item.SalesOrderItem))
  const saved = saveOrder(world, former, withNewItems(world, former, [input], call), call)
  const added = saved.to_Item.find(item => !known.has(item.SalesOrderItem))
  if (!added) throw new Error(`The new item of order ${number} was lost`)
  return added
}

export function changeItem(world: World, number: string, itemNumber: string, input: OrderItemInput, call: Call): void {
  const former = orderOf(world, number)
  refuseDelivered(former)
  const item = itemOf(former, itemNumber)
  if (item.SDProcessStatus === 'C' && input.SalesDocumentRjcnReason !== '') {
    throw refused('V1/044', `Item ${itemNumber} of sales order ${number} is complete and cannot be changed`)
  }
  replaceItem(world, former, changedItem(world, former, item, input, call), call)
}

export function changePrice(
  world: World,
  number: string,
  itemNumber: string,
  input: PriceElementInput,
  call: Call,
): OrderItem {
  const former = orderOf(world, number)
  refuseComplete(former)
  const item = itemOf(former, itemNumber)
  if (new Big(item.BilledQuantity).gt(0))
    throw refused('VK/074', `Item ${itemNumber} is already billed, its price cannot be changed`)
  const price = manualPrice([input], former.TransactionCurrency)
  const product = world.products.get(item.Material)
  if (!product) throw refused('M3/305', `Material ${item.Material} does not exist`, 'Material')
  const changed = pricedItem(world, former, item, product, price, call)
  replaceItem(world, former, changed, call)
  return changed
}

function replaceItem(world: World, former: Order, changed: OrderItem, call: Call): void {
  const items = former.to_Item.map(item => (item.SalesOrderItem === changed.SalesOrderItem ? changed : item))
  saveOrder(world, former, { ...former, to_Item: items }, call)
}

/** Takes a part of an item out into one of its own. */
export function splitOrderItem(
  world: World,
  number: string,
  itemNumber: string,
  part: { readonly quantity: string; readonly keepsReference: boolean },
  call: Call,
): Order {
  const former = orderOf(world, number)
  refuseDelivered(former)
  return saveOrder(world, former, splitItem(world, former, itemOf(former, itemNumber), part, call), call)
}

/** The order in which items are told: people sort them as they like. */
export function sortItems(world: World, number: string, wanted: readonly string[], call: Call): Order {
  const former = orderOf(world, number)
  const place = (item: OrderItem): number =>
    (wanted.indexOf(item.SalesOrderItem) + wanted.length + 1) % (wanted.length + 1)
  const items = former.to_Item.toSorted((a, b) => place(a) - place(b))
  return saveOrder(world, former, { ...former, to_Item: items }, call)
}

export function removeItem(world: World, number: string, itemNumber: string, call: Call): void {
  const former = orderOf(world, number)
  refuseComplete(former)
  const item = itemOf(former, itemNumber)
  if (new Big(item.DeliveredQuantity).gt(0)) {
    throw refused('V1/497', `Item ${itemNumber} cannot be deleted, a delivery exists`)
  }
  const items = former.to_Item.filter(each => each !== item)
  saveOrder(world, former, { ...former, to_Item: items }, call)
}

export function removeOrder(world: World, number: string): void {
  const former = orderOf(world, number)
  refuseLocked(world, 'salesOrder', number)
  if (former.to_Item.some(item => new Big(item.DeliveredQuantity).gt(0))) {
    throw refused('V1/496', `Sales order ${number} cannot be deleted, a subsequent document exists`)
  }
  world.orders.remove(number)
}

/** Cancels what is still open: every item gets a reason for rejection. */
export function rejectOrder(world: World, number: string, reason: string, call: Call): Order {
  const former = orderOf(world, number)
  refuseDelivered(former)
  const items = former.to_Item.map(item =>
    item.DeliveryStatus === 'C' ? item : { ...item, SalesDocumentRjcnReason: reason, LastChangeDate: dayOf(call.at) },
  )
  return saveOrder(world, former, { ...former, to_Item: items }, call)
}

export function releaseCredit(world: World, number: string, call: Call): Order {
  const former = orderOf(world, number)
  if (former.TotalCreditCheckStatus !== 'B') {
    throw refused('VC/102', `Sales order ${number} is not blocked by a credit check`)
  }
  const released = saveOrder(world, former, { ...former, TotalCreditCheckStatus: 'D' }, call)
  return released
}

/** A share of an item's value; the last share takes what rounding left, so that the shares sum to the whole. */
export function shareOf(item: OrderItem, quantity: Big): { net: string; tax: string } {
  const currency = item.TransactionCurrency
  const upTo = new Big(item.BilledQuantity).plus(quantity)
  const share = (whole: string, billed: string) =>
    money(
      new Big(whole).times(upTo).div(item.RequestedQuantity).round(digitsOf(currency), Big.roundHalfUp).minus(billed),
      currency,
    )
  return { net: share(item.NetAmount, item.BilledNetAmount), tax: share(item.TaxAmount, item.BilledTaxAmount) }
}
