// Runs a query: finds its rows by index where it can, sorts, cuts and renders them.
import type { OrderByClause } from '@jetstreamapp/soql-parser-js'
import { malformed } from '../errors.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema.ts'
import type { FieldValue, Row } from '../table.ts'
import { aggregate, isAggregate, isPlainCount } from './aggregate.ts'
import { orderings, sortBy } from './order.ts'
import { type Literals, parseSoql, type Query, type Subquery } from './parse.ts'
import { resolvePath, valueAt } from './paths.ts'
import { type Rendered, selection } from './select.ts'
import { filterOf, type Scope } from './where.ts'

export type QueryOptions = { readonly version: string; readonly withDeleted: boolean }

/** The rows a query found, rendered one by one when they are asked for. */
export type QueryResult = {
  readonly type: ObjectType
  readonly query: Query
  readonly totalSize: number
  readonly length: number
  readonly record: (index: number) => Rendered
}

export function runQuery(org: Org, soql: string, options: QueryOptions): QueryResult {
  const { query, literals } = parseSoql(soql)
  const type = org.schema.named(query.sObject ?? '')
  if (!type) throw notSupported(query.sObject ?? '')
  checkLimits(query)
  const found = findRows(org, type, query, literals, options)
  if (isPlainCount(query)) return { type, query, totalSize: found.length, length: 0, record: () => ({}) }
  if (isAggregate(query)) {
    const groups = cut(aggregate(org, type, query, literals, found), query)
    return { type, query, totalSize: groups.length, length: groups.length, record: index => groups[index] ?? {} }
  }
  const rows = cut(sortRows(org, type, query, found), query)
  const render = selection(org, type, query.fields ?? [], query.sObjectAlias, options.version, (parent, subquery) =>
    childQuery(org, parent, subquery, literals, options),
  )
  return {
    type,
    query,
    totalSize: rows.length,
    length: rows.length,
    record: index => (rows[index] ? render(rows[index]) : {}),
  }
}

function notSupported(name: string): Error {
  return malformed(
    'INVALID_TYPE',
    `\nSELECT FROM ${name}\n            ^\nERROR at Row:1:Column:13\nsObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  )
}

const MAX_OFFSET = 2000

function checkLimits(query: Query): void {
  if ((query.offset ?? 0) > MAX_OFFSET)
    throw malformed('NUMBER_OUTSIDE_VALID_RANGE', 'Maximum SOQL offset allowed is 2000')
  const takesAll = query.fields?.some(
    field =>
      field.type === 'FieldFunctionExpression' &&
      field.functionName.toUpperCase() === 'FIELDS' &&
      /^(all|custom)$/i.test(String(field.parameters[0])),
  )
  if (takesAll && (query.limit ?? Number.POSITIVE_INFINITY) > 200)
    throw malformed('MALFORMED_QUERY', 'The SOQL FIELDS function must have a LIMIT of at most 200')
}

function findRows(org: Org, type: ObjectType, query: Query, literals: Literals, options: QueryOptions): Row[] {
  const filter = filterOf(scopeOf(org, type, query.sObjectAlias, literals, options), query.where)
  const table = org.table(type.name)
  const rows: Row[] = []
  const consider = (row: Row | undefined) => {
    if (row && (options.withDeleted || !row.IsDeleted) && filter.matches(row)) rows.push(row)
  }
  if (filter.candidates) for (const id of new Set(filter.candidates())) consider(table.get(id))
  else for (const row of table.rows.values()) consider(row)
  return rows
}

function scopeOf(
  org: Org,
  type: ObjectType,
  alias: string | undefined,
  literals: Literals,
  options: QueryOptions,
): Scope {
  return { org, type, alias, literals, valuesOf: query => semiJoin(org, query, literals, options) }
}

function semiJoin(org: Org, query: Query, literals: Literals, options: QueryOptions): Set<FieldValue> {
  const type = org.schema.named(query.sObject ?? '')
  if (!type) throw notSupported(query.sObject ?? '')
  const [selected] = query.fields ?? []
  if (selected?.type !== 'Field' && selected?.type !== 'FieldRelationship')
    throw malformed('MALFORMED_QUERY', 'A semi-join selects one field')
  const text = selected.type === 'Field' ? selected.field : (selected.rawValue ?? selected.field)
  const path = resolvePath(org, type, text, query.sObjectAlias)
  const values = new Set<FieldValue>()
  for (const row of cut(sortRows(org, type, query, findRows(org, type, query, literals, options)), query))
    values.add(valueAt(org, path, row))
  values.delete(null)
  return values
}

function sortRows(org: Org, type: ObjectType, query: Query, rows: Row[]): Row[] {
  const valueOfClause = (clause: OrderByClause) => {
    if (!('field' in clause)) throw malformed('MALFORMED_QUERY', "unexpected token: '('")
    const path = resolvePath(org, type, clause.field, query.sObjectAlias)
    return (row: Row) => valueAt(org, path, row)
  }
  return sortBy(rows, orderings<Row>(query.orderBy, valueOfClause))
}

function cut<T>(items: T[], query: Query): T[] {
  const from = query.offset ?? 0
  return from === 0 && query.limit === undefined
    ? items
    : items.slice(from, query.limit === undefined ? undefined : from + query.limit)
}

/** The records below one parent; null when there are none, as Salesforce answers. */
function childQuery(org: Org, parent: ObjectType, subquery: Subquery, literals: Literals, options: QueryOptions) {
  const name = subquery.relationshipName
  const relation = org.schema.childrenOf(parent).find(known => known.name?.toLowerCase() === name.toLowerCase())
  if (!relation)
    throw malformed(
      'INVALID_TYPE',
      `\nSELECT (SELECT Id FROM ${name}) FROM ${parent.name}\n ^\nERROR at Row:1:Column:2\nDidn't understand relationship '${name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    )
  const { child, field } = relation
  const table = org.table(child.name)
  const filter = filterOf(scopeOf(org, child, subquery.sObjectAlias, literals, options), subquery.where)
  const render = selection(org, child, subquery.fields ?? [], subquery.sObjectAlias, options.version, () => {
    throw malformed('MALFORMED_QUERY', 'A child query cannot hold another child query')
  })
  const run = (parentId: string) => {
    const rows: Row[] = []
    for (const id of table.find(field.name, parentId)) {
      const row = table.get(id)
      if (row && (options.withDeleted || !row.IsDeleted) && filter.matches(row)) rows.push(row)
    }
    const records = cut(sortRows(org, child, subquery, rows), subquery).map(render)
    return records.length === 0 ? null : { totalSize: records.length, done: true, records }
  }
  return { name: relation.name ?? name, run }
}
