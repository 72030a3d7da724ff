// Asks the admin API. What it refuses becomes an error that can be shown as it is: what happened, and what to do.
import type { ProblemBody } from './types.ts'

/** A refusal in words: `message` is the sentence, `todo` what somebody can do. */
export class Refusal extends Error {
  readonly code: string
  readonly status: number
  readonly todo: string | undefined

  constructor(body: { code: string; status: number; detail: string; todo?: string | undefined }) {
    super(body.detail)
    this.name = 'Refusal'
    this.code = body.code
    this.status = body.status
    this.todo = body.todo
  }
}

/** A question that takes longer has no answer. */
const LONGEST_MS = 30_000

export type Params = Readonly<Record<string, string | number | boolean | undefined>>

export const getJson = <T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> =>
  answerOf<T>(asked(withParams(path, params), signal))

export const sendJson = <T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> =>
  answerOf<T>(
    fetch(path, {
      method,
      headers: { ...ACCEPT, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  )

const ACCEPT = { accept: 'application/json' } as const

declare global {
  /** What public/first.js asked while this was on its way. */
  var plumblineAsked: Map<string, Promise<Response>> | undefined
}

function asked(address: string, signal?: AbortSignal): Promise<Response> {
  const already = globalThis.plumblineAsked?.get(address)
  // The second time, a new answer is wanted.
  globalThis.plumblineAsked?.delete(address)
  const limits = [AbortSignal.timeout(LONGEST_MS), ...(signal ? [signal] : [])]
  return already ?? fetch(address, { headers: ACCEPT, signal: AbortSignal.any(limits) })
}

function withParams(path: string, params: Params): string {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== '')
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return query === '' ? path : `${path}?${query}`
}

async function answerOf<T>(asking: Promise<Response>): Promise<T> {
  const response = await asking.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Refusal({
      code: 'not-reached',
      status: 0,
      detail: 'Plumbline does not answer.',
      todo: 'See whether it still runs. This page goes on by itself as soon as it answers.',
    })
  })
  if (response.ok) return (await response.json()) as T
  throw new Refusal(await problemOf(response))
}

async function problemOf(response: Response): Promise<ProblemBody | ConstructorParameters<typeof Refusal>[0]> {
  const body: unknown = await response.json().catch(() => undefined)
  if (isProblem(body)) return body
  return {
    code: 'not-ours',
    status: response.status,
    detail: `The answer was ${response.status} ${response.statusText}, and not one of Plumbline's own.`,
    todo: 'See what stands between this browser and Plumbline.',
  }
}

const isProblem = (body: unknown): body is ProblemBody =>
  typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string' && 'code' in body
