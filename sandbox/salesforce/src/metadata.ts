// The org's own shape on top of the standard objects: custom objects, custom fields, extra picklist values, channels.
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isObject, type JsonObject, numberOf, textOf } from './json.ts'
import { withCurrency } from './objects/currency.ts'
import { autoNumber, field, finish, labelOf, type ObjectDraft, pluralOf, text } from './objects/fields.ts'
import { STANDARD_OBJECTS } from './objects/standard.ts'
import { type Field, type FieldType, type PicklistValue, Schema } from './schema.ts'

export type OrgShape = {
  readonly schema: Schema
  /** Custom channels: `Plumbline__chn` and the objects it carries. */
  readonly channels: ReadonlyMap<string, readonly string[]>
  /** OAuth clients: the secret with which one logs in, or the certificate of the key that signs its assertions. */
  readonly clients: ReadonlyMap<string, Client>
  readonly dailyApiRequests: number
  /** The largest upload of a bulk job. */
  readonly bulkUploadBytes: number
}

/** What may be said apart from the metadata, and goes before it. */
export type ShapeOptions = { readonly currencies?: readonly string[] }

type Client = { readonly secret?: string; readonly certificate?: string }

const DEFAULT_DAILY_API_REQUESTS = 5_000_000
const DEFAULT_BULK_UPLOAD_BYTES = 150_000_000

/** Reads metadata from a path, an object, or nothing at all. */
export function readMetadata(source: unknown, options: ShapeOptions = {}): OrgShape {
  const metadata = load(source)
  const currencies = currenciesOf(options.currencies ?? metadata.currencies)
  const given = section(metadata, 'objects')
  const customNames = Object.keys(given).filter(name => !STANDARD_OBJECTS.some(draft => draft.name === name))
  const standard = STANDARD_OBJECTS.map(draft => extend(draft, section(given, draft.name)))
  const custom = customNames.map((name, index) => customObject(name, section(given, name), index))
  const schema = new Schema(
    namedChildren([...standard, ...custom]).map(draft => finish(withCurrency(draft, currencies))),
  )
  checkReferences(schema)
  return {
    schema,
    channels: channelsOf(section(metadata, 'channels'), schema),
    clients: new Map([
      ['sandbox-admin', { secret: 'sandbox-admin-secret' }],
      ...clientsOf(section(metadata, 'clients')),
    ]),
    dailyApiRequests: numberOf(section(metadata, 'limits').dailyApiRequests) ?? DEFAULT_DAILY_API_REQUESTS,
    bulkUploadBytes: numberOf(section(metadata, 'limits').bulkUploadBytes) ?? DEFAULT_BULK_UPLOAD_BYTES,
  }
}

function load(source: unknown): JsonObject {
  if (source === undefined || source === null) return {}
  const value: unknown = typeof source === 'string' ? JSON.parse(readFileSync(source, 'utf8')) : source
  if (!isObject(value)) throw new Error('The metadata must be a JSON object with "objects" and "channels"')
  return value
}

function section(parent: JsonObject, name: string): JsonObject {
  const value = parent[name]
  if (value === undefined) return {}
  if (!isObject(value)) throw new Error(`Metadata "${name}" must be an object`)
  return value
}

/** The currencies that are active, the corporate one first; without any the org has one that nobody speaks of. */
function currenciesOf(given: unknown): readonly string[] {
  if (given === undefined) return []
  const codes: readonly unknown[] = Array.isArray(given) ? given : [given]
  const known = codes.filter(code => typeof code === 'string' && /^[A-Z]{3}$/.test(code)).map(String)
  if (known.length === codes.length && new Set(known).size === known.length) return known
  throw new Error('Metadata: "currencies" lists ISO codes, each once and the corporate one first: ["EUR", "USD"]')
}

function clientsOf(given: JsonObject): [string, Client][] {
  return Object.entries(given).map(([id, value]) => {
    if (!isObject(value)) return [id, { secret: String(value) }]
    return [id, { secret: textOf(value.secret), certificate: certificateOf(id, textOf(value.certificate)) }]
  })
}

/** A certificate or public key in PEM: the text, or the path of its file. */
function certificateOf(client: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const pem = given.includes('-----BEGIN') ? given : readFileSync(given, 'utf8')
  try {
    createPublicKey(pem)
    return pem
  } catch {
    throw new Error(`Metadata: the certificate of the client ${client} is no certificate or public key in PEM`)
  }
}

function extend(draft: ObjectDraft, given: JsonObject): ObjectDraft {
  const extra = section(given, 'picklists')
  const fields = draft.fields.map(known => addValues(draft.name, known, extra[known.name]))
  for (const name of Object.keys(extra)) {
    if (!fields.some(known => known.name === name)) throw new Error(`Metadata: ${draft.name} has no picklist ${name}`)
  }
  return { ...draft, fields: [...fields, ...customFields(draft.name, section(given, 'fields'))] }
}

function addValues(object: string, known: Field, values: unknown): Field {
  if (values === undefined) return known
  if (known.type !== 'picklist' || !Array.isArray(values))
    throw new Error(`Metadata: ${object}.${known.name} takes no list of picklist values`)
  const added = values.map(value => picklistValue(value, `${object}.${known.name}`))
  const names = new Set(added.map(value => value.value))
  return { ...known, picklist: [...known.picklist.filter(value => !names.has(value.value)), ...added] }
}

function picklistValue(value: unknown, where: string): PicklistValue {
  if (typeof value === 'string') return { value, label: value }
  const name = isObject(value) ? textOf(value.value) : undefined
  if (!isObject(value) || name === undefined)
    throw new Error(`Metadata: a picklist value of ${where} is a text or {value, label, statusCode}`)
  return {
    value: name,
    label: textOf(value.label) ?? name,
    statusCode: textOf(value.statusCode),
    isDefault: value.default === true,
  }
}

function customObject(name: string, given: JsonObject, index: number): ObjectDraft {
  if (!/^[A-Za-z][A-Za-z0-9_]*__c$/.test(name))
    throw new Error(`Metadata: ${name} is no standard object of the sandbox, and a custom object's name ends with __c`)
  const label = textOf(given.label) ?? labelOf(name)
  const keyPrefix = textOf(given.keyPrefix) ?? `a0${String.fromCharCode(48 + (index % 10))}`
  const naming = section(given, 'nameField')
  const format = textOf(naming.format) ?? `${label.slice(0, 3).toUpperCase()}-{00000}`
  const nameField =
    naming.type === 'autoNumber'
      ? autoNumber('Name', format, { nameField: true, label: `${label} Number` })
      : text('Name', 80, { nameField: true, required: naming.required === true, nillable: true })
  const fields = [nameField, ...customFields(name, section(given, 'fields'))]
  const owned = !fields.some(known => known.custom && known.onParentDelete === 'cascade' && known.required)
  return { name, label, keyPrefix, fields, options: { owned, plural: textOf(given.labelPlural) ?? pluralOf(label) } }
}

const TYPES: Record<string, FieldType> = {
  string: 'string',
  text: 'string',
  textarea: 'textarea',
  longtextarea: 'textarea',
  boolean: 'boolean',
  checkbox: 'boolean',
  currency: 'currency',
  double: 'double',
  number: 'double',
  percent: 'percent',
  int: 'int',
  date: 'date',
  datetime: 'datetime',
  picklist: 'picklist',
  multipicklist: 'multipicklist',
  reference: 'reference',
  lookup: 'reference',
  masterdetail: 'reference',
  email: 'email',
  phone: 'phone',
  url: 'url',
}

function customFields(object: string, given: JsonObject): Field[] {
  return Object.keys(given).map(name => customField(object, name, section(given, name)))
}

function customField(object: string, name: string, given: JsonObject): Field {
  const where = `${object}.${name}`
  if (!/^[A-Za-z][A-Za-z0-9_]*__c$/.test(name)) throw new Error(`Metadata: custom field ${where} must end with __c`)
  const kind = (textOf(given.type) ?? 'string').toLowerCase()
  const type = TYPES[kind]
  if (!type)
    throw new Error(
      `Metadata: ${where} has the unknown type "${String(given.type)}"; known are ${Object.keys(TYPES).join(', ')}`,
    )
  const master = kind === 'masterdetail'
  const required = given.required === true || master
  const defaultValue = given.defaultValue
  return field(name, type, {
    custom: true,
    required,
    nillable: !required && type !== 'boolean',
    label: textOf(given.label) ?? labelOf(name),
    length:
      numberOf(given.length) ??
      (type === 'textarea' ? (kind === 'longtextarea' ? 32768 : 255) : type === 'reference' ? 18 : 255),
    longText: type === 'textarea' && (numberOf(given.length) ?? 0) > 255,
    precision: numberOf(given.precision) ?? (type === 'int' ? 9 : 18),
    scale: type === 'int' ? 0 : (numberOf(given.scale) ?? (type === 'currency' ? 2 : 0)),
    externalId: given.externalId === true,
    unique: given.unique === true,
    caseSensitive: given.caseSensitive === true,
    restricted: given.restricted === true,
    picklist: Array.isArray(given.values) ? given.values.map(value => picklistValue(value, where)) : [],
    defaultValue:
      type === 'boolean'
        ? defaultValue === true
        : typeof defaultValue === 'string' || typeof defaultValue === 'number'
          ? defaultValue
          : undefined,
    ...(type === 'reference' ? reference(where, given, name, master) : {}),
  })
}

function reference(where: string, given: JsonObject, name: string, master: boolean): Partial<Field> {
  const target = Array.isArray(given.referenceTo) ? given.referenceTo[0] : given.referenceTo
  if (typeof target !== 'string') throw new Error(`Metadata: ${where} is a reference and needs referenceTo`)
  const children = textOf(given.childRelationshipName) ?? textOf(given.relationshipName)
  return {
    referenceTo: target,
    relationshipName: name.replace(/__c$/, '__r'),
    childRelationshipName: children?.replace(/(__r)?$/, '__r'),
    onParentDelete: master ? 'cascade' : given.onParentDelete === 'restrict' ? 'restrict' : 'clear',
  }
}

/** Custom lookups without a child relationship name get one from their object: Invoice__c becomes Invoices__r. */
function namedChildren(drafts: readonly ObjectDraft[]): ObjectDraft[] {
  const taken = new Set<string>()
  return drafts.map(draft => ({
    ...draft,
    fields: draft.fields.map(known => {
      if (!known.custom || !known.referenceTo) return known
      const plain = `${pluralOf(draft.name.replace(/__c$/, ''))}__r`
      const own =
        known.childRelationshipName ??
        (taken.has(`${known.referenceTo}.${plain}`)
          ? plain.replace(/__r$/, `_${known.name.replace(/__c$/, '')}__r`)
          : plain)
      taken.add(`${known.referenceTo}.${own}`)
      return { ...known, childRelationshipName: own }
    }),
  }))
}

function checkReferences(schema: Schema): void {
  const prefixes = new Map<string, string>()
  for (const type of schema.objects) {
    const other = prefixes.get(type.keyPrefix)
    if (other) throw new Error(`Metadata: ${type.name} and ${other} have the same keyPrefix ${type.keyPrefix}`)
    prefixes.set(type.keyPrefix, type.name)
    for (const known of type.fields) {
      if (known.referenceTo && !schema.named(known.referenceTo))
        throw new Error(`Metadata: ${type.name}.${known.name} refers to the unknown object ${known.referenceTo}`)
    }
  }
}

function channelsOf(given: JsonObject, schema: Schema): Map<string, readonly string[]> {
  const channels = new Map<string, readonly string[]>()
  for (const [name, members] of Object.entries(given)) {
    if (!name.endsWith('__chn') || !Array.isArray(members))
      throw new Error(`Metadata: channel ${name} must end with __chn and list its objects`)
    for (const member of members) {
      if (typeof member !== 'string' || !schema.named(member))
        throw new Error(`Metadata: channel ${name} lists the unknown object ${String(member)}`)
    }
    channels.set(name, members.map(String))
  }
  return channels
}
