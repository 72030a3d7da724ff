// The door that programs use: log on, CSRF, the right service, and what the faults do to the way there and back.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { World } from '../business/world.ts'
import type { Faults } from '../faults/faults.ts'
import { batch } from '../odata/batch.ts'
import { type Context, dispatch, type Reply, type Request } from '../odata/dispatch.ts'
import { errorBody, SapError } from '../odata/errors.ts'
import type { Service } from '../odata/service.ts'
import { bodyOf, cutShort, send, sendHalf } from './exchange.ts'
import { SESSION_COOKIE, type Session, Sessions } from './sessions.ts'

const PREFIX = '/sap/opu/odata/sap/'
const READING = ['GET', 'HEAD', 'OPTIONS']
const USERS: Readonly<Record<string, string>> = { sandbox: 'sandbox', warehouse: 'warehouse', clerk: 'clerk' }

export interface Gateway {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export const isGatewayPath = (path: string) => path.startsWith(PREFIX)

export function openGateway(world: World, services: readonly Service[], faults: Faults, now: () => number): Gateway {
  const byName = new Map(services.map(service => [service.name, service]))
  const sessions = new Sessions()

  return {
    async handle(message, response) {
      const at = now()
      const [path = '', query = ''] = splitOnce(message.url ?? '', '?')
      const method = message.method ?? 'GET'
      const body = await bodyOf(message)
      const request: Request = { method, path, query, header: name => headerOf(message, name), body }
      const plan = faults.plan(`${method} ${path}`)
      if (plan.reply) return send(response, plan.reply, method === 'HEAD')
      const reply = () => answer(request, at, plan.forgetSession)
      if (plan.dropThenCommitAfterMs !== undefined) {
        response.destroy()
        faults.later(plan.dropThenCommitAfterMs, reply)
        return
      }
      if (plan.latencyMs > 0) await faults.pause(plan.latencyMs)
      const answered = reply()
      if (plan.commitThenDrop) response.destroy()
      else if (plan.truncate === 'broken') sendHalf(response, answered)
      else if (plan.truncate === 'cut') send(response, cutShort(answered), method === 'HEAD')
      else send(response, answered, method === 'HEAD')
    },
  }

  /** One whole request, without the network: everything it changes is committed when this returns. */
  function answer(request: Request, at: number, forgetSession: boolean): Reply {
    const [segment = '', rest = ''] = splitOnce(request.path.slice(PREFIX.length), '/')
    const [name = '', version] = splitOnce(decodeURIComponent(segment), ';v=')
    const service = byName.get(name)
    const named = { name, component: service?.component ?? 'OPU-BSE', version: version ?? '0001' }
    try {
      const user = userOf(request)
      const session = sessions.of(request.header('cookie'))
      if (session && forgetSession) sessions.forget(session)
      const living = session && !forgetSession && session.user === user ? session : undefined
      if (!service || (version !== undefined && !service.versions.includes(version))) {
        throw new SapError(
          403,
          '/IWFND/MED/170',
          `No service found for namespace '', name '${name}', version '${version ?? '0001'}'`,
        )
      }
      if (!READING.includes(request.method)) mustHoldToken(request, living)
      const root = `${request.header('x-forwarded-proto') ?? 'http'}://${request.header('host') ?? 'localhost'}${PREFIX}${segment}`
      const context: Context = { service, store: world.store, root, by: user, at }
      const inner: Request = { ...request, path: rest === '' ? '/' : `/${rest}` }
      const reply = inner.path === '/$batch' ? batch(context, inner) : dispatch(context, inner)
      return withToken(request, reply, living, user)
    } catch (error) {
      return errorReply(error, named, at)
    }
  }

  function withToken(request: Request, reply: Reply, living: Session | undefined, user: string): Reply {
    if (request.header('x-csrf-token')?.toLowerCase() !== 'fetch' || !READING.includes(request.method)) return reply
    const session = living ?? sessions.open(user)
    const headers = { ...reply.headers, 'x-csrf-token': session.token }
    if (living) return { ...reply, headers }
    return { ...reply, headers: { ...headers, 'set-cookie': `${SESSION_COOKIE}=${session.id}; path=/; HttpOnly` } }
  }
}

function mustHoldToken(request: Request, session: Session | undefined): void {
  if (session && request.header('x-csrf-token') === session.token) return
  throw new SapError(403, '/IWFND/CM_CONSUMER/101', 'CSRF token validation failed', {
    headers: { 'x-csrf-token': 'Required' },
  })
}

function userOf(request: Request): string {
  const [scheme = '', credentials = ''] = splitOnce(request.header('authorization') ?? '', ' ')
  const [user = '', password = ''] = splitOnce(Buffer.from(credentials, 'base64').toString('utf8'), ':')
  if (scheme.toLowerCase() === 'basic' && USERS[user] !== undefined && USERS[user] === password) return user
  throw new SapError(401, '/IWFND/CM_CONSUMER/401', 'Logon failed: user or password is wrong', {
    headers: { 'www-authenticate': 'Basic realm="SAP NetWeaver Application Server [S4X/100]"' },
  })
}

function errorReply(error: unknown, service: { name: string; component: string; version: string }, at: number): Reply {
  const known =
    error instanceof SapError
      ? error
      : new SapError(
          500,
          '/IWFND/CM_MGW/500',
          `Internal error: ${error instanceof Error ? error.message : String(error)}`,
        )
  if (known !== error) console.error(error)
  return {
    status: known.status,
    headers: { 'content-type': 'application/json;charset=utf-8', dataserviceversion: '1.0', ...known.headers },
    body: errorBody(known, service, at),
  }
}

const headerOf = (message: IncomingMessage, name: string): string | undefined => {
  const value = message.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function splitOnce(source: string, separator: string): [string, string?] {
  const at = source.indexOf(separator)
  return at === -1 ? [source] : [source.slice(0, at), source.slice(at + separator.length)]
}
