// What systems told of a field: the stored changes that speak of it, read by the mapping. A version names the last change of
// those it was made of; here the one is found that brought this field, and who made it.
import type { AnyContract, AnyRule, Field, Mapping, Native } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { lineRef } from '../kernel/ids.ts'
import { lineKeysIn } from '../kernel/line-keys.ts'
import type { Plan, SystemPlan } from '../kernel/plan.ts'
import { answered } from '../kernel/rows.ts'
import type { Vocabulary } from '../kernel/vocabulary.ts'
import type { Query, Tx } from '../store/db.ts'
import { linksOf, type NativeKey, nativeKey } from '../store/links.ts'
import { isEach, nativeRefsIn, toContract } from '../translate/native.ts'
import type { Taken } from './field-history.ts'
import { carrierOf, type FieldPath, valueAt } from './field-path.ts'
import { vocabularyNow, withUnits } from './vocabulary.ts'

/** A stored change. */
export type Told = {
  readonly id: string
  /** When it was heard. */
  readonly at: Date
  readonly system: string
  readonly object: string
  readonly nativeId: string
  readonly mask: 'all' | readonly string[]
  readonly fields: Native
  /** Who made it, in the system's words. */
  readonly by: string | null
  /** When the system says that it was made, in epoch milliseconds. */
  readonly changedAt: number | null
  /** The list that it is an entry of, when it is not of the record itself. */
  readonly list: string | null
  readonly live: boolean
}

/** Where a record, or one of its lines, is found in a system. */
export type Place = NativeKey & { readonly ref: string }

/** Uses link_of. */
const placesOf: Query = {
  name: 'told-places',
  text: 'select system, object, native_id, ref from link where ref = any($1::text[])',
}
export const placesIn = (tx: Tx, ref: string, lines: readonly string[]): Promise<Place[]> =>
  tx.query<Place>(placesOf, [[ref, ...lines.map(line => lineRef(ref, line))]])

/** An entry's change lies with its record's, once that is known. */
const asTold = `
  c.id, c.at, c.system, coalesce(c.body ->> 'object', c.object) as object, coalesce(c.body ->> 'id', c.native_id) as "nativeId",
  c.body -> 'mask' as mask, c.body -> 'fields' as fields, c.body ->> 'by' as by,
  (c.body -> 'position' ->> 'at')::float8 as "changedAt", c.body -> 'entryOf' ->> 'list' as list,
  coalesce((c.body ->> 'live')::boolean, false) as live`

/** Uses change_of, for each place from the newest on. */
const changesOf: Query = {
  name: 'told-changes',
  text: `
    select ${asTold}
    from unnest($1::text[], $2::text[], $3::text[]) as place(system, object, native_id)
    cross join lateral (
      select id, at, system, object, native_id, body
      from change
      where system = place.system and object = place.object and native_id = place.native_id
        and at between coalesce($6, '-infinity'::timestamptz) and coalesce($7, 'infinity'::timestamptz)
        and body ->> 'kind' = 'seen' and ($4::text[] is null or body -> 'mask' ?| $4)
      order by at desc
      limit $5) c
    order by c.at desc`,
}

/** Uses the primary key of change, partition by partition. */
const changesNamed: Query = {
  name: 'told-changes-named',
  text: `select ${asTold} from change c where c.id = any($1::uuid[]) and c.body ->> 'kind' = 'seen'`,
}

/** Which changes are looked at: those that versions name, and those of a time. */
export type Span = {
  readonly named: readonly string[]
  readonly from?: Date | undefined
  readonly until?: Date | undefined
}

/** What brought these values was heard before the newest of them was taken, or soon after. */
export const spanOf = (taken: readonly Taken[]): Span => ({
  named: taken.flatMap(one => one.cause.change ?? []),
  until: taken[0] && new Date(taken[0].at.getTime() + SOON_MS),
})

/** The newest changes of some places that speak of these native fields, or of anything; the newest first. */
async function changesIn(
  tx: Tx,
  places: readonly Place[],
  natives: readonly string[] | null,
  { named, from, until }: Span,
): Promise<Told[]> {
  const found = await tx.query<Told>(changesOf, [
    places.map(one => one.system),
    places.map(one => one.object),
    places.map(one => one.native_id),
    natives === null ? null : ['all', ...natives],
    natives === null ? MOST_OF_RECORD : MOST_OF_FIELD,
    from ?? null,
    until ?? null,
  ])
  const known = new Set(found.map(told => told.id))
  const missing = [...new Set(named)].filter(id => !known.has(id))
  const others = missing.length === 0 ? [] : await tx.query<Told>(changesNamed, [missing])
  return others.length === 0 ? found : [...found, ...others].sort((a, b) => b.at.getTime() - a.at.getTime())
}

/** A value that a system told of a field. */
export type Said = {
  readonly told: Told
  /** In the contract's words. */
  readonly value: unknown
  /** In the system's: field → value. */
  readonly native: Native
}

/** What each system told of fields, the newest first. */
export type Sayings = (path: FieldPath, system: string) => readonly Said[]

const MOST_OF_FIELD = 120
const MOST_OF_RECORD = 200

export async function sayingsOf(
  tx: Tx,
  plan: Plan,
  contract: AnyContract,
  places: readonly Place[],
  paths: readonly FieldPath[],
  span: Span,
): Promise<Sayings> {
  const systems = [...plan.systems.values()].filter(system => system.byContract.has(contract.contract))
  const [only, ...others] = paths
  const natives = only && others.length === 0 ? systems.flatMap(system => [...nativesOf(system, contract, only)]) : null
  const all = await changesIn(tx, places, natives, span)
  const bySystem = Map.groupBy(all, told => told.system)
  const [refs, words] = await Promise.all([refsIn(tx, systems, contract, bySystem), vocabularyNow(tx, plan)])
  const vocabulary = await withUnits(tx, plan, contract, words, refs)
  return (path, name) => {
    const system = plan.systems.get(name)
    const mapping = system?.byContract.get(contract.contract)
    if (!system || !mapping) return []
    const entries = new Set(
      places.filter(place => path.line !== null && place.ref.endsWith(`/${path.line}`)).map(place => place.native_id),
    )
    const read = reader(system, mapping, contract, path, refs, vocabulary)
    return (bySystem.get(name) ?? []).flatMap(told => {
      if (told.list !== null && !entries.has(told.nativeId)) return []
      return read(told) ?? []
    })
  }
}

/** The native fields that carry a field: its own, or of a line that of the entry and the list itself. */
export function nativesOf(system: SystemPlan, contract: AnyContract, path: FieldPath): ReadonlySet<string> {
  const rule = system.byContract.get(contract.contract)?.rules[carrierOf(path)]
  if (rule === undefined) return new Set()
  if (!isEachRule(rule)) return new Set(namesIn(rule))
  return new Set([rule.each, ...(path.list === null ? entryNames(rule) : innerNames(rule, path))])
}

const isEachRule = (rule: AnyRule): rule is Extract<AnyRule, { each: string }> => isEach(rule)
const entryNames = (rule: Extract<AnyRule, { each: string }>): string[] => Object.values(rule.fields).flatMap(namesIn)
/** The native fields of an entry that carry a field of the line. */
const innerNames = (rule: Extract<AnyRule, { each: string }>, { name }: FieldPath): readonly string[] =>
  namesIn(rule.fields[name] ?? { skip: '' })

/** The native fields that a rule reads. */
export function namesIn(rule: AnyRule): readonly string[] {
  if (typeof rule === 'string') return [rule]
  if ('each' in rule) return [rule.each]
  if ('from' in rule) return rule.from
  return 'field' in rule ? [rule.field] : []
}

type Refs = ReadonlyMap<string, string>
const keyOf = (system: SystemPlan, contract: string, id: string): NativeKey => ({
  system: system.name,
  object: system.byContract.get(contract)?.object ?? '',
  native_id: id,
})

/** Everything that these changes point to, by one look. */
async function refsIn(
  tx: Tx,
  systems: readonly SystemPlan[],
  contract: AnyContract,
  bySystem: ReadonlyMap<string, readonly Told[]>,
): Promise<Refs> {
  const keys = systems.flatMap(system => {
    const mapping = system.byContract.get(contract.contract)
    return (bySystem.get(system.name) ?? []).flatMap(told =>
      mapping ? nativeRefsIn(mapping, contract, asRecord(told)).map(to => keyOf(system, to.contract, to.id)) : [],
    )
  })
  return linksOf(tx, [...new Map(keys.map(key => [nativeKey(key), key])).values()])
}

/** An entry's change is read as its record with that entry alone. */
const asRecord = ({ list, fields }: Told): Native => (list === null ? fields : { [list]: [fields] })

/** How a change is asked for one field: nothing, when it does not speak of it. */
function reader(
  system: SystemPlan,
  mapping: Mapping,
  contract: AnyContract,
  path: FieldPath,
  refs: Refs,
  vocabulary: Vocabulary,
): (told: Told) => Said | undefined {
  const carrier = carrierOf(path)
  const rule = mapping.rules[carrier]
  if (rule === undefined) return () => undefined
  const narrow: Mapping = { ...mapping, rules: { [carrier]: narrowed(rule, path, contract.fields[carrier]) } }
  const refOf = (to: string, id: string): string | undefined => refs.get(nativeKey(keyOf(system, to, id)))
  const names = isEach(rule) ? [rule.each] : namesIn(rule)
  return told => {
    const asked = told.list !== null ? (isEach(rule) && path.list !== null ? innerNames(rule, path) : []) : names
    if (told.mask !== 'all' && !asked.some(name => told.mask.includes(name))) return undefined
    const fields = readSafely(() => toContract(narrow, contract, system, asRecord(told), refOf, vocabulary))
    if (fields === undefined) return undefined
    // An entry alone may not carry our key: it is known by its id, which brought us here.
    const [alone] = told.list !== null && Array.isArray(fields[carrier]) ? fields[carrier] : []
    const value = told.list !== null ? alone?.[path.name] : valueAt(fields, path)
    if (value === undefined) return undefined
    const native = told.list === null ? nativeValues(system, mapping, path, told.fields) : picked(told.fields, asked)
    return { told, value, native }
  }
}

/** Of a list's rule only the field of the line that is asked for, and what that is read by: what was split from what, what is counted. */
function narrowed(rule: AnyRule, { list, name }: FieldPath, carrier: Field<unknown> | undefined): AnyRule {
  if (!isEachRule(rule) || list === null) return rule
  const inner = rule.fields[name]
  const counts = typeof inner === 'object' && 'counted' in inner ? inner.of : undefined
  const needed = new Set([name, carrier?.lines?.parts?.of, counts])
  return { ...rule, fields: Object.fromEntries(Object.entries(rule.fields).filter(([inner]) => needed.has(inner))) }
}

/** An author's code that fails on something old says nothing of it. */
export function readSafely<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** What the system itself has of a field: field → value. Of a list the one entry that is the line. */
export function nativeValues(
  { name: system }: SystemPlan,
  mapping: Mapping,
  path: FieldPath,
  record: Native,
): Record<string, unknown> {
  const rule = mapping.rules[carrierOf(path)]
  if (rule === undefined) return {}
  if (!isEachRule(rule) || path.list === null) return picked(record, namesIn(rule))
  const entries: readonly Native[] = Array.isArray(record[rule.each]) ? (record[rule.each] as readonly Native[]) : []
  const keys = lineKeysIn(rule, mapping, system, entries)
  const entry = entries.find((_, at) => keys[at] === path.line)
  return entry ? picked(entry, innerNames(rule, path)) : {}
}

const picked = (fields: Native, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.flatMap(name => (name in fields ? [[name, fields[name]]] : [])))

/** Our own doing, told back by the system. */
export const isOurs = (plan: Plan, { system, by }: Pick<Told, 'system' | 'by'>): boolean =>
  by !== null && (by === answered || by === plan.systems.get(system)?.signsAs)

/**
 * The change that brought a value: of those heard before the version, and after the one that brought the value before it, the
 * newest that says this value. A whole reading says again what was told before it, so a change that names the field goes first;
 * of several whole ones, the first. What was read before its event came is found in the minutes after.
 */
export function broughtBy(said: readonly Said[], taken: Taken, older: Taken | undefined): Said | undefined {
  const isSame = (one: Said): boolean => equal(one.value, taken.value)
  const after = said.findIndex(one => one.told.id === older?.cause.change)
  const isSince = (one: Said, at: number): boolean =>
    older === undefined || (after >= 0 ? at < after : one.told.at >= older.at)
  const before = said.filter((one, at) => one.told.at <= taken.at && isSince(one, at))
  const from = before.findIndex(isSame)
  if (from >= 0) {
    const rest = before.slice(from)
    const end = rest.findIndex(one => !isSame(one))
    const run = end < 0 ? rest : rest.slice(0, end)
    return run.find(one => one.told.mask !== 'all') ?? run.at(-1)
  }
  const soon = taken.at.getTime() + SOON_MS
  return said.findLast(
    one => one.told.mask !== 'all' && one.told.at > taken.at && one.told.at.getTime() < soon && isSame(one),
  )
}
const SOON_MS = 10 * 60_000
