// Which line each entry of a list is: the key that we wrote into it, else one that follows from the entry's own id.
import type { AnyContract, Field, Mapping, Native } from '@plumbline/sdk'
import { lineKeyOf } from './ids.ts'
import type { SystemPlan } from './plan.ts'

type KeyRule = { readonly each: string; readonly id: string; readonly key?: string }

/**
 * The keys of all entries, in their order. Who copies or splits an entry in a system may copy our key with it: the key stays with the
 * entry that had it first, and the copies are lines of their own.
 */
export function lineKeysIn(
  rule: KeyRule,
  mapping: Pick<Mapping, 'object'>,
  system: string,
  entries: readonly Native[],
): string[] {
  const first = new Map<string, Native>()
  for (const entry of entries) {
    const key = writtenKey(rule, entry)
    const other = key === undefined ? undefined : first.get(key)
    if (key !== undefined && (!other || isBefore(idIn(rule, entry), idIn(rule, other)))) first.set(key, entry)
  }
  return entries.map(entry => {
    const key = writtenKey(rule, entry)
    return key !== undefined && first.get(key) === entry
      ? key
      : lineKeyOf(system, `${mapping.object}.${rule.each}`, idIn(rule, entry))
  })
}

/** The key that somebody wrote into an entry: ours, or a copy of it. */
export function writtenKey(rule: KeyRule, entry: Native): string | undefined {
  const key = rule.key === undefined ? undefined : entry[rule.key]
  return typeof key === 'string' && key !== '' ? key : undefined
}

const idIn = (rule: KeyRule, entry: Native): string => String(entry[rule.id] ?? '')

/** Systems count their entries upwards, whether in numbers or in letters. */
const isBefore = (a: string, b: string): boolean => (a.length === b.length ? a < b : a.length < b.length)

/** The role whose added lines are welcome as lines. */
export const extrasOf = ({ lines }: Field<unknown>): string | undefined =>
  typeof lines?.extras === 'string' ? lines.extras : undefined

type InSystem = {
  readonly system: Pick<SystemPlan, 'name' | 'role'>
  readonly mapping: Mapping
  readonly contract: AnyContract
}

/** The lines that a system added by itself, where its role may: those of its entries that carry no key of ours. */
export function extrasIn({ system, mapping, contract }: InSystem, natives: readonly Native[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const [name, rule] of Object.entries(mapping.rules)) {
    const field = contract.fields[name]
    if (typeof rule !== 'object' || !('each' in rule) || !field || extrasOf(field) !== system.role) continue
    for (const native of natives) {
      const entries = Array.isArray(native[rule.each]) ? (native[rule.each] as readonly Native[]) : []
      for (const [at, key] of lineKeysIn(rule, mapping, system.name, entries).entries())
        if (writtenKey(rule, entries[at] ?? {}) !== key) found.add(key)
    }
  }
  return found
}
