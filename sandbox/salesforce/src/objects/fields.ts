// The vocabulary in which the standard objects are written: one call per field, defaults as Salesforce has them.
import type { Field, ObjectType, PicklistValue } from '../schema.ts'
import { objectType } from '../schema.ts'

type Options = Partial<Omit<Field, 'name' | 'type'>>

const PLAIN = {
  length: 0,
  precision: 0,
  scale: 0,
  required: false,
  nillable: true,
  createable: true,
  updateable: true,
  unique: false,
  externalId: false,
  caseSensitive: false,
  custom: false,
  calculated: false,
  nameField: false,
  onParentDelete: 'clear',
  picklist: [],
  restricted: false,
  longText: false,
  inEvents: true,
} as const satisfies Options

/** A field of any type with Salesforce's defaults. */
export function field(name: string, type: Field['type'], options: Options = {}): Field {
  const required = options.required ?? false
  return { ...PLAIN, name, type, label: labelOf(name), nillable: !required, ...options }
}

export const text = (name: string, length: number, options?: Options) => field(name, 'string', { length, ...options })
export const longText = (name: string, length: number, options?: Options) =>
  field(name, 'textarea', { length, longText: length > 255, ...options })
export const flag = (name: string, options?: Options) =>
  field(name, 'boolean', { nillable: false, defaultValue: false, ...options })
export const money = (name: string, options?: Options) =>
  field(name, 'currency', { precision: 18, scale: 2, ...options })
export const count = (name: string, precision: number, scale: number, options?: Options) =>
  field(name, 'double', { precision, scale, ...options })
export const whole = (name: string, options?: Options) => field(name, 'int', { precision: 8, ...options })
export const day = (name: string, options?: Options) => field(name, 'date', options)
const moment = (name: string, options?: Options) => field(name, 'datetime', options)
export const percent = (name: string, options?: Options) =>
  field(name, 'percent', { precision: 5, scale: 2, ...options })
export const email = (name: string, options?: Options) => field(name, 'email', { length: 80, ...options })
export const phone = (name: string, options?: Options) => field(name, 'phone', { length: 40, ...options })
export const url = (name: string, options?: Options) => field(name, 'url', { length: 255, ...options })

export const READ_ONLY = { createable: false, updateable: false } as const
export const DERIVED = { createable: false, updateable: false, calculated: true } as const

export function autoNumber(name: string, format: string, options?: Options): Field {
  return text(name, 30, { autoNumber: format, ...READ_ONLY, nillable: false, ...options })
}

/** A lookup. The relationship is the field's name without Id; `children` is how the parent calls its records. */
export function ref(name: string, referenceTo: string, children?: string, options?: Options): Field {
  const relationshipName = name.replace(/Id$/, '')
  return field(name, 'reference', {
    length: 18,
    referenceTo,
    relationshipName,
    childRelationshipName: children,
    ...options,
  })
}

export function picklist(name: string, values: readonly (string | PicklistValue)[], options?: Options): Field {
  const entries = values.map(value => (typeof value === 'string' ? { value, label: value } : value))
  return field(name, 'picklist', { length: 255, picklist: entries, ...options })
}

const ADDRESS_PARTS = [
  ['Street', 255],
  ['City', 40],
  ['State', 80],
  ['PostalCode', 20],
  ['Country', 80],
  ['Latitude', 0],
  ['Longitude', 0],
  ['GeocodeAccuracy', 40],
] as const

/** An address compound and its plain fields: BillingAddress with BillingStreet, BillingCity and so on. */
export function address(prefix: string): Field[] {
  const compound = `${prefix}Address`
  const components = ADDRESS_PARTS.map(([part]) => ({ part, field: `${prefix}${part}` }))
  const parts = ADDRESS_PARTS.map(([part, length]) =>
    length === 0
      ? count(`${prefix}${part}`, 18, 15, { partOf: compound })
      : field(`${prefix}${part}`, part === 'Street' ? 'textarea' : part === 'GeocodeAccuracy' ? 'picklist' : 'string', {
          length,
          partOf: compound,
        }),
  )
  return [field(compound, 'address', { ...READ_ONLY, components }), ...parts]
}

const systemRef = (name: string, options?: Options) =>
  ref(name, 'User', undefined, { ...READ_ONLY, nillable: false, ...options })

/** The fields that every record has, around its own. Order matters: it is the order of the change event. */
function withSystemFields(own: readonly Field[], owned: boolean): Field[] {
  const standard = own.filter(field => !field.custom)
  const custom = own.filter(field => field.custom)
  return [
    field('Id', 'id', { length: 18, ...READ_ONLY, nillable: false, inEvents: false, label: 'Record ID' }),
    flag('IsDeleted', { ...READ_ONLY, inEvents: false, label: 'Deleted' }),
    ...standard,
    ...(owned ? [ref('OwnerId', 'User', undefined, { nillable: false })] : []),
    moment('CreatedDate', { ...READ_ONLY, nillable: false }),
    systemRef('CreatedById'),
    moment('LastModifiedDate', { ...READ_ONLY, nillable: false }),
    systemRef('LastModifiedById'),
    moment('SystemModstamp', { ...READ_ONLY, nillable: false, inEvents: false }),
    ...custom,
  ]
}

type ObjectOptions = { owned?: boolean; createable?: boolean; deletable?: boolean; plural?: string }

export type ObjectDraft = {
  readonly name: string
  readonly label: string
  readonly keyPrefix: string
  readonly fields: readonly Field[]
  readonly options: ObjectOptions
}

export function standardObject(
  name: string,
  label: string,
  keyPrefix: string,
  fields: readonly Field[],
  options: ObjectOptions = {},
): ObjectDraft {
  return { name, label, keyPrefix, fields, options }
}

export function finish(draft: ObjectDraft): ObjectType {
  const { owned = true, createable = true, deletable = createable, plural = pluralOf(draft.label) } = draft.options
  const custom = draft.name.endsWith('__c')
  return objectType(
    {
      name: draft.name,
      label: draft.label,
      labelPlural: plural,
      keyPrefix: draft.keyPrefix,
      custom,
      createable,
      updateable: createable,
      deletable,
    },
    withSystemFields(draft.fields, owned),
  )
}

export function pluralOf(label: string): string {
  return /[^aeiou]y$/.test(label) ? `${label.slice(0, -1)}ies` : `${label}s`
}

/** `Plumbline_Ref__c` reads as "Plumbline Ref", `EffectiveDate` as "Effective Date". */
export function labelOf(name: string): string {
  return name
    .replace(/__c$/, '')
    .replace(/Id$/, ' ID')
    .replaceAll('_', ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/\s+/g, ' ')
    .trim()
}
