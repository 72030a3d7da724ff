// API_SLSPRICINGCONDITIONRECORD_SRV: the condition records that prices are made of, to look at.
import type { World } from '../business/world.ts'
import { conditionRecord, conditionScale, conditionValidity } from '../documents/condition.ts'
import { entitySet, type Service, service } from '../odata/service.ts'
import { byId, rowsWithin, through, within } from './rows.ts'

export function conditionService(world: World): Service {
  const found = (id: string | undefined) => world.conditions.get(id ?? '')
  const validitiesOf = (id: string) => found(id)?.to_SlsPrcgCndnRecdValidity ?? []
  const scalesOf = (id: string) => found(id)?.to_SlsPrcgCndnRecordScale ?? []
  return service('API_SLSPRICINGCONDITIONRECORD_SRV', 'SD-BF-PR', [
    entitySet({
      type: conditionRecord,
      source: {
        byKey: key => found(key.ConditionRecord),
        all: () => world.conditions.values(),
        equals: { ConditionRecord: byId(found) },
      },
    }),
    entitySet({
      type: conditionValidity,
      source: {
        byKey: key => validitiesOf(key.ConditionRecord ?? '')[0],
        all: () => rowsWithin(world.conditions.values(), each => each.to_SlsPrcgCndnRecdValidity),
        equals: {
          ConditionRecord: within(validitiesOf),
          Material: through(world.indexes.conditionsByMaterial, each => each.to_SlsPrcgCndnRecdValidity),
          Customer: through(world.indexes.conditionsByCustomer, each => each.to_SlsPrcgCndnRecdValidity),
        },
      },
    }),
    entitySet({
      type: conditionScale,
      source: {
        byKey: key =>
          scalesOf(key.ConditionRecord ?? '').find(each => each.ConditionScaleLine === key.ConditionScaleLine),
        all: () => rowsWithin(world.conditions.values(), each => each.to_SlsPrcgCndnRecordScale),
        equals: { ConditionRecord: within(scalesOf) },
      },
    }),
  ])
}
