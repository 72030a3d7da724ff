// What each system holds of a field now, and what that says: it agrees, keeps a form of its own, is still to be told, or differs.
import type { AnyContract } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'
import type { Plan, SystemPlan } from '../kernel/plan.ts'
import type { Accepted } from '../kernel/rows.ts'
import type { Vocabulary } from '../kernel/vocabulary.ts'
import type { Query, Tx } from '../store/db.ts'
import { linksOf, type NativeKey, nativeKey } from '../store/links.ts'
import { nativeRefsIn, toContract } from '../translate/native.ts'
import type { Taken } from './field-history.ts'
import { carrierOf, type FieldPath, valueAt } from './field-path.ts'
import { nativesOf, nativeValues, readSafely } from './field-told.ts'
import { vocabularyNow, withUnits } from './vocabulary.ts'

type HeldState =
  | 'agrees'
  /** It keeps what we sent in a form of its own, which is accepted. */
  | 'own form'
  /** It is to be told, and is about to be. */
  | 'on its way'
  /** What it refers to is not there yet. */
  | 'waiting'
  /** It refused; a person decides. */
  | 'parked'
  | 'differs'
  /** The mapping does not keep it there. */
  | 'not kept'
  /** The record is not in this system. */
  | 'not there'
  | 'gone'

export type Held = {
  readonly system: string
  readonly role: string
  readonly object: string
  readonly nativeId: string | null
  readonly state: HeldState
  /** In the contract's words. */
  readonly value: unknown
  /** In the system's: field → value. */
  readonly native: Readonly<Record<string, unknown>>
  readonly reason: string | null
  readonly todo: string | null
  /** When this value was written there, and when the system confirmed it. */
  readonly toldAt: Date | null
  readonly confirmedAt: Date | null
}

/** Uses the primary keys of holding and delivery. */
const holdings: Query = {
  name: 'held-holdings',
  text: `
    select coalesce(h.system, d.system) as system, h.native_id as "nativeId", h.native, h.accepted, coalesce(h.gone, false) as gone,
           d.state, d.reason, d.todo, d.wanted, d.done
    from (select * from holding where ref = $1) h
    full join (select * from delivery where ref = $1) d on d.system = h.system`,
}
type HoldingRow = {
  readonly system: string
  readonly nativeId: string | null
  readonly native: Readonly<Record<string, unknown>> | null
  readonly accepted: Accepted | null
  readonly gone: boolean
  readonly state: 'due' | 'waiting' | 'parked' | 'idle' | null
  readonly reason: string | null
  readonly todo: string | null
  readonly wanted: number | null
  readonly done: number | null
}

/** Uses attempt_of. What carried a value was sent after that was taken; the first write that carried the value is the one that counts. */
const writes: Query = {
  name: 'held-writes',
  text: `
    select system, at, ended_at as "endedAt",
           array(select jsonb_object_keys(request -> 'fields') union all select jsonb_object_keys(request -> 'lists')) as names
    from attempt
    where ref = $1 and at >= $3 and version >= $2 and ended = 'written' and kind <> 'close'
    order by at
    limit 100`,
}
type WriteRow = {
  readonly system: string
  readonly at: Date
  readonly endedAt: Date | null
  readonly names: readonly string[]
}

/** `taken` is what brought the value. */
export async function heldOf(
  tx: Tx,
  plan: Plan,
  contract: AnyContract,
  record: { readonly ref: string; readonly fields: Readonly<Record<string, unknown>> },
  path: FieldPath,
  taken: Taken | undefined,
): Promise<Held[]> {
  const [held, written, words] = await Promise.all([
    tx.query<HoldingRow>(holdings, [record.ref]),
    taken ? tx.query<WriteRow>(writes, [record.ref, taken.version, taken.at]) : [],
    vocabularyNow(tx, plan),
  ])
  const rows = new Map(held.map(row => [row.system, row]))
  const systems = [...plan.systems.values()].filter(system => system.byContract.has(contract.contract))
  const refs = await refsIn(tx, systems, contract, rows)
  const vocabulary = await withUnits(tx, plan, contract, words, refs)
  return systems.map(system =>
    heldIn(system, contract, record.fields, path, rows.get(system.name), written, refs, vocabulary),
  )
}

function heldIn(
  system: SystemPlan,
  contract: AnyContract,
  record: Readonly<Record<string, unknown>>,
  path: FieldPath,
  row: HoldingRow | undefined,
  written: readonly WriteRow[],
  refs: ReadonlyMap<string, string>,
  vocabulary: Vocabulary,
): Held {
  const mapping = system.byContract.get(contract.contract)
  const rule = mapping?.rules[carrierOf(path)]
  const place = {
    system: system.name,
    role: system.role,
    object: mapping?.object ?? '',
    nativeId: row?.nativeId ?? null,
  }
  const nothing = { value: null, native: {}, reason: null, todo: null, toldAt: null, confirmedAt: null }
  const reason = reasonNotKept(rule, path)
  if (!mapping || reason !== null) return { ...place, ...nothing, state: 'not kept', reason }
  if (!row?.native) {
    const state = row?.state && row.state !== 'idle' ? underWay(row.state) : 'not there'
    return { ...place, ...nothing, state, reason: row?.reason ?? null, todo: row?.todo ?? null }
  }
  const refOf = (to: string, id: string): string | undefined => refs.get(nativeKey(keyOf(system, to, id)))
  const value = valueAt(
    readSafely(() => toContract(mapping, contract, system, row.native ?? {}, refOf, vocabulary)) ?? {},
    path,
  )
  const native = nativeValues(system, mapping, path, row.native)
  const names = nativesOf(system, contract, path)
  const write = written.find(one => one.system === system.name && one.names.some(name => names.has(name)))
  const told = { toldAt: write?.at ?? null, confirmedAt: write?.endedAt ?? null }
  const held = { ...place, value: value ?? null, native, ...told, reason: null, todo: null }
  if (row.gone) return { ...held, state: 'gone' }
  const mine = valueAt(record, path)
  if (equal(value, mine)) return { ...held, state: 'agrees' }
  if (isOwnForm(row.accepted ?? {}, path, value, mine)) return { ...held, state: 'own form' }
  if (row.state !== null && row.state !== 'idle')
    return { ...held, state: underWay(row.state), reason: row.reason, todo: row.todo }
  return { ...held, state: 'differs' }
}

const underWay = (state: 'due' | 'waiting' | 'parked'): HeldState => (state === 'due' ? 'on its way' : state)

/** What we sent is what we want, and what it holds is what it made of that. */
function isOwnForm(accepted: Accepted, path: FieldPath, value: unknown, mine: unknown): boolean {
  const known = accepted[carrierOf(path)]
  if (known?.became === undefined) return false
  const part = (whole: unknown): unknown => valueAt({ [carrierOf(path)]: whole }, path)
  return equal(part(known.sent), mine) && equal(part(known.became), value)
}

function reasonNotKept(rule: unknown, path: FieldPath): string | null {
  const of = path.list !== null && isRow(rule) && isRow(rule.fields) ? rule.fields[path.name] : rule
  if (of === undefined) return 'The mapping does not speak of it'
  return isRow(of) && typeof of.skip === 'string' ? of.skip : null
}
const isRow = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const keyOf = (system: SystemPlan, contract: string, id: string): NativeKey => ({
  system: system.name,
  object: system.byContract.get(contract)?.object ?? '',
  native_id: id,
})

async function refsIn(
  tx: Tx,
  systems: readonly SystemPlan[],
  contract: AnyContract,
  rows: ReadonlyMap<string, HoldingRow>,
): Promise<Map<string, string>> {
  const keys = systems.flatMap(system => {
    const mapping = system.byContract.get(contract.contract)
    const native = rows.get(system.name)?.native
    return mapping && native ? nativeRefsIn(mapping, contract, native).map(to => keyOf(system, to.contract, to.id)) : []
  })
  return linksOf(tx, [...new Map(keys.map(key => [nativeKey(key), key])).values()])
}
