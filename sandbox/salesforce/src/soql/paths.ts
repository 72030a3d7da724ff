// Field paths in a query: `Name`, `Account.Name`, `Order__r.Account.Name`, followed over the parents.
import { malformed } from '../errors.ts'
import type { Org } from '../org.ts'
import type { Field, ObjectType } from '../schema.ts'
import type { FieldValue, Row } from '../table.ts'

/** A path of lookups to parents, and the field at its end. */
export type Path = {
  readonly parents: readonly { readonly field: Field; readonly type: ObjectType }[]
  readonly field: Field
  readonly owner: ObjectType
}

function noSuchColumn(name: string, entity: string): Error {
  return malformed(
    'INVALID_FIELD',
    `\nSELECT ${name} FROM ${entity}\n       ^\nERROR at Row:1:Column:8\nNo such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  )
}

export function resolvePath(org: Org, type: ObjectType, text: string, alias?: string): Path {
  const names = text.split('.')
  const [first = ''] = names
  if (names.length > 1 && isOwnName(type, first, alias)) names.shift()
  const parents: { field: Field; type: ObjectType }[] = []
  let owner = type
  for (const name of names.slice(0, -1)) {
    const relation = owner.relationNamed.get(name.toLowerCase())
    const parent = relation?.referenceTo ? org.schema.named(relation.referenceTo) : undefined
    if (!relation || !parent)
      throw malformed(
        'INVALID_FIELD',
        `\nSELECT ${text}\n       ^\nERROR at Row:1:Column:8\nDidn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
      )
    parents.push({ field: relation, type: parent })
    owner = parent
  }
  const last = names.at(-1) ?? ''
  const field = owner.fieldNamed.get(last.toLowerCase())
  if (!field) throw noSuchColumn(last, owner.name)
  return { parents, field, owner }
}

function isOwnName(type: ObjectType, name: string, alias: string | undefined): boolean {
  const lower = name.toLowerCase()
  if (lower === alias?.toLowerCase()) return true
  return lower === type.name.toLowerCase() && !type.relationNamed.has(lower)
}

/** The row at the end of the path's parents; undefined when a lookup on the way is empty. */
function follow(org: Org, path: Path, row: Row): Row | undefined {
  let at: Row | undefined = row
  for (const { field, type } of path.parents) {
    const id: FieldValue | undefined = at?.[field.name]
    at = typeof id === 'string' ? org.table(type.name).get(id) : undefined
    if (!at) return undefined
  }
  return at
}

export function valueAt(org: Org, path: Path, row: Row): FieldValue {
  return plainValue(path.field, path.parents.length === 0 ? row : follow(org, path, row))
}

/** A field's value as it is told to the outside: an absent flag is false. */
export function plainValue(field: Field, row: Row | undefined): FieldValue {
  const value = row?.[field.name]
  return value === undefined ? (field.type === 'boolean' && row ? false : null) : value
}
