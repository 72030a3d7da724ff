// The service's API, version 1: subjects and consents over REST, with keys that make creates idempotent, conditional
// updates, lists in pages, and feeds of what changed.
import { createHash } from 'node:crypto'
import { isRow, jsonReply, parsed, type Reply, type Request } from './http.ts'
import { invalid, Problem, problemReply } from './problem.ts'
import { PURPOSES, type Register, type Values } from './register.ts'
import type { Kept, Shelf } from './shelf.ts'

/** API keys, and the name of the integration that signs with each. */
const KEYS: Readonly<Record<string, string>> = {
  'sandbox-consent-key': 'integration',
  'sandbox-website-key': 'website',
}
const LARGEST_PAGE = 200
const MOST_IDS = 50
/** What changed within the last two seconds is told again each time. */
const OVERLAP_MS = 2_000

/** What is said of a collection: which fields it takes, and how it is written. */
interface Collection {
  readonly shelf: Shelf
  readonly takes: readonly string[]
  /** Fields by which a list may be narrowed. */
  readonly asks: readonly string[]
  create(values: Values): Kept
  change(row: Kept, values: Values): Kept
  remove?(row: Kept): void
}

export interface Api {
  answer(request: Request): Reply
}

export const isApiPath = (path: string): boolean => path === '/v1' || path.startsWith('/v1/')

export function openApi(register: Register, requestsPerSecond: number): Api {
  const bucket = new Bucket(requestsPerSecond, register)
  const collections: Readonly<Record<string, Collection>> = {
    subjects: {
      shelf: register.subjects,
      takes: ['email', 'first_name', 'last_name', 'external_id'],
      asks: ['email', 'external_id'],
      create: values => register.createSubject(values),
      change: (row, values) => register.changeSubject(row, values),
      remove: row => register.deleteSubject(row),
    },
    consents: {
      shelf: register.consents,
      takes: ['subject_id', 'purpose', 'status', 'legal_basis', 'source'],
      asks: ['subject_id', 'purpose'],
      create: values => register.createConsent(values),
      change: (row, values) => register.changeConsent(row, values),
    },
  }

  function route(request: Request): Reply {
    const by = integrationOf(request)
    const waitSeconds = bucket.take()
    if (waitSeconds !== undefined)
      throw new Problem(
        429,
        'rate_limited',
        `More than ${requestsPerSecond} requests a second`,
        {},
        { 'retry-after': String(waitSeconds) },
      )
    const [, , name = '', id, ...more] = request.path.split('/')
    if (name === 'account' && id === undefined && request.method === 'GET')
      return jsonReply(200, { account: 'sandbox', purposes: PURPOSES, time: new Date(register.now).toISOString() })
    const collection = collections[name]
    if (!collection || more.length > 0) throw new Problem(404, 'not_found', `There is nothing at ${request.path}`)
    return id === undefined ? ofAll(collection, request, by) : ofOne(collection, id, request, by)
  }

  function ofAll(collection: Collection, request: Request, by: string): Reply {
    if (request.method === 'POST') return create(collection, request, by)
    if (request.method !== 'GET') throw notAllowed(request)
    const since = request.query.get('since')
    return since === null ? list(collection, request) : feed(collection, since, request)
  }

  function ofOne(collection: Collection, id: string, request: Request, by: string): Reply {
    const row = collection.shelf.get(id)
    if (!row) {
      const is = collection.shelf.kept(id) ? ['gone', 'was deleted'] : ['not_found', 'does not exist']
      throw new Problem(is[0] === 'gone' ? 410 : 404, is[0] ?? '', `The ${collection.shelf.object} ${id} ${is[1]}`)
    }
    if (request.method === 'GET') return found(collection, row)
    if (request.method === 'PATCH') {
      mustMatch(request, row)
      const values = valuesIn(request, collection)
      const fixed = collection.shelf === register.consents ? ['subject_id', 'purpose'] : []
      const wrong = fixed.find(name => name in values && values[name] !== row.fields[name])
      if (wrong) throw invalid(wrong, `The ${wrong} of a consent cannot be changed`)
      return found(
        collection,
        register.transact(by, () => collection.change(row, values)),
      )
    }
    if (request.method !== 'DELETE' || !collection.remove) throw notAllowed(request)
    if (request.header('if-match') !== undefined) mustMatch(request, row)
    register.transact(by, () => collection.remove?.(row))
    return { status: 204, headers: {}, body: '' }
  }

  /** The same key with the same body is answered as it was the first time, for a day; with another body it is refused. */
  function create(collection: Collection, request: Request, by: string): Reply {
    const key = request.header('idempotency-key')
    const asked = createHash('sha256').update(`${request.path}\n${request.body}`).digest('hex')
    const known = key === undefined ? undefined : register.answered(`${by}/${key}`)
    if (known && known.asked !== asked)
      throw new Problem(422, 'idempotency_key_reused', `The key ${key} was used for another request`)
    if (known) {
      const said: unknown = JSON.parse(known.said)
      const etag = isRow(said) ? `"${said.id}-${said.version}"` : ''
      return jsonReply(201, known.said, { etag, 'idempotency-replayed': 'true' })
    }
    const values = valuesIn(request, collection)
    const told = (row: Kept): string => JSON.stringify(shown(collection.shelf, row))
    const row = register.transact(
      by,
      () => collection.create(values),
      key === undefined ? undefined : row => ({ key: `${by}/${key}`, asked, said: told(row) }),
    )
    return jsonReply(201, told(row), { etag: etagOf(row), location: `${request.path}/${row.id}` })
  }

  function list(collection: Collection, request: Request): Reply {
    const { query } = request
    const ids = query.get('ids')?.split(',')
    if (ids && ids.length > MOST_IDS) throw new Problem(400, 'too_many_ids', `At most ${MOST_IDS} ids a request`)
    const wanted = collection.asks.flatMap(name => {
      const value = query.get(name)
      return value === null ? [] : [[name, value.toLowerCase()] as const]
    })
    const matching = (ids ? ids.flatMap(id => collection.shelf.get(id) ?? []) : collection.shelf.living()).filter(row =>
      wanted.every(([name, value]) => row.fields[name]?.toLowerCase() === value),
    )
    const limit = limitIn(query)
    const after = pageIn(query)
    const rest = after === undefined ? matching : matching.filter(row => row.id > after)
    const page = rest.slice(0, limit)
    const last = rest.length > limit ? page.at(-1)?.id : undefined
    return jsonReply(200, {
      data: page.map(row => shown(collection.shelf, row)),
      next_cursor: last === undefined ? null : cursorOf('after', last),
    })
  }

  function feed(collection: Collection, since: string, { query }: Request): Reply {
    const from = timeIn(since)
    const tombstonesSince = register.tombstonesSince
    if (from < tombstonesSince)
      throw new Problem(
        410,
        'cursor_expired',
        'Deleted records are told of for 30 days, and this cursor is older: list all records, then follow from now',
      )
    const { rows, hasMore, next } = collection.shelf.since(
      from,
      limitIn(query),
      tombstonesSince,
      register.now - OVERLAP_MS,
    )
    return jsonReply(200, {
      data: rows.map(row => shown(collection.shelf, row)),
      has_more: hasMore,
      next_since: cursorOf('since', String(next)),
    })
  }

  return {
    answer(request) {
      try {
        return route(request)
      } catch (error) {
        if (error instanceof Problem) return problemReply(error)
        console.error(error)
        return problemReply(new Problem(500, 'internal_error', 'Something went wrong on our side'))
      }
    },
  }
}

// ---- what is asked

function integrationOf(request: Request): string {
  const [, key = ''] = /^Bearer (.+)$/.exec(request.header('authorization') ?? '') ?? []
  const by = KEYS[key]
  if (by) return by
  throw new Problem(401, 'unauthorized', 'The API key is missing or unknown', {}, { 'www-authenticate': 'Bearer' })
}

const notAllowed = ({ method, path }: Request): Problem =>
  new Problem(405, 'method_not_allowed', `${path} does not take ${method}`)

function mustMatch(request: Request, row: Kept): void {
  const asked = request.header('if-match')
  if (asked === undefined)
    throw new Problem(428, 'precondition_required', 'An update says which version it is for: send If-Match')
  if (asked !== '*' && asked !== etagOf(row))
    throw new Problem(412, 'precondition_failed', `${row.id} has changed meanwhile: it is ${etagOf(row)} now`)
}

function valuesIn(request: Request, { takes }: Collection): Values {
  const body = parsed(request.body)?.value
  if (!isRow(body)) throw new Problem(400, 'invalid_json', 'The body must be a JSON object')
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      if (!takes.includes(name)) throw invalid(name, `There is no field '${name}'; there are ${takes.join(', ')}`)
      if (value !== null && typeof value !== 'string') throw invalid(name, `'${name}' must be a text or null`)
      return [name, value === '' ? null : value]
    }),
  )
}

function limitIn(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? '50')
  if (Number.isInteger(limit) && limit >= 1 && limit <= LARGEST_PAGE) return limit
  throw new Problem(400, 'invalid_limit', `limit is a whole number from 1 to ${LARGEST_PAGE}`)
}

const cursorOf = (kind: 'after' | 'since', where: string): string =>
  Buffer.from(`${kind}:${where}`).toString('base64url')

function inCursor(kind: 'after' | 'since', cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  if (text.startsWith(`${kind}:`)) return text.slice(kind.length + 1)
  throw new Problem(400, 'invalid_cursor', `'${cursor}' is no cursor of ours`)
}

function pageIn(query: URLSearchParams): string | undefined {
  const cursor = query.get('cursor')
  return cursor === null ? undefined : inCursor('after', cursor)
}

/** A cursor, or a time as `2026-11-22T08:00:00Z` to begin with. */
function timeIn(since: string): number {
  const time = /^\d{4}-\d\d-\d\dT/.test(since) ? Date.parse(since) : Number(inCursor('since', since))
  if (Number.isFinite(time)) return time
  throw new Problem(400, 'invalid_cursor', `'${since}' is neither a cursor nor a time`)
}

// ---- what is answered

const etagOf = (row: Kept): string => `"${row.id}-${row.version}"`

const found = ({ shelf }: Collection, row: Kept): Reply => jsonReply(200, shown(shelf, row), { etag: etagOf(row) })

const shown = ({ object }: Shelf, { id, fields, version, created, updated, by, deleted }: Kept) => ({
  object,
  id,
  ...(deleted ? { deleted: true } : fields),
  ...(deleted ? {} : { created_at: new Date(created).toISOString() }),
  updated_at: new Date(updated).toISOString(),
  updated_by: by,
  version,
})

/** A bucket of requests that fills as time passes: a second's worth, and as much again in store. */
class Bucket {
  readonly #perSecond: number
  readonly #clock: { readonly now: number }
  #left: number
  #at: number

  constructor(perSecond: number, clock: { readonly now: number }) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#left = 2 * perSecond
    this.#at = clock.now
  }

  /** Takes one; answers how many seconds to wait when there is none. */
  take(): number | undefined {
    const now = this.#clock.now
    this.#left = Math.min(2 * this.#perSecond, this.#left + (Math.max(0, now - this.#at) * this.#perSecond) / 1_000)
    this.#at = now
    if (this.#left < 1) return 1
    this.#left -= 1
    return undefined
  }
}
