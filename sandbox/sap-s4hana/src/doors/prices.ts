// What the people who keep prices do: enter a condition record, give it another validity, delete it.
import { type Calculation, changeCondition, createCondition, type Scale } from '../business/conditions.ts'
import type { World } from '../business/world.ts'
import { malformed } from '../odata/errors.ts'
import type { Row } from '../odata/model.ts'
import { told } from '../store/telling.ts'
import {
  type Door,
  decimalIn,
  fieldsOf,
  flagIn,
  listIn,
  optionalDay,
  optionalDecimal,
  optionalText,
  signedIn,
  textIn,
} from './input.ts'

export const pricingDoors = (world: World): Readonly<Record<string, Door>> => ({
  'clerk/condition': {
    by: 'clerk',
    act(body, call) {
      const fields = fieldsOf(body, [
        ...['type', 'customer', 'material', 'rate', 'percent', 'fixed', 'scales', 'currency', 'per'],
        ...['validFrom', 'validTo'],
      ])
      const created = createCondition(
        world,
        {
          type: optionalText(fields, 'type') ?? 'PPR0',
          customer: optionalText(fields, 'customer'),
          material: optionalText(fields, 'material'),
          ...ratesIn(fields),
          currency: optionalText(fields, 'currency'),
          per: optionalDecimal(fields, 'per'),
          validFrom: optionalDay(fields, 'validFrom'),
          validTo: optionalDay(fields, 'validTo'),
        },
        call,
      )
      return { condition: told(world.conditions.type, created) }
    },
  },
  'clerk/change-condition': {
    by: 'clerk',
    act(body) {
      const fields = fieldsOf(body, ['conditionRecord', 'validFrom', 'validTo', 'delete'])
      const changed = changeCondition(world, textIn(fields, 'conditionRecord'), {
        validFrom: optionalDay(fields, 'validFrom'),
        validTo: optionalDay(fields, 'validTo'),
        ...(fields.delete === undefined ? {} : { delete: flagIn(fields, 'delete') }),
      })
      return { condition: told(world.conditions.type, changed) }
    },
  },
})

/** `rate` is by quantity, `percent` of the gross value, `fixed` once for the item; scales are by quantity, or of percents. */
function ratesIn(fields: Row): { calculation: Calculation; scales: readonly Scale[] } {
  const [way, ...others] = ['rate', 'percent', 'fixed', 'scales'].filter(name => fields[name] !== undefined)
  if (!way || others.length > 0) throw malformed("Give one of 'rate', 'percent', 'fixed' and 'scales'")
  if (way !== 'scales') {
    const calculation = way === 'percent' ? 'A' : way === 'fixed' ? 'B' : 'C'
    return { calculation, scales: [{ from: '1', rate: signedIn(fields, way) }] }
  }
  const steps = listIn(fields, 'scales')
  const inPercent = steps.some(step => step.percent !== undefined)
  return {
    calculation: inPercent ? 'A' : 'C',
    scales: steps.map(step => ({
      from: decimalIn(step, 'from'),
      rate: signedIn(step, inPercent ? 'percent' : 'rate'),
    })),
  }
}
