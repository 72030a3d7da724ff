// Reading requests and sending replies with node:http, with nothing in between.
import type { IncomingMessage, ServerResponse } from 'node:http'

const LARGEST_BODY = 1024 * 1024

export type Row = { readonly [name: string]: unknown }

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A request as the service sees it. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
  header(name: string): string | undefined
}

export const jsonReply = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof value === 'string' ? value : JSON.stringify(value),
})

export async function requestOf(message: IncomingMessage): Promise<Request> {
  const { pathname, searchParams } = new URL(message.url ?? '/', 'http://sandbox')
  return {
    method: message.method ?? 'GET',
    path: pathname,
    query: searchParams,
    body: await bodyOf(message),
    header: name => {
      const value = message.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
  }
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    size += bytes.length
    if (size > LARGEST_BODY) throw new Error('The request body is larger than 1 MB')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export function send(response: ServerResponse, reply: Reply): void {
  const sized = reply.status === 204 ? {} : { 'content-length': String(Buffer.byteLength(reply.body)) }
  response.writeHead(reply.status, { ...reply.headers, ...sized })
  response.end(reply.status === 204 ? undefined : reply.body)
}

/** Promises the whole body, sends half of it and breaks off. */
export function sendHalf(response: ServerResponse, reply: Reply): void {
  const bytes = Buffer.from(reply.body)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(bytes.length) })
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
}

/** The body as JSON; nothing when it is none. */
export function parsed(body: string): { readonly value: unknown } | undefined {
  if (body.trim() === '') return { value: {} }
  try {
    return { value: JSON.parse(body) }
  } catch {
    return undefined
  }
}
