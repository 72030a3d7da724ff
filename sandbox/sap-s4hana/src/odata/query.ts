// The answer to a query on an entity set: which index to walk, which rows pass, which page of them.
import Big from 'big.js'
import { malformed } from './errors.ts'
import { type Filter, parseFilter, testOf } from './filter.ts'
import type { EntityType, Row } from './model.ts'
import type { EntitySet, RangeIndex, Source } from './service.ts'

const PAGE_SIZE = 1000

interface Order {
  readonly field: string
  readonly descending: boolean
}

export interface Page {
  readonly rows: readonly Row[]
  readonly total: number | undefined
  /** How many rows to skip to read on; absent on the last page. */
  readonly next: number | undefined
}

export interface Options {
  readonly filter: Filter | undefined
  readonly orderBy: readonly Order[]
  readonly top: number | undefined
  readonly skip: number
  /** Rows already sent on earlier pages. */
  readonly skipToken: number
  readonly count: boolean
}

export function optionsOf(type: EntityType, parameters: URLSearchParams): Options {
  const filter = parameters.get('$filter')
  const inlineCount = parameters.get('$inlinecount') ?? 'none'
  if (inlineCount !== 'allpages' && inlineCount !== 'none') throw malformed(`Invalid $inlinecount '${inlineCount}'`)
  return {
    filter: filter === null || filter.trim() === '' ? undefined : parseFilter(filter, type),
    orderBy: ordersOf(type, parameters.get('$orderby') ?? ''),
    top: wholeNumber(parameters, '$top'),
    skip: wholeNumber(parameters, '$skip') ?? 0,
    skipToken: wholeNumber(parameters, '$skiptoken') ?? 0,
    count: inlineCount === 'allpages',
  }
}

function wholeNumber(parameters: URLSearchParams, name: string): number | undefined {
  const value = parameters.get(name)
  if (value === null) return undefined
  if (!/^\d{1,9}$/.test(value)) throw malformed(`Invalid ${name} '${value}': a whole number is expected`)
  return Number(value)
}

const ordersOf = (type: EntityType, source: string): Order[] =>
  source
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => {
      const [field = '', direction = 'asc'] = part.split(/\s+/)
      const property = type.properties[field]
      if (!property || property.hidden)
        throw malformed(`Invalid $orderby: ${type.name} does not have the property '${field}'`)
      if (direction !== 'asc' && direction !== 'desc') throw malformed(`Invalid $orderby direction '${direction}'`)
      return { field, descending: direction === 'desc' }
    })

export function pageOf(set: EntitySet, options: Options): Page {
  const plan = planOf(set, options)
  const test = options.filter ? testOf(options.filter) : () => true
  const rows = plan.sorted ? plan.rows : sorted(filtered(plan.rows, test), set.type, options.orderBy)
  const pending = plan.sorted ? test : () => true
  const first = options.skip + options.skipToken
  const left = options.top === undefined ? Number.POSITIVE_INFINITY : options.top - options.skipToken
  const size = Math.max(0, Math.min(PAGE_SIZE, left))
  const page: Row[] = []
  let passed = 0
  let more = false
  for (const row of rows) {
    if (!pending(row)) continue
    passed++
    if (passed <= first) continue
    if (page.length < size) page.push(row)
    else {
      more = size < left
      if (!options.count) break
    }
  }
  return {
    rows: page,
    total: options.count ? passed : undefined,
    next: more ? options.skipToken + page.length : undefined,
  }
}

export function countOf(set: EntitySet, options: Options): number {
  const test = options.filter ? testOf(options.filter) : () => true
  let count = 0
  for (const row of planOf(set, { ...options, orderBy: [] }).rows) if (test(row)) count++
  return count
}

function* filtered(rows: Iterable<Row>, test: (row: Row) => boolean): Generator<Row> {
  for (const row of rows) if (test(row)) yield row
}

/** The rows to look at, and whether they already come in the order that was asked for. */
function planOf({ source, type }: EntitySet, options: Options): { rows: Iterable<Row>; sorted: boolean } {
  const candidates = options.filter ? candidatesFor(source, options.filter) : undefined
  const [order, ...others] = options.orderBy
  const range = order && followsTimeline(type, order, others) ? rangeOf(source, order.field) : undefined
  if (order && range && (candidates ? candidates.from?.field === order.field : range.complete)) {
    return {
      rows: range.timeline.since(candidates?.from?.stamp ?? Number.NEGATIVE_INFINITY, order.descending),
      sorted: true,
    }
  }
  const rows = candidates ? candidates.rows() : source.all()
  return { rows, sorted: options.orderBy.length === 0 }
}

/** A timeline orders rows of one stamp by their key, so asking for that as well changes nothing. */
const followsTimeline = (type: EntityType, first: Order, others: readonly Order[]): boolean =>
  others.length === 0 ||
  (others.length === 1 &&
    type.keys.length === 1 &&
    others[0]?.field === type.keys[0] &&
    others[0]?.descending === first.descending)

interface Candidates {
  readonly size: number
  rows(): Iterable<Row>
  /** Set when the candidates are all rows from this stamp on. */
  readonly from?: { readonly field: string; readonly stamp: number }
}

/** The smallest set of rows that an index can name and that holds every row the filter lets through. */
function candidatesFor(source: Source, filter: Filter): Candidates | undefined {
  if (filter.is === 'and') {
    const timed = dayAndTime(source, filter.left, filter.right)
    if (timed) return timed
    const [left, right] = [candidatesFor(source, filter.left), candidatesFor(source, filter.right)]
    if (!left || !right) return left ?? right
    return left.size <= right.size ? left : right
  }
  if (filter.is === 'or') {
    const [left, right] = [candidatesFor(source, filter.left), candidatesFor(source, filter.right)]
    if (!left || !right) return undefined
    const range = left.from && left.from.field === right.from?.field ? rangeOf(source, left.from.field) : undefined
    if (range && left.from && right.from) return candidatesSince(range, Math.min(left.from.stamp, right.from.stamp))
    return { size: left.size + right.size, rows: () => new Set([...left.rows(), ...right.rows()]) }
  }
  if (filter.is !== 'compare' || filter.left.is !== 'property' || filter.right.is !== 'literal') return undefined
  const { name } = filter.left
  const { literal } = filter.right
  if (filter.by === 'eq' && literal.kind === 'text') {
    const lookup = source.equals?.[name]
    // An index holds no rows for the empty value.
    if (!lookup || literal.value === '') return undefined
    return { size: lookup.size(literal.value), rows: () => lookup.rows(literal.value) }
  }
  const range = rangeOf(source, name)
  if (!range || literal.kind !== 'instant' || !['eq', 'ge', 'gt'].includes(filter.by)) return undefined
  return candidatesSince(range, literal.value)
}

const rangeOf = (source: Source, field: string) => source.ranges?.find(each => each.field === field)

const candidatesSince = (range: RangeIndex, stamp: number): Candidates => ({
  size: range.timeline.countSince(stamp),
  rows: () => range.timeline.since(stamp, false),
  from: { field: range.field, stamp },
})

/** `LastChangeDate eq <day> and LastChangeTime ge <time>`: one instant, told in two fields. */
function dayAndTime(source: Source, day: Filter, time: Filter): Candidates | undefined {
  if (day.is !== 'compare' || time.is !== 'compare' || day.by !== 'eq' || !time.by.startsWith('g')) return undefined
  if (day.left.is !== 'property' || day.right.is !== 'literal' || day.right.literal.kind !== 'instant') return undefined
  if (time.left.is !== 'property' || time.right.is !== 'literal' || time.right.literal.kind !== 'time') return undefined
  const [dayField, timeField] = [day.left.name, time.left.name]
  const range = source.ranges?.find(each => each.field === dayField && each.timeField === timeField)
  return range && candidatesSince(range, day.right.literal.value + millisecondsOf(time.right.literal.value))
}

const millisecondsOf = (time: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = (time.match(/\d+/g) ?? []).map(Number)
  return ((hours * 60 + minutes) * 60 + seconds) * 1000
}

function sorted(rows: Iterable<Row>, type: EntityType, orderBy: readonly Order[]): readonly Row[] {
  return [...rows].sort((a, b) => {
    for (const { field, descending } of orderBy) {
      const order = compare(a[field], b[field], type.properties[field]?.kind === 'decimal')
      if (order !== 0) return descending ? -order : order
    }
    return 0
  })
}

function compare(a: unknown, b: unknown, decimal: boolean): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  if (decimal) return new Big(String(a)).cmp(new Big(String(b)))
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : 1
}
