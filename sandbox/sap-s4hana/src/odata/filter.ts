// $filter: from text to a tree, and from the tree to a test on rows.
import Big from 'big.js'
import { malformed } from './errors.ts'
import type { EntityType, Kind, Property, Row } from './model.ts'

type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

type Literal =
  | { readonly kind: 'text' | 'number' | 'time'; readonly value: string }
  | { readonly kind: 'instant'; readonly value: number }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'null'; readonly value: null }

type Term =
  | { readonly is: 'property'; readonly name: string; readonly property: Property }
  | { readonly is: 'literal'; readonly literal: Literal }
  | { readonly is: 'call'; readonly name: string; readonly of: readonly Term[] }

export type Filter =
  | { readonly is: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly is: 'not'; readonly of: Filter }
  | { readonly is: 'compare'; readonly by: Comparison; readonly left: Term; readonly right: Term }
  | { readonly is: 'holds'; readonly term: Term }

const TOKEN =
  /\s*(?:(datetimeoffset|datetime|time|guid)'((?:[^']|'')*)'|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)[mMdDfFlL]?(?![\w])|([A-Za-z_]\w*(?:\/[A-Za-z_]\w*)*)|([(),]))/y

type Token =
  | { readonly is: 'literal'; readonly literal: Literal }
  | { readonly is: 'word' | 'sign'; readonly text: string }

function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  let at = 0
  while (source.slice(at).trim() !== '') {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(source)
    if (!match) throw malformed(`Invalid $filter: cannot read ${JSON.stringify(source.slice(at))}`)
    at = TOKEN.lastIndex
    const [, prefix, prefixed, quoted, number, word, sign] = match
    if (prefix !== undefined) tokens.push({ is: 'literal', literal: prefixedLiteral(prefix, prefixed ?? '') })
    else if (quoted !== undefined)
      tokens.push({ is: 'literal', literal: { kind: 'text', value: quoted.replaceAll("''", "'") } })
    else if (number !== undefined) tokens.push({ is: 'literal', literal: { kind: 'number', value: number } })
    else if (word === 'true' || word === 'false')
      tokens.push({ is: 'literal', literal: { kind: 'flag', value: word === 'true' } })
    else if (word === 'null') tokens.push({ is: 'literal', literal: { kind: 'null', value: null } })
    else if (word !== undefined) tokens.push({ is: 'word', text: word })
    else tokens.push({ is: 'sign', text: sign ?? '' })
  }
  return tokens
}

function prefixedLiteral(prefix: string, body: string): Literal {
  if (prefix === 'guid') return { kind: 'text', value: body }
  if (prefix === 'time') return { kind: 'time', value: normalTime(body) }
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/
  const zoned = /(Z|[+-]\d\d:\d\d)$/.test(body)
  const milliseconds = form.test(body) ? Date.parse(zoned ? body : `${body}Z`) : Number.NaN
  if (Number.isNaN(milliseconds)) throw malformed(`Invalid literal ${prefix}'${body}' in $filter`)
  return { kind: 'instant', value: milliseconds }
}

function normalTime(body: string): string {
  const parts = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?$/.exec(body)
  if (!parts) throw malformed(`Invalid literal time'${body}' in $filter`)
  const two = (part: string | undefined) => (part ?? '0').padStart(2, '0')
  return `PT${two(parts[1])}H${two(parts[2])}M${two(parts[3])}S`
}

const COMPARISONS: Readonly<Record<string, Comparison>> = { eq: 'eq', ne: 'ne', gt: 'gt', ge: 'ge', lt: 'lt', le: 'le' }
const FUNCTIONS: Readonly<Record<string, number>> = {
  substringof: 2,
  startswith: 2,
  endswith: 2,
  tolower: 1,
  toupper: 1,
  length: 1,
}

/** Parses a filter on rows of one type; a name the type does not have is refused here, not when rows are read. */
export function parseFilter(source: string, type: EntityType): Filter {
  const tokens = tokensOf(source)
  let at = 0
  const peekWord = (text: string) => {
    const token = tokens[at]
    return token !== undefined && token.is !== 'literal' && token.text === text
  }
  const take = (text: string) => {
    if (!peekWord(text)) throw malformed(`Invalid $filter ${JSON.stringify(source)}: '${text}' is expected`)
    at++
  }
  const chain = (word: 'and' | 'or', next: () => Filter): Filter => {
    let left = next()
    while (peekWord(word)) {
      at++
      left = { is: word, left, right: next() }
    }
    return left
  }
  const disjunction = (): Filter => chain('or', conjunction)
  const conjunction = (): Filter => chain('and', negation)
  const negation = (): Filter => {
    if (!peekWord('not')) return comparison()
    at++
    return { is: 'not', of: negation() }
  }
  const comparison = (): Filter => {
    if (peekWord('(')) {
      at++
      const inner = disjunction()
      take(')')
      return inner
    }
    const left = term()
    const next = tokens[at]
    const by = next?.is === 'word' ? COMPARISONS[next.text] : undefined
    if (!by) return { is: 'holds', term: left }
    at++
    const right = term()
    return checked({ is: 'compare', by, left, right })
  }
  const term = (): Term => {
    const token = tokens[at++]
    if (!token) throw malformed(`Invalid $filter ${JSON.stringify(source)}: it ends too early`)
    if (token.is === 'literal') return token
    const arity = FUNCTIONS[token.text]
    if (arity !== undefined && peekWord('(')) return call(token.text, arity)
    const property = type.properties[token.text]
    if (!property || property.hidden)
      throw malformed(`Invalid $filter: ${type.name} does not have the property '${token.text}'`)
    return { is: 'property', name: token.text, property }
  }
  const call = (name: string, arity: number): Term => {
    take('(')
    const of = [term()]
    while (of.length < arity) {
      take(',')
      of.push(term())
    }
    take(')')
    return { is: 'call', name, of }
  }
  const filter = disjunction()
  if (at < tokens.length) throw malformed(`Invalid $filter ${JSON.stringify(source)}: it does not end where it should`)
  return filter
}

const LITERALS_OF: Readonly<Record<Kind, readonly Literal['kind'][]>> = {
  text: ['text', 'null'],
  decimal: ['number'],
  integer: ['number'],
  date: ['instant', 'null'],
  instant: ['instant', 'null'],
  time: ['time'],
  flag: ['flag'],
}

function checked(filter: Filter & { is: 'compare' }): Filter {
  const [property, other] = filter.left.is === 'property' ? [filter.left, filter.right] : [filter.right, filter.left]
  if (property.is !== 'property' || other.is !== 'literal') return filter
  if (!LITERALS_OF[property.property.kind].includes(other.literal.kind)) {
    throw malformed(
      `Invalid $filter: '${property.name}' cannot be compared with ${JSON.stringify(other.literal.value)}`,
    )
  }
  return filter
}

/** The test that a filter stands for. */
export function testOf(filter: Filter): (row: Row) => boolean {
  switch (filter.is) {
    case 'and': {
      const [left, right] = [testOf(filter.left), testOf(filter.right)]
      return row => left(row) && right(row)
    }
    case 'or': {
      const [left, right] = [testOf(filter.left), testOf(filter.right)]
      return row => left(row) || right(row)
    }
    case 'not': {
      const inner = testOf(filter.of)
      return row => !inner(row)
    }
    case 'holds': {
      const value = termValue(filter.term)
      return row => value(row) === true
    }
    case 'compare':
      return comparisonTest(filter.by, filter.left, filter.right)
  }
}

function comparisonTest(by: Comparison, leftTerm: Term, rightTerm: Term): (row: Row) => boolean {
  const [left, right] = [termValue(leftTerm), termValue(rightTerm)]
  const decimal = [leftTerm, rightTerm].some(term => term.is === 'property' && term.property.kind === 'decimal')
  return row => {
    const [a, b] = [left(row), right(row)]
    if (a === null || b === null) return by === 'eq' ? a === b : by === 'ne' ? a !== b : false
    const order = decimal ? new Big(String(a)).cmp(new Big(String(b))) : orderOf(a, b)
    switch (by) {
      case 'eq':
        return order === 0
      case 'ne':
        return order !== 0
      case 'gt':
        return order > 0
      case 'ge':
        return order >= 0
      case 'lt':
        return order < 0
      case 'le':
        return order <= 0
    }
  }
}

const orderOf = (a: unknown, b: unknown): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function termValue(term: Term): (row: Row) => unknown {
  if (term.is === 'property') return row => row[term.name] ?? null
  if (term.is === 'literal') return () => term.literal.value
  const [first, second] = term.of.map(termValue)
  const textOf = (value: ((row: Row) => unknown) | undefined, row: Row) => String(value?.(row) ?? '')
  switch (term.name) {
    case 'substringof':
      return row => textOf(second, row).includes(textOf(first, row))
    case 'startswith':
      return row => textOf(first, row).startsWith(textOf(second, row))
    case 'endswith':
      return row => textOf(first, row).endsWith(textOf(second, row))
    case 'tolower':
      return row => textOf(first, row).toLowerCase()
    case 'toupper':
      return row => textOf(first, row).toUpperCase()
    default:
      return row => textOf(first, row).length
  }
}
