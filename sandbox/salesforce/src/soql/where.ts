// Turns the WHERE of a query into a test of a row, and into the ids worth testing when an index knows them.
import type { ConditionWithValueQuery } from '@jetstreamapp/soql-parser-js'
import { malformed } from '../errors.ts'
import { toId18 } from '../ids.ts'
import type { Org } from '../org.ts'
import type { Field, ObjectType } from '../schema.ts'
import type { FieldValue, Row } from '../table.ts'
import { dateText, datetimeText, parseDate, parseDatetime } from '../times.ts'
import { type Stretch, stretchOf } from './dates.ts'
import { dateFunction } from './functions.ts'
import { type Expression, expressionOf, type Literals, type Query } from './parse.ts'
import { type Path, resolvePath, valueAt } from './paths.ts'

export type Filter = {
  readonly matches: (row: Row) => boolean
  /** Ids, some of them perhaps unfit, outside of which no row matches; undefined when only a scan can tell. */
  readonly candidates: (() => Iterable<string>) | undefined
}

export type Scope = {
  readonly org: Org
  readonly type: ObjectType
  readonly alias: string | undefined
  readonly literals: Literals
  /** The values of the one selected field of a semi-join. */
  readonly valuesOf: (query: Query) => Set<FieldValue>
}

type Operand =
  | { readonly kind: 'value'; readonly value: FieldValue }
  | { readonly kind: 'stretch'; readonly stretch: Stretch }

const EVERYTHING: Filter = { matches: () => true, candidates: undefined }

export function filterOf(scope: Scope, where: Query['where']): Filter {
  return where ? compile(scope, expressionOf(where)) : EVERYTHING
}

function compile(scope: Scope, expression: Expression<ConditionWithValueQuery>): Filter {
  if (expression.is === 'test') return compileTest(scope, expression.test)
  if (expression.is === 'not') {
    const { matches } = compile(scope, expression.part)
    return { matches: row => !matches(row), candidates: undefined }
  }
  const parts = expression.parts.map(part => compile(scope, part))
  if (expression.is === 'and') {
    return {
      matches: row => parts.every(part => part.matches(row)),
      candidates: parts.find(part => part.candidates)?.candidates,
    }
  }
  const sources = parts.map(part => part.candidates)
  return {
    matches: row => parts.some(part => part.matches(row)),
    candidates: sources.every(source => source !== undefined)
      ? () => union(sources.map(source => source()))
      : undefined,
  }
}

function union(lists: readonly Iterable<string>[]): Set<string> {
  const all = new Set<string>()
  for (const list of lists) for (const id of list) all.add(id)
  return all
}

function compileTest(scope: Scope, test: ConditionWithValueQuery): Filter {
  if (!('operator' in test)) throw malformed('MALFORMED_QUERY', 'A condition is missing')
  const operator = test.operator.toUpperCase()
  if ('fn' in test) return functionTest(scope, test.fn, operator, test)
  const path = resolvePath(scope.org, scope.type, test.field, scope.alias)
  if (path.field.longText || path.field.type === 'address') {
    throw malformed('INVALID_FIELD', `field '${path.field.name}' can not be filtered in a query call`)
  }
  if ('valueQuery' in test) return membership(scope, path, scope.valuesOf(test.valueQuery), operator)
  const operands = operandsOf(scope, path.field, test.value, test.literalType)
  if (operator === 'IN' || operator === 'NOT IN') return membership(scope, path, new Set(operands.map(plain)), operator)
  if (operator === 'INCLUDES' || operator === 'EXCLUDES') return includes(scope, path, operands.map(plain), operator)
  const [operand] = operands
  if (!operand) throw malformed('MALFORMED_QUERY', `${test.field} is compared with nothing`)
  if (operator === 'LIKE') return likeTest(scope, path, String(plain(operand)))
  if (operand.kind === 'stretch') return stretchTest(scope, path, operand.stretch, operator)
  if (operator === '=') return membership(scope, path, new Set([operand.value]), 'IN')
  if (operator === '!=' || operator === '<>') return membership(scope, path, new Set([operand.value]), 'NOT IN')
  return orderTest(scope, path, operator, operand.value)
}

function plain(operand: Operand): FieldValue {
  return operand.kind === 'value' ? operand.value : datetimeText(operand.stretch.from)
}

function comparable(field: Field, value: FieldValue): FieldValue {
  return typeof value === 'string' && field.type !== 'id' && field.type !== 'reference' && !field.caseSensitive
    ? value.toLowerCase()
    : value
}

function membership(scope: Scope, path: Path, values: ReadonlySet<FieldValue>, operator: string): Filter {
  const wanted = new Set([...values].map(value => comparable(path.field, value)))
  const has = (row: Row) => wanted.has(comparable(path.field, valueAt(scope.org, path, row)))
  if (operator === 'NOT IN') return { matches: row => !has(row), candidates: undefined }
  return { matches: has, candidates: values.has(null) ? undefined : lookup(scope, path, values) }
}

/** Finds by index: the rows of the path's end, then back along the lookups to the rows of the query. */
function lookup(scope: Scope, path: Path, values: ReadonlySet<FieldValue>): (() => Iterable<string>) | undefined {
  const end = scope.org.table(path.owner.name)
  const isId = path.field.type === 'id'
  if (!isId && !end.isIndexed(path.field.name)) return undefined
  const types = [scope.type, ...path.parents.map(parent => parent.type)]
  if (!path.parents.every((parent, i) => scope.org.table(types[i]?.name ?? '').isIndexed(parent.field.name)))
    return undefined
  return () => {
    let ids: Iterable<string> = isId
      ? [...values].map(String)
      : union([...values].map(value => end.find(path.field.name, value)))
    for (let i = path.parents.length - 1; i >= 0; i--) {
      const table = scope.org.table(types[i]?.name ?? '')
      const lookupField = path.parents[i]?.field.name ?? ''
      ids = union([...ids].map(id => table.find(lookupField, id)))
    }
    return ids
  }
}

function includes(scope: Scope, path: Path, values: readonly FieldValue[], operator: string): Filter {
  const groups = values.map(value => String(value).toLowerCase().split(';'))
  const has = (row: Row) => {
    const held = String(valueAt(scope.org, path, row) ?? '')
      .toLowerCase()
      .split(';')
    return groups.some(group => group.every(value => held.includes(value)))
  }
  return { matches: operator === 'INCLUDES' ? has : row => !has(row), candidates: undefined }
}

function likeTest(scope: Scope, path: Path, pattern: string): Filter {
  const source = pattern.replace(/\\[%_]|[%_]|[.*+?^${}()|[\]\\]/g, part =>
    part === '%' ? '[\\s\\S]*' : part === '_' ? '[\\s\\S]' : part.length === 2 ? part.slice(1) : `\\${part}`,
  )
  const expression = new RegExp(`^${source}$`, 'i')
  return { matches: row => expression.test(String(valueAt(scope.org, path, row) ?? '')), candidates: undefined }
}

function stretchTest(scope: Scope, path: Path, stretch: Stretch, operator: string): Filter {
  const text = path.field.type === 'date' ? dateText : datetimeText
  const from = text(stretch.from)
  const to = text(stretch.to)
  const test = (holds: (value: string) => boolean) => (row: Row) => {
    const value = valueAt(scope.org, path, row)
    return typeof value === 'string' && holds(value)
  }
  const since =
    operator === '<' || operator === '<=' || operator === '!='
      ? undefined
      : changedSince(scope, path, operator === '>' ? to : from)
  if (operator === '=') return { matches: test(value => value >= from && value < to), candidates: since }
  if (operator === '!=' || operator === '<>')
    return { matches: row => !test(value => value >= from && value < to)(row), candidates: undefined }
  if (operator === '<') return { matches: test(value => value < from), candidates: undefined }
  if (operator === '<=') return { matches: test(value => value < to), candidates: undefined }
  return operator === '>'
    ? { matches: test(value => value >= to), candidates: since }
    : { matches: test(value => value >= from), candidates: since }
}

function changedSince(scope: Scope, path: Path, at: string): Filter['candidates'] {
  const isChangeTime =
    path.parents.length === 0 && (path.field.name === 'SystemModstamp' || path.field.name === 'LastModifiedDate')
  return isChangeTime ? () => scope.org.table(scope.type.name).changedSince(at) : undefined
}

function orderTest(scope: Scope, path: Path, operator: string, bound: FieldValue): Filter {
  if (bound === null) throw malformed('INVALID_FIELD', `null is only compared with = and != (field ${path.field.name})`)
  const limit = comparable(path.field, bound)
  const holds = comparison(operator)
  return {
    matches: row => {
      const value = comparable(path.field, valueAt(scope.org, path, row))
      return (
        value !== null &&
        limit !== null &&
        typeof value === typeof limit &&
        holds(value < limit ? -1 : value > limit ? 1 : 0)
      )
    },
    candidates: operator.startsWith('>') && typeof bound === 'string' ? changedSince(scope, path, bound) : undefined,
  }
}

function comparison(operator: string): (order: number) => boolean {
  if (operator === '<') return order => order < 0
  if (operator === '<=') return order => order <= 0
  if (operator === '>') return order => order > 0
  if (operator === '>=') return order => order >= 0
  if (operator === '=') return order => order === 0
  if (operator === '!=' || operator === '<>') return order => order !== 0
  throw malformed('MALFORMED_QUERY', `unexpected token: '${operator}'`)
}

function functionTest(
  scope: Scope,
  fn: { functionName?: string; parameters?: readonly unknown[] },
  operator: string,
  test: { value?: string | string[]; literalType?: string | string[] },
): Filter {
  const [parameter] = fn.parameters ?? []
  if (typeof parameter !== 'string') throw malformed('MALFORMED_QUERY', `unexpected token: '${fn.functionName ?? '('}'`)
  const path = resolvePath(scope.org, scope.type, parameter, scope.alias)
  const apply = dateFunction(fn.functionName ?? '')
  const literal = Array.isArray(test.value) ? test.value[0] : test.value
  const wanted: string | number = /^-?\d+(\.\d+)?$/.test(literal ?? '') ? Number(literal) : (literal ?? '')
  const holds = comparison(operator)
  return {
    matches: row => {
      const value = apply(valueAt(scope.org, path, row))
      return value !== null && holds(value < wanted ? -1 : value > wanted ? 1 : 0)
    },
    candidates: undefined,
  }
}

function operandsOf(
  scope: Scope,
  field: Field,
  value: string | string[],
  literalType: string | string[] | undefined,
): Operand[] {
  const values = Array.isArray(value) ? value : [value]
  return values.flatMap((text, index) => {
    const kind = Array.isArray(literalType) ? literalType[index] : literalType
    if (kind === 'STRING' || text.startsWith("'"))
      return (scope.literals[Number(text.slice(1, -1))] ?? []).map(quoted => quotedOperand(field, quoted))
    return [bareOperand(scope, field, text, kind)]
  })
}

const UNQUOTED: readonly string[] = ['currency', 'double', 'percent', 'int', 'boolean', 'date', 'datetime']

function quotedOperand(field: Field, text: string): Operand {
  if (UNQUOTED.includes(field.type)) {
    throw malformed(
      'INVALID_FIELD',
      `value of filter criterion for field '${field.name}' must be of type ${field.type === 'datetime' ? 'dateTime' : field.type} and should not be enclosed in quotes`,
    )
  }
  if (field.type !== 'id' && field.type !== 'reference') return { kind: 'value', value: text === '' ? null : text }
  if (text === '') return { kind: 'value', value: null }
  const id = toId18(text)
  if (!id) throw malformed('INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${text}`)
  return { kind: 'value', value: id }
}

function bareOperand(scope: Scope, field: Field, text: string, kind: string | undefined): Operand {
  if (/^null$/i.test(text)) return { kind: 'value', value: null }
  if (field.type === 'boolean' && /^(true|false)$/i.test(text))
    return { kind: 'value', value: text.toLowerCase() === 'true' }
  if (field.type === 'date' || field.type === 'datetime') return momentOperand(scope, field, text)
  const number = Number(text.replace(/^[A-Z]{3}(?=\d)/, ''))
  if (['currency', 'double', 'percent', 'int'].includes(field.type) && !Number.isNaN(number) && kind !== 'BOOLEAN')
    return { kind: 'value', value: number }
  const quotes = UNQUOTED.includes(field.type) ? 'should not be enclosed in quotes' : 'should be enclosed in quotes'
  throw malformed(
    'INVALID_FIELD',
    `value of filter criterion for field '${field.name}' must be of type ${field.type === 'reference' || field.type === 'id' ? 'string' : field.type} and ${quotes}`,
  )
}

function momentOperand(scope: Scope, field: Field, text: string): Operand {
  const stretch = stretchOf(text, scope.org.now())
  if (stretch) return { kind: 'stretch', stretch }
  const day = field.type === 'date' && /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseDate(text) : undefined
  if (day) return { kind: 'value', value: day }
  const ms = field.type === 'datetime' ? parseDatetime(text.replace(' ', '+')) : undefined
  if (ms !== undefined) return { kind: 'value', value: datetimeText(ms) }
  throw malformed(
    'INVALID_FIELD',
    `value of filter criterion for field '${field.name}' must be of type ${field.type === 'datetime' ? 'dateTime' : 'date'} and should not be enclosed in quotes`,
  )
}
