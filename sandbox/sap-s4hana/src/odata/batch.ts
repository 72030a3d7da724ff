// $batch: several requests in one multipart body; the changes of a changeset happen together or not at all.
import { randomUUID } from 'node:crypto'
import { type Context, dispatch, type Reply, type Request } from './dispatch.ts'
import { errorBody, malformed, SapError } from './errors.ts'

export function batch(context: Context, request: Request): Reply {
  const boundary = `ejjeeffe0-${randomUUID()}`
  const answers = partsOf(request.body, boundaryOf(request.header('content-type') ?? '')).map(part => {
    const inner = /^multipart\/mixed/i.test(part.type)
      ? changeset(context, request, part)
      : httpPart(single(context, request, part.body))
    return `--${boundary}\r\n${inner}`
  })
  return {
    status: 202,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}`, dataserviceversion: '2.0' },
    body: `${answers.join('')}--${boundary}--\r\n`,
  }
}

interface Part {
  readonly type: string
  readonly contentId: string | undefined
  readonly body: string
}

function boundaryOf(contentType: string): string {
  const found = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (!found) throw malformed('A $batch request needs the content type multipart/mixed with a boundary')
  return found
}

function partsOf(body: string, boundary: string): Part[] {
  const pieces = body.split(`--${boundary}`)
  if (pieces.length < 3) throw malformed('The $batch body does not hold the boundary that its content type names')
  return pieces.slice(1, -1).map(piece => {
    const [head = '', ...rest] = piece.replace(/^\r?\n/, '').split(/\r?\n\r?\n/)
    const headers = headersIn(head)
    return {
      type: headers.get('content-type') ?? '',
      contentId: headers.get('content-id'),
      body: rest.join('\r\n\r\n'),
    }
  })
}

const headersIn = (block: string): Map<string, string> =>
  new Map(
    block.split(/\r?\n/).flatMap(line => {
      const at = line.indexOf(':')
      return at === -1 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()] as const]
    }),
  )

/** All changes in one transaction; the first that fails is the answer for all of them. */
function changeset(context: Context, outer: Request, part: Part): string {
  const boundary = randomUUID()
  const references = new Map<string, string>()
  try {
    const replies = context.store.transact(context.by, () =>
      partsOf(part.body, boundaryOf(part.type)).map(each => {
        const request = requestIn(context, outer, each.body, references)
        if (request.method === 'GET') throw malformed('A changeset cannot hold a GET request')
        const reply = dispatch(context, request)
        if (each.contentId && reply.headers.location) {
          references.set(`$${each.contentId}`, reply.headers.location.slice(context.root.length + 1))
        }
        return { reply, contentId: each.contentId }
      }),
    )
    const inner = replies.map(({ reply, contentId }) => `--${boundary}\r\n${httpPart(reply, contentId)}`)
    return `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n${inner.join('')}--${boundary}--\r\n`
  } catch (error) {
    return httpPart(failed(context, error))
  }
}

function single(context: Context, outer: Request, text: string): Reply {
  try {
    const request = requestIn(context, outer, text, new Map())
    if (request.method !== 'GET') throw malformed('A request that changes data belongs into a changeset')
    return dispatch(context, request)
  } catch (error) {
    return failed(context, error)
  }
}

function failed(context: Context, error: unknown): Reply {
  if (!(error instanceof SapError)) throw error
  const service = { name: context.service.name, component: context.service.component, version: '0001' }
  return {
    status: error.status,
    headers: { 'content-type': 'application/json;charset=utf-8', dataserviceversion: '1.0', ...error.headers },
    body: errorBody(error, service, context.at),
  }
}

function requestIn(context: Context, outer: Request, text: string, references: ReadonlyMap<string, string>): Request {
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/)
  const [line = '', ...headerLines] = head.replace(/^(\r?\n)+/, '').split(/\r?\n/)
  const [, method, target] = /^([A-Z]+)\s+(\S+)/.exec(line) ?? []
  if (!method || !target) throw malformed(`Invalid request line '${line}' in the $batch body`)
  const headers = headersIn(headerLines.join('\n'))
  const below = target.startsWith(context.root) ? target.slice(context.root.length + 1) : target.replace(/^\//, '')
  const [reference = ''] = below.split('/')
  const resolved = references.has(reference) ? `${references.get(reference)}${below.slice(reference.length)}` : below
  const at = resolved.indexOf('?')
  return {
    method,
    path: `/${at === -1 ? resolved : resolved.slice(0, at)}`,
    query: at === -1 ? '' : resolved.slice(at + 1),
    header: name => headers.get(name) ?? (name === 'accept' ? outer.header(name) : undefined),
    body: rest.join('\r\n\r\n').trim(),
  }
}

const PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  400: 'Bad Request',
  404: 'Not Found',
}

function httpPart(reply: Reply, contentId?: string): string {
  const headers = Object.entries({ ...reply.headers, 'content-length': String(Buffer.byteLength(reply.body)) })
  return [
    'Content-Type: application/http',
    ...(contentId ? [`Content-ID: ${contentId}`] : []),
    'content-transfer-encoding: binary',
    '',
    `HTTP/1.1 ${reply.status} ${PHRASES[reply.status] ?? 'Status'}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    reply.body,
    '',
  ].join('\r\n')
}
