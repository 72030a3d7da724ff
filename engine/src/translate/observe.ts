// What a system now holds, from what it held and what we heard. Duplicates and reordering end here: each native field
// has a position, and what is older than it is not news. Pure.
import type { Mapping, Native, Observation, Position } from '@plumbline/sdk'
import { isEach } from './native.ts'

export type Held = {
  readonly native: Native
  readonly position: Position
  readonly field_positions: Readonly<Record<string, Position>>
  readonly token: string | null
  readonly gone: boolean
}

export const nothingHeld: Held = { native: {}, position: { at: 0 }, field_positions: {}, token: null, gone: false }

/** Negative: a is older; positive: a is newer; 0: the same change; undefined: cannot be compared. */
function comparePositions(a: Position, b: Position): number | undefined {
  if (a.at !== b.at) return a.at - b.at
  if (a.seq !== undefined && b.seq !== undefined) return a.seq - b.seq
  return a.seq === b.seq ? 0 : undefined
}

/** Same-instant changes without an order are taken: applying what a whole reading already showed changes nothing. */
const isNews = (heard: Position, known: Position): boolean => (comparePositions(heard, known) ?? 1) > 0
const isNotOlder = (heard: Position, known: Position): boolean => (comparePositions(heard, known) ?? 1) >= 0

export function observe(held: Held, mapping: Mapping, heard: Observation): Held {
  if (heard.entryOf) return observeEntry(held, mapping, heard)
  if (heard.kind === 'gone')
    return isNotOlder(heard.position, held.position) ? { ...held, position: heard.position, gone: true } : held
  if (heard.mask === 'all') return observeWhole(held, heard)
  return observePart(held, heard, heard.mask)
}

function observeWhole(held: Held, heard: Observation): Held {
  if (!isNotOlder(heard.position, held.position)) return held
  const later = Object.entries(held.field_positions).filter(([, position]) => isNews(position, heard.position))
  const kept = Object.fromEntries(
    later.filter(([name]) => name in held.native).map(([name]) => [name, held.native[name]]),
  )
  return {
    native: { ...heard.fields, ...kept },
    position: heard.position,
    field_positions: Object.fromEntries(later),
    token: heard.token ?? null,
    gone: false,
  }
}

function observePart(held: Held, heard: Observation, mask: readonly string[]): Held {
  const news = mask.filter(name => isNews(heard.position, held.field_positions[name] ?? held.position))
  if (news.length === 0) return held
  return {
    ...held,
    native: { ...held.native, ...Object.fromEntries(news.map(name => [name, heard.fields[name] ?? null])) },
    field_positions: { ...held.field_positions, ...Object.fromEntries(news.map(name => [name, heard.position])) },
    token: heard.token ?? held.token,
  }
}

/** An event about an entry of a list: the entry is found by its id, or by the key that we wrote into it. */
function observeEntry(held: Held, mapping: Mapping, heard: Observation): Held {
  const list = heard.entryOf?.list ?? ''
  const rule = Object.values(mapping.rules).find(rule => isEach(rule) && rule.each === list)
  if (!rule || !isEach(rule)) return held
  const slot = `${list}/${heard.id}`
  const known = held.field_positions[slot] ?? held.position
  const before = (held.native[list] ?? []) as readonly Native[]
  const isIt = (entry: Native): boolean =>
    entry[rule.id] === heard.id ||
    (entry[rule.id] === undefined && rule.key !== undefined && entry[rule.key] === heard.fields[rule.key])
  const entry = before.find(isIt)
  if (heard.kind === 'gone') {
    if (!isNotOlder(heard.position, known)) return held
    return withList(
      held,
      list,
      before.filter(other => !isIt(other)),
      slot,
      heard.position,
    )
  }
  const mask = heard.mask === 'all' ? Object.keys(heard.fields) : heard.mask
  const fieldSlot = (name: string): string => `${slot}/${name}`
  const news = mask.filter(name => isNews(heard.position, held.field_positions[fieldSlot(name)] ?? known))
  if (news.length === 0 || (!entry && !isNews(heard.position, known))) return held
  const changed: Native = {
    ...entry,
    [rule.id]: heard.id,
    ...Object.fromEntries(news.map(name => [name, heard.fields[name] ?? null])),
  }
  const after = entry ? before.map(other => (isIt(other) ? changed : other)) : [...before, changed]
  const positions = Object.fromEntries(news.map(name => [fieldSlot(name), heard.position]))
  return {
    ...held,
    native: { ...held.native, [list]: after },
    field_positions: { ...held.field_positions, ...positions },
  }
}

const withList = (held: Held, list: string, entries: readonly Native[], slot: string, position: Position): Held => ({
  ...held,
  native: { ...held.native, [list]: entries },
  field_positions: { ...held.field_positions, [slot]: position },
})
