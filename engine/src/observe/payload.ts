// What came from a system or went to one, before and after mapping, side by side. Personal fields are left out; what is too
// large is cut, and says so.
import type { AnyContract, Mapping, Native } from '@plumbline/sdk'
import { nativeNamesOf } from '../kernel/personal.ts'
import type { Plan, SystemPlan } from '../kernel/plan.ts'
import type { Vocabulary } from '../kernel/vocabulary.ts'
import type { Tx } from '../store/db.ts'
import { linksOf, type NativeKey, nativeKey } from '../store/links.ts'
import { nativeRefsIn, toContract } from '../translate/native.ts'
import { vocabularyNow } from './vocabulary.ts'

type Fields = Readonly<Record<string, unknown>>

export type Payload = {
  /** In the system's words. */
  readonly native: Fields
  /** In the contract's words. */
  readonly canonical: Fields
  /** What was left out, and why; null when nothing was. */
  readonly cut: string | null
}

/** A change as it was stored, or a write as it was sent. */
export type Told = { readonly ref: string; readonly system: string; readonly object: string; readonly body: Fields }
type Sent = {
  readonly ref: string
  readonly system: string
  readonly version: number
  readonly kind: 'create' | 'update' | 'close'
  readonly request: Fields
}
export type Version = { readonly ref: string; readonly version: number; readonly fields: Fields }

export type Payloads = { ofTold(told: Told): Payload | undefined; ofSent(sent: Sent): Payload | undefined }

const MOST_BYTES_EACH = 64 * 1024
const MOST_BYTES_OF_ALL = 4 * 1024 * 1024

/** `contractOf` names the contract of each record of the story. */
export async function payloadsOf(
  tx: Tx,
  plan: Plan,
  contractOf: (ref: string) => string | undefined,
  told: readonly Told[],
  versions: readonly Version[],
): Promise<Payloads> {
  const place = (of: { ref: string; system: string }): Place | undefined => {
    const system = plan.systems.get(of.system)
    const contract = plan.contracts.get(contractOf(of.ref) ?? '')
    const mapping = contract && system?.byContract.get(contract.contract)
    return system && contract && mapping ? { system, contract, mapping } : undefined
  }
  const refs = await refsIn(
    tx,
    told.flatMap(one => {
      const at = place(one)
      return at ? pointersOf(at, nativeOf(one)) : []
    }),
  )
  const vocabulary = await vocabularyNow(tx, plan)
  const at = valuesByVersion(versions)
  const bound = boundedInAll(MOST_BYTES_OF_ALL)
  return {
    ofTold: one => {
      const where = place(one)
      const native = nativeOf(one)
      if (Object.keys(native).length === 0) return undefined
      if (!where) return bound({ native, canonical: {}, cut: null })
      return bound(withoutPersonal(where, read(where, one, native, refs, vocabulary)))
    },
    ofSent: one => {
      if (one.kind === 'close') return { native: { close: true }, canonical: { close: true }, cut: null }
      const where = place(one)
      const native = { ...fieldsIn(one.request.fields), ...fieldsIn(one.request.lists) }
      const canonical = where ? written(where.mapping, native, at.get(one.ref)?.(one.version) ?? {}) : {}
      const payload = { native, canonical, cut: null }
      return bound(where ? withoutPersonal(where, payload) : payload)
    },
  }
}

type Place = { readonly system: SystemPlan; readonly contract: AnyContract; readonly mapping: Mapping }

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const fieldsIn = (value: unknown): Fields => (isFields(value) ? value : {})

/** The fields that a change speaks of. What could not be read at all is shown as it came. */
function nativeOf({ body }: Told): Native {
  if ('unreadable' in body) return isFields(body.raw) ? body.raw : { raw: body.raw }
  const fields = fieldsIn(body.fields)
  if (!Array.isArray(body.mask)) return fields
  return Object.fromEntries(body.mask.map(String).flatMap(name => (name in fields ? [[name, fields[name]]] : [])))
}

/** An entry of a list is read as the list with this entry alone. */
function inRecord({ mapping }: Place, { body }: Told, native: Native): Native {
  const { list, object } = fieldsIn(body.entryOf)
  return typeof list === 'string' && object === mapping.object ? { [list]: [native] } : native
}

function read(
  where: Place,
  told: Told,
  native: Native,
  refs: ReadonlyMap<string, string>,
  vocabulary: Vocabulary,
): Payload {
  if ('unreadable' in told.body) return { native, canonical: {}, cut: `It could not be read: ${told.body.unreadable}.` }
  const { mapping, contract, system } = where
  const refOf = (of: string, id: string): string | undefined => refs.get(pointerKey(system, of, id))
  try {
    const canonical = toContract(mapping, contract, system, inRecord(where, told, native), refOf, vocabulary)
    return { native, canonical, cut: null }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { native, canonical: {}, cut: `The mapping cannot read it: ${why}.` }
  }
}

/** The contract's fields that a write brings, as they were in the version that was written. */
function written(mapping: Mapping, native: Native, record: Fields): Fields {
  return Object.fromEntries(
    Object.entries(mapping.rules).flatMap(([name, rule]) =>
      name in record && nativeNamesOf(rule).some(one => one in native) ? [[name, record[name]]] : [],
    ),
  )
}

/** Each record's values at a version: what was told of it until then. */
function valuesByVersion(versions: readonly Version[]): Map<string, (version: number) => Fields> {
  const ofRefs = Map.groupBy(versions, one => one.ref)
  return new Map(
    [...ofRefs].map(([ref, all]) => [
      ref,
      version => Object.assign({}, ...all.filter(one => one.version <= version).map(one => one.fields)) as Fields,
    ]),
  )
}

type Pointer = NativeKey & { readonly contract: string }
const pointerKey = (system: SystemPlan, contract: string, id: string): string =>
  nativeKey({ system: system.name, object: system.byContract.get(contract)?.object ?? '', native_id: id })

function pointersOf({ system, mapping, contract }: Place, native: Native): Pointer[] {
  return nativeRefsIn(mapping, contract, native).map(({ contract, id }) => ({
    system: system.name,
    object: system.byContract.get(contract)?.object ?? '',
    native_id: id,
    contract,
  }))
}

async function refsIn(tx: Tx, pointers: readonly Pointer[]): Promise<Map<string, string>> {
  return linksOf(tx, [...new Map(pointers.map(one => [nativeKey(one), one])).values()])
}

function withoutPersonal({ contract, mapping }: Place, { native, canonical, cut }: Payload): Payload {
  const personal = Object.keys(contract.fields).filter(
    name => contract.fields[name]?.isPersonal && contract.fields[name].kind !== 'ref',
  )
  if (personal.length === 0) return { native, canonical, cut }
  const hidden = new Set(personal.flatMap(name => nativeNamesOf(mapping.rules[name] ?? { skip: '' })))
  const shown = (fields: Fields, not: ReadonlySet<string>): Fields =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => !not.has(name)))
  const left = personal.filter(
    name => name in canonical || nativeNamesOf(mapping.rules[name] ?? { skip: '' }).some(one => one in native),
  )
  return {
    native: shown(native, hidden),
    canonical: shown(canonical, new Set(personal)),
    cut: joined(
      cut,
      left.length > 0
        ? `Personal, and not shown: ${left.map(name => contract.fields[name]?.label ?? name).join(', ')}.`
        : null,
    ),
  }
}

const joined = (...sentences: readonly (string | null)[]): string | null =>
  sentences.filter(one => one !== null).join(' ') || null

/** Each side at most so large, and all of a story's together. */
function boundedInAll(most: number): (payload: Payload) => Payload {
  let left = most
  return payload => {
    if (left <= 0)
      return { native: {}, canonical: {}, cut: 'Not shown: the story has more payloads than a page holds.' }
    const native = bounded(payload.native)
    const canonical = bounded(payload.canonical)
    left -= native.size + canonical.size
    const large = [...new Set([...native.large, ...canonical.large])]
    return {
      native: native.fields,
      canonical: canonical.fields,
      cut: joined(payload.cut, large.length > 0 ? `Too large to be shown: ${large.join(', ')}.` : null),
    }
  }
}

function bounded(fields: Fields): { fields: Fields; size: number; large: string[] } {
  const sizes = Object.entries(fields).map(
    ([name, value]) => [name, value, Buffer.byteLength(JSON.stringify(value) ?? '') + name.length] as const,
  )
  const kept: [string, unknown][] = []
  const large: string[] = []
  let size = 0
  // The small ones first: one field that is too large hides nothing else.
  for (const [name, value, bytes] of [...sizes].sort((a, b) => a[2] - b[2])) {
    if (size + bytes > MOST_BYTES_EACH) large.push(`${name} (${Math.ceil(bytes / 1024)} KB)`)
    else {
      size += bytes
      kept.push([name, value])
    }
  }
  if (large.length === 0) return { fields, size, large }
  return { fields: Object.fromEntries(kept), size, large }
}
