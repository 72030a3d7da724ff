// API_PRODUCT_AVAILY_INFO_BASIC: what of a material can be promised, as function imports without options.
import { availableOn, receiptsOf, replenishedAt } from '../business/availability.ts'
import { dayOf } from '../business/call.ts'
import { count } from '../business/money.ts'
import { PLANTS } from '../business/organisation.ts'
import type { World } from '../business/world.ts'
import { refused } from '../odata/errors.ts'
import { blank, entity, instant, quantity, type RowOf, text } from '../odata/model.ts'
import { entitySet, type Key, type Operation, type Service, service } from '../odata/service.ts'

const availabilityRecord = entity(
  'AvailabilityRecord',
  ['Material', 'SupplyingPlant', 'ProductAvailabilityUTCDateTime'],
  {
    Material: text(40),
    SupplyingPlant: text(4),
    ATPCheckingRule: text(2),
    ProductAvailabilityUTCDateTime: instant(),
    AvailableQuantityInBaseUnit: quantity(),
    BaseUnit: text(3),
  },
)

export function availabilityService(world: World): Service {
  const recordAt = (key: Key, at: number): RowOf<typeof availabilityRecord> => {
    const product = world.products.get(key.Material ?? '')
    if (!product) throw refused('M3/305', `Material ${key.Material} does not exist`, 'Material')
    const plant = key.SupplyingPlant ?? ''
    if (!PLANTS.includes(plant)) throw refused('M7/018', `Plant ${plant} is not defined`, 'SupplyingPlant')
    const free = availableOn(world, product.Product, plant, at)
    return {
      ...blank(availabilityRecord),
      Material: product.Product,
      SupplyingPlant: plant,
      ATPCheckingRule: key.ATPCheckingRule ?? '',
      ProductAvailabilityUTCDateTime: at,
      AvailableQuantityInBaseUnit: count(free.lt(0) ? '0' : free),
      BaseUnit: product.BaseUnit,
    }
  }
  const common: Pick<Operation, 'method' | 'returns'> = { method: 'GET', returns: 'AvailabilityRecord' }
  return service(
    'API_PRODUCT_AVAILY_INFO_BASIC',
    'CA-ATP-PAC',
    [entitySet({ type: availabilityRecord, source: { byKey: () => undefined, all: () => [] } })],
    {
      operations: [
        {
          ...common,
          name: 'DetermineAvailabilityAt',
          parameters: ['ATPCheckingRule', 'Material', 'SupplyingPlant', 'RequestedUTCDateTime'],
          many: false,
          run: key => [recordAt(key, instantIn(key.RequestedUTCDateTime ?? ''))],
        },
        {
          ...common,
          name: 'CalculateAvailabilityTimeseries',
          parameters: ['ATPCheckingRule', 'Material', 'SupplyingPlant'],
          many: true,
          run: (key, call) => {
            const replenished = replenishedAt(dayOf(call.at))
            const receipts = receiptsOf(world, key.Material ?? '', key.SupplyingPlant ?? '').map(({ day }) => day)
            const days = receipts.filter(day => day > call.at && day < replenished)
            return [
              ...[...new Set([call.at, ...days])].map(day => recordAt(key, day)),
              { ...recordAt(key, replenished), AvailableQuantityInBaseUnit: count('999999999') },
            ]
          },
        },
      ],
    },
  )
}

function instantIn(literal: string): number {
  const value = Date.parse(/^datetimeoffset'(.*)'$/.exec(literal)?.[1] ?? '')
  if (Number.isNaN(value)) throw refused('/IWBEP/CM_MGW_RT/022', `Invalid literal ${literal}`, 'RequestedUTCDateTime')
  return value
}
