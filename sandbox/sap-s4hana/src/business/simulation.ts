// The simulation of an order: the same pricing, availability and credit check as a real one, nothing saved.
import Big from 'big.js'
import type { Order, OrderItem } from '../documents/order.ts'
import {
  creditSimulation,
  headerElementSimulation,
  itemSimulation,
  orderSimulation,
  partnerSimulation,
  priceElementSimulation,
  pricingSimulation,
  type Simulation,
  type SimulationInput,
  scheduleLineSimulation,
} from '../documents/simulation.ts'
import { blank, type EntityType, type Row, type RowOf } from '../odata/model.ts'
import type { Call } from './call.ts'
import { checkCredit } from './credit.ts'
import { draftOrder } from './orders.ts'
import type { World } from './world.ts'

export function simulateOrder(world: World, input: SimulationInput, call: Call): Simulation {
  const { to_Pricing: _pricing, to_PricingElement: _elements, to_Credit: _credit, to_Item, ...header } = input
  const items = to_Item?.map(({ to_ScheduleLine: _lines, ...item }) => item)
  const order = draftOrder(world, '', { ...header, to_Item: items }, call)
  return {
    ...taken(orderSimulation, order),
    to_Item: order.to_Item.map(simulatedItem),
    to_Partner: order.to_Partner.map(each => taken(partnerSimulation, each)),
    to_Pricing: taken(pricingSimulation, order),
    to_PricingElement: order.to_PricingElement.map(each => taken(headerElementSimulation, each)),
    to_Credit: { ...blank(creditSimulation), TotalCreditCheckStatus: creditOf(world, order) },
  }
}

const creditOf = (world: World, order: Order): string => checkCredit(world, order, new Big(0)).status

const simulatedItem = (item: OrderItem) => ({
  ...taken(itemSimulation, item),
  to_PricingElement: item.to_PricingElement.map(each => taken(priceElementSimulation, each)),
  to_ScheduleLine: item.to_ScheduleLine.map(each => taken(scheduleLineSimulation, each)),
})

/** A row of `type` with the fields that `source` has under the same names. */
function taken<E extends EntityType>(type: E, source: Row): RowOf<E> {
  const row: Record<string, unknown> = blank(type)
  for (const name of Object.keys(type.properties)) if (name in source) row[name] = source[name]
  // Fields of the same name have the same kind in the order and in its simulation.
  return row as RowOf<E>
}
