// /query and /queryAll: first pages, further pages by locator, and the column description that the sf CLI asks for.
import { ApiError, malformed } from '../errors.ts'
import { type QueryResult, runQuery } from '../soql/run.ts'
import { columnsOf } from './columns.ts'
import type { Call, Cursor, Cursors, Reply } from './types.ts'

const DEFAULT_BATCH = 2000
const LONG_TEXT_BATCH = 200

export function query(call: Call, withDeleted: boolean): Reply {
  const [, locator] = call.path
  if (locator) return nextPage(call, locator)
  const soql = call.query.get('q')
  if (soql === null) return call.query.has('explain') ? explain(call) : refuseEmpty()
  const result = runQuery(call.api.org, soql, { version: call.version, withDeleted })
  if (call.query.get('columns') === 'true') return { status: 200, body: columnsOf(call.api.org, result) }
  return page(
    call,
    { totalSize: result.totalSize, length: result.length, record: result.record, batchSize: batchSize(call, result) },
    0,
    undefined,
  )
}

function refuseEmpty(): never {
  throw malformed('MALFORMED_QUERY', 'A query string has to be specified')
}

function nextPage(call: Call, locator: string): Reply {
  const found = call.api.cursors.find(locator)
  if (!found) throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
  return page(call, found.cursor, found.from, found.id)
}

function page(call: Call, cursor: Cursor, from: number, openId: string | undefined): Reply {
  const to = Math.min(from + cursor.batchSize, cursor.length)
  const records: unknown[] = []
  for (let i = from; i < to; i++) records.push(cursor.record(i))
  const done = to >= cursor.length
  if (done) return { status: 200, body: { totalSize: cursor.totalSize, done, records } }
  const id = openId ?? call.api.cursors.open(cursor)
  return {
    status: 200,
    body: {
      totalSize: cursor.totalSize,
      done,
      nextRecordsUrl: `/services/data/v${call.version}/query/${id}-${to}`,
      records,
    },
  }
}

function batchSize(call: Call, result: QueryResult): number {
  const wished = Number(/batchSize=(\d+)/i.exec(call.headers['sforce-query-options'] ?? '')?.[1] ?? DEFAULT_BATCH)
  const longTexts = (result.query.fields ?? []).filter(
    field =>
      field.type === 'Field' &&
      result.type.fieldNamed.get(field.field.toLowerCase())?.custom &&
      result.type.fieldNamed.get(field.field.toLowerCase())?.longText,
  )
  return Math.min(longTexts.length >= 2 ? LONG_TEXT_BATCH : DEFAULT_BATCH, Math.max(200, wished))
}

function explain(call: Call): Reply {
  const { query, type, totalSize } = runQuery(call.api.org, call.query.get('explain') ?? '', {
    version: call.version,
    withDeleted: false,
  })
  const plan = {
    cardinality: totalSize,
    fields: [],
    leadingOperationType: query.where ? 'Other' : 'TableScan',
    notes: [],
    relativeCost: 1,
    sobjectCardinality: call.api.org.table(type.name).liveCount,
    sobjectType: type.name,
  }
  return { status: 200, body: { plans: [plan], sourceQuery: call.query.get('explain') } }
}

const MAX_CURSORS = 100

/** Open result sets, the oldest forgotten first. The locator is `01g...-2000`: the cursor and where to go on. */
export function cursorStore(newId: () => string): Cursors {
  const open = new Map<string, Cursor>()
  return {
    open(cursor) {
      const id = newId()
      open.set(id, cursor)
      const oldest = open.keys().next()
      if (open.size > MAX_CURSORS && !oldest.done) open.delete(oldest.value)
      return id
    },
    find(locator) {
      const match = /^(\w+)-(\d+)$/.exec(locator)
      const cursor = open.get(match?.[1] ?? '')
      return match?.[1] && cursor ? { id: match[1], cursor, from: Number(match[2]) } : undefined
    },
  }
}
