// A call of the REST API after its door: parsed, authenticated, and perhaps part of a larger transaction.
import type { BulkWorker } from '../bulk/worker.ts'
import { ApiError } from '../errors.ts'
import type { FilePart, Upload } from '../files.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { Org } from '../org.ts'
import { type Actor, attempt, type Transaction } from '../transaction.ts'

export type Api = {
  readonly org: Org
  readonly url: () => string
  readonly usage: ApiUsage
  readonly cursors: Cursors
  readonly bulk: BulkWorker
  /** Answers a call, also one that came inside another (composite). Refusals become answers here. */
  readonly dispatch: (call: Call) => Reply
}

export type ApiUsage = { readonly used: number; readonly max: number; count(calls: number): void }
export type Cursors = {
  open(cursor: Cursor): string
  find(locator: string): { id: string; cursor: Cursor; from: number } | undefined
}
export type Cursor = {
  readonly length: number
  readonly totalSize: number
  readonly record: (index: number) => unknown
  readonly batchSize: number
}

export type Call = {
  readonly api: Api
  readonly method: string
  /** Decoded parts of the path after /services/data/vNN.0. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: unknown
  /** The body of an upload, which is a file. */
  readonly upload?: Upload
  readonly version: string
  readonly actor: Actor
  /** The transaction this call is part of; without one it has its own. */
  readonly tx?: Transaction
}

export type Reply = {
  readonly status: number
  readonly body?: unknown
  /** Instead of a body: CSV from a file. */
  readonly file?: FilePart
  readonly headers?: { readonly [name: string]: string }
}

/** Runs work atomically: in the call's own transaction, or as a part of the larger one that can be taken back alone. */
export function atomically<T>(call: Call, work: (tx: Transaction) => T): T {
  if (!call.tx) return call.api.org.commit(call.actor, work)
  return attempt(call.tx, work)
}

export function bodyObject(call: Call): JsonObject {
  if (isObject(call.body)) return call.body
  throw new ApiError(400, 'JSON_PARSER_ERROR', 'The request body must be a JSON object')
}

export function methodNotAllowed(method: string, allowed: readonly string[]): ApiError {
  return new ApiError(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${method}' not allowed. Allowed are ${allowed.join(',')}`,
  )
}
