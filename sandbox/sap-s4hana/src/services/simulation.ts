// API_SALES_ORDER_SIMULATION_SRV: price, availability and credit in one call. Nothing can be read back.
import { simulateOrder } from '../business/simulation.ts'
import type { World } from '../business/world.ts'
import {
  creditSimulation,
  headerElementSimulation,
  itemSimulation,
  orderSimulation,
  partnerSimulation,
  priceElementSimulation,
  pricingSimulation,
  type SimulationInput,
  scheduleLineSimulation,
} from '../documents/simulation.ts'
import type { EntityType } from '../odata/model.ts'
import { entitySet, type Service, service } from '../odata/service.ts'

const nothing = { byKey: () => undefined, all: () => [] }

export function simulationService(world: World): Service {
  const parts: readonly EntityType[] = [
    itemSimulation,
    partnerSimulation,
    pricingSimulation,
    headerElementSimulation,
    creditSimulation,
    priceElementSimulation,
    scheduleLineSimulation,
  ]
  return service('API_SALES_ORDER_SIMULATION_SRV', 'SD-SLS-API', [
    entitySet({
      type: orderSimulation,
      source: nothing,
      create: (input, call) => simulateOrder(world, input, call),
      answer: input => ({ expand: askedParts(input).join(',') }),
    }),
    ...parts.map(type => entitySet({ type, source: nothing })),
  ])
}

/** Only the associations that the question holds, empty or not, are answered. */
function askedParts(input: SimulationInput): string[] {
  const header = Object.keys(input).filter(name => name.startsWith('to_'))
  const ofItems = new Set(
    (input.to_Item ?? []).flatMap(item => Object.keys(item).filter(name => name.startsWith('to_'))),
  )
  return [...header, ...[...ofItems].map(name => `to_Item/${name}`)]
}
