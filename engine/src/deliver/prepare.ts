// What each claimed delivery needs: nothing, a parent first, a look-up of an attempt in doubt, or a write.
import type { AnyContract, Field, Mapping, Native, Write } from '@plumbline/sdk'
import { valueWords } from '../kernel/dispute-words.ts'
import { equal } from '../kernel/equal.ts'
import { nativeNameOf } from '../kernel/field-at.ts'
import { createKey } from '../kernel/ids.ts'
import { contractNamed, ownerOf, type Plan, type SystemPlan } from '../kernel/plan.ts'
import { homesOf } from '../kernel/routes.ts'
import {
  type DeliveryRow,
  type Desired,
  type IdOf,
  type IsHeld,
  linesAway,
  mostTimes,
  type StoredHolding,
  type StoredRecord,
} from '../kernel/rows.ts'
import { countedIn, type Vocabulary } from '../kernel/vocabulary.ts'
import type { Tx } from '../store/db.ts'
import type { Wish } from '../store/disputes.ts'
import { idsIn } from '../store/links.ts'
import { holdingKey, type Places, placesOf, readRecords } from '../store/records.ts'
import { refsOfLines, thingsOf } from '../store/things.ts'
import { leftAfterGone, rolesThatLost } from './gone.ts'
import { fieldsGranted, wishesOf } from './granted.ts'
import { type Unknown, withoutLineSynonyms, withoutSynonyms } from './hold.ts'
import { isEmpty, linesHeld, patchOf } from './patch.ts'

export type ToNative = (
  mapping: Mapping,
  contract: AnyContract,
  record: Readonly<Record<string, unknown>>,
  idOf: IdOf,
  mayWrite: (field: Field<unknown>) => boolean,
  system: string,
  vocabulary: Vocabulary,
  isHeld?: IsHeld,
) => Desired

export type Need = {
  readonly row: DeliveryRow
  readonly record: StoredRecord
  readonly mapping: Mapping
  readonly contract: AnyContract
  readonly holding: StoredHolding | undefined
  readonly write: Write
  readonly kind: 'create' | 'update' | 'close'
  /** A create that was found, and had been sent before the record changed. */
  readonly isOlder?: true
}
export type Prepared =
  | { readonly is: 'done'; readonly row: DeliveryRow; readonly version: number; readonly closed?: boolean }
  | {
      readonly is: 'waiting'
      readonly row: DeliveryRow
      readonly for: string
      readonly reason: string
      readonly todo: string
    }
  | Unknown
  /** It changes a line that the system was just sent and has not told of yet. */
  | { readonly is: 'early'; readonly row: DeliveryRow }
  /** The project has no place for it there, or does not know it: not any more, or not yet. */
  | { readonly is: 'unmapped'; readonly row: DeliveryRow; readonly version: number }
  | { readonly is: 'in vain'; readonly row: DeliveryRow; readonly reason: string; readonly todo: string }
  | ({ readonly is: 'needed' } & Need)

/** Reads what is desired and what is held, and compares. */
export async function prepare(
  tx: Tx,
  plan: Plan,
  system: SystemPlan,
  rows: readonly DeliveryRow[],
  toNative: ToNative,
  words: Vocabulary,
): Promise<Prepared[]> {
  const records = new Map(
    (
      await readRecords(
        tx,
        rows.map(row => row.ref),
      )
    ).map(record => [record.ref, record]),
  )
  const places = await placesOf(tx, rows)
  const refs = [...records.values()].flatMap(record => refsIn(record.fields))
  const ids = await idsIn(tx, system.name, [...new Set([...refs, ...rows.map(row => row.ref)])])
  const wishes = await wishesOf(tx, rows)
  const things = await thingsOf(
    tx,
    plan,
    [...records.values()].flatMap(({ contract, fields }) => {
      const mapping = system.byContract.get(contract)
      return mapping ? refsOfLines(countedIn(mapping), fields) : []
    }),
  )
  const vocabulary: Vocabulary = { ...words, about: ref => things.get(ref) }
  const names = new Map<string, string>()
  const prepared: Prepared[] = []
  for (const row of rows) {
    const record = records.get(row.ref)
    if (!record || record.alias_of !== null) {
      prepared.push({ is: 'done', row, version: row.wanted, closed: true })
      continue
    }
    const mapping = system.byContract.get(record.contract)
    if (!mapping) {
      prepared.push({ is: 'unmapped', row, version: record.version })
      continue
    }
    const left = leftAfterGone(plan, system, record, places.goneFrom(row.ref), row)
    if (left === 'nothing') prepared.push({ is: 'done', row, version: record.version, closed: true })
    else
      prepared.push(
        closingAs(
          left,
          await prepareOne(
            tx,
            plan,
            system,
            mapping,
            row,
            record,
            places.holdings.get(holdingKey(row)),
            ids,
            toNative,
            names,
            vocabulary,
            wishes.get(row.ref) ?? [],
            places,
          ),
        ),
      )
  }
  return prepared
}

const closingAs = (how: Partial<Write>, one: Prepared): Prepared =>
  one.is === 'needed' && one.kind === 'close' ? { ...one, write: { ...one.write, ...how } } : one

type Ids = ReadonlyMap<string, readonly { object: string; native_id: string }[]>

async function prepareOne(
  tx: Tx,
  plan: Plan,
  system: SystemPlan,
  mapping: Mapping,
  row: DeliveryRow,
  record: StoredRecord,
  holding: StoredHolding | undefined,
  ids: Ids,
  toNative: ToNative,
  names: Map<string, string>,
  vocabulary: Vocabulary,
  wishes: readonly Wish[],
  places: Places,
): Promise<Prepared> {
  const contract = contractNamed(plan, record.contract)
  const id = ids.get(row.ref)?.find(link => link.object === mapping.object)?.native_id
  // Never there, and no attempt that may still bring it there: nothing is to be closed.
  if (id === undefined && row.close && row.attempt === null)
    return { is: 'done', row, version: record.version, closed: true }
  if (id === undefined && row.attempt === null && !livesIn(plan, contract, record, system))
    return { is: 'done', row, version: record.version }
  const idOf: IdOf = ref =>
    ids.get(ref)?.find(link => link.object === system.byContract.get(contractOfRef(plan, ref))?.object)?.native_id
  const isCreate = id === undefined
  // A create carries all there is; afterwards each system is written only what it does not own, and what was granted.
  const granted = fieldsGranted(contract, row, wishes)
  const goneFrom = places.goneFrom(row.ref)
  const lost = rolesThatLost(plan, contract, goneFrom, places.heldIn(row.ref))
  const mayWrite = (field: Field<unknown>): boolean => {
    const owner = ownerOf(contract, field, record.fields)
    return isCreate || (owner !== system.role && !(owner !== undefined && lost.has(owner))) || granted.has(field)
  }
  const desired = toNative(
    mapping,
    contract,
    record.fields,
    idOf,
    mayWrite,
    system.name,
    vocabulary,
    linesHeld(mapping, system.name, holding),
  )
  const [missing] = desired.missing
  if (missing !== undefined && (isCreate || row.attempt === null))
    return waiting(tx, plan, system, row, record, missing, names)
  const closing = row.close && id !== undefined && closeOf(row, record, mapping, contract, holding, id)
  // What a person can still look up there is brought up to date before it is closed.
  if (closing && (goneFrom.length > 0 || desired.unknown.length > 0)) return closing
  if (desired.unknown.length > 0) return { is: 'unknown', row, record, contract, values: desired.unknown }
  if (isCreate) return needed(row, record, mapping, contract, holding, 'create', createOf(row, mapping, desired))
  // What came of a write that nobody answered may look like what the system makes of the value: what differs is looked at.
  const known = row.attempt === null ? holding : holding && { ...holding, accepted: {} }
  const { isEarly, ...patch } = patchOf(
    mapping,
    {
      fields: withoutSynonyms(
        mapping,
        system.name,
        record,
        holding,
        withoutAccepted(mapping, record, known, withSaying(mapping, row, desired.fields)),
        vocabulary,
      ),
      lists: withoutAccepted(
        mapping,
        record,
        known,
        withoutLineSynonyms(mapping, system.name, record, holding, desired.lists, vocabulary),
      ),
    },
    holding?.native ?? {},
    { system: system.name, contract, away: linesAway(row) },
  )
  if (isEmpty(patch)) return closing || { is: 'done', row, version: record.version }
  if (isEarly && row.attempt === null) return { is: 'early', row }
  const vain = sentInVain(mapping, record, known, patch)
  if (vain !== undefined) return closing || inVain(system, row, record, contract, vain, holding)
  return needed(row, record, mapping, contract, holding, 'update', {
    key: `${createKey(row.ref, row.system)}#${record.version}`,
    id: id as never,
    ...(holding?.token && { token: holding.token }),
    ...patch,
  })
}

const needed = (
  row: DeliveryRow,
  record: StoredRecord,
  mapping: Mapping,
  contract: AnyContract,
  holding: StoredHolding | undefined,
  kind: Need['kind'],
  write: Write,
): Prepared => ({ is: 'needed', row, record, mapping, contract, holding, kind, write })

const closeOf = (
  row: DeliveryRow,
  record: StoredRecord,
  mapping: Mapping,
  contract: AnyContract,
  holding: StoredHolding | undefined,
  id: string,
): Prepared =>
  needed(row, record, mapping, contract, holding, 'close', {
    key: closeKey(row),
    id: id as never,
    fields: {},
    lists: {},
    close: true,
  })

/** A field of the patch that the system was sent often enough without ever showing it. */
const sentInVain = (
  mapping: Mapping,
  record: StoredRecord,
  holding: StoredHolding | undefined,
  patch: { readonly fields: object; readonly lists: object },
): string | undefined =>
  Object.keys(mapping.rules).find(name => {
    const known = holding?.accepted[name]
    const native = nativeNameOf(mapping, name)
    return (
      known !== undefined &&
      (known.times ?? 0) >= mostTimes &&
      equal(known.sent, record.fields[name]) &&
      native !== undefined &&
      (native in patch.fields || native in patch.lists)
    )
  })

function inVain(
  system: SystemPlan,
  row: DeliveryRow,
  record: StoredRecord,
  contract: AnyContract,
  name: string,
  holding: StoredHolding | undefined,
): Prepared {
  const label = contract.fields[name]?.label ?? name
  const mapping = system.byContract.get(record.contract)
  const shows = holding?.native[(mapping && nativeNameOf(mapping, name)) ?? '']
  return {
    is: 'in vain',
    row,
    reason: `${system.name} was sent ${label} ${valueWords(record.fields[name])} ${mostTimes} times and shows ${valueWords(shows)} each time; it is not sent again`,
    todo: `See what changes it in ${system.name}: let that system own the field, or map it so that both write it alike; then: plumb retry ${row.ref}`,
  }
}

/** What the record says of somebody's edit there, where the mapping names a field for it. */
const withSaying = (mapping: Mapping, row: DeliveryRow, fields: Native): Native =>
  mapping.options.says === undefined ? fields : { ...fields, [mapping.options.says]: row.says || null }

const closeKey = (row: DeliveryRow): string => `${createKey(row.ref, row.system)}#close`

function createOf(row: DeliveryRow, mapping: Mapping, desired: Desired): Write {
  const key = createKey(row.ref, row.system)
  const ours = mapping.options.key === undefined ? {} : { [mapping.options.key]: row.ref }
  return {
    key,
    fields: { ...mapping.options.onCreate, ...desired.createOnly, ...desired.fields, ...ours },
    lists: Object.fromEntries(
      Object.entries(desired.lists).map(([list, add]) => [list, { add, change: [], remove: [] }]),
    ),
  }
}

/** Fields of which the system keeps its own form of exactly what we want are not written again. */
function withoutAccepted<T extends object>(
  mapping: Mapping,
  record: StoredRecord,
  holding: StoredHolding | undefined,
  desired: T,
): T {
  const settled = new Set(
    Object.entries(mapping.rules).flatMap(([name, rule]) => {
      const accepted = holding?.accepted[name]
      if (accepted?.became === undefined || JSON.stringify(accepted.sent) !== JSON.stringify(record.fields[name]))
        return []
      return typeof rule === 'string' ? [rule] : 'each' in rule ? [rule.each] : 'field' in rule ? [rule.field] : []
    }),
  )
  return Object.fromEntries(Object.entries(desired).filter(([name]) => !settled.has(name))) as T
}

const livesIn = (plan: Plan, contract: AnyContract, record: StoredRecord, system: SystemPlan): boolean =>
  (contract.options.bornBy === undefined || record.born) && homesOf(plan, contract, record).includes(system)

/** "Customer Acme is not known in s4": what a person can do something about. */
async function waiting(
  tx: Tx,
  plan: Plan,
  system: SystemPlan,
  row: DeliveryRow,
  record: StoredRecord,
  missing: string,
  names: Map<string, string>,
): Promise<Prepared> {
  const kind = contractOfRef(plan, missing)
  // A person is not named in what is said of another record.
  const isPerson = tx.sealing.personal.fieldsOf(kind) !== undefined
  const name = names.get(missing) ?? (isPerson ? missing : await nameOf(tx, missing))
  names.set(missing, name)
  const contract = plan.contracts.get(kind)
  const match = contract?.fields[contract.options.match ?? '']?.label
  const willCome =
    contract !== undefined && (contract.options.livesIn?.[system.role]?.lives ?? 'where found') !== 'where found'
  const article = kind.charAt(0).toUpperCase() + kind.slice(1)
  return {
    is: 'waiting',
    row,
    for: missing,
    reason: willCome
      ? `${article} ${name} is not in ${system.name} yet`
      : `${article} ${name} is not known in ${system.name}`,
    todo: willCome
      ? 'It follows by itself as soon as that record is there'
      : `Enter its ${match ?? 'number'} in the system that knows it under another, or create it in ${system.name}; the ${record.contract} then goes on by itself`,
  }
}

async function nameOf(tx: Tx, ref: string): Promise<string> {
  const [record] = await tx.query<{ fields: Record<string, unknown> }>('select fields from record where ref = $1', [
    ref,
  ])
  return String(record?.fields.name ?? record?.fields.number ?? record?.fields.sku ?? ref)
}

const contractOfRef = (plan: Plan, ref: string): string => {
  const name = ref.slice(0, ref.lastIndexOf('-'))
  return plan.contracts.has(name) ? name : ref
}

/** Every ref in a record's fields, lines included. */
function refsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn)
  if (value === null || typeof value !== 'object') return []
  if ('contract' in value && 'id' in value && typeof value.id === 'string') return [value.id]
  return Object.values(value as Native).flatMap(refsIn)
}
