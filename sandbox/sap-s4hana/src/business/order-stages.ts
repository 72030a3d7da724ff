// What may still be changed of an order, by how far it is: delivered in part, delivered, billed, complete.
import Big from 'big.js'
import type { Order, OrderInput } from '../documents/order.ts'
import { refused } from '../odata/errors.ts'

/** A complete order is history: what is billed to the end, or rejected. */
export function refuseComplete(order: Order): void {
  if (order.OverallSDProcessStatus === 'C' && order.to_Item.length > 0)
    throw refused('V1/041', `Sales order ${order.SalesOrder} is complete and cannot be changed`)
}

/** When all has left the house, nothing is added any more, and nothing of what was ordered is changed but its price. */
export function refuseDelivered(order: Order): void {
  refuseComplete(order)
  if (isDelivered(order))
    throw refused('V1/043', `Sales order ${order.SalesOrder} is completely delivered, its items cannot be changed`)
}

/** A field of the header is refused when what it steers is over. Sending what stands already is no change. */
export function refuseLate(order: Order, input: OrderInput): void {
  refuseComplete(order)
  const isChanged = (name: 'RequestedDeliveryDate' | 'DeliveryBlockReason' | 'CustomerPaymentTerms'): boolean =>
    input[name] !== undefined && (input[name] || null) !== (order[name] || null)
  const name = `Sales order ${order.SalesOrder}`
  if (isDelivered(order) && isChanged('RequestedDeliveryDate'))
    throw refused('V1/047', `${name} is completely delivered, its date cannot be changed`, 'RequestedDeliveryDate')
  if (isDelivered(order) && isChanged('DeliveryBlockReason'))
    throw refused('V1/048', `${name} is completely delivered, nothing is left to block`, 'DeliveryBlockReason')
  if (order.to_Item.some(item => new Big(item.BilledQuantity).gt(0)) && isChanged('CustomerPaymentTerms'))
    throw refused('V1/049', `${name} is billed, its payment terms cannot be changed`, 'CustomerPaymentTerms')
}

/** Goods that are under way go where they were sent. */
export function refuseRerouting(order: Order): void {
  refuseComplete(order)
  if (order.to_Item.some(item => new Big(item.DeliveredQuantity).gt(0)))
    throw refused('VP/114', `Sales order ${order.SalesOrder}: a delivery exists, its ship-to party cannot be changed`)
}

const isDelivered = (order: Order): boolean => order.to_Item.length > 0 && order.OverallDeliveryStatus === 'C'
