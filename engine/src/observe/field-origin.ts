// Where a value came from: the change that brought it and who made it, or the journey's step that took it over from another record.
import type { AnyContract, Field } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import { lineRef } from '../kernel/ids.ts'
import type { Plan } from '../kernel/plan.ts'
import { answered } from '../kernel/rows.ts'
import type { Query, Tx } from '../store/db.ts'
import { readSurvivors } from '../store/records.ts'
import { type Cause, historyOf, type Taken } from './field-history.ts'
import { carrierOf, type FieldPath } from './field-path.ts'
import {
  broughtBy,
  isOurs,
  namesIn,
  nativesOf,
  type Place,
  placesIn,
  type Sayings,
  type Span,
  sayingsOf,
  spanOf,
} from './field-told.ts'
import { type RuleKind, ruleKind, ruleWords } from './field-words.ts'
import { titleOf } from './words.ts'

export type Origin = {
  readonly version: number
  /** When Plumbline took it. */
  readonly takenAt: Date
  /**
   * `told`: a change spoke of it. `answered`: the system made it when it was written. `loaded`: it was so when the system was
   * first read. `read`: it was so when the record was read because something hinted to it. `born`: taken over from another
   * record. `set`: a journey's step set it. `granted`: a desk granted what somebody wished who does not own it. `taken back`: that
   * was granted, and the owner's system refused it. `left empty`: its owner has never said anything, and somebody else did.
   */
  readonly how: 'told' | 'answered' | 'loaded' | 'read' | 'born' | 'set' | 'granted' | 'taken back' | 'left empty'
  readonly system: string | null
  readonly object: string | null
  readonly nativeId: string | null
  /** The native fields, as the system had them then; empty where that is not stored. */
  readonly native: Readonly<Record<string, unknown>>
  readonly nativeFields: readonly string[]
  readonly rule: { readonly kind: RuleKind; readonly words: string } | null
  readonly change: { readonly id: string; readonly heardAt: Date } | null
  /** When the system says that it changed, or the step was done. */
  readonly changedAt: Date | null
  /** Who, in the system's words. */
  readonly by: string | null
  /** False: who last changed the record there, which need not have been this field. */
  readonly isSure: boolean
  readonly journey: { readonly journey: string; readonly workflow: string; readonly step: string } | null
  readonly from: From | null
  readonly wish: Wish | null
  /** The build of the project that understood it. */
  readonly build: { readonly build: number; readonly hash: string; readonly since: Date } | null
}

/** What somebody wanted who did not own the field, and who decided on it. */
type Wish = {
  readonly dispute: string
  readonly system: string
  readonly by: string | null
  readonly at: Date
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
  readonly reason: string | null
}

/** The field of another record that it was taken over from; its own way is told with it. */
type From = {
  readonly contract: string
  readonly ref: string
  readonly title: string
  /** Null: it is the record itself that is named. */
  readonly field: string | null
  readonly label: string | null
  readonly origin: Origin | null
}

type RecordRow = { readonly ref: string; readonly fields: Readonly<Record<string, unknown>> }
/** What is known of a record's fields, read once for all of them. */
export type Known = {
  readonly contract: AnyContract
  readonly record: RecordRow
  readonly places: readonly Place[]
  readonly sayings: Sayings
  readonly builds: ReadonlyMap<number, NonNullable<Origin['build']>>
  readonly wishes: ReadonlyMap<string, Wish & { readonly became: string }>
}

/** What is to be known to tell the origin of these values. */
export async function knownOf(
  tx: Tx,
  plan: Plan,
  contract: AnyContract,
  record: RecordRow,
  paths: readonly FieldPath[],
  values: readonly Taken[],
  span: Span = spanOf(values),
): Promise<Known> {
  const places = await placesIn(tx, record.ref, [...new Set(paths.flatMap(path => path.line ?? []))])
  const [sayings, wishes, builds] = await Promise.all([
    sayingsOf(tx, plan, contract, places, paths, span),
    wishesOf(tx, values),
    buildsOf(tx, values),
  ])
  return { contract, record, places, sayings, wishes, builds }
}

/** Uses the primary key of dispute. */
const wishesNamed: Query = {
  name: 'origin-wishes',
  text: `
    select dispute, system, by, edited_at as at, decided_by as "decidedBy", decided_at as "decidedAt", reason, became
    from dispute
    where dispute = any($1::text[])`,
}
async function wishesOf(tx: Tx, values: readonly Taken[]): Promise<Known['wishes']> {
  const named = values.flatMap(({ cause }) => cause.dispute ?? [])
  if (named.length === 0) return new Map()
  const rows = await tx.query<Wish & { became: string }>(wishesNamed, [named])
  return new Map(rows.map(row => [row.dispute, row]))
}

type Build = NonNullable<Origin['build']>
/** One row for each release that ever ran here, kept for each database: they never change. */
const builds: Query = { name: 'origin-builds', text: 'select build, hash, at as since from build' }
const buildsKept = new WeakMap<Tx, ReadonlyMap<number, Build>>()
async function buildsOf(tx: Tx, values: readonly Taken[]): Promise<Known['builds']> {
  const kept = buildsKept.get(tx)
  if (kept && values.every(({ cause }) => cause.build === undefined || kept.has(cause.build))) return kept
  const all = new Map((await tx.query<Build>(builds)).map(row => [row.build, row]))
  buildsKept.set(tx, all)
  return all
}

/** The origin of a value as its version tells it; `older` is the value before it. */
export function originOf(plan: Plan, known: Known, path: FieldPath, taken: Taken, older: Taken | undefined): Origin {
  const { cause } = taken
  const system = plan.systems.get(cause.system ?? '')
  const build = known.builds.get(cause.build ?? 0) ?? null
  const always = { version: taken.version, takenAt: taken.at, build, from: null, wish: null }
  if (cause.dispute !== undefined) return { ...always, ...ofWish(known, cause) }
  const owner = path.list === null ? cause.leftEmpty?.[path.name] : undefined
  if (owner !== undefined) return { ...always, ...ofOwner(plan, known, path, owner, cause) }
  if (!system) return { ...always, ...ofJourney(cause) }
  const mapping = system.byContract.get(known.contract.contract)
  const rule = mapping?.rules[carrierOf(path)]
  const said = broughtBy(known.sayings(path, system.name), taken, older)
  const place = said?.told ?? placeIn(known, path, system.name, mapping?.object)
  const inner = nativeNames(plan, known, path, system.name)
  const kind = rule === undefined ? undefined : path.list === null ? ruleKind(rule) : 'plain'
  const words =
    kind &&
    ruleWords(
      kind,
      inner.map(name => `${place?.object ?? mapping?.object}.${name}`),
    )
  const by = said ? said.told.by : (cause.by ?? null)
  const isOwn = isOurs(plan, { system: system.name, by })
  const changedAt = said?.told.changedAt ?? (cause.at === undefined ? null : Date.parse(cause.at))
  return {
    ...always,
    how: isOwn ? 'answered' : !said ? 'read' : said.told.live || said.told.mask !== 'all' ? 'told' : 'loaded',
    system: system.name,
    object: place?.object ?? null,
    nativeId: place?.nativeId ?? null,
    native: said?.native ?? {},
    nativeFields: inner,
    rule: kind && words ? { kind, words } : null,
    change: said ? { id: said.told.id, heardAt: said.told.at } : null,
    changedAt: changedAt === null ? null : new Date(changedAt),
    by: isOwn ? null : by,
    isSure: said !== undefined && said.told.mask !== 'all',
    journey: null,
  }
}

/** What no system told of: it was decided here. */
const ofNoSystem = {
  system: null,
  object: null,
  nativeId: null,
  native: {},
  nativeFields: [],
  rule: null,
  change: null,
  journey: null,
} as const

type Way = Omit<Origin, 'version' | 'takenAt' | 'build' | 'from' | 'wish'>

function ofWish({ wishes }: Known, { dispute, by, at }: Cause): Way & { readonly wish: Wish | null } {
  const wish = wishes.get(dispute ?? '')
  const { became, ...rest } = wish ?? { became: null }
  return {
    ...ofNoSystem,
    how: became === 'refused there' && by === undefined ? 'taken back' : 'granted',
    changedAt: at === undefined ? null : new Date(at),
    by: by ?? null,
    isSure: true,
    wish: 'dispute' in rest ? rest : null,
  }
}

/** Who entered something elsewhere is told with what became of it, as a dispute. */
function ofOwner(plan: Plan, known: Known, path: FieldPath, system: string, { at }: Cause): Way {
  const object = plan.systems.get(system)?.byContract.get(known.contract.contract)?.object
  const place = placeIn(known, path, system, object)
  return {
    ...ofNoSystem,
    how: 'left empty',
    system,
    object: place?.object ?? null,
    nativeId: place?.nativeId ?? null,
    changedAt: at === undefined ? null : new Date(at),
    by: null,
    isSure: true,
  }
}

function ofJourney({ system, by, step, at }: Cause): Way {
  const journey = /^journey (\S+)$/.exec(by ?? '')?.[1]
  return {
    ...ofNoSystem,
    how: 'set',
    changedAt: at === undefined ? null : new Date(at),
    by: journey === undefined && by !== answered ? (by ?? null) : null,
    isSure: true,
    journey: journey === undefined ? null : { journey, workflow: system ?? '', step: step ?? '' },
  }
}

function placeIn(
  { places, record }: Known,
  path: FieldPath,
  system: string,
  object: string | undefined,
): { readonly object: string; readonly nativeId: string } | undefined {
  const ofLine = path.line === null ? undefined : lineRef(record.ref, path.line)
  const place =
    places.find(one => one.system === system && one.ref === ofLine) ??
    places.find(one => one.system === system && one.object === object && one.ref === record.ref)
  return place && { object: place.object, nativeId: place.native_id }
}

/** Of a line the entry's own field, not the list. */
function nativeNames(plan: Plan, { contract }: Known, path: FieldPath, name: string): string[] {
  const system = plan.systems.get(name)
  const rule = system?.byContract.get(contract.contract)?.rules[carrierOf(path)]
  if (!system || rule === undefined) return []
  if (path.list === null) return [...namesIn(rule)]
  return [...nativesOf(system, contract, path)].filter(native => !namesIn(rule).includes(native))
}

/** So far a value is followed from record to record: an invoice's, its order's, the quote's. */
const MOST_STEPS = 3
const MOST_LOOKED_THROUGH = 20

/** The same, with the record that it was taken over from, and where that had it from. */
export async function originFollowed(
  tx: Tx,
  plan: Plan,
  known: Known,
  path: FieldPath,
  taken: Taken,
  older: Taken | undefined,
  steps = MOST_STEPS,
): Promise<Origin> {
  const origin = originOf(plan, known, path, taken, older)
  if (!origin.journey || steps === 0) return origin
  const from = await fromOf(tx, plan, known, path, taken, steps - 1)
  return from ? { ...origin, how: 'born', from } : origin
}

async function fromOf(
  tx: Tx,
  plan: Plan,
  { contract, record }: Known,
  path: FieldPath,
  taken: Taken,
  steps: number,
): Promise<From | null> {
  const derivation = contract.options.from
  const theirs = derivation?.fields[carrierOf(path)]
  const source = plan.contracts.get(derivation?.of ?? '')
  const ref = taken.cause.from ?? refDerived(contract, record.fields)
  if (!source || typeof theirs !== 'string' || ref === undefined) return null
  const other = (await readSurvivors(tx, [ref])).get(ref)
  if (!other) return null
  const named = {
    contract: source.contract,
    ref: other.ref,
    title: titleOf(plan, source.contract, other.ref, other.fields),
  }
  if (theirs === 'ref') return { ...named, field: null, label: null, origin: null }
  const there = pathThere(source, theirs, path)
  if (!there) return null
  const { taken: history } = await historyOf(tx, other.ref, there, MOST_LOOKED_THROUGH)
  const at = history.findIndex(one => one.at <= taken.at && equal(one.value, taken.value))
  const then = history[at]
  // The step itself gave another value than the record had: it is the step's.
  if (!then) return null
  const known = await knownOf(tx, plan, source, other, [there], history.slice(at, at + 2))
  const origin = await originFollowed(tx, plan, known, there, then, history[at + 1], steps)
  return { ...named, field: there.path, label: there.label, origin }
}

/** The field in which a record says what it was born of. */
function refDerived({ options }: AnyContract, fields: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.entries(options.from?.fields ?? {}).find(([, theirs]) => theirs === 'ref')?.[0]
  const value = name === undefined ? undefined : fields[name]
  return typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : undefined
}

/** Lines keep their keys from one record to the next. */
function pathThere(source: AnyContract, theirs: string, path: FieldPath): FieldPath | undefined {
  const field: Field<unknown> | undefined = source.fields[theirs]
  if (!field) return undefined
  if (path.list === null) return { path: theirs, name: theirs, list: null, line: null, label: field.label, field }
  const of: Field<unknown> | undefined = field.of?.[path.name]
  if (!of || path.line === null) return undefined
  return {
    path: `${theirs}.${path.line}.${path.name}`,
    name: path.name,
    list: theirs,
    line: path.line,
    label: path.label.replace(/^.*? of line/, `${of.label} of line`),
    field: of,
  }
}
