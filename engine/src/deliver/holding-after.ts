// What we hold a system to have once it has taken a write: what we sent, as of when it says that was, unless something newer was
// heard of a field meanwhile. Its answer, understood like anything else it tells, says what it made of that. Pure.
import type { Mapping, Native, Write, WriteEnd } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { nativeNameOf } from '../kernel/field-at.ts'
import { comparePositions } from '../kernel/positions.ts'
import type { Accepted, StoredHolding, StoredRecord } from '../kernel/rows.ts'
import { afterWrite } from './patch.ts'
import type { Need } from './prepare.ts'

export type Answered = {
  readonly need: Pick<Need, 'mapping' | 'write' | 'kind' | 'isOlder'> & {
    readonly row: { readonly ref: string }
    readonly record: Pick<StoredRecord, 'fields'>
    readonly holding: Pick<StoredHolding, 'native'> | undefined
  }
  readonly end: Extract<WriteEnd, { end: 'written' }>
}

export function holdingAfter(
  system: string,
  { need, end }: Answered,
  latest: StoredHolding | undefined,
): StoredHolding {
  const before = latest?.native ?? {}
  /** Whether what is known of a field is older than this write (below 0), newer, or this write itself; 0 also where nobody can tell. */
  const order = (name: string): number =>
    (end.position && latest && comparePositions(latest.field_positions[name] ?? latest.position, end.position)) ?? 0
  const isUntouched = (name: string): boolean =>
    order(name) < 0 || (order(name) === 0 && equal(before[name], need.holding?.native[name]))
  // The event of this very write was faster than its answer, which then tells as news what the system made of what we sent.
  const isItsEvent = (name: string): boolean =>
    end.position !== undefined && end.native !== undefined && equal(before[name], end.native[name]) && order(name) === 0
  const fields = Object.fromEntries(
    Object.entries(need.write.fields as Native).filter(([name]) => isUntouched(name) || isItsEvent(name)),
  )
  const lists = Object.fromEntries(
    Object.entries(need.write.lists).map(([name, change]) => [
      name,
      isUntouched(name) ? change : unheardOf(need.mapping, name, change, before),
    ]),
  )
  const { position } = end
  const sent = [...Object.keys(fields), ...Object.keys(lists).filter(isUntouched)]
  return {
    ref: need.row.ref,
    system,
    object: need.mapping.object,
    native_id: end.id,
    // An answer without a position cannot be placed among what is heard: it only completes what we sent (entries' ids).
    native: {
      ...afterWrite(need.mapping, before, { fields, lists }),
      ...(position === undefined || need.isOlder ? onlyKeys(end.native, isUntouched) : {}),
    },
    position: latest?.position ?? { at: 0 },
    // What is older than this write is no news of what it wrote: the answer to an earlier one, say, that is understood after it.
    field_positions: {
      ...latest?.field_positions,
      ...(position && Object.fromEntries(sent.map(name => [name, position]))),
    },
    token: end.token ?? latest?.token ?? null,
    accepted: { ...latest?.accepted, ...sentFields(need, latest?.accepted ?? {}) },
    gone: need.kind === 'close' ? (latest?.gone ?? false) : false,
    answered: latest?.answered ?? !(end.native && position),
  }
}

/** The holding without what is known of how the system takes these native fields. */
export function doubting(mapping: Mapping, holding: StoredHolding, names: readonly string[]): StoredHolding {
  const isCarried = (name: string): boolean => names.includes(nativeNameOf(mapping, name) ?? '')
  const kept = Object.entries(holding.accepted).filter(([name]) => !isCarried(name))
  return { ...holding, accepted: Object.fromEntries(kept) }
}

/** Of a list that was heard of meanwhile: the entries we added that no event told of yet. A write is all or nothing. */
function unheardOf(
  mapping: Mapping,
  list: string,
  change: Write['lists'][string],
  held: Native,
): Write['lists'][string] {
  const rule = Object.values(mapping.rules).find(
    rule => typeof rule === 'object' && 'each' in rule && rule.each === list,
  )
  const key = typeof rule === 'object' && 'each' in rule ? rule.key : undefined
  const heard = new Set(key === undefined ? [] : ((held[list] ?? []) as readonly Native[]).map(entry => entry[key]))
  return { add: key === undefined ? [] : change.add.filter(entry => !heard.has(entry[key])), change: [], remove: [] }
}

const onlyKeys = (native: Native | undefined, keep: (name: string) => boolean): Native =>
  Object.fromEntries(Object.entries(native ?? {}).filter(([name]) => keep(name)))

/** The contract fields that this write carried, with the value sent: what the system makes of it is then its accepted form. */
function sentFields(need: Answered['need'], before: Accepted): Accepted {
  const native = new Set([...Object.keys(need.write.fields), ...Object.keys(need.write.lists)])
  return Object.fromEntries(
    Object.keys(need.mapping.rules).flatMap(name => {
      const to = nativeNameOf(need.mapping, name)
      if (to === undefined || !native.has(to)) return []
      const sent = need.record.fields[name] ?? null
      const known = before[name]
      const times = known && equal(known.sent, sent) ? (known.times ?? 0) + 1 : 1
      return [[name, { sent, times }]]
    }),
  )
}
