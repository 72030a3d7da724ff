// The patch: desired minus holding. An empty one is the end of an echo. Pure.
import type { Mapping, Native, NativeId, Write } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'

type EachRule = { readonly each: string; readonly id: string; readonly key?: string }
type ListChange = Write['lists'][string]

export type Patch = { readonly fields: Record<string, unknown>; readonly lists: Record<string, ListChange> }

/** What remains to be written so that the system holds what it should. `accepted` fields the system keeps its own way. */
export function patchOf(
  mapping: Mapping,
  desired: { fields: Native; lists: Readonly<Record<string, readonly Native[]>> },
  held: Native,
  /** The key of a line that follows from its entry's id, where the entry does not carry ours. */
  derivedKey: (list: string, entryId: string) => string = () => '',
): Patch {
  const fields = Object.fromEntries(
    Object.entries(desired.fields).filter(([name, value]) => value !== undefined && !equal(value, held[name])),
  )
  const lists: Record<string, ListChange> = {}
  for (const rule of Object.values(mapping.rules)) {
    if (typeof rule !== 'object' || !('each' in rule)) continue
    const wanted = desired.lists[rule.each]
    if (!wanted) continue
    const entries = (held[rule.each] ?? []) as readonly Native[]
    const change = listChange(rule, wanted, entries, entry => derivedKey(rule.each, String(entry[rule.id])))
    if (change.add.length + change.change.length + change.remove.length > 0) lists[rule.each] = change
  }
  return { fields, lists }
}

/** Line operations: an entry is the same when it carries the same key; only what differs of it is written. */
function listChange(
  rule: EachRule,
  wanted: readonly Native[],
  held: readonly Native[],
  derivedKey: (entry: Native) => string,
): ListChange {
  if (rule.key === undefined) return { add: [], change: [], remove: [] }
  const key = rule.key
  const hasOurs = (entry: Native): boolean => typeof entry[key] === 'string' && entry[key] !== ''
  const byKey = new Map(held.map(entry => [hasOurs(entry) ? entry[key] : derivedKey(entry), entry]))
  const add = wanted.filter(entry => !byKey.has(entry[key]))
  const change = wanted.flatMap(entry => {
    const there = byKey.get(entry[key])
    if (!there || there[rule.id] === undefined) return []
    // The system's own entry keeps its own key.
    const differing = Object.entries(entry).filter(([name, value]) => name !== key && !equal(value, there[name]))
    return differing.length === 0 ? [] : [{ ...Object.fromEntries(differing), id: there[rule.id] as NativeId }]
  })
  const wantedKeys = new Set(wanted.map(entry => entry[key]))
  // Entries without our key are the system's own (freight); they stay.
  const remove = held
    .filter(entry => hasOurs(entry) && !wantedKeys.has(entry[key]) && entry[rule.id] !== undefined)
    .map(entry => entry[rule.id] as NativeId)
  return { add, change, remove }
}

export const isEmpty = (patch: Patch): boolean =>
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
