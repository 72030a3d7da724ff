// Change events on the wire: the Avro schema of each object's events, its stable id, and the encoding of one event.
import { createHash } from 'node:crypto'
import avro from 'avsc'
import { changeEventName, type Field, type ObjectType } from '../schema.ts'
import type { FieldValue } from '../table.ts'
import type { ChangeEvent } from './stream.ts'

export type EventCodec = { readonly schemaId: string; readonly schemaJson: string; encode(event: ChangeEvent): Buffer }

const HEADER = {
  type: 'record',
  name: 'ChangeEventHeader',
  fields: [
    { name: 'entityName', type: 'string' },
    { name: 'recordIds', type: { type: 'array', items: 'string' } },
    {
      name: 'changeType',
      type: {
        type: 'enum',
        name: 'ChangeType',
        symbols: [
          'CREATE',
          'UPDATE',
          'DELETE',
          'UNDELETE',
          'GAP_CREATE',
          'GAP_UPDATE',
          'GAP_DELETE',
          'GAP_UNDELETE',
          'GAP_OVERFLOW',
          'SNAPSHOT',
        ],
      },
    },
    { name: 'changeOrigin', type: 'string' },
    { name: 'transactionKey', type: 'string' },
    { name: 'sequenceNumber', type: 'int' },
    { name: 'commitTimestamp', type: 'long' },
    { name: 'commitNumber', type: 'long' },
    { name: 'commitUser', type: 'string' },
    { name: 'nulledFields', type: { type: 'array', items: 'string' } },
    { name: 'diffFields', type: { type: 'array', items: 'string' } },
    { name: 'changedFields', type: { type: 'array', items: 'string' } },
  ],
}

const ADDRESS_PARTS = [
  'Street',
  'City',
  'State',
  'PostalCode',
  'Country',
  'StateCode',
  'CountryCode',
  'Latitude',
  'Longitude',
  'Xyz',
  'GeocodeAccuracy',
]
const NAME_PARTS = ['Salutation', 'FirstName', 'LastName', 'MiddleName', 'InformalName', 'Suffix']

const nullable = (name: string, type: unknown) => ({ name, type: ['null', type], default: null })
const partRecord = (name: string, parts: readonly string[]) => ({
  type: 'record',
  name,
  fields: parts.map(part => nullable(part, part === 'Latitude' || part === 'Longitude' ? 'double' : 'string')),
})

/** One field of the event: plain, or a compound of some of the record's fields. */
type Slot = { readonly field: Field; readonly parts: readonly string[] | undefined }

export function eventCodec(type: ObjectType): EventCodec {
  const slots: Slot[] = type.fields
    .filter(field => field.inEvents && !field.partOf)
    .map(field => ({
      field,
      parts: field.type === 'address' ? ADDRESS_PARTS : field.components ? NAME_PARTS : undefined,
    }))
  const defined = new Set<string>()
  const fields = slots.map(slot => nullableField(type, slot, defined))
  const schema = {
    type: 'record',
    name: changeEventName(type.name),
    namespace: 'com.sforce.eventbus',
    fields: [{ name: 'ChangeEventHeader', type: HEADER }, ...fields],
  }
  const schemaJson = JSON.stringify(schema)
  const encoder = avro.Type.forSchema(JSON.parse(schemaJson), { wrapUnions: false })
  return {
    schemaJson,
    schemaId: createHash('md5').update(schemaJson).digest('base64url'),
    encode: event => encoder.toBuffer(contentOf(slots, event)),
  }
}

function nullableField(type: ObjectType, { field, parts }: Slot, defined: Set<string>): unknown {
  if (parts) {
    const name = field.type === 'address' ? 'Address' : 'PersonName'
    const record = defined.has(name) ? name : partRecord(name, parts)
    defined.add(name)
    return nullable(field.name, record)
  }
  if (type.name === 'Account' && field.name === 'Name')
    return { name: 'Name', type: ['null', 'string', partRecord('Switchable_PersonName', NAME_PARTS)], default: null }
  return nullable(field.name, avroType(field))
}

function avroType(field: Field): string {
  if (field.type === 'boolean') return 'boolean'
  if (field.type === 'int') return 'int'
  if (field.type === 'date' || field.type === 'datetime') return 'long'
  return ['currency', 'double', 'percent'].includes(field.type) ? 'double' : 'string'
}

function contentOf(slots: readonly Slot[], event: ChangeEvent): Record<string, unknown> {
  const { transaction, kind, fields } = event
  const changed = new Bitmap()
  const nulled = new Bitmap()
  const content: Record<string, unknown> = {}
  // A gap is a header and nothing else.
  const isEmpty = kind === 'delete' || event.gap !== undefined
  const isUpdate = kind === 'update' && !isEmpty
  for (const [index, slot] of slots.entries()) {
    content[slot.field.name] = isEmpty ? null : slotValue(slot, fields)
    if (isUpdate) markChanges(slot, fields, index + 1, changed, nulled)
  }
  content.ChangeEventHeader = {
    entityName: event.object,
    recordIds: event.recordIds,
    changeType: event.gap ?? kind.toUpperCase(),
    changeOrigin: transaction.origin,
    transactionKey: transaction.key,
    sequenceNumber: event.sequenceNumber,
    commitTimestamp: transaction.at,
    commitNumber: commitNumber(transaction.number),
    commitUser: transaction.userId,
    nulledFields: nulled.texts(),
    diffFields: [],
    changedFields: changed.texts(),
  }
  return content
}

const FIRST_COMMIT = 10_000_000_000

function commitNumber(transaction: number): number {
  return FIRST_COMMIT + transaction
}

type Fields = ChangeEvent['fields']

function slotValue({ field, parts }: Slot, fields: Fields): unknown {
  if (!parts) return wireValue(field, fields[field.name])
  const values = parts.map(part => [part, fields[componentOf(field, part)] ?? null] as const)
  return values.every(([, value]) => value === null) ? null : Object.fromEntries(values)
}

function componentOf(field: Field, part: string): string {
  return field.components?.find(component => component.part === part)?.field ?? ''
}

function wireValue(field: Field, value: FieldValue | undefined): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' && (field.type === 'date' || field.type === 'datetime'))
    return Date.parse(value.replace('+0000', 'Z'))
  return value
}

function markChanges({ field, parts }: Slot, fields: Fields, index: number, changed: Bitmap, nulled: Bitmap): void {
  if (!parts) {
    if (!(field.name in fields)) return
    changed.mark(index)
    if (fields[field.name] === null) nulled.mark(index)
    return
  }
  for (const [at, part] of parts.entries()) {
    const name = componentOf(field, part)
    if (!(name in fields)) continue
    changed.markPart(index, at)
    if (fields[name] === null) nulled.markPart(index, at)
  }
}

/** Field lists as change events write them: upper-case hex, lowest bit first field; parts of compounds follow by index. */
class Bitmap {
  #bits = 0n
  readonly #parts = new Map<number, bigint>()

  mark(index: number): void {
    this.#bits |= 1n << BigInt(index)
  }

  markPart(index: number, part: number): void {
    this.#parts.set(index, (this.#parts.get(index) ?? 0n) | (1n << BigInt(part)))
  }

  texts(): string[] {
    const own = this.#bits === 0n ? [] : [hex(this.#bits)]
    return [...own, ...[...this.#parts].map(([index, bits]) => `${index}-${hex(bits)}`)]
  }
}

function hex(bits: bigint): string {
  const digits = bits.toString(16).toUpperCase()
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`
}
