// What an org knows about its objects and fields. Everything else (validation, describe, SOQL, change events) reads this.

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'multipicklist'
  | 'boolean'
  | 'currency'
  | 'double'
  | 'percent'
  | 'int'
  | 'date'
  | 'datetime'
  | 'reference'
  | 'email'
  | 'phone'
  | 'url'
  | 'address'

export type PicklistValue = {
  readonly value: string
  readonly label: string
  readonly statusCode?: string
  readonly isDefault?: boolean
}

export type Field = {
  readonly name: string
  readonly label: string
  readonly type: FieldType
  readonly length: number
  readonly precision: number
  readonly scale: number
  /** Must be given on create. */
  readonly required: boolean
  readonly nillable: boolean
  readonly createable: boolean
  readonly updateable: boolean
  readonly unique: boolean
  readonly externalId: boolean
  readonly caseSensitive: boolean
  readonly custom: boolean
  readonly calculated: boolean
  readonly nameField: boolean
  readonly autoNumber?: string
  readonly defaultValue?: string | number | boolean
  readonly referenceTo?: string
  readonly relationshipName?: string
  readonly childRelationshipName?: string
  readonly onParentDelete: 'cascade' | 'clear' | 'restrict'
  readonly picklist: readonly PicklistValue[]
  readonly restricted: boolean
  /** The plain fields that a compound (address, person name) is made of: name within the compound, name on the record. */
  readonly components?: readonly { readonly part: string; readonly field: string }[]
  /** The compound that this plain field belongs to. */
  readonly partOf?: string
  readonly longText: boolean
  /** Left out of change events: Id, IsDeleted, SystemModstamp and the like. */
  readonly inEvents: boolean
}

export type ObjectType = {
  readonly name: string
  readonly label: string
  readonly labelPlural: string
  readonly keyPrefix: string
  readonly custom: boolean
  readonly createable: boolean
  readonly updateable: boolean
  readonly deletable: boolean
  readonly fields: readonly Field[]
  readonly fieldNamed: ReadonlyMap<string, Field>
  readonly relationNamed: ReadonlyMap<string, Field>
  readonly nameField: Field | undefined
}

export type ChildRelationship = { readonly child: ObjectType; readonly field: Field; readonly name: string | undefined }

export function objectType(
  head: Pick<
    ObjectType,
    'name' | 'label' | 'labelPlural' | 'keyPrefix' | 'custom' | 'createable' | 'updateable' | 'deletable'
  >,
  fields: readonly Field[],
): ObjectType {
  const fieldNamed = new Map(fields.map(field => [field.name.toLowerCase(), field]))
  const relationNamed = new Map<string, Field>()
  for (const field of fields) if (field.relationshipName) relationNamed.set(field.relationshipName.toLowerCase(), field)
  return { ...head, fields, fieldNamed, relationNamed, nameField: fields.find(field => field.nameField) }
}

export class Schema {
  readonly objects: readonly ObjectType[]
  readonly #named = new Map<string, ObjectType>()
  readonly #prefixed = new Map<string, ObjectType>()
  readonly #children = new Map<string, ChildRelationship[]>()

  constructor(objects: readonly ObjectType[]) {
    this.objects = objects
    for (const type of objects) {
      this.#named.set(type.name.toLowerCase(), type)
      this.#prefixed.set(type.keyPrefix, type)
    }
    for (const child of objects) {
      for (const field of child.fields) {
        if (!field.referenceTo) continue
        const known = this.#children.get(field.referenceTo) ?? []
        known.push({ child, field, name: field.childRelationshipName })
        this.#children.set(field.referenceTo, known)
      }
    }
  }

  named(name: string): ObjectType | undefined {
    return this.#named.get(name.toLowerCase())
  }

  /** The object whose records have ids with this prefix. */
  ofId(id: string): ObjectType | undefined {
    return this.#prefixed.get(id.slice(0, 3))
  }

  childrenOf(type: ObjectType): readonly ChildRelationship[] {
    return this.#children.get(type.name) ?? []
  }
}

/** `AccountChangeEvent`, and `Invoice__ChangeEvent` for the custom object Invoice__c. */
export function changeEventName(objectName: string): string {
  return objectName.endsWith('__c') ? `${objectName.slice(0, -1)}ChangeEvent` : `${objectName}ChangeEvent`
}
