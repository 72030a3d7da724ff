// One call to the consent service, signed with its key. It is made once: only the engine tries again.
import { endOfPage, endOfSilence, type NotWritten, thrown } from '@plumbline/sdk'
import type { ConsentApi } from './api.ts'
import { endOfAnswer, errorIn, type ServiceError, system } from './ends.ts'
import { limits } from './limits.ts'

export type Call = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the version: `subjects?limit=50`. */
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** What the call is about, for sentences. */
  readonly of: string
  /** Asked right before the request: whoever wants it may no longer be the one to write. */
  readonly mayStillSend?: (() => boolean) | undefined
}
export type Reply = { readonly ok: true; readonly json: unknown; readonly etag: string | undefined }
export type Failed = {
  readonly ok: false
  readonly end: NotWritten
  readonly status?: number
  /** What the service said, where it was the service that spoke. */
  readonly error?: ServiceError
}

export async function call(
  api: ConsentApi,
  { method, path, body, headers, of, mayStillSend }: Call,
): Promise<Reply | Failed> {
  if (mayStillSend?.() === false)
    return {
      ok: false,
      end: { end: 'unavailable', reason: `${system}, ${of}: it was too late to send it`, retryAfterMs: 500 },
    }
  let response: Response
  let text: string
  try {
    response = await api.host.fetch(`${api.settings.url.replace(/\/+$/, '')}/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${api.settings.key}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(limits.longestCallMs),
    })
    text = await response.text()
  } catch (error) {
    return { ok: false, end: endOfSilence(error, { system, of }) }
  }
  const { status } = response
  const json = parsed(text)
  if (status >= 300) {
    const answered = { status, body: json, ...retryAfter(response.headers.get('retry-after')) }
    const error = errorIn(json)
    return { ok: false, status, end: endOfAnswer(answered, of, method === 'POST'), ...(error && { error }) }
  }
  if (json !== undefined || status === 204) return { ok: true, json, etag: response.headers.get('etag') ?? undefined }
  const contentType = response.headers.get('content-type')
  return { ok: false, end: endOfPage({ status, text, contentType }, { system, of }) }
}

/** A read: the answer, or Refused or Unavailable. */
export async function get(api: ConsentApi, path: string, of: string): Promise<unknown> {
  const outcome = await call(api, { method: 'GET', path, of })
  if (outcome.ok) return outcome.json
  throw thrown(outcome.end)
}

function retryAfter(value: string | null): { retryAfterMs?: number } {
  const seconds = Number(value)
  return value !== null && Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
