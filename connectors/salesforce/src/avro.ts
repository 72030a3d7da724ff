// Change events on the wire: Avro records, with bitmaps that tell which fields changed.
import avsc from 'avsc'

type ChangeHeader = {
  readonly entity: string
  readonly recordIds: readonly string[]
  readonly type: string
  readonly origin: string
  readonly user: string
  readonly committedAt: number
  readonly commitNumber: number
}

export type Change = {
  readonly header: ChangeHeader
  /** Values by field name; parts of compound fields under their own names (`BillingCity`). */
  readonly values: ReadonlyMap<string, unknown>
  /** Names of the fields that changed, were set to null, or are told as a difference; undefined where that cannot be read. */
  readonly changed: ReadonlySet<string> | undefined
  readonly nulled: ReadonlySet<string> | undefined
  readonly differing: ReadonlySet<string> | undefined
}

type Slot = { readonly name: string; readonly parts?: readonly string[] }

/** One version of one object's change event. */
export class EventSchema {
  readonly #type: avsc.Type
  readonly #slots: readonly Slot[]
  /** Every field that events of this schema can tell. */
  readonly fields: ReadonlySet<string>

  constructor(json: string) {
    this.#type = avsc.Type.forSchema(JSON.parse(json), { omitRecordMethods: true })
    this.#slots = slotsOf(this.#type)
    this.fields = new Set(this.#slots.flatMap(({ name, parts = [] }) => [name, ...parts]))
  }

  decode(payload: Buffer): Change {
    const record = entries(this.#type.fromBuffer(payload))
    const header = entries(record.get('ChangeEventHeader'))
    return {
      header: headerOf(header),
      values: this.#flat(record),
      changed: this.#named(header.get('changedFields')),
      nulled: this.#named(header.get('nulledFields')),
      differing: this.#named(header.get('diffFields')),
    }
  }

  #flat(record: ReadonlyMap<string, unknown>): Map<string, unknown> {
    const flat = new Map<string, unknown>()
    for (const { name, parts } of this.#slots) {
      const value = record.get(name)
      flat.set(name, value)
      if (!parts) continue
      const inner = entries(value)
      const names = [...inner.keys()]
      for (const [at, part] of parts.entries()) flat.set(part, inner.get(names[at] ?? ''))
    }
    return flat
  }

  /** `['0x400080', '4-0x10']`: bit i is the field at index i, the lowest bit being 0; `4-` speaks of the parts of field 4. */
  #named(bitmaps: unknown): ReadonlySet<string> | undefined {
    const names = new Set<string>()
    for (const bitmap of Array.isArray(bitmaps) ? bitmaps : []) {
      const found = /^(?:(\d+)-)?0x([0-9a-f]*)$/i.exec(String(bitmap))
      if (!found) return undefined
      const parent = found[1] === undefined ? undefined : this.#slots[Number(found[1])]
      for (const bit of bitsOf(found[2] ?? '')) {
        const slot = this.#slots[bit]
        const told = found[1] === undefined ? [slot?.name, ...(slot?.parts ?? [])] : [parent?.parts?.[bit]]
        for (const name of told) if (name !== undefined) names.add(name)
      }
    }
    return names
  }
}

function bitsOf(hex: string): number[] {
  const digits = [...hex].reverse().map(digit => Number.parseInt(digit, 16))
  return digits.flatMap((digit, at) => [0, 1, 2, 3].filter(bit => digit & (1 << bit)).map(bit => at * 4 + bit))
}

function slotsOf(type: avsc.Type): Slot[] {
  if (!(type instanceof avsc.types.RecordType)) throw new TypeError('A change event is an Avro record')
  return type.fields.map(({ name, type }) => {
    const compound = name === 'ChangeEventHeader' ? undefined : recordIn(type)
    return compound ? { name, parts: compound.fields.map(part => partName(name, part.name)) } : { name }
  })
}

function recordIn(type: avsc.Type): avsc.types.RecordType | undefined {
  const isUnion = type instanceof avsc.types.UnwrappedUnionType || type instanceof avsc.types.WrappedUnionType
  const types: readonly avsc.Type[] = isUnion ? type.types : [type]
  return types.find(one => one instanceof avsc.types.RecordType)
}

/** `City` of `BillingAddress` is the field BillingCity; `LastName` of `Name` is LastName. */
const partName = (compound: string, part: string) =>
  compound.endsWith('Address') ? compound.slice(0, -'Address'.length) + part : part

const entries = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])

function headerOf(header: ReadonlyMap<string, unknown>): ChangeHeader {
  const ids = header.get('recordIds')
  const entity = header.get('entityName')
  if (typeof entity !== 'string' || !Array.isArray(ids)) throw new TypeError('The event does not say what it is about')
  return {
    entity,
    recordIds: ids.map(String),
    type: String(header.get('changeType')),
    origin: String(header.get('changeOrigin') ?? ''),
    user: String(header.get('commitUser') ?? ''),
    committedAt: Number(header.get('commitTimestamp') ?? 0),
    commitNumber: Number(header.get('commitNumber') ?? 0),
  }
}
