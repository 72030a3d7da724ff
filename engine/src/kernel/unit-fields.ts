// The fields by which a project counts: what products say of their units, by the mappings that convert quantities.
import { onceFor } from './once.ts'
import type { Plan } from './plan.ts'
import type { StoredRecord } from './rows.ts'
import { type Missing, unsaid } from './vocabulary.ts'

type UnitField = { readonly contract: string; readonly field: string; readonly table: string }

const unitFieldsOf = onceFor((plan: Plan): readonly UnitField[] => {
  const all = [...plan.systems.values()].flatMap(({ instance: { mappings } }) =>
    mappings.flatMap(({ contract, rules }) =>
      Object.entries(rules).flatMap(([list, rule]) => {
        if (typeof rule !== 'object' || !('each' in rule)) return []
        return Object.values(rule.fields).flatMap(one => {
          if (typeof one !== 'object' || !('counted' in one)) return []
          const to = plan.contracts.get(contract)?.fields[list]?.of?.[one.of]?.to ?? ''
          return [one.ours, one.theirs].map(field => ({ contract: to, field, table: one.counted.table }))
        })
      }),
    ),
  )
  return [...new Map(all.map(one => [JSON.stringify(one), one])).values()]
})

/** What these changes say of units: whatever waits for it can go on. */
export const unitsSaid = (
  plan: Plan,
  changed: readonly (Pick<StoredRecord, 'ref' | 'contract'> & { readonly delta: Readonly<Record<string, unknown>> })[],
): readonly Missing[] => {
  const counted = unitFieldsOf(plan)
  if (counted.length === 0) return []
  return changed.flatMap(({ ref, contract, delta }) =>
    counted.flatMap(one =>
      one.contract === contract && delta[one.field] ? unsaid(one.table, ref, one.field, undefined) : [],
    ),
  )
}
