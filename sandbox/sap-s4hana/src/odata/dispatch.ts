// From a parsed request to a reply: which resource is meant, and what reading or changing it does.
import type { Call } from '../business/call.ts'
import type { Store } from '../store/store.ts'
import { malformed, notFound, SapError, type Warning, warningHeader } from './errors.ts'
import { edmxOf, serviceDocument, serviceDocumentXml } from './metadata.ts'
import { isRow, type Row } from './model.ts'
import { countOf, optionsOf, pageOf } from './query.ts'
import { keyed, rendered, shapeOf } from './render.ts'
import { type Resource, resourceOf } from './resource.ts'
import type { EntitySet, Key, Operation, Service } from './service.ts'
import { etagOf, parseInput } from './values.ts'

export interface Request {
  readonly method: string
  /** The path below the service, as it was sent, without the query. */
  readonly path: string
  readonly query: string
  header(name: string): string | undefined
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

export interface Context {
  readonly service: Service
  readonly store: Store
  /** The address of the service, as the caller wrote it. */
  readonly root: string
  readonly by: string
  readonly at: number
}

export function dispatch(context: Context, request: Request): Reply {
  const method = methodOf(request)
  const parameters = new URLSearchParams(request.query)
  if (request.path === '' || request.path === '/') return serviceRoot(context, request)
  if (request.path === '/$metadata') {
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: edmxOf(context.service) }
  }
  const resource = resourceOf(context.service, request.path, parameters)
  if (method === 'GET' || method === 'HEAD') return read(context, request, resource, parameters)
  const warnings: Warning[] = []
  const call: Call = { by: context.by, at: context.at, warn: warning => warnings.push(warning) }
  const reply = context.store.transact(context.by, () => change(context, request, method, resource, parameters, call))
  return warnings.length === 0
    ? reply
    : { ...reply, headers: { ...reply.headers, 'sap-message': warningHeader(warnings) } }
}

/** A tunnel for clients and proxies that know only GET and POST. */
function methodOf(request: Request): string {
  const override = request.header('x-http-method')?.toUpperCase()
  const method = request.method === 'POST' && override ? override : request.method
  return method === 'MERGE' ? 'PATCH' : method
}

function serviceRoot(context: Context, request: Request): Reply {
  return wantsJson(request)
    ? json(200, serviceDocument(context.service))
    : {
        status: 200,
        headers: { 'content-type': 'application/atomsvc+xml' },
        body: serviceDocumentXml(context.service, context.root),
      }
}

const wantsJson = (request: Request) =>
  (request.header('accept') ?? '').includes('json') || /(^|&)(\$|%24)format=json/.test(request.query)

const json = (status: number, body: string, headers: { readonly [name: string]: string } = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8', dataserviceversion: '2.0', ...headers },
  body,
})

function mustWantJson(request: Request): void {
  if (wantsJson(request)) return
  throw new SapError(
    406,
    '/IWFND/CM_CORE/023',
    'Without "Accept: application/json" or $format=json SAP answers in Atom XML, which this sandbox does not write',
  )
}

function read(context: Context, request: Request, resource: Resource, parameters: URLSearchParams): Reply {
  if (resource.is === 'count') {
    const rows = resource.rows
      ? countOf(over(resource.set, resource.rows), optionsOf(resource.set.type, parameters))
      : 0
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: String(rows) }
  }
  mustWantJson(request)
  if (resource.is === 'operation') return operate(context, request, resource.operation, resource.parameters, 'GET')
  const shape = shapeOf(context.service, resource.set, parameters.get('$select') ?? '', parameters.get('$expand') ?? '')
  if (resource.is === 'one') {
    const etag = etagOf(resource.set.type, resource.row)
    if (etag && request.header('if-none-match') === etag) return { status: 304, headers: { etag }, body: '' }
    return json(200, JSON.stringify({ d: rendered(shape, resource.row, context.root) }), etag ? { etag } : {})
  }
  const page = pageOf(
    resource.rows ? over(resource.set, resource.rows) : resource.set,
    optionsOf(resource.set.type, parameters),
  )
  const answer: Record<string, unknown> = { results: page.rows.map(row => rendered(shape, row, context.root)) }
  if (page.total !== undefined) answer.__count = String(page.total)
  if (page.next !== undefined) answer.__next = nextLink(context, request, page.next)
  return json(200, JSON.stringify({ d: answer }))
}

/** The same set, over the rows that a navigation led to. */
const over = (set: EntitySet, rows: readonly Row[] | 'all'): EntitySet =>
  rows === 'all' ? set : { ...set, source: { byKey: () => undefined, all: () => rows } }

function nextLink(context: Context, request: Request, skip: number): string {
  const parameters = request.query.split('&').filter(part => part !== '' && !/^(\$|%24)skiptoken=/.test(part))
  return `${context.root}${request.path}?${[...parameters, `$skiptoken=${skip}`].join('&')}`
}

function change(
  context: Context,
  request: Request,
  method: string,
  resource: Resource,
  parameters: URLSearchParams,
  call: Call,
): Reply {
  if (resource.is === 'operation')
    return operate(context, request, resource.operation, resource.parameters, method, call)
  if (method === 'POST' && resource.is === 'many') return create(context, request, resource, call)
  if (resource.is === 'one' && method === 'PATCH') return update(resource.set, resource.row, request, call)
  if (resource.is === 'one' && method === 'DELETE') return remove(resource.set, resource.row, request, call)
  if (method === 'PUT') throw notAllowed('PUT replaces a whole entity; change single fields with PATCH or MERGE')
  throw notAllowed(`Method ${method} is not allowed for ${request.path}${parameters.size > 0 ? ' with options' : ''}`)
}

const notAllowed = (message: string) => new SapError(405, '/IWFND/CM_MGW/096', message)

function create(context: Context, request: Request, resource: Resource & { is: 'many' }, call: Call): Reply {
  mustWantJson(request)
  const { set } = resource
  if (!set.create) throw notAllowed(`Entities of ${set.name} cannot be created`)
  const body = jsonBody(request)
  const input = parseInput(set.type, isRow(body) ? { ...body, ...resource.parentKey } : body, 'create')
  const row = set.create(input, call)
  const expand = set.answer
    ? set.answer(input).expand
    : Object.keys(input)
        .filter(name => name in set.type.children)
        .join(',')
  const shape = shapeOf(context.service, set, '', expand)
  const etag = etagOf(set.type, row)
  return json(201, JSON.stringify({ d: rendered(shape, row, context.root) }), {
    location: `${context.root}/${keyed(set, row)}`,
    ...(etag ? { etag } : {}),
  })
}

function jsonBody(request: Request): unknown {
  const type = request.header('content-type') ?? ''
  if (!type.includes('json')) {
    throw new SapError(415, '/IWFND/CM_CORE/024', `Content type '${type}' is not supported, use application/json`)
  }
  try {
    return JSON.parse(request.body)
  } catch {
    throw malformed('The request body is not valid JSON')
  }
}

function update(set: EntitySet, row: Row, request: Request, call: Call): Reply {
  if (!set.update) throw notAllowed(`Entities of ${set.name} cannot be changed`)
  checkVersion(set, row, request)
  const body = jsonBody(request)
  set.update(row, parseInput(set.type, isRow(body) && isRow(body.d) ? body.d : body, 'update'), call)
  const changed = set.source.byKey(keyOf(set, row))
  const etag = changed && etagOf(set.type, changed)
  return { status: 204, headers: etag ? { etag } : {}, body: '' }
}

function remove(set: EntitySet, row: Row, request: Request, call: Call): Reply {
  if (!set.remove) throw notAllowed(`Entities of ${set.name} cannot be deleted`)
  checkVersion(set, row, request)
  set.remove(row, call)
  return { status: 204, headers: {}, body: '' }
}

const keyOf = (set: EntitySet, row: Row): Key =>
  Object.fromEntries(set.type.keys.map(name => [name, String(row[name])]))

/** Optimistic locking: without If-Match nobody may change, with a stale one neither. */
function checkVersion(set: EntitySet, row: Row, request: Request): void {
  const etag = etagOf(set.type, row)
  if (!etag) return
  const asked = request.header('if-match')
  if (asked === undefined) {
    throw new SapError(428, '/IWFND/CM_MGW/597', `Header If-Match is required to change an entity of ${set.name}`)
  }
  if (asked !== '*' && asked !== etag) {
    throw new SapError(
      412,
      '/IWFND/CM_MGW/598',
      `Precondition failed: the entity of ${set.name} was changed in the meantime`,
    )
  }
}

function operate(
  context: Context,
  request: Request,
  operation: Operation,
  parameters: Key,
  method: string,
  call?: Call,
): Reply {
  if (method !== operation.method)
    throw notAllowed(`Function import ${operation.name} takes ${operation.method}, not ${method}`)
  mustWantJson(request)
  const set = context.service.sets.get(operation.returns)
  if (!set) throw notFound(`Entity set ${operation.returns} is not part of the service`)
  const subject = operation.subject?.(parameters)
  if (subject && request.header('if-match') !== undefined) checkVersion(set, subject, request)
  const rows = operation.run(parameters, call ?? { by: context.by, at: context.at, warn: () => undefined })
  const shape = shapeOf(context.service, set, '', '')
  const results = rows.map(row => rendered(shape, row, context.root))
  return json(200, JSON.stringify({ d: operation.many ? { results } : { [operation.name]: results[0] ?? null } }))
}
