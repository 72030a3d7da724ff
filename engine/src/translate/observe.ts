// What a system now holds, from what it held and what we heard. Duplicates and reordering end here: each native field
// has a position, and what is older than it is not news. Pure.
import type { AnyRule, Mapping, Native, Observation, Position } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { nativeNameOf } from '../kernel/field-at.ts'
import { comparePositions } from '../kernel/positions.ts'
import { answered, type InboxRow } from '../kernel/rows.ts'
import { isEach } from './native.ts'

export type Held = {
  readonly native: Native
  readonly position: Position
  readonly field_positions: Readonly<Record<string, Position>>
  readonly token: string | null
  readonly gone: boolean
  /** Something was heard that cannot be placed before or after what is known: the record must be read again. */
  readonly unsure?: boolean
}

export const nothingHeld: Held = { native: {}, position: { at: 0 }, field_positions: {}, token: null, gone: false }

/** What was heard of a record at once. */
export type Hearing = {
  readonly after: Held
  /** What was told of each field: that it is as we held it to be, if that was told at all, else the last. */
  readonly told: Native
  /** What the answers and echoes of our own writes told of what these carried, and what of that stands. */
  readonly made: Native
}

/** Everything heard of a record in its order, and the reading that it made necessary. */
export function hearAll(
  before: Held,
  mapping: Mapping,
  { changes, reading }: Pick<InboxRow, 'changes' | 'reading'>,
  wrote: Wrote | undefined,
  isOfOurs: (observation: Observation) => boolean,
): Hearing {
  const heard = changes.filter(({ observation }) => observation.kind !== 'look again')
  const read = reading ? [reading.heard] : []
  const known = heard.reduce((held, one) => hear(held, mapping, one.observation, wrote, one.wrote), before)
  const after = read.reduce((held, { observation }) => reread(held, observation), known)
  const told: Record<string, unknown> = {}
  const made: Record<string, unknown> = {}
  for (const { observation, wrote } of [...heard, ...read].filter(one => !one.observation.entryOf))
    for (const [name, value] of Object.entries(observation.fields)) {
      if (!(name in told && equal(told[name], before.native[name]))) told[name] = value
      const isMade = isOfOurs(observation) && (wrote?.includes(name) ?? true)
      if (isMade && equal(after.native[name], value)) made[name] = value
    }
  return { after, told, made }
}

/** Neither is known to be the older: they are of one instant, or cannot be compared. */
const isUndecided = (heard: Position, known: Position): boolean => (comparePositions(heard, known) ?? 0) === 0

const isNotOlder = (heard: Position, known: Position): boolean => (comparePositions(heard, known) ?? 1) >= 0

/** `carried`: what the write did to which this is the answer. */
export function observe(held: Held, mapping: Mapping, heard: Observation, carried?: readonly string[]): Held {
  if (heard.entryOf) return observeEntry(held, mapping, heard)
  if (heard.kind === 'gone')
    return isNotOlder(heard.position, held.position) ? { ...held, position: heard.position, gone: true } : held
  if (heard.mask === 'all') return observeWhole(held, mapping, heard, carried)
  return observePart(held, heard, heard.mask)
}

/** A reading that was asked for after all that is known was heard: it is the truth, whatever the positions say. */
function reread(held: Held, read: Observation): Held {
  if (read.kind === 'gone') return { ...held, gone: true, unsure: false }
  // Positions of the same instant stay, so that an older event that comes late is still told from a newer one.
  const stillKnown = Object.entries(held.field_positions).filter(([, position]) => position.at >= read.position.at)
  return {
    native: read.fields,
    position: read.position.at >= held.position.at ? read.position : held.position,
    field_positions: Object.fromEntries(stillKnown),
    token: read.token ?? null,
    gone: false,
  }
}

function observeWhole(held: Held, mapping: Mapping, heard: Observation, carried?: readonly string[]): Held {
  if (!isNotOlder(heard.position, held.position)) return held
  // A write that changes nothing has the place of the one before it, whose answer is no news of what it did not carry.
  const isElse = (name: string): boolean => carried !== undefined && name in held.native && !carried.includes(name)
  const later = Object.entries(held.field_positions).filter(([name, position]) => {
    const is = comparePositions(position, heard.position) ?? 1
    return is > 0 || (is === 0 && isElse(name))
  })
  const kept = Object.fromEntries(
    later.filter(([name]) => name in held.native).map(([name]) => [name, held.native[name]]),
  )
  const lists = Object.values(mapping.rules).flatMap(rule => (isEach(rule) ? [`${rule.each}/`] : []))
  return {
    native: { ...heard.fields, ...kept },
    position: heard.position,
    field_positions: Object.fromEntries(later),
    token: heard.token ?? null,
    gone: false,
    // Entries that moved later than this page was read cannot be told apart within it.
    unsure: later.some(([name]) => lists.some(list => name.startsWith(list))),
  }
}

/** Which named fields are news, given what is known of each; `unsure` when one cannot be placed. */
function newsOf(
  names: readonly string[],
  heard: Position,
  known: (name: string) => Position,
): { news: string[]; unsure: boolean } {
  const compared = names.map(name => ({ name, is: comparePositions(heard, known(name)) }))
  return {
    news: compared.filter(one => (one.is ?? 0) > 0).map(one => one.name),
    unsure: compared.some(one => one.is === undefined),
  }
}

/** The contract fields that we ever wrote to a record, and the name under which our changes come back. */
export type Wrote = { readonly fields: readonly string[]; readonly signedAs: string | undefined }

/**
 * What was on its way when we wrote is older than our write, and the system may not have told the place of that in time: the
 * echo of an earlier write of ours, or a whole record of the very instant that we know it from. Where it differs from what we
 * have written since, it is no news but a doubt: the record is read.
 */
function hear(
  held: Held,
  mapping: Mapping,
  heard: Observation,
  wrote: Wrote | undefined,
  carried?: readonly string[],
): Held {
  const isEcho = heard.by !== undefined && heard.by === wrote?.signedAs
  if (wrote && isEcho && isDoubtfulEntry(held, mapping, heard, wrote)) return { ...held, unsure: true }
  const mayBeOlder = heard.mask === 'all' ? isUndecided(heard.position, held.position) : isEcho
  const isAnswer = heard.by === answered || heard.kind !== 'seen' || heard.entryOf !== undefined
  if (!wrote || isAnswer || !mayBeOlder) return observe(held, mapping, heard, carried)
  const written = new Set(wrote.fields.flatMap(name => nativeNameOf(mapping, name) ?? []))
  const isDoubtful = (name: string): boolean =>
    written.has(name) &&
    name in held.native &&
    !equal(held.native[name], heard.fields[name]) &&
    isNotOlder(heard.position, held.field_positions[name] ?? held.position)
  if (heard.mask === 'all')
    return [...written].some(isDoubtful) ? { ...held, unsure: true } : observe(held, mapping, heard)
  const mask = heard.mask.filter(name => !isDoubtful(name))
  const after = observe(held, mapping, { ...heard, mask })
  return mask.length < heard.mask.length ? { ...after, unsure: true } : after
}

/** The echo of an earlier write of an entry's, where we have written the entry's list since. */
function isDoubtfulEntry(held: Held, mapping: Mapping, heard: Observation, wrote: Wrote): boolean {
  const list = heard.entryOf?.list
  if (list === undefined || heard.kind !== 'seen') return false
  const [name, rule] = Object.entries(mapping.rules).find(([, rule]) => isEach(rule) && rule.each === list) ?? []
  if (name === undefined || rule === undefined || !isEach(rule) || !wrote.fields.includes(name)) return false
  const entry = ((held.native[list] ?? []) as readonly Native[]).find(isEntry(rule, heard))
  const mask = heard.mask === 'all' ? Object.keys(heard.fields) : heard.mask
  const slot = `${list}/${heard.id}`
  const known = held.field_positions[slot] ?? held.position
  return mask.some(
    field =>
      entry !== undefined &&
      field !== rule.id &&
      field in entry &&
      !equal(entry[field], heard.fields[field]) &&
      isNotOlder(heard.position, held.field_positions[`${slot}/${field}`] ?? known),
  )
}

/** The entry that an event is about: by its id, or by the key that we wrote into it. */
const isEntry =
  (rule: Extract<AnyRule, { each: string }>, heard: Observation) =>
  (entry: Native): boolean =>
    entry[rule.id] === heard.id ||
    (entry[rule.id] === undefined && rule.key !== undefined && entry[rule.key] === heard.fields[rule.key])

function observePart(held: Held, heard: Observation, mask: readonly string[]): Held {
  const { news, unsure } = newsOf(mask, heard.position, name => held.field_positions[name] ?? held.position)
  if (news.length === 0) return unsure ? { ...held, unsure } : held
  return {
    ...held,
    native: { ...held.native, ...Object.fromEntries(news.map(name => [name, heard.fields[name] ?? null])) },
    field_positions: { ...held.field_positions, ...Object.fromEntries(news.map(name => [name, heard.position])) },
    token: heard.token ?? held.token,
    unsure: unsure || held.unsure === true,
  }
}

function observeEntry(held: Held, mapping: Mapping, heard: Observation): Held {
  const list = heard.entryOf?.list ?? ''
  const rule = Object.values(mapping.rules).find(rule => isEach(rule) && rule.each === list)
  if (!rule || !isEach(rule)) return held
  const slot = `${list}/${heard.id}`
  const known = held.field_positions[slot] ?? held.position
  const before = (held.native[list] ?? []) as readonly Native[]
  const isIt = isEntry(rule, heard)
  const entry = before.find(isIt)
  if (heard.kind === 'gone') {
    const is = comparePositions(heard.position, known)
    if (is === undefined) return { ...held, unsure: true }
    return is < 0
      ? held
      : withList(
          held,
          list,
          before.filter(other => !isIt(other)),
          { [slot]: heard.position },
        )
  }
  const mask = heard.mask === 'all' ? Object.keys(heard.fields) : heard.mask
  const fieldSlot = (name: string): string => `${slot}/${name}`
  const { news, unsure } = newsOf(mask, heard.position, name => held.field_positions[fieldSlot(name)] ?? known)
  if (news.length === 0) return unsure ? { ...held, unsure } : held
  const changed: Native = {
    ...entry,
    [rule.id]: heard.id,
    ...Object.fromEntries(news.map(name => [name, heard.fields[name] ?? null])),
  }
  const after = entry ? before.map(other => (isIt(other) ? changed : other)) : [...before, changed]
  const positions = Object.fromEntries(news.map(name => [fieldSlot(name), heard.position]))
  return withList({ ...held, unsure: unsure || held.unsure === true }, list, after, positions)
}

const withList = (
  held: Held,
  list: string,
  entries: readonly Native[],
  positions: Readonly<Record<string, Position>>,
): Held => ({
  ...held,
  native: { ...held.native, [list]: entries },
  field_positions: { ...held.field_positions, ...positions },
})
