// COUNT, SUM and their kin, with GROUP BY and HAVING.
import type {
  ConditionWithValueQuery,
  FieldFunctionExpression,
  GroupByClause,
  OrderByClause,
  Query,
} from '@jetstreamapp/soql-parser-js'
import { decimal, divide, sum, toNumber } from '../decimal.ts'
import { malformed } from '../errors.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema.ts'
import type { FieldValue, Row } from '../table.ts'
import { dateFunction, isDateFunction } from './functions.ts'
import { orderings, sortBy } from './order.ts'
import { type Expression, expressionOf, type Literals } from './parse.ts'
import { resolvePath, valueAt } from './paths.ts'
import type { Rendered } from './select.ts'

const AGGREGATES = new Set(['COUNT', 'COUNT_DISTINCT', 'SUM', 'AVG', 'MIN', 'MAX'])

type FunctionCall = { readonly functionName?: string; readonly parameters?: readonly unknown[] }
type Group = readonly Row[]

export function isAggregate(query: Query): boolean {
  return (
    query.groupBy !== undefined ||
    (query.fields ?? []).some(
      field => field.type === 'FieldFunctionExpression' && AGGREGATES.has(field.functionName.toUpperCase()),
    )
  )
}

/** `SELECT COUNT() FROM X`, whose answer is only a number. */
export function isPlainCount(query: Query): boolean {
  const [only] = query.fields ?? []
  return (
    query.fields?.length === 1 &&
    only?.type === 'FieldFunctionExpression' &&
    only.functionName.toUpperCase() === 'COUNT' &&
    only.parameters.length === 0
  )
}

export function aggregate(
  org: Org,
  type: ObjectType,
  query: Query,
  literals: Literals,
  rows: readonly Row[],
): Rendered[] {
  const context = { org, type, alias: query.sObjectAlias }
  const keys = listOf(query.groupBy).map(clause => groupKey(context, clause))
  let groups: Group[] = keys.length === 0 ? [rows] : grouped(rows, keys)
  if (query.having) {
    const holds = havingTest(context, expressionOf(query.having), literals)
    groups = groups.filter(holds)
  }
  groups = sortBy(
    groups,
    orderings<Group>(query.orderBy, clause => orderValue(context, clause)),
  )
  const columns = columnsOf(context, query)
  return groups.map(group => {
    const rendered: Rendered = { attributes: { type: 'AggregateResult' } }
    for (const { name, value } of columns) rendered[name] = value(group)
    return rendered
  })
}

type Context = { readonly org: Org; readonly type: ObjectType; readonly alias: string | undefined }

function listOf(groupBy: Query['groupBy']): readonly GroupByClause[] {
  return groupBy === undefined ? [] : Array.isArray(groupBy) ? groupBy : [groupBy]
}

function rowValue(context: Context, text: string): (row: Row) => FieldValue {
  const path = resolvePath(context.org, context.type, text, context.alias)
  return row => valueAt(context.org, path, row)
}

function groupKey(context: Context, clause: GroupByClause): (row: Row) => FieldValue {
  if ('field' in clause) return rowValue(context, clause.field)
  return functionOfRow(context, clause.fn)
}

function functionOfRow(context: Context, call: FunctionCall): (row: Row) => FieldValue {
  const [parameter] = call.parameters ?? []
  if (typeof parameter !== 'string')
    throw malformed('MALFORMED_QUERY', `unexpected token: '${call.functionName ?? '('}'`)
  const value = rowValue(context, parameter)
  const apply = dateFunction(call.functionName ?? '')
  return row => apply(value(row))
}

function grouped(rows: readonly Row[], keys: readonly ((row: Row) => FieldValue)[]): Row[][] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = JSON.stringify(keys.map(of => of(row)))
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return [...groups.values()]
}

function columnsOf(context: Context, query: Query): { name: string; value: (group: Group) => FieldValue }[] {
  let unnamed = 0
  const first = (of: (row: Row) => FieldValue) => (group: Group) => (group[0] ? of(group[0]) : null)
  return (query.fields ?? []).map(field => {
    if (field.type === 'FieldFunctionExpression')
      return { name: field.alias ?? `expr${unnamed++}`, value: functionOfGroup(context, field) }
    if (field.type === 'Field') {
      return {
        name: field.alias ?? resolvePath(context.org, context.type, field.field, context.alias).field.name,
        value: first(rowValue(context, field.field)),
      }
    }
    if (field.type === 'FieldRelationship') {
      const text = field.rawValue ?? [...field.relationships, field.field].join('.')
      return {
        name: 'alias' in field && typeof field.alias === 'string' ? field.alias : field.field,
        value: first(rowValue(context, text)),
      }
    }
    throw malformed('MALFORMED_QUERY', 'A grouped query selects fields and functions only')
  })
}

function functionOfGroup(context: Context, call: FunctionCall | FieldFunctionExpression): (group: Group) => FieldValue {
  const name = (call.functionName ?? '').toUpperCase()
  if (isDateFunction(name)) {
    const of = functionOfRow(context, call)
    return group => (group[0] ? of(group[0]) : null)
  }
  const [parameter] = call.parameters ?? []
  if (name === 'COUNT' && parameter === undefined) return group => group.length
  if (typeof parameter !== 'string' || !AGGREGATES.has(name))
    throw malformed('MALFORMED_QUERY', `unexpected token: '${call.functionName ?? '('}'`)
  const of = rowValue(context, parameter)
  return group =>
    summarize(
      name,
      group.map(of).filter(value => value !== null),
    )
}

function summarize(name: string, values: readonly FieldValue[]): FieldValue {
  if (name === 'COUNT') return values.length
  if (name === 'COUNT_DISTINCT') return new Set(values).size
  if (values.length === 0) return null
  if (name === 'MIN' || name === 'MAX')
    return values.reduce((best, value) =>
      best === null || value === null ? value : (name === 'MIN') === value < best ? value : best,
    )
  const total = sum(values.filter(value => typeof value === 'number'))
  return name === 'SUM' ? toNumber(total) : toNumber(divide(total, decimal(values.length), 10))
}

function orderValue(context: Context, clause: OrderByClause): (group: Group) => FieldValue {
  if ('fn' in clause) return functionOfGroup(context, clause.fn)
  const of = rowValue(context, clause.field)
  return group => (group[0] ? of(group[0]) : null)
}

function havingTest(
  context: Context,
  expression: Expression<ConditionWithValueQuery>,
  literals: Literals,
): (group: Group) => boolean {
  if (expression.is === 'not') {
    const inner = havingTest(context, expression.part, literals)
    return group => !inner(group)
  }
  if (expression.is !== 'test') {
    const parts = expression.parts.map(part => havingTest(context, part, literals))
    return group => (expression.is === 'and' ? parts.every(holds => holds(group)) : parts.some(holds => holds(group)))
  }
  const { test } = expression
  if (!('operator' in test) || 'valueQuery' in test)
    throw malformed('MALFORMED_QUERY', 'A condition of HAVING is missing')
  const value = 'fn' in test ? functionOfGroup(context, test.fn) : orderValue(context, { field: test.field })
  const [text = ''] = Array.isArray(test.value) ? test.value : [test.value]
  const wanted: string | number = text.startsWith("'") ? (literals[Number(text.slice(1, -1))]?.[0] ?? '') : Number(text)
  return group => compares(test.operator, value(group), wanted)
}

function compares(operator: string, value: FieldValue, wanted: string | number): boolean {
  if (value === null || typeof value !== typeof wanted) return operator === '!='
  if (operator === '=') return value === wanted
  if (operator === '!=') return value !== wanted
  if (operator === '<') return value < wanted
  if (operator === '<=') return value <= wanted
  return operator === '>' ? value > wanted : value >= wanted
}
