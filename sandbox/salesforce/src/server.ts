// The HTTP door: reads requests, lets faults have their way, authenticates and answers.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { administer } from './admin.ts'
import type { BulkWorker } from './bulk/worker.ts'
import { ApiError } from './errors.ts'
import type { Faults, Struck } from './faults.ts'
import { discard, isUpload, receive, sendFile, type Upload } from './files.ts'
import { makeId } from './ids.ts'
import { callerOf, clientOf, grantToken, identity, refuse, type Session, type Sessions, userInfo } from './oauth.ts'
import { ADMIN_USER_ID, type Org } from './org.ts'
import { dispatch } from './rest/dispatch.ts'
import { parseTarget, type Target } from './rest/path.ts'
import { cursorStore } from './rest/query.ts'
import type { Api, ApiUsage, Reply } from './rest/types.ts'
import { soapCall } from './soap/calls.ts'
import { kindOf, Stats } from './stats.ts'
import type { Actor } from './transaction.ts'

export type Door = { readonly server: Server; readonly stats: Stats }

type Parts = {
  org: Org
  bulk: BulkWorker
  sessions: Sessions
  faults: Faults
  url: () => string
  onFaultsChanged: () => void
  expireSessions: (by: RegExp | undefined) => number
}
type Request = {
  method: string
  url: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  raw: Buffer
  /** The body, when it is a file. */
  upload?: Upload
  /** It is answered after its connection was cut. */
  late?: boolean
  /** How faults see it. */
  struck: Struck
  /** The limit that it met when it came. */
  limit?: 'daily' | 'concurrent'
}
type Sent = Reply & { readonly page?: string }

const MAX_URL_AND_HEADERS = 16_384
const DAY_MS = 86_400_000
const TOKEN_PATH = '/services/oauth2/token'
const VERSIONS = Array.from({ length: 38 }, (_, i) => 31 + i)

export function openDoor(parts: Parts): Door {
  const stats = new Stats()
  let locators = 0
  const usage = usageOf(parts)
  const api: Api = {
    org: parts.org,
    url: parts.url,
    usage,
    cursors: cursorStore(() => makeId('01g', ++locators)),
    bulk: parts.bulk,
    dispatch,
  }
  const admin = {
    org: parts.org,
    faults: parts.faults,
    onFaultsChanged: parts.onFaultsChanged,
    expireSessions: parts.expireSessions,
    stats: () => stats.report(usage.used, parts.org.entries.length),
  }
  const late = new Set<NodeJS.Timeout>()
  const underWay = new Map<object, number>()
  const limitFor = (request: Request) => {
    if (!isCall(request) && request.path !== TOKEN_PATH) return undefined
    const before = Date.now() - parts.faults.longAfterMs
    const long = [...underWay.values()].filter(since => since <= before).length
    const met = parts.faults.requestLimit(request.struck, usage.used, long)
    if (met || !isCall(request)) return met === 'concurrent' && !isCall(request) ? undefined : met
    return usage.used >= usage.max ? 'daily' : undefined
  }

  const onRequest = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = await readRequest(incoming, parts)
    if (request.path.startsWith('/_sandbox/')) {
      const body = parseJson(request.raw)
      return send(
        response,
        body instanceof ApiError
          ? { status: 400, body: { error: body.message } }
          : administer(admin, { method: request.method, path: request.path, query: request.query, body }),
      )
    }
    request.limit = limitFor(request)
    if (request.limit === 'concurrent') return send(response, limitExceeded(parts, stats, request.limit, usage))
    if (isCall(request)) underWay.set(request, Date.now())
    try {
      await exchange(request, response)
    } finally {
      underWay.delete(request)
      if (!request.late) discard(request.upload)
    }
  }

  const exchange = async (request: Request, response: ServerResponse) => {
    const { faults } = parts
    const { struck } = request
    const waitMs = faults.latencyMs(struck)
    if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs))
    const unavailable = faults.isUnavailable(struck)
    if (unavailable) return send(response, serverUnavailable(unavailable.retryAfterSeconds))
    if (faults.showsMaintenance(struck)) return send(response, maintenance)
    const isWrite = request.method !== 'GET' && request.method !== 'HEAD' && isCall(request)
    const dropping = faults.dropping(struck, isWrite)
    if (dropping?.first === 'drop') {
      request.late = true
      response.socket?.destroy()
      const timer = setTimeout(() => {
        late.delete(timer)
        answer(parts, api, stats, request)
        discard(request.upload)
      }, dropping.delayMs)
      late.add(timer)
      return
    }
    const reply = answer(parts, api, stats, request)
    if (dropping?.first === 'commit') response.socket?.destroy()
    else send(response, reply, faults.truncates(struck))
  }

  const server = createServer(
    { maxHeaderSize: 2 * MAX_URL_AND_HEADERS, keepAliveTimeout: 60_000 },
    (incoming, response) => {
      onRequest(incoming, response).catch((error: unknown) => {
        if (response.headersSent || response.destroyed) return
        const refusal =
          error instanceof ApiError
            ? error
            : new ApiError(
                500,
                'UNKNOWN_EXCEPTION',
                `An unexpected error occurred. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
              )
        send(response, { status: refusal.status, body: refusal.toBody() })
      })
    },
  )
  server.on('close', () => {
    for (const timer of late) clearTimeout(timer)
  })
  return { server, stats }
}

/** The daily allowance of API calls, which starts anew after 24 hours of the sandbox's clock. A fault may say another number. */
function usageOf({ org, faults }: Parts): ApiUsage {
  let since = org.now()
  let calls = 0
  const today = () => {
    if (org.now() - since > DAY_MS) {
      since = org.now()
      calls = 0
    }
    return calls
  }
  return {
    get used() {
      return today()
    },
    get max() {
      return faults.plan.requestLimit?.calls ?? org.shape.dailyApiRequests
    },
    count(more) {
      calls = today() + more
    },
  }
}

const isCall = (request: Request): boolean => request.path.startsWith('/services/data/')

async function readRequest(incoming: IncomingMessage, { sessions, org }: Parts): Promise<Request> {
  const { headers, method = 'GET' } = incoming
  const url = (incoming.url ?? '/').replace(/^\/{2,}/, '/')
  const cut = url.indexOf('?')
  const path = cut < 0 ? url : url.slice(0, cut)
  const query = new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1))
  const upload = isUpload(method, path)
    ? await receive(incoming, org.shape.bulkUploadBytes, name => org.jobs.newUpload(name))
    : undefined
  const chunks: Buffer[] = []
  if (!upload) for await (const chunk of incoming) chunks.push(chunk)
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
  const raw = !upload && headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
  const by = callerIn(path, headers, raw, sessions)
  return { method, url, path, query, headers, raw, upload, struck: { target: `${method} ${path}`, by } }
}

/** Who calls: the name in Sforce-Call-Options, else the OAuth client of the session or of the login. */
function callerIn(path: string, headers: IncomingMessage['headers'], raw: Buffer, sessions: Sessions): string {
  if (path.startsWith('/services/oauth2/'))
    return clientOf(new URLSearchParams(raw.toString('utf8')), headers.authorization).id
  const session = sessions.find(tokenIn(headers))
  const name = clientNamed(headers)
  if (session && name !== undefined) session.usedBy = name
  return name ?? (session ? callerOf(session) : '')
}

const tokenIn = (headers: IncomingMessage['headers']): string =>
  /^(?:Bearer|OAuth)\s+(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''

const clientNamed = (headers: IncomingMessage['headers']): string | undefined =>
  /(?:^|,)\s*client=([^,]+)/i.exec(String(headers['sforce-call-options'] ?? ''))?.[1]?.trim()

function parseJson(raw: Buffer): unknown {
  if (raw.length === 0) return undefined
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch (error) {
    return new ApiError(
      400,
      'JSON_PARSER_ERROR',
      error instanceof Error ? error.message : 'The request body is no JSON',
    )
  }
}

function send(response: ServerResponse, reply: Sent, truncated?: 'broken' | 'cut'): void {
  if (reply.file) {
    sendFile(response, reply.status, { ...reply.headers }, reply.file, truncated)
    return
  }
  const whole = reply.page ?? (reply.body === undefined ? '' : JSON.stringify(reply.body))
  const half = whole.slice(0, Math.floor(whole.length / 2))
  const text = truncated === 'cut' ? half : whole
  const headers: Record<string, string | number> = { ...reply.headers, 'Content-Length': Buffer.byteLength(text) }
  if (text) headers['Content-Type'] ??= reply.page ? 'text/html;charset=UTF-8' : 'application/json;charset=UTF-8'
  if (reply.status === 204 || reply.status === 304) delete headers['Content-Length']
  response.writeHead(reply.status, headers)
  if (truncated === 'broken' && half) response.write(half, () => response.destroy())
  else response.end(text)
}

function answer(parts: Parts, api: Api, stats: Stats, request: Request): Reply {
  const { path } = request
  if (path.startsWith('/services/oauth2/')) return oauth(parts, api, stats, request)
  if (/^\/services\/data\/?$/.test(path)) {
    stats.count('versions')
    return {
      status: 200,
      body: VERSIONS.map(version => ({
        label: releaseOf(version),
        url: `/services/data/v${version}.0`,
        version: `${version}.0`,
      })),
    }
  }
  if (/^\/services\/Soap\/u\/\d+/.test(path) && request.method === 'POST') return soap(parts, api, stats, request)
  if (path.startsWith('/id/'))
    return authenticated(parts, stats, request, 'identity', () => identity(parts.org, parts.url()))
  const target = parseTarget(request.url)
  if (!target)
    return { status: 404, body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }] }
  return authenticated(parts, stats, request, kindOf(request.method, target.path), session =>
    rest(api, parts, stats, request, target, session),
  )
}

/** A call of the SOAP API carries its session in its own header. */
function soap(parts: Parts, { usage }: Api, stats: Stats, request: Request): Reply {
  stats.count('soap')
  usage.count(1)
  const version = /\/u\/([\d.]+)/.exec(request.path)?.[1] ?? ''
  return soapCall(parts.org, request.raw.toString('utf8'), (sessionId, client) => {
    const session = parts.sessions.find(sessionId)
    if (!session || parts.faults.refuses('sessions', request.struck)) return undefined
    return {
      userId: ADMIN_USER_ID,
      by: client ?? session.client,
      origin: `com/salesforce/api/soap/${version}${client ? `;client=${client}` : ''}`,
    }
  })
}

/** Three releases a year: version 67 is of Summer '26. */
function releaseOf(version: number): string {
  const releases = version - 2
  const season = ['Winter', 'Spring', 'Summer'][releases % 3]
  return `${season} '${String(Math.floor(releases / 3) + 5).padStart(2, '0')}`
}

function oauth(parts: Parts, { usage }: Api, stats: Stats, request: Request): Reply {
  const name = request.path.slice('/services/oauth2/'.length)
  const form = new URLSearchParams(request.raw.toString('utf8'))
  if (name === 'token' && request.method === 'POST') {
    stats.count('token')
    stats.note('login', parts.org.now())
    if (request.limit) return limitExceeded(parts, stats, request.limit, usage)
    if (parts.faults.refuses('logins', request.struck))
      return refuse('invalid_app_access', 'user is not admin approved to access this app')
    return grantToken(parts.org, parts.sessions, form, request.headers.authorization, parts.url())
  }
  if (name === 'userinfo')
    return authenticated(parts, stats, request, 'userinfo', () => userInfo(parts.org, parts.url()))
  if (name === 'revoke') {
    stats.count('revoke')
    const session = parts.sessions.find(form.get('token') ?? request.query.get('token') ?? '')
    if (!session)
      return {
        status: 400,
        body: { error: 'unsupported_token_type', error_description: 'this token type is not supported' },
      }
    parts.sessions.revoke(session)
    return { status: 200, body: {} }
  }
  if (name === 'introspect') {
    const session = parts.sessions.find(form.get('token') ?? '')
    return {
      status: 200,
      body: session
        ? { active: true, client_id: session.client, scope: 'api web', token_type: 'access_token' }
        : { active: false },
    }
  }
  return { status: 404, body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }] }
}

function authenticated(
  parts: Parts,
  stats: Stats,
  request: Request,
  kind: string,
  work: (session: Session) => Reply,
): Reply {
  stats.count(kind)
  const session = parts.sessions.find(tokenIn(request.headers))
  if (session && parts.faults.sessionExpires(request.struck)) parts.sessions.revoke(session)
  else if (session && !parts.faults.refuses('sessions', request.struck)) return work(session)
  stats.note('turnedAway', parts.org.now())
  return invalidSession()
}

function invalidSession(): Reply {
  return {
    status: 401,
    body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
    headers: { 'WWW-Authenticate': 'Token' },
  }
}

function serverUnavailable(retryAfterSeconds: number | undefined): Reply {
  return {
    status: 503,
    body: [{ message: 'The server is temporarily unavailable', errorCode: 'SERVER_UNAVAILABLE' }],
    headers: retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) },
  }
}

const maintenance: Sent = {
  status: 200,
  page: '<!DOCTYPE html><html><head><title>Salesforce Maintenance</title></head><body><h1>We are down for maintenance</h1><p>Sorry for the inconvenience. We will be back shortly.</p></body></html>',
}

function rest(api: Api, parts: Parts, stats: Stats, request: Request, target: Target, session: Session): Reply {
  const { usage } = api
  if (request.limit) return limitExceeded(parts, stats, request.limit, usage)
  usage.count(1)
  const body = request.method === 'GET' ? undefined : parseJson(request.raw)
  const headers = plainHeaders(request.headers)
  const reply =
    tooLarge(request) ??
    (body instanceof ApiError
      ? { status: 400, body: body.toBody() }
      : api.dispatch({
          api,
          method: request.method,
          path: target.path,
          query: target.query,
          version: target.version,
          headers,
          body,
          upload: request.upload,
          actor: actorOf(session, request.headers, target.version),
        }))
  return { ...reply, headers: { ...reply.headers, 'Sforce-Limit-Info': `api-usage=${usage.used}/${usage.max}` } }
}

function limitExceeded(parts: Parts, stats: Stats, kind: 'daily' | 'concurrent', usage: ApiUsage): Reply {
  stats.note('limited', parts.org.now())
  const message =
    kind === 'daily' ? 'TotalRequests Limit exceeded.' : 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'
  const used = kind === 'daily' ? usage.max : usage.used
  return {
    status: 403,
    body: [{ message, errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    headers: { 'Sforce-Limit-Info': `api-usage=${used}/${usage.max}` },
  }
}

function tooLarge(request: Request): Reply | undefined {
  if (request.url.length <= MAX_URL_AND_HEADERS) return undefined
  return { status: 414, body: [{ message: 'The URI of the request is too long', errorCode: 'URI_TOO_LONG' }] }
}

function plainHeaders(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  const plain: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(headers)) plain[name] = Array.isArray(value) ? value.join(', ') : value
  return plain
}

/** Who acts: the client named in Sforce-Call-Options, else the OAuth client. Only the former shows in change events. */
function actorOf(session: Session, headers: IncomingMessage['headers'], version: string): Actor {
  const client = clientNamed(headers)
  return {
    userId: ADMIN_USER_ID,
    by: client ?? session.client,
    origin: `com/salesforce/api/rest/${version}${client ? `;client=${client}` : ''}`,
  }
}
