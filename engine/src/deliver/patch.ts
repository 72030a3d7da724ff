// The patch: desired minus holding. An empty one is the end of an echo. Pure.
import {
  type AnyContract,
  type Mapping,
  type Money,
  minus,
  type Native,
  type NativeId,
  type Write,
} from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { lineKeysIn, writtenKey } from '../kernel/line-keys.ts'
import type { IsHeld } from '../kernel/rows.ts'

type EachRule = Extract<Mapping['rules'][string], { each: string }>
type ListChange = Write['lists'][string]

export type Patch = {
  readonly fields: Record<string, unknown>
  readonly lists: Record<string, ListChange>
  /** An entry is to be changed or taken away that the system has not told the id of yet: we have just added it. */
  readonly isEarly: boolean
}

/** What else decides on the lines: whose entries they are, how the contract shows them, and which were taken away. */
export type OfLines = {
  readonly system: string
  readonly contract?: AnyContract
  /** Lines that were decided to go, also where the entry is the system's own. */
  readonly away?: ReadonlySet<string>
}

/** What remains to be written so that the system holds what it should. `accepted` fields the system keeps its own way. */
export function patchOf(
  mapping: Mapping,
  desired: { fields: Native; lists: Readonly<Record<string, readonly Native[]>> },
  held: Native,
  of: OfLines = { system: '' },
): Patch {
  const fields = Object.fromEntries(
    Object.entries(desired.fields).filter(([name, value]) => value !== undefined && !equal(value, held[name])),
  )
  const lists: Record<string, ListChange> = {}
  let isEarly = false
  for (const [name, rule] of Object.entries(mapping.rules)) {
    if (typeof rule !== 'object' || !('each' in rule)) continue
    const wanted = desired.lists[rule.each]
    if (!wanted || rule.key === undefined) continue
    const entries = (held[rule.each] ?? []) as readonly Native[]
    const keys = lineKeysIn(rule, mapping, of.system, entries)
    const apart = ofPart(rule, of.contract?.fields[name]?.lines?.parts, entries)
    const { early, ...change } = listChange(rule, rule.key, wanted, entries, keys, apart, of.away ?? new Set())
    isEarly ||= early
    if (change.add.length + change.change.length + change.remove.length > 0) lists[rule.each] = change
  }
  return { fields, lists, isEarly }
}

/** The lines that a system holds. */
export function linesHeld(mapping: Mapping, system: string, holding: { readonly native: Native } | undefined): IsHeld {
  const lists = new Map<string, ReadonlySet<string>>()
  return (list, line) => {
    const rule = Object.values(mapping.rules).find(one => typeof one === 'object' && 'each' in one && one.each === list)
    if (!holding || typeof rule !== 'object' || !('each' in rule)) return false
    const entries = (holding.native[list] ?? []) as readonly Native[]
    const known = lists.get(list) ?? new Set(lineKeysIn(rule, mapping, system, entries))
    lists.set(list, known)
    return known.has(line)
  }
}

/** Line operations: an entry is the same when it carries the same key; only what differs of it is written. */
function listChange(
  rule: EachRule,
  key: string,
  wanted: readonly Native[],
  held: readonly Native[],
  keys: readonly string[],
  apart: (entry: Native, wanted: Native) => Native,
  away: ReadonlySet<string>,
): ListChange & { readonly early: boolean } {
  const byKey = new Map(held.map((entry, at) => [keys[at], entry]))
  const keyOf = (entry: Native): string => String(entry[key])
  const add = wanted.filter(entry => !byKey.has(keyOf(entry)))
  let early = false
  const change = wanted.flatMap(entry => {
    const there = byKey.get(keyOf(entry))
    if (!there) return []
    // The system's own entry needs no key of ours; one that carries a copy of another's gets its own.
    const isCopy = writtenKey(rule, there) !== undefined
    const differing = Object.entries(apart(there, entry)).filter(
      ([name, value]) => (name !== key || isCopy) && !equal(value, there[name]),
    )
    if (differing.length === 0) return []
    early ||= there[rule.id] === undefined
    return [{ ...Object.fromEntries(differing), id: there[rule.id] as NativeId }]
  })
  const isWanted = new Set(wanted.map(keyOf))
  // Entries without our key are the system's own (freight); they stay, unless it was decided that the line goes.
  const isOver = (entry: Native, line = ''): boolean =>
    !isWanted.has(line) && (writtenKey(rule, entry) === line || away.has(line))
  const remove = held.filter((entry, at) => isOver(entry, keys[at])).map(entry => entry[rule.id] as NativeId)
  return { add, change, remove, early: early || remove.some(id => id === undefined) }
}

/**
 * What a system is to be written of an entry of its own, where the contract adds its parts to it: the whole without what the parts
 * have.
 */
function ofPart(
  rule: EachRule,
  parts: { readonly of: string; readonly summed: readonly string[] } | undefined,
  held: readonly Native[],
): (entry: Native, wanted: Native) => Native {
  const of = parts && nativeName(rule, parts.of)
  if (!parts || of === undefined) return (_, wanted) => wanted
  const summed = parts.summed.flatMap(name => nativeName(rule, name) ?? [])
  const byId = new Map(held.map(entry => [String(entry[rule.id]), entry]))
  const whole = (entry: Native, steps = held.length): Native => {
    const from = byId.get(String(entry[of] ?? ''))
    return from && from !== entry && steps > 0 ? whole(from, steps - 1) : entry
  }
  return (entry, wanted) => {
    const others = held.filter(other => other !== entry && whole(other) === entry)
    if (others.length === 0) return wanted
    const shares = summed.filter(name => name in wanted)
    return { ...wanted, ...Object.fromEntries(shares.map(name => [name, less(wanted[name], others, name)])) }
  }
}

const nativeName = (rule: EachRule, name: string): string | undefined => {
  const to = rule.fields[name]
  return typeof to === 'string' ? to : to && 'field' in to ? to.field : undefined
}

const less = (whole: unknown, parts: readonly Native[], name: string): unknown =>
  parts.reduce<unknown>((rest, part) => {
    const share = part[name]
    if (share === undefined || share === null || rest === null) return rest
    return typeof rest === 'number'
      ? Number((rest - Number(share)).toPrecision(15))
      : minus(rest as Money, share as Money)
  }, whole)

export const isEmpty = (patch: Pick<Patch, 'fields' | 'lists'>): boolean =>
  Object.keys(patch.fields).length === 0 && Object.keys(patch.lists).length === 0

/** What a system holds after it took a write, as far as we know without its answer. */
export function afterWrite(mapping: Mapping, held: Native, write: { fields: Native; lists: Write['lists'] }): Native {
  const native: Record<string, unknown> = { ...held, ...write.fields }
  for (const rule of Object.values(mapping.rules)) {
    if (typeof rule !== 'object' || !('each' in rule) || !write.lists[rule.each]) continue
    const { add, change, remove } = write.lists[rule.each] as ListChange
    const kept = ((held[rule.each] ?? []) as readonly Native[])
      .filter(entry => !remove.includes(entry[rule.id] as NativeId))
      .map(entry => ({ ...entry, ...withoutId(change.find(changed => changed.id === entry[rule.id])) }))
    native[rule.each] = [...kept, ...add]
  }
  return native
}

const withoutId = (change: (Native & { readonly id: NativeId }) | undefined): Native => {
  const { id: _, ...fields } = change ?? ({ id: '' } as { id: string })
  return fields
}
