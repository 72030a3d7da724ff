// When what is asked for can be delivered: what is on stock and not promised now, more as receipts come in, the rest
// after replenishment.
import Big from 'big.js'
import type { OrderItem, ScheduleLine } from '../documents/order.ts'
import { scheduleLine } from '../documents/order.ts'
import { blank } from '../odata/model.ts'
import { count } from './money.ts'
import { REPLENISHMENT_DAYS } from './organisation.ts'
import { stockKey, type World } from './world.ts'

const DAY = 86_400_000

/** When a material that is ordered anew today is there. */
export const replenishedAt = (today: number): number => today + REPLENISHMENT_DAYS * DAY

export const onHand = (world: World, material: string, plant: string): Big =>
  new Big(world.stocks.get(stockKey(material, plant))?.MatlWrhsStkQtyInMatlBaseUnit ?? '0')

/** What no open order has been promised, of the stock and of what is planned to be in by a day. It may be less than nothing. */
export function availableOn(world: World, material: string, plant: string, day: number): Big {
  const free = onHand(world, material, plant).minus(world.reserved.of(stockKey(material, plant)))
  return receiptsOf(world, material, plant)
    .filter(receipt => receipt.day <= day)
    .reduce((sum, receipt) => sum.plus(receipt.quantity), free)
}

/** Planned receipts of a material, in the order of their days. */
export const receiptsOf = (world: World, material: string, plant: string) =>
  world.indexes.receiptsByStock
    .rows(stockKey(material, plant))
    .map(row => ({ day: row.AvailabilityDate ?? 0, quantity: new Big(row.Quantity) }))
    .sort((a, b) => a.day - b.day)

/** What is asked for, and when: `own` is what of it is promised already, `others` what the same order takes before it. */
export interface Wanted {
  readonly requested: number
  readonly today: number
  readonly own: Big
  readonly others: Big
}

/** The item with its schedule lines: as much as there is on the day asked for, then what each receipt brings, then the rest. */
export function scheduled(world: World, item: OrderItem, wanted: Wanted): OrderItem {
  const { Material: material, ProductionPlant: plant } = item
  const earliest = Math.max(wanted.requested, wanted.today)
  const latest = Math.max(earliest, replenishedAt(wanted.today))
  const days = [earliest, ...receiptsOf(world, material, plant).map(({ day }) => day)].filter(
    day => day >= earliest && day < latest,
  )
  let left = new Big(item.RequestedQuantity)
  const parts: { confirmed: Big; date: number }[] = []
  const confirm = (date: number, quantity: Big) => {
    if (quantity.lte(0)) return
    parts.push({ confirmed: quantity, date })
    left = left.minus(quantity)
  }
  for (const day of new Set(days)) {
    const taken = parts.reduce((sum, part) => sum.plus(part.confirmed), wanted.others)
    const free = availableOn(world, material, plant, day).plus(wanted.own).minus(taken)
    confirm(day, free.lt(left) ? free : left)
  }
  confirm(latest, left)
  return {
    ...item,
    ConfdDelivQtyInOrderQtyUnit: count(item.RequestedQuantity),
    to_ScheduleLine: parts.map((part, at) => lineOf(item, at, part.confirmed, wanted.requested, part.date)),
  }
}

const lineOf = (item: OrderItem, at: number, confirmed: Big, requested: number, date: number): ScheduleLine => ({
  ...blank(scheduleLine),
  SalesOrder: item.SalesOrder,
  SalesOrderItem: item.SalesOrderItem,
  ScheduleLine: String(at + 1),
  RequestedDeliveryDate: requested,
  ConfirmedDeliveryDate: date,
  OrderQuantityUnit: item.RequestedQuantityUnit,
  OrderQuantityISOUnit: item.RequestedQuantityISOUnit,
  ScheduleLineOrderQuantity: count(at === 0 ? item.RequestedQuantity : '0'),
  ConfdOrderQtyByMatlAvailCheck: count(confirmed),
})
