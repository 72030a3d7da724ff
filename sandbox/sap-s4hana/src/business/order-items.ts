// The items of an order: checked, numbered, priced and scheduled.
import Big from 'big.js'
import { type Order, type OrderItem, type OrderItemInput, orderItem } from '../documents/order.ts'
import type { Product } from '../documents/product.ts'
import { refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { scheduled } from './availability.ts'
import { type Call, dayOf } from './call.ts'
import { refuseLocked } from './locks.ts'
import { count } from './money.ts'
import { internalUnit, isoUnit, PLANTS, salesAreaOfOrganisation } from './organisation.ts'
import { type ManualPrice, manualPrice, manualPriceOf, pricedItem } from './pricing.ts'
import { isDelivered, NOT_DELIVERED, openQuantity, stockKey, type World } from './world.ts'

/** The order with new items behind those it has. `call.warn` hears what is odd but allowed. */
export function withNewItems(world: World, order: Order, inputs: readonly OrderItemInput[], call: Call): Order {
  const items = [...order.to_Item]
  const taken = new Map<string, Big>()
  for (const input of inputs) {
    const item = newItem(world, { ...order, to_Item: items }, input, call, taken)
    const key = stockKey(item.Material, item.ProductionPlant)
    taken.set(key, (taken.get(key) ?? new Big(0)).plus(item.RequestedQuantity))
    items.push(item)
  }
  items.sort((a, b) => Number(a.SalesOrderItem) - Number(b.SalesOrderItem))
  return { ...order, to_Item: items }
}

function newItem(
  world: World,
  order: Order,
  input: OrderItemInput,
  call: Call,
  taken: ReadonlyMap<string, Big>,
): OrderItem {
  const product = sellable(world, input.Material ?? '', order)
  const number = itemNumber(order, input.SalesOrderItem ?? '')
  const unit = unitOf(input, product)
  const item: OrderItem = {
    ...blank(orderItem),
    SalesOrderItemCategory: product.ProductType === SERVICE ? NOT_DELIVERED : 'TAN',
    CustomerPaymentTerms: order.CustomerPaymentTerms,
    IncotermsClassification: order.IncotermsClassification,
    SalesOrderItemText: descriptionOf(product),
    ...withoutChildren(input),
    ProductionPlant: input.ProductionPlant || salesAreaOfOrganisation(order.SalesOrganization).plant,
    SalesOrder: order.SalesOrder,
    SalesOrderItem: number,
    RequestedQuantity: positive(input.RequestedQuantity, number),
    RequestedQuantityUnit: unit,
    RequestedQuantitySAPUnit: unit,
    RequestedQuantityISOUnit: isoUnit(unit),
    TransactionCurrency: order.TransactionCurrency,
    CreationDate: dayOf(call.at),
  }
  const manual = manualPrice(input.to_PricingElement, order.TransactionCurrency)
  inPlant(item)
  const priced = pricedItem(world, order, item, product, manual, call)
  if (!isDelivered(priced)) return priced
  return scheduled(world, priced, {
    requested: order.RequestedDeliveryDate ?? dayOf(call.at),
    today: dayOf(call.at),
    own: new Big(0),
    others: taken.get(stockKey(item.Material, item.ProductionPlant)) ?? new Big(0),
  })
}

/** Materials that are no goods: freight, an insurance. */
const SERVICE = 'DIEN'

function inPlant({ ProductionPlant: plant, SalesOrderItem: item }: OrderItem): void {
  if (PLANTS.includes(plant)) return
  throw refused('V1/385', `Item ${item}: plant ${plant} is not defined for the sales organisation`, 'ProductionPlant')
}

const withoutChildren = ({ to_PricingElement: _price, to_ScheduleLine: _schedule, ...fields }: OrderItemInput) => fields

function sellable(world: World, material: string, order: Order): Product {
  const product = world.products.get(material)
  refuseLocked(world, 'material', material)
  if (product && product.CrossPlantStatus === '' && !product.IsMarkedForDeletion) return product
  const { SalesOrganization: organisation, DistributionChannel: channel } = order
  throw refused(
    'V1/302',
    `Material ${material} is not defined for sales org.${organisation}, distr.chan.${channel}, language EN`,
    'Material',
  )
}

const descriptionOf = (product: Product) => product.to_Description[0]?.ProductDescription ?? product.Product

function itemNumber(order: Order, asked: string): string {
  const numbers = order.to_Item.map(item => Number(item.SalesOrderItem))
  if (asked === '' || Number(asked) === 0) {
    return String((Math.floor(Math.max(0, ...numbers) / 10) + 1) * 10)
  }
  if (!/^\d+$/.test(asked)) throw refused('V1/045', `Item number ${asked} is not numeric`, 'SalesOrderItem')
  if (numbers.includes(Number(asked))) {
    throw refused('V1/046', `Item ${Number(asked)} exists more than once in the order`, 'SalesOrderItem')
  }
  return String(Number(asked))
}

function positive(quantity: string | undefined, item: string): string {
  if (new Big(quantity ?? '0').gt(0)) return count(quantity ?? '0')
  throw refused('V1/370', `Item ${item}: enter an order quantity greater than zero`, 'RequestedQuantity')
}

function unitOf(input: OrderItemInput, product: Product): string {
  const asked =
    input.RequestedQuantityUnit ||
    input.RequestedQuantitySAPUnit ||
    (input.RequestedQuantityISOUnit ? internalUnit(input.RequestedQuantityISOUnit) : '')
  if (asked === '' || asked === product.BaseUnit) return product.BaseUnit
  throw refused('V1/384', `Unit ${asked} is not defined for material ${product.Product}`, 'RequestedQuantityUnit')
}

/** An item as a caller changed it, priced and scheduled again where the change asks for it. */
export function changedItem(
  world: World,
  order: Order,
  item: OrderItem,
  input: OrderItemInput,
  call: Call,
  price?: ManualPrice,
): OrderItem {
  refuseWhatIsDelivered(item, input)
  const fields = withoutChildren(input)
  const product = sellable(world, fields.Material ?? item.Material, order)
  const next: OrderItem = {
    ...item,
    ...fields,
    RequestedQuantity:
      fields.RequestedQuantity === undefined
        ? item.RequestedQuantity
        : positive(fields.RequestedQuantity, item.SalesOrderItem),
    LastChangeDate: dayOf(call.at),
  }
  const unit = unitOf(fields, product)
  const withUnit = {
    ...next,
    RequestedQuantityUnit: unit,
    RequestedQuantitySAPUnit: unit,
    RequestedQuantityISOUnit: isoUnit(unit),
  }
  inPlant(withUnit)
  const sameMatter =
    withUnit.Material === item.Material &&
    withUnit.RequestedQuantity === item.RequestedQuantity &&
    withUnit.ProductionPlant === item.ProductionPlant
  if (sameMatter && !price) return withUnit
  const manual = price ?? (withUnit.Material === item.Material ? manualPriceOf(item) : undefined)
  const repriced = pricedItem(world, order, withUnit, product, manual, call)
  if (!isDelivered(repriced)) return repriced
  const samePlace = withUnit.Material === item.Material && withUnit.ProductionPlant === item.ProductionPlant
  return scheduled(world, repriced, {
    requested: order.RequestedDeliveryDate ?? dayOf(call.at),
    today: dayOf(call.at),
    own: samePlace ? openQuantity(item) : new Big(0),
    others: new Big(0),
  })
}

function refuseWhatIsDelivered(item: OrderItem, input: OrderItemInput): void {
  const delivered = new Big(item.DeliveredQuantity)
  if (delivered.eq(0)) return
  const name = `Item ${item.SalesOrderItem}`
  if (input.Material !== undefined && input.Material !== item.Material) {
    throw refused('V1/498', `${name}: the material cannot be changed, a delivery exists`, 'Material')
  }
  if (input.RequestedQuantity !== undefined && delivered.gt(input.RequestedQuantity)) {
    throw refused(
      'V1/499',
      `${name}: ${delivered.toFixed()} ${item.RequestedQuantityUnit} are already delivered, the quantity cannot be less`,
      'RequestedQuantity',
    )
  }
}

/**
 * What somebody splits off an item is an item of its own, below the one that it was taken from, at the same price. As when a document is
 * copied, the customer's reference may go with it.
 */
export function splitItem(
  world: World,
  order: Order,
  item: OrderItem,
  { quantity, keepsReference }: { readonly quantity: string; readonly keepsReference: boolean },
  call: Call,
): Order {
  const rest = new Big(item.RequestedQuantity).minus(quantity)
  if (new Big(quantity).lte(0) || rest.lte(0))
    throw refused('V1/371', `Item ${item.SalesOrderItem}: ${quantity} of ${item.RequestedQuantity} cannot be split off`)
  const left = changedItem(world, order, item, { RequestedQuantity: count(rest) }, call)
  const kept = { ...order, to_Item: order.to_Item.map(each => (each === item ? left : each)) }
  const price = manualPriceOf(item)
  const input: OrderItemInput = {
    Material: item.Material,
    RequestedQuantity: count(quantity),
    ProductionPlant: item.ProductionPlant,
    ...(keepsReference && { UnderlyingPurchaseOrderItem: item.UnderlyingPurchaseOrderItem }),
    ...(price && {
      to_PricingElement: [
        {
          ConditionType: price.type,
          ConditionRateValue: price.rate.toFixed(),
          ConditionCurrency: item.TransactionCurrency,
          ConditionQuantity: price.per.toFixed(0),
        },
      ],
    }),
  }
  const known = new Set(kept.to_Item.map(each => each.SalesOrderItem))
  const split = withNewItems(world, kept, [input], call)
  return {
    ...split,
    to_Item: split.to_Item.map(each =>
      known.has(each.SalesOrderItem) ? each : { ...each, HigherLevelItem: item.SalesOrderItem },
    ),
  }
}
