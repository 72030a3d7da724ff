// Bodies that are files: uploads go to disk as they come in, results come from disk as they go out. Neither is ever whole
// in memory.
import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

/** An upload on its way to a job; who takes it over renames the file. */
export type Upload = { readonly path: string; readonly bytes: number }

/** A reply that is a text and then a stretch of a file. */
export type FilePart = { readonly head: string; readonly path: string; readonly from: number; readonly to: number }

export const isUpload = (method: string, path: string): boolean =>
  method === 'PUT' && /\/jobs\/ingest\/\w+\/batches\/?$/.test(path)

/** Puts a body into a file. Of one that is too long the rest is not kept, only counted. */
export async function receive(
  incoming: IncomingMessage,
  keep: number,
  newFile: (name: string) => string,
): Promise<Upload> {
  const path = newFile(randomUUID())
  const body = incoming.headers['content-encoding'] === 'gzip' ? incoming.pipe(createGunzip()) : incoming
  let bytes = 0
  async function* kept(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes <= keep) yield chunk
    }
  }
  try {
    await pipeline(body, kept, createWriteStream(path))
  } catch (error) {
    discard({ path, bytes })
    throw error
  }
  return { path, bytes }
}

/** Removes an upload that no job took over. */
export function discard(upload: Upload | undefined): void {
  if (upload) rmSync(upload.path, { force: true })
}

/** Sends a reply that is a file; half of it when it is to be truncated. */
export function sendFile(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  part: FilePart,
  truncated?: 'broken' | 'cut',
): void {
  const head = Buffer.from(part.head)
  const size = head.length + part.to - part.from
  const length = truncated ? Math.floor(size / 2) : size
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'text/csv',
    'Content-Length': truncated === 'broken' ? size : length,
  })
  response.write(head.subarray(0, length))
  const left = length - Math.min(head.length, length)
  const end = () => (truncated === 'broken' ? response.destroy() : response.end())
  if (left === 0) return void end()
  const stream = createReadStream(part.path, { start: part.from, end: part.from + left - 1 })
  stream.on('error', () => response.destroy())
  stream.on('end', end)
  response.on('close', () => stream.destroy())
  stream.pipe(response, { end: false })
}
