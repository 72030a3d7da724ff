// When what is asked for can be delivered: what is on stock and not promised now, the rest after replenishment.
import Big from 'big.js'
import type { OrderItem, ScheduleLine } from '../documents/order.ts'
import { scheduleLine } from '../documents/order.ts'
import { blank } from '../odata/model.ts'
import { count } from './money.ts'
import { REPLENISHMENT_DAYS } from './organisation.ts'
import type { World } from './world.ts'

const DAY = 86_400_000

export const replenishedAt = (from: number): number => from + REPLENISHMENT_DAYS * DAY

export const onHand = (world: World, material: string, plant: string): Big =>
  new Big(world.stocks.get(`${material}/${plant}`)?.MatlWrhsStkQtyInMatlBaseUnit ?? '0')

/** The stock that no open order has been promised. */
export const available = (world: World, material: string, plant: string): Big =>
  onHand(world, material, plant).minus(world.reserved.of(material))

/** The item with its schedule lines, given how much is still free for it. */
export function scheduled(item: OrderItem, free: Big, requestedDate: number): OrderItem {
  const wanted = new Big(item.RequestedQuantity)
  const now = free.lte(0) ? new Big(0) : free.lt(wanted) ? free : wanted
  const later = wanted.minus(now)
  const parts = [
    { confirmed: now, date: requestedDate },
    { confirmed: later, date: replenishedAt(requestedDate) },
  ].filter(part => part.confirmed.gt(0))
  return {
    ...item,
    ConfdDelivQtyInOrderQtyUnit: count(wanted),
    to_ScheduleLine: parts.map((part, at) => lineOf(item, at, part.confirmed, requestedDate, part.date)),
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
