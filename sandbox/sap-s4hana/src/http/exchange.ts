// Reading requests and sending replies with node:http, with nothing in between.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Reply } from '../odata/dispatch.ts'

const LARGEST_BODY = 32 * 1024 * 1024

export async function bodyOf(request: IncomingMessage): Promise<string> {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return ''
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    size += bytes.length
    if (size > LARGEST_BODY) throw new Error('The request body is larger than 32 MB')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export function send(response: ServerResponse, reply: Reply, withoutBody = false): void {
  const bodiless = reply.status === 204 || reply.status === 304
  const sized = bodiless ? {} : { 'content-length': String(Buffer.byteLength(reply.body)) }
  response.writeHead(reply.status, { ...reply.headers, ...sized })
  // A string goes out together with the head in one write; a buffer would not.
  response.end(withoutBody || bodiless ? undefined : reply.body)
}

/** Promises the whole body, sends half of it and breaks off. */
export function sendHalf(response: ServerResponse, reply: Reply): void {
  const bytes = Buffer.from(reply.body)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(bytes.length) })
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
}

/** Half of the body, with a length that says it is all there is. */
export const cutShort = (reply: Reply): Reply => ({
  ...reply,
  body: reply.body.slice(0, Math.floor(reply.body.length / 2)),
})

export const jsonReply = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: typeof value === 'string' ? value : JSON.stringify(value),
})
