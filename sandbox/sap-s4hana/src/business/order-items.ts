// The items of an order: checked, numbered, priced and scheduled.
import Big from 'big.js'
import { type Order, type OrderItem, type OrderItemInput, orderItem } from '../documents/order.ts'
import type { Product } from '../documents/product.ts'
import { refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { available, scheduled } from './availability.ts'
import { type Call, dayOf } from './call.ts'
import { count } from './money.ts'
import { HOME_AREA, internalUnit, isoUnit, salesAreaOfOrganisation } from './organisation.ts'
import { agreedPrice, manualPrice, manualPriceOf, priced, taxPercentOf, type UnitPrice } from './pricing.ts'
import { openQuantity, type World } from './world.ts'

/** The order with new items behind those it has. `call.warn` hears what is odd but allowed. */
export function withNewItems(world: World, order: Order, inputs: readonly OrderItemInput[], call: Call): Order {
  const items = [...order.to_Item]
  const taken = new Map<string, Big>()
  for (const input of inputs) {
    const item = newItem(world, { ...order, to_Item: items }, input, call, taken)
    taken.set(item.Material, (taken.get(item.Material) ?? new Big(0)).plus(item.RequestedQuantity))
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
    SalesOrderItemCategory: 'TAN',
    ProductionPlant: salesAreaOfOrganisation(order.SalesOrganization).plant,
    CustomerPaymentTerms: order.CustomerPaymentTerms,
    IncotermsClassification: order.IncotermsClassification,
    SalesOrderItemText: descriptionOf(product),
    ...withoutChildren(input),
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
  const free = available(world, item.Material, item.ProductionPlant).minus(taken.get(item.Material) ?? 0)
  return scheduled(
    pricedItem(world, order, item, product, manual, call),
    free,
    order.RequestedDeliveryDate ?? dayOf(call.at),
  )
}

function pricedItem(
  world: World,
  order: Order,
  item: OrderItem,
  product: Product,
  manual: UnitPrice | undefined,
  call: Call,
) {
  const price =
    manual ??
    agreedPrice(world, {
      customer: order.SoldToParty,
      product,
      quantity: item.RequestedQuantity,
      currency: order.TransactionCurrency,
    })
  if (!price) {
    const message = `Item ${item.SalesOrderItem}: mandatory condition PPR0 is missing for material ${item.Material}`
    call.warn({ code: 'V1/801', message, target: 'Material' })
  }
  return priced(item, price, taxPercentOf(world, order.SoldToParty, product))
}

const withoutChildren = ({ to_PricingElement: _price, to_ScheduleLine: _schedule, ...fields }: OrderItemInput) => fields

function sellable(world: World, material: string, order: Order): Product {
  const product = world.products.get(material)
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
  price?: UnitPrice,
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
  const sameMatter = withUnit.Material === item.Material && withUnit.RequestedQuantity === item.RequestedQuantity
  if (sameMatter && !price) return withUnit
  const manual = price ?? (withUnit.Material === item.Material ? manualPriceOf(item) : undefined)
  const repriced = pricedItem(world, order, withUnit, product, manual, call)
  const own = withUnit.Material === item.Material ? openQuantity(item) : new Big(0)
  const free = available(world, withUnit.Material, withUnit.ProductionPlant || HOME_AREA.plant).plus(own)
  return scheduled(repriced, free, order.RequestedDeliveryDate ?? dayOf(call.at))
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
