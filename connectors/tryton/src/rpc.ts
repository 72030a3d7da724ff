// One call to Tryton: a method of a model, with the session of the user. It is made once; only the engine tries again.
import { endOfPage, endOfSilence, type Host, type NotWritten, thrown } from '@plumbline/sdk'
import { type Answered, endOfStatus, type Failure, failureIn, system, type Warning } from './ends.ts'
import { limits } from './limits.ts'
import type { Settings } from './settings.ts'
import { isRow, type Row } from './values.ts'

export type Call = {
  /** `model.sale.sale.create`. */
  readonly method: string
  /** All but the context, which is always the last. */
  readonly params: readonly unknown[]
  readonly context?: Row
  /** What the call is about, for sentences. */
  readonly of: string
  /** It changes something, so that no answer leaves it in doubt. */
  readonly writes?: boolean
  /** Asked right before the request: whoever wants it may no longer be the one to write. */
  readonly mayStillSend?: (() => boolean) | undefined
}
export type Reply = {
  readonly ok: true
  readonly result: unknown
  /** The server's clock. */
  readonly date: number
}
export type Outcome = Reply | { readonly ok: false; readonly end: NotWritten; readonly warning?: Warning }

type Login = { readonly user: number; readonly authorization: string }

export class Rpc {
  readonly #settings: Settings
  readonly #host: Host
  #login: Promise<Login | { readonly end: NotWritten }> | undefined

  constructor(settings: Settings, host: Host) {
    this.#settings = settings
    this.#host = host
  }

  /** A read: what Tryton answers, or Refused or Unavailable. */
  async ask(model: string, method: string, params: readonly unknown[], of: string, context?: Row): Promise<Reply> {
    const outcome = await this.call({ method: `model.${model}.${method}`, params, of, ...(context && { context }) })
    if (outcome.ok) return outcome
    throw thrown(outcome.end)
  }

  /** Tryton executes nothing for a session that has run out: then it is signed in anew, once, and asked once more. */
  async call(call: Call): Promise<Outcome> {
    const first = await this.#signedIn()
    if ('end' in first) return { ok: false, end: first.end }
    const outcome = await this.#send(call, first)
    if (outcome !== 'signed out') return outcome
    if (this.#login && (await this.#login) === first) this.#login = undefined
    const second = await this.#signedIn()
    if ('end' in second) return { ok: false, end: second.end }
    const again = await this.#send(call, second)
    return again === 'signed out' ? { ok: false, end: endOfStatus(signedOut, call.of, false) } : again
  }

  /** Whose name stands on what is written. */
  async user(): Promise<number> {
    const login = await this.#signedIn()
    if ('end' in login) throw thrown(login.end)
    return login.user
  }

  /** All calls share one session; those that come while it is being opened wait for the same one. */
  #signedIn(): Promise<Login | { readonly end: NotWritten }> {
    const asked = this.#login ?? this.#signIn()
    this.#login = asked
    return asked.then(login => {
      if ('end' in login && this.#login === asked) this.#login = undefined
      return login
    })
  }

  async #signIn(): Promise<Login | { readonly end: NotWritten }> {
    const { user, password } = this.#settings
    const of = 'signing in'
    const answer = await this.#post({ method: 'common.db.login', params: [user, { password }, 'en'] }, undefined, of)
    if ('end' in answer) return { end: certainlyNot(answer.end) }
    if (answer.status !== 200) return { end: endOfStatus(answer, of, false) }
    const [id, key] = isRow(answer.body) && Array.isArray(answer.body.result) ? answer.body.result : []
    if (typeof id !== 'number' || typeof key !== 'string')
      return { end: certainlyNot(endOfPage(answer, { system, of })) }
    return { user: id, authorization: `Session ${Buffer.from(`${user}:${id}:${key}`).toString('base64')}` }
  }

  async #send({ method, params, context, of, writes = false, mayStillSend }: Call, { authorization }: Login) {
    // Signing in may have taken long: whoever asked may no longer be the one to write.
    if (mayStillSend?.() === false) return tooLate(of)
    const answer = await this.#post({ method, params: [...params, context ?? {}] }, authorization, of)
    if ('end' in answer) return { ok: false as const, end: answer.end }
    if (answer.status === 401) return 'signed out'
    if (answer.status !== 200) return { ok: false as const, end: endOfStatus(answer, of, writes) }
    const failure: Failure | undefined = failureIn(answer.body, of)
    if (failure) return { ok: false as const, ...failure }
    if (isRow(answer.body) && 'result' in answer.body)
      return { ok: true as const, result: answer.body.result, date: answer.date }
    return { ok: false as const, end: endOfPage(answer, { system, of }) }
  }

  /** With these three keys in the body, and no fourth, Tryton answers in its envelope and with errors that have types. */
  async #post(
    { method, params }: { readonly method: string; readonly params: readonly unknown[] },
    authorization: string | undefined,
    of: string,
  ): Promise<(Answered & { readonly body: unknown; readonly date: number }) | { readonly end: NotWritten }> {
    const { url, database } = this.#settings
    try {
      const response = await this.#host.fetch(`${url.replace(/\/+$/, '')}/${encodeURIComponent(database)}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
        body: JSON.stringify({ id: 1, method, params }),
        redirect: 'manual',
        signal: AbortSignal.timeout(limits.longestCallMs),
      })
      const text = await response.text()
      return {
        status: response.status >= 300 && response.status < 400 ? 502 : response.status,
        text,
        body: parsed(text),
        contentType: response.headers.get('content-type'),
        date: Date.parse(response.headers.get('date') ?? '') || this.#host.now(),
        ...retryAfter(response.headers.get('retry-after')),
      }
    } catch (error) {
      return { end: endOfSilence(error, { system, of }) }
    }
  }
}

const signedOut: Answered = { status: 401, text: '', contentType: null }

const tooLate = (of: string) => ({
  ok: false as const,
  end: { end: 'unavailable' as const, reason: `${system}, ${of}: it was too late to send it`, retryAfterMs: 500 },
})

/** A login that was not answered has written nothing. */
const certainlyNot = (end: NotWritten): NotWritten => ({ end: 'unavailable', reason: end.reason, systemIsDown: true })

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
