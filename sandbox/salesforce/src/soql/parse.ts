// Parses SOQL. String literals are taken out first, so that queries that differ only in their values share one parse,
// and a list of 200 ids costs no more to parse than one.
import {
  type ConditionWithValueQuery,
  type HavingClause,
  parseQuery,
  type Query,
  type Subquery,
  type WhereClause,
} from '@jetstreamapp/soql-parser-js'
import { malformed } from '../errors.ts'

export type ParsedQuery = { readonly query: Query; readonly literals: Literals }
/** The texts that stood in quotes, by the number that took their place; a list in parentheses is one of them. */
export type Literals = readonly (readonly string[])[]

export type Expression<C> =
  | { readonly is: 'and' | 'or'; readonly parts: readonly Expression<C>[] }
  | { readonly is: 'not'; readonly part: Expression<C> }
  | { readonly is: 'test'; readonly test: C }

const STRING_LIST = /'(?:[^'\\]|\\.)*'(?:\s*,\s*'(?:[^'\\]|\\.)*')*/g
const STRING = /'((?:[^'\\]|\\.)*)'/g
const CACHE_SIZE = 500
const MAX_WORDS_SEARCHED = 60
const cache = new Map<string, Query>()

export function parseSoql(soql: string): ParsedQuery {
  const literals: string[][] = []
  const template = soql.replace(/\s+all\s+rows\s*$/i, '').replace(STRING_LIST, list => {
    literals.push([...list.matchAll(STRING)].map(match => withoutEscapes(match[1] ?? '')))
    return `'${literals.length - 1}'`
  })
  let query = cache.get(template)
  if (!query) {
    query = parseTemplate(template, soql)
    cache.set(template, query)
    const oldest = cache.keys().next()
    if (cache.size > CACHE_SIZE && !oldest.done) cache.delete(oldest.value)
  }
  return { query, literals }
}

function parseTemplate(template: string, soql: string): Query {
  try {
    return parseQuery(template)
  } catch {
    throw malformedQuery(soql)
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** `\'` and the other escapes; `\%` and `\_` stay, because only LIKE gives them a meaning. */
function withoutEscapes(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\(.)/gs, (whole, char: string) => (char === '%' || char === '_' ? whole : (ESCAPES[char] ?? char)))
    : text
}

function malformedQuery(soql: string): Error {
  const column = unexpectedColumn(soql)
  const token = /^\S+/.exec(soql.slice(column))?.[0]?.replace(/[,)]+$/, '')
  const reason = token ? `unexpected token: '${token}'` : "unexpected token: '<EOF>'"
  return malformed(
    'MALFORMED_QUERY',
    `\n${soql}\n${' '.repeat(column)}^\nERROR at Row:1:Column:${column + 1}\n${reason}`,
  )
}

/** Where the reader would stumble: after the select list when FROM is missing, else at the first part that does not parse. */
function unexpectedColumn(soql: string): number {
  if (!/^\s*select\b/i.test(soql)) return Math.max(0, soql.search(/\S/))
  if (!/\bfrom\b/i.test(soql)) {
    const list = /^\s*select\s+[^\s,]+(\s*,\s*[^\s,]+)*\s+/i.exec(soql)
    return list ? list[0].length : soql.length
  }
  const words = [...soql.matchAll(/\S+/g)]
  // Looking for the place costs many attempts; a very long query is only told that it is wrong.
  if (words.length > MAX_WORDS_SEARCHED) return soql.length
  for (const word of words) {
    const end = word.index + word[0].length
    if (!couldContinue(soql.slice(0, end))) return word.index
  }
  return soql.length
}

const FINISHES = [
  '',
  ' x',
  ' = 1',
  ' x = 1',
  ' FROM x',
  ' x FROM x',
  ' IN (1)',
  ' (1)',
  ')',
  ' 1',
  ' 1)',
  ' = 1)',
  ' FROM x)',
  ' x FROM x) FROM x',
  ') FROM x',
  ' FROM x) FROM x',
  ' BY x',
  ' x = 1) FROM x',
  ' = 1) FROM x',
  ' 1) FROM x',
]

function couldContinue(start: string): boolean {
  return FINISHES.some(finish => {
    try {
      parseQuery(start + finish)
      return true
    } catch {
      return false
    }
  })
}

/** The parser's chain of conditions and parentheses as a tree; AND binds before OR. */
export function expressionOf(clause: WhereClause | HavingClause): Expression<ConditionWithValueQuery> {
  const tokens: Token[] = []
  flatten(clause, tokens)
  const reader = { tokens, at: 0 }
  return readOr(reader)
}

type Token = '(' | ')' | 'AND' | 'OR' | 'NOT' | { readonly test: ConditionWithValueQuery }
type Reader = { readonly tokens: readonly Token[]; at: number }

function flatten(clause: WhereClause | HavingClause, tokens: Token[]): void {
  for (let rest: WhereClause | HavingClause | undefined = clause; rest; ) {
    const operator: string | undefined = 'operator' in rest ? rest.operator : undefined
    const left: ConditionWithValueQuery | null = rest.left
    for (let i = 0; i < (left?.openParen ?? 0); i++) tokens.push('(')
    if (left && 'operator' in left) tokens.push({ test: left })
    const closing = left && 'closeParen' in left ? (left.closeParen ?? 0) : 0
    for (let i = 0; i < closing; i++) tokens.push(')')
    if (operator === 'AND' || operator === 'OR' || operator === 'NOT') tokens.push(operator)
    rest = 'right' in rest ? rest.right : undefined
  }
}

function readOr(reader: Reader): Expression<ConditionWithValueQuery> {
  const parts = [readAnd(reader)]
  while (reader.tokens[reader.at] === 'OR') {
    reader.at++
    parts.push(readAnd(reader))
  }
  return parts.length === 1 && parts[0] ? parts[0] : { is: 'or', parts }
}

function readAnd(reader: Reader): Expression<ConditionWithValueQuery> {
  const parts = [readOne(reader)]
  while (reader.tokens[reader.at] === 'AND') {
    reader.at++
    parts.push(readOne(reader))
  }
  return parts.length === 1 && parts[0] ? parts[0] : { is: 'and', parts }
}

function readOne(reader: Reader): Expression<ConditionWithValueQuery> {
  const token = reader.tokens[reader.at++]
  if (token === 'NOT') return { is: 'not', part: readOne(reader) }
  if (token === '(') {
    const inner = readOr(reader)
    reader.at++
    return inner
  }
  if (typeof token === 'object') return { is: 'test', test: token.test }
  throw malformed('MALFORMED_QUERY', "unexpected token: ')'")
}

export type { Query, Subquery }
