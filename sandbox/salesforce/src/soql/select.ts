// What a query's rows look like: its fields, its parents as nested objects, its child queries.
import type { FieldType as SelectedField, Subquery } from '@jetstreamapp/soql-parser-js'
import { malformed } from '../errors.ts'
import type { Org } from '../org.ts'
import type { Field, ObjectType } from '../schema.ts'
import type { FieldValue, Row } from '../table.ts'
import { plainValue, resolvePath } from './paths.ts'

export type Rendered = { [name: string]: unknown }
export type RunChildQuery = (
  parent: ObjectType,
  subquery: Subquery,
) => { readonly name: string; readonly run: (parentId: string) => unknown }

type Branch = {
  readonly type: ObjectType
  readonly fields: Map<string, Field>
  readonly parents: Map<string, { readonly lookup: Field; readonly branch: Branch }>
}

/** A function that renders rows of the type as the query selects them. */
export function selection(
  org: Org,
  type: ObjectType,
  selected: readonly SelectedField[],
  alias: string | undefined,
  version: string,
  runChild: RunChildQuery,
): (row: Row) => Rendered {
  const root: Branch = { type, fields: new Map(), parents: new Map() }
  const children: ReturnType<RunChildQuery>[] = []
  const functions: { name: string; field: Field }[] = []
  for (const part of selected) {
    if (part.type === 'Field') addPath(org, root, 'rawValue' in part ? part.rawValue : part.field, alias)
    else if (part.type === 'FieldRelationship')
      addPath(org, root, part.rawValue ?? [...part.relationships, part.field].join('.'), alias)
    else if (part.type === 'FieldSubquery') children.push(runChild(type, part.subquery))
    else if (part.type === 'FieldFunctionExpression') addFunction(org, root, part, alias, functions)
    else throw malformed('MALFORMED_QUERY', "unexpected token: 'TYPEOF'")
  }
  return row => {
    const rendered = render(org, root, row, version)
    for (const { name, field } of functions) rendered[name] = fieldValue(field, row)
    for (const child of children) rendered[child.name] = child.run(row.Id)
    return rendered
  }
}

function addPath(org: Org, root: Branch, text: string, alias: string | undefined): void {
  const path = resolvePath(org, root.type, text, alias)
  let branch = root
  for (const { field, type } of path.parents) {
    const name = field.relationshipName ?? field.name
    const known = branch.parents.get(name) ?? { lookup: field, branch: { type, fields: new Map(), parents: new Map() } }
    branch.parents.set(name, known)
    branch = known.branch
  }
  branch.fields.set(path.field.name, path.field)
}

function addFunction(
  org: Org,
  root: Branch,
  part: { functionName: string; parameters: readonly unknown[]; alias?: string },
  alias: string | undefined,
  functions: { name: string; field: Field }[],
): void {
  const name = part.functionName.toUpperCase()
  const [parameter] = part.parameters
  if (typeof parameter !== 'string') throw malformed('MALFORMED_QUERY', `unexpected token: '${part.functionName}'`)
  if (name === 'FIELDS') {
    for (const field of root.type.fields)
      if (takenBy(parameter.toUpperCase(), field)) root.fields.set(field.name, field)
  } else if (name === 'TOLABEL' || name === 'FORMAT' || name === 'CONVERTCURRENCY') {
    const { field } = resolvePath(org, root.type, parameter, alias)
    functions.push({ name: part.alias ?? field.name, field })
  } else throw malformed('MALFORMED_QUERY', `unexpected token: '${part.functionName}'`)
}

function takenBy(set: string, field: Field): boolean {
  return set === 'ALL' || (set === 'CUSTOM' ? field.custom || field.type === 'id' : !field.custom)
}

function render(org: Org, branch: Branch, row: Row, version: string): Rendered {
  const rendered: Rendered = { attributes: attributesOf(branch.type, row.Id, version) }
  for (const field of branch.fields.values()) rendered[field.name] = fieldValue(field, row)
  for (const [name, { lookup, branch: parent }] of branch.parents) {
    const id = row[lookup.name]
    const parentRow = typeof id === 'string' ? org.table(parent.type.name).get(id) : undefined
    rendered[name] = parentRow ? render(org, parent, parentRow, version) : null
  }
  return rendered
}

export function attributesOf(type: ObjectType, id: string, version: string): { type: string; url: string } {
  return { type: type.name, url: `/services/data/v${version}/sobjects/${type.name}/${id}` }
}

/** A field's value in an answer; an address is an object of its parts. */
export function fieldValue(field: Field, row: Row): FieldValue | Rendered {
  if (field.type !== 'address' || !field.components) return plainValue(field, row)
  const parts = field.components.map(
    ({ part, field: name }) => [part.charAt(0).toLowerCase() + part.slice(1), row[name] ?? null] as const,
  )
  return parts.every(([, value]) => value === null) ? null : Object.fromEntries(parts)
}
