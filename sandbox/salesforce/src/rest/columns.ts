// What the columns of a query are: `query?q=...&columns=true`, which no manual tells of and the sf CLI asks for.
import type { FieldType as Selected } from '@jetstreamapp/soql-parser-js'
import type { Org } from '../org.ts'
import type { Field, ObjectType } from '../schema.ts'
import { isAggregate } from '../soql/aggregate.ts'
import { type Path, resolvePath } from '../soql/paths.ts'
import type { QueryResult } from '../soql/run.ts'

type Column = { readonly [name: string]: unknown }

export function columnsOf(org: Org, { query, type }: QueryResult): Column {
  let unnamed = 0
  const nextName = () => `expr${unnamed++}`
  const columnMetadata = (query.fields ?? []).map(selected => {
    const column = columnOf(org, type, query.sObjectAlias, selected, nextName)
    return isAggregate(query) ? innermost(column) : column
  })
  return {
    columnMetadata,
    entityName: type.name,
    groupBy: query.groupBy !== undefined,
    idSelected: columnMetadata.some(column => column.columnName === 'Id'),
    keyPrefix: type.keyPrefix,
  }
}

function columnOf(
  org: Org,
  type: ObjectType,
  alias: string | undefined,
  selected: Selected,
  nextName: () => string,
): Column {
  if (selected.type === 'FieldSubquery') return childColumn(org, type, selected.subquery)
  if (selected.type === 'Field') return pathColumn(resolvePath(org, type, selected.field, alias))
  if (selected.type === 'FieldRelationship')
    return pathColumn(
      resolvePath(org, type, selected.rawValue ?? [...selected.relationships, selected.field].join('.'), alias),
    )
  if (selected.type !== 'FieldFunctionExpression') return described(undefined, nextName())
  const name = selected.alias ?? nextName()
  return {
    ...described(undefined, name),
    aggregate: true,
    displayName: selected.alias ?? selected.rawValue ?? name,
    numberType: true,
    textType: false,
  }
}

/** A parent's field is a column joined to the column of its lookup. */
function pathColumn({ parents, field }: Path): Column {
  return parents.reduceRight<Column>(
    (joined, { field: lookup }) => ({
      ...described(lookup, lookup.relationshipName ?? lookup.name),
      foreignKeyName: lookup.name,
      joinColumns: [joined],
    }),
    described(field, field.name),
  )
}

/** The rows of a grouped query hold a parent's field under its own name. */
function innermost(column: Column): Column {
  const [joined] = Array.isArray(column.joinColumns) ? column.joinColumns : []
  return joined ? innermost(joined) : column
}

type Subquery = Extract<Selected, { type: 'FieldSubquery' }>['subquery']

function childColumn(org: Org, type: ObjectType, subquery: Subquery): Column {
  const name = subquery.relationshipName
  const relation = org.schema.childrenOf(type).find(known => known.name?.toLowerCase() === name.toLowerCase())
  const child = relation?.child
  const joinColumns = child
    ? (subquery.fields ?? []).map(selected => columnOf(org, child, subquery.sObjectAlias, selected, () => 'expr0'))
    : []
  return { ...described(undefined, relation?.name ?? name), aggregate: true, joinColumns }
}

function described(field: Field | undefined, columnName: string): Column {
  const isNumber = ['currency', 'double', 'percent', 'int'].includes(field?.type ?? '')
  return {
    aggregate: false,
    apexType: null,
    booleanType: field?.type === 'boolean',
    columnName,
    custom: field?.custom ?? false,
    displayName: columnName,
    foreignKeyName: null,
    insertable: field?.createable ?? false,
    joinColumns: [],
    numberType: isNumber,
    textType: !isNumber && field?.type !== 'boolean',
    updatable: field?.updateable ?? false,
  }
}
