// Quantities, and prices of one, in the units of the contract and in those of a system: exact, or not at all. Pure.
import { type AnyEntryRule, convert, type Money, pricePer, Refused } from '@plumbline/sdk'
import { isConvertible, pricedAt, unitKey, unitOf, unsaid, type Vocabulary } from '../kernel/vocabulary.ts'

export type CountedRule = Extract<AnyEntryRule, { counted: object }>
export const isCounted = (rule: AnyEntryRule): rule is CountedRule => typeof rule === 'object' && 'counted' in rule

/** A value in the other's unit: undefined, and somebody hears of it, where it cannot be said exactly. */
export function inUnits(
  { counted: { table }, of, ours, theirs }: CountedRule,
  way: 'read' | 'write',
  value: unknown,
  line: Readonly<Record<string, unknown>>,
  system: string,
  vocabulary: Vocabulary | undefined,
): unknown {
  if (value === undefined || value === null) return value
  const ref = line[of]
  const id = typeof ref === 'object' && ref !== null && 'id' in ref ? String(ref.id) : undefined
  // A line that names no product counts nothing, and who looks at what was said converts nothing.
  if (id === undefined || !vocabulary?.about) return value
  const thing = vocabulary.about(id)
  const [here, there] = [unitOf(thing, ours), unitOf(thing, theirs)]
  if (here === undefined) vocabulary.miss?.(unsaid(table, id, ours, thing))
  if (there === undefined) vocabulary.miss?.(unsaid(table, id, theirs, thing))
  if (!thing || here === undefined || there === undefined) return undefined
  if (here === there) return value
  const [from, to] = way === 'read' ? [there, here] : [here, there]
  const factors = vocabulary.factors?.(table) ?? []
  const units = { from, to, thing: thing.name }
  try {
    return typeof value === 'object'
      ? pricePer(value as Money, units, factors)
      : Number(convert(value as number, units, factors))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    // A factor that nobody said is one question, however many quantities wait for it.
    const factor = unitKey('', from, to, thing.name)
    const inexact = unitKey(typeof value === 'object' ? pricedAt(value as Money) : String(value), from, to, thing.name)
    vocabulary.miss?.({ table, system, way: 'unit', value: isConvertible(factor, factors) ? inexact : factor })
    return undefined
  }
}
