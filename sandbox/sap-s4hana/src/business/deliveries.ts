// Deliveries: what of an order is to leave the house, and that it has left.
import Big from 'big.js'
import { type Delivery, type DeliveryInput, type DeliveryItem, delivery, deliveryItem } from '../documents/delivery.ts'
import type { Order, OrderItem } from '../documents/order.ts'
import { notFound, refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { onHand } from './availability.ts'
import { type Call, dayOf, stamped } from './call.ts'
import { count } from './money.ts'
import { itemOf, orderOf, saveOrder } from './orders.ts'
import { isoUnit } from './organisation.ts'
import { openQuantity, type World } from './world.ts'

/** Creates a delivery with reference to order items; an item without a quantity is delivered as far as it is open. */
export function createDelivery(world: World, input: DeliveryInput, call: Call): Delivery {
  const { to_DeliveryDocumentItem: references = [], ...fields } = input
  if (references.length === 0)
    throw refused('VL/001', 'A delivery needs at least one item with a reference to an order')
  const id = world.store.next('delivery', 80000000)
  const items: DeliveryItem[] = []
  const orders = new Map<string, Order>()
  for (const reference of references) {
    const number = reference.ReferenceSDDocument ?? ''
    const order = orders.get(number) ?? deliverable(world, orderOf(world, number))
    const item = itemOf(order, String(Number(reference.ReferenceSDDocumentItem ?? '0')))
    const quantity = new Big(reference.ActualDeliveryQuantity ?? openQuantity(item))
    orders.set(number, withDelivered(order, item, quantity))
    items.push(newItem(id, String((items.length + 1) * 10), order, item, quantity))
  }
  const [first] = orders.values()
  for (const order of orders.values()) {
    if (order.SoldToParty !== first?.SoldToParty)
      throw refused('VL/002', 'The orders of a delivery must be of one sold-to party')
    saveOrder(world, orderOf(world, order.SalesOrder), order, call)
  }
  const created: Delivery = {
    ...blank(delivery),
    DeliveryDocumentType: 'LF',
    ShippingPoint: '1010',
    DeliveryDate: first?.RequestedDeliveryDate ?? dayOf(call.at),
    PlannedGoodsIssueDate: dayOf(call.at),
    ...fields,
    DeliveryDocument: id,
    SoldToParty: first?.SoldToParty ?? '',
    ShipToParty: first?.to_Partner.find(each => each.PartnerFunction === 'SH')?.Customer ?? '',
    SalesOrganization: first?.SalesOrganization ?? '',
    ShippingCondition: first?.ShippingCondition ?? '',
    DocumentDate: dayOf(call.at),
    OverallSDProcessStatus: 'A',
    OverallPickingStatus: 'C',
    OverallGoodsMovementStatus: 'A',
    OverallDelivReltdBillgStatus: 'A',
    CreatedByUser: call.by,
    CreationDate: dayOf(call.at),
    LastChangeDateTime: call.at,
    to_DeliveryDocumentItem: items,
  }
  world.deliveries.put(created)
  return created
}

function deliverable(world: World, order: Order): Order {
  const name = `Sales order ${order.SalesOrder}`
  if (order.TotalCreditCheckStatus === 'B') throw refused('VL/150', `${name} is blocked by the credit check`)
  if (order.DeliveryBlockReason !== '')
    throw refused('VL/151', `${name} is blocked for delivery, reason ${order.DeliveryBlockReason}`)
  if (world.partners.get(order.SoldToParty)?.to_Customer?.DeliveryIsBlocked) {
    throw refused('VL/152', `Customer ${order.SoldToParty} is blocked for delivery`)
  }
  return order
}

function withDelivered(order: Order, item: OrderItem, quantity: Big): Order {
  const name = `Item ${item.SalesOrderItem} of sales order ${order.SalesOrder}`
  const open = openQuantity(item)
  if (item.SalesDocumentRjcnReason !== '') throw refused('VL/160', `${name} is rejected`)
  if (quantity.lte(0)) throw refused('VL/161', `${name}: nothing is left to deliver`)
  if (quantity.gt(open)) {
    throw refused(
      'VL/162',
      `${name}: only ${open.toFixed()} ${item.RequestedQuantityUnit} are open, not ${quantity.toFixed()}`,
    )
  }
  return withItem(order, { ...item, DeliveredQuantity: count(quantity.plus(item.DeliveredQuantity)) })
}

export const withItem = (order: Order, changed: OrderItem): Order => ({
  ...order,
  to_Item: order.to_Item.map(item => (item.SalesOrderItem === changed.SalesOrderItem ? changed : item)),
})

const newItem = (id: string, number: string, order: Order, item: OrderItem, quantity: Big): DeliveryItem => ({
  ...blank(deliveryItem),
  DeliveryDocument: id,
  DeliveryDocumentItem: number,
  DeliveryDocumentItemText: item.SalesOrderItemText,
  DeliveryDocumentItemCategory: 'TAN',
  ReferenceSDDocument: order.SalesOrder,
  ReferenceSDDocumentItem: item.SalesOrderItem,
  ReferenceSDDocumentCategory: 'C',
  Material: item.Material,
  Plant: item.ProductionPlant,
  StorageLocation: '101A',
  ActualDeliveryQuantity: count(quantity),
  OriginalDeliveryQuantity: count(quantity),
  DeliveryQuantityUnit: item.RequestedQuantityUnit,
  DeliveryQuantityISOUnit: isoUnit(item.RequestedQuantityUnit),
  PickingStatus: 'C',
  GoodsMovementStatus: 'A',
  DeliveryRelatedBillingStatus: 'A',
})

export function deliveryOf(world: World, id: string): Delivery {
  const found = world.deliveries.get(id)
  if (!found) throw notFound(`Delivery ${id} does not exist`)
  return found
}

export function saveDelivery(world: World, former: Delivery, changed: Delivery, call: Call): Delivery {
  const saved = {
    ...changed,
    LastChangeDate: dayOf(call.at),
    LastChangeDateTime: stamped(call, former.LastChangeDateTime),
  }
  world.deliveries.put(saved)
  return saved
}

/** Posts goods issue: the goods leave the stock and the house. */
export function postGoodsIssue(world: World, id: string, call: Call): Delivery {
  const former = deliveryOf(world, id)
  if (former.OverallGoodsMovementStatus === 'C')
    throw refused('VL/609', `Goods issue of delivery ${id} is already posted`)
  for (const item of former.to_DeliveryDocumentItem) takeFromStock(world, item)
  return saveDelivery(
    world,
    former,
    {
      ...former,
      BillOfLading: former.BillOfLading || `00340434${id.padStart(12, '0')}`,
      ActualGoodsMovementDate: dayOf(call.at),
      OverallGoodsMovementStatus: 'C',
      OverallSDProcessStatus: 'B',
      to_DeliveryDocumentItem: former.to_DeliveryDocumentItem.map(item => ({ ...item, GoodsMovementStatus: 'C' })),
    },
    call,
  )
}

function takeFromStock(world: World, item: DeliveryItem): void {
  const stock = world.stocks.get(`${item.Material}/${item.Plant}`)
  const left = onHand(world, item.Material, item.Plant).minus(item.ActualDeliveryQuantity)
  if (left.lt(0) || !stock) {
    const deficit = `${left.abs().toFixed()} ${item.DeliveryQuantityUnit}`
    throw refused(
      'M7/021',
      `Deficit of SL Unrestricted-use ${deficit} : ${item.Material} ${item.Plant} ${item.StorageLocation}`,
    )
  }
  world.stocks.put({ ...stock, MatlWrhsStkQtyInMatlBaseUnit: count(left) })
}

export function changeDelivery(world: World, former: Delivery, input: DeliveryInput, call: Call): void {
  const { to_DeliveryDocumentItem: _items, ...fields } = input
  saveDelivery(world, former, { ...former, ...fields }, call)
}

/** Deletes a delivery that has not left: its quantities are open in the orders again. */
export function removeDelivery(world: World, former: Delivery, call: Call): void {
  if (former.OverallGoodsMovementStatus === 'C') {
    throw refused('VL/610', `Delivery ${former.DeliveryDocument} cannot be deleted, goods issue is posted`)
  }
  for (const {
    ReferenceSDDocument,
    ReferenceSDDocumentItem,
    ActualDeliveryQuantity,
  } of former.to_DeliveryDocumentItem) {
    const order = orderOf(world, ReferenceSDDocument)
    const item = itemOf(order, ReferenceSDDocumentItem)
    const delivered = count(new Big(item.DeliveredQuantity).minus(ActualDeliveryQuantity))
    saveOrder(world, order, withItem(order, { ...item, DeliveredQuantity: delivered }), call)
  }
  world.deliveries.remove(former.DeliveryDocument)
}

/** What the warehouse does with an order: deliver all that is open, or what is named, and let it go. */
export function ship(
  world: World,
  number: string,
  wanted: readonly { readonly item: string; readonly quantity?: string }[] | undefined,
  call: Call,
): Delivery {
  const order = orderOf(world, number)
  const open = order.to_Item
    .filter(item => openQuantity(item).gt(0))
    .map(item => ({ item: item.SalesOrderItem, quantity: undefined }))
  const chosen = wanted ?? open
  if (chosen.length === 0) throw refused('VL/161', `Sales order ${number}: nothing is left to deliver`)
  const created = createDelivery(
    world,
    {
      to_DeliveryDocumentItem: chosen.map(({ item, quantity }) => ({
        ReferenceSDDocument: number,
        ReferenceSDDocumentItem: item,
        ...(quantity === undefined ? {} : { ActualDeliveryQuantity: count(quantity) }),
      })),
    },
    call,
  )
  return postGoodsIssue(world, created.DeliveryDocument, call)
}
