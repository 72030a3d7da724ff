// One call to S/4HANA: signed in as the communication user; for writes with a CSRF token and the cookies it is bound to.
import { endOfPage, endOfSilence, type Host, type NotWritten, thrown, Unavailable } from '@plumbline/sdk'
import { answerOf, changesetOf, type Step } from './changeset.ts'
import { type Answered, endOfAnswer } from './ends.ts'
import { limits } from './limits.ts'
import type { Settings } from './settings.ts'

export type Call = Step & {
  readonly service: string
  /** What the call is about, for sentences. */
  readonly of: string
  readonly isCreate?: boolean
  readonly mayStillSend?: (() => boolean) | undefined
}
export type Reply = {
  readonly ok: true
  readonly json: unknown
  readonly etag: string | undefined
  readonly date: number
}
export type Outcome = Reply | { readonly ok: false; readonly end: NotWritten }

type Raw = Answered & {
  readonly text: string
  readonly etag: string | undefined
  readonly date: number
  readonly token: string | undefined
  readonly wantsToken: boolean
  readonly cookie: string
}
const system = 'S/4HANA'

type Content = { readonly type: string; readonly text: string }
type Pass = { readonly token: string; readonly cookie: string }

export class Http {
  readonly #base: string
  readonly #host: Host
  readonly #signature: string
  #pass: Promise<Pass> | undefined

  constructor(settings: Settings, host: Host) {
    this.#base = `${settings.url.replace(/\/+$/, '')}/sap/opu/odata/sap`
    this.#host = host
    this.#signature = `Basic ${Buffer.from(`${settings.user}:${settings.password}`).toString('base64')}`
  }

  /** A read: the answer, or Refused or Unavailable. `path` may be a whole address, as SAP gives for the next page. */
  async get(service: string, path: string, of: string): Promise<Reply> {
    const url = path.startsWith('http') ? this.#own(path) : `${this.#base}/${service}/${path}`
    const outcome = await this.#ask(url, { headers: this.#headers() }, of)
    if ('end' in outcome) throw thrown(outcome.end)
    if (outcome.status >= 400) throw thrown(endOfAnswer(outcome, of, false))
    if (outcome.body === undefined) throw thrown(endOfPage(outcome, { system, of }))
    return { ok: true, json: outcome.body, etag: outcome.etag, date: outcome.date }
  }

  /** A write. */
  send(call: Call): Promise<Outcome> {
    const content = call.body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(call.body) }
    return this.#sent(call, content, answer => {
      if (answer.status >= 400) return { ok: false, end: endOfAnswer(answer, call.of, call.isCreate === true) }
      if (answer.body !== undefined || answer.text === '')
        return { ok: true, json: answer.body, etag: answer.etag, date: answer.date }
      return { ok: false, end: endOfPage(answer, { system, of: call.of }) }
    })
  }

  /** Several writes that SAP carries out together, or none of them. */
  sendTogether(steps: readonly Step[], call: Omit<Call, keyof Step>): Promise<Outcome> {
    const content = changesetOf(steps, this.#host.uuid())
    const isCreate = steps.some(step => step.method === 'POST')
    return this.#sent({ ...call, method: 'POST', path: '$batch' }, content, answer => {
      if (answer.status >= 400) return { ok: false, end: endOfAnswer(answer, call.of, isCreate) }
      const became = answerOf(answer.text)
      if (became && 'error' in became) {
        const body = parsed(became.error)
        return { ok: false, end: endOfAnswer({ status: became.status, body }, call.of, isCreate) }
      }
      if (became?.done === steps.length) return { ok: true, json: undefined, etag: answer.etag, date: answer.date }
      return { ok: false, end: endOfPage(answer, { system, of: call.of }) }
    })
  }

  /** A token that has run out is fetched anew, once: SAP did not execute what it turned away for that. */
  async #sent(call: Call, content: Content | undefined, outcomeOf: (answer: Raw) => Outcome): Promise<Outcome> {
    let pass: Pass
    try {
      pass = await this.#passFor(call.service)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return {
        ok: false,
        end: {
          end: 'unavailable',
          reason,
          ...(error instanceof Unavailable && error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
          systemIsDown: true,
        },
      }
    }
    const first = await this.#write(call, content, pass, outcomeOf)
    if (first !== 'token') return first
    this.#pass = undefined
    const again = await this.#passFor(call.service).catch((error: unknown) => String(error))
    const second = typeof again === 'string' ? 'token' : await this.#write(call, content, again, outcomeOf)
    if (second !== 'token') return second
    return {
      ok: false,
      end: { end: 'unavailable', reason: 'S/4HANA turned a fresh CSRF token away', systemIsDown: true },
    }
  }

  async #write(
    call: Call,
    content: Content | undefined,
    pass: Pass,
    outcomeOf: (answer: Raw) => Outcome,
  ): Promise<Outcome | 'token'> {
    const headers = {
      ...this.#headers(),
      'x-csrf-token': pass.token,
      ...(pass.cookie && { cookie: pass.cookie }),
      ...(content && { 'content-type': content.type }),
      ...(call.ifMatch !== undefined && { 'if-match': call.ifMatch }),
    }
    // The token may have taken long: whoever asked may no longer be the one to write.
    if (call.mayStillSend?.() === false)
      return {
        ok: false,
        end: { end: 'unavailable', reason: `S/4HANA, ${call.of}: it was too late to send it`, retryAfterMs: 500 },
      }
    const answer = await this.#ask(
      `${this.#base}/${call.service}/${call.path}`,
      { method: call.method, headers, ...(content && { body: content.text }) },
      call.of,
    )
    if ('end' in answer) return { ok: false, end: answer.end }
    return answer.status === 403 && answer.wantsToken ? 'token' : outcomeOf(answer)
  }

  /** The token of the session; all writes share it, and those that come meanwhile wait for the same one. */
  #passFor(service: string): Promise<Pass> {
    const asked = this.#pass ?? this.#fetchPass(service)
    this.#pass = asked
    asked.catch(() => {
      if (this.#pass === asked) this.#pass = undefined
    })
    return asked
  }

  async #fetchPass(service: string): Promise<Pass> {
    const answer = await this.#ask(
      `${this.#base}/${service}/`,
      { headers: { ...this.#headers(), 'x-csrf-token': 'Fetch' } },
      'CSRF token',
    )
    if ('end' in answer) throw thrown(answer.end)
    if (answer.status >= 400) throw thrown(endOfAnswer(answer, 'CSRF token', false))
    if (!answer.token) throw thrown(endOfPage(answer, { system, of: 'CSRF token' }))
    return { token: answer.token, cookie: answer.cookie }
  }

  async #ask(url: string, init: RequestInit, of: string): Promise<Raw | { readonly end: NotWritten }> {
    let response: Response
    let text: string
    try {
      response = await this.#host.fetch(url, {
        ...init,
        redirect: 'manual',
        signal: AbortSignal.timeout(limits.longestCallMs),
      })
      text = await response.text()
    } catch (error) {
      return { end: endOfSilence(error, { system, of }) }
    }
    const { headers } = response
    const token = headers.get('x-csrf-token') ?? undefined
    return {
      status: response.status >= 300 && response.status < 400 ? 502 : response.status,
      body: parsed(text),
      text,
      etag: headers.get('etag') ?? undefined,
      date: Date.parse(headers.get('date') ?? '') || this.#host.now(),
      token,
      wantsToken: token?.toLowerCase() === 'required',
      cookie: headers
        .getSetCookie()
        .map(cookie => cookie.split(';')[0])
        .join('; '),
      ...retryAfter(headers.get('retry-after')),
    }
  }

  #headers() {
    return { authorization: this.#signature, accept: 'application/json' }
  }

  /** The next page is asked for where we ask everything else, whatever host name SAP believes to have. */
  #own(address: string): string {
    const { pathname, search } = new URL(address)
    return new URL(this.#base).origin + pathname + search
  }
}

function retryAfter(value: string | null): { retryAfterMs?: number } {
  const seconds = Number(value)
  return value !== null && Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
