// One call to Salesforce's REST API: signed with our name, with the session's token, logged in again once when turned away.
// jsforce logs us in; the calls go through the host's fetch, because only the engine may retry and a send that got no answer
// must be told from one that was never made.
import { Unavailable } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { endOfAnswer, endOfSilence, type NotWritten, thrown } from './ends.ts'
import { limits } from './limits.ts'
import type { Session } from './session.ts'

export type Call = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the version (`/limits`), or absolute (`/services/data/…`). */
  readonly path: string
  readonly body?: unknown
  /** What the call is about, for sentences: "Order". */
  readonly of: string
  /** Asked right before the request: whoever wants it may no longer be the one to write. */
  readonly mayStillSend?: () => boolean
}
export type Reply = { readonly ok: true; readonly json: unknown; readonly date: string | null }
export type Outcome = Reply | { readonly ok: false; readonly end: NotWritten }

export const versioned = (api: SalesforceApi, path: string): string =>
  path.startsWith('/services/') ? path : `/services/data/v${api.settings.apiVersion}${path}`

export async function call(api: SalesforceApi, request: Call): Promise<Outcome> {
  try {
    const session = await api.sessions.current()
    const first = await send(api, session, request)
    if (first !== 'turned away') return first
    const second = await send(api, await api.sessions.renew(session), request)
    if (second !== 'turned away') return second
  } catch (error) {
    if (error instanceof Unavailable) {
      return { ok: false, end: { end: 'unavailable', reason: error.message, systemIsDown: true } }
    }
    throw error
  }
  const reason = 'Salesforce turned a fresh session away (401): the integration user or its app may have been disabled'
  return { ok: false, end: { end: 'unavailable', reason, systemIsDown: true } }
}

/** A read: the answer, or Refused or Unavailable. */
export async function get(api: SalesforceApi, path: string, of: string): Promise<Reply> {
  const outcome = await call(api, { method: 'GET', path, of })
  if (outcome.ok) return outcome
  throw thrown(outcome.end)
}

async function send(api: SalesforceApi, session: Session, request: Call): Promise<Outcome | 'turned away'> {
  if (request.mayStillSend?.() === false)
    return {
      ok: false,
      end: { end: 'unavailable', reason: `Salesforce, ${request.of}: it was too late to send it`, retryAfterMs: 500 },
    }
  let response: Response
  let text: string
  try {
    response = await api.host.fetch(session.instanceUrl + versioned(api, request.path), {
      method: request.method,
      headers: headersOf(api, session, request.body !== undefined),
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      signal: AbortSignal.timeout(limits.longestCallMs),
    })
    text = await response.text()
  } catch (error) {
    return { ok: false, end: endOfSilence(error, request.of) }
  }
  if (response.status === 401) return 'turned away'
  const json = parsed(text)
  const spread = (Number.parseInt(api.host.uuid().slice(0, 4), 16) % 1000) / 1000
  if (response.status >= 400) return { ok: false, end: endOfAnswer(response.status, json, request.of, spread) }
  if (response.status >= 300) return { ok: false, end: several(json, request.of) }
  if (json !== undefined || text === '') return { ok: true, json, date: response.headers.get('date') }
  const reason = `Salesforce, ${request.of}: answered ${response.status} with something that is no JSON, or cut short`
  return { ok: false, end: { end: 'unknown', reason } }
}

const headersOf = (api: SalesforceApi, session: Session, hasBody: boolean) => ({
  authorization: `Bearer ${session.token}`,
  accept: 'application/json',
  'sforce-call-options': `client=${api.settings.client}`,
  ...(hasBody && { 'content-type': 'application/json' }),
})

/** 300 is Salesforce's answer when an external id fits several records. */
const several = (json: unknown, of: string): NotWritten => ({
  end: 'refused',
  reason: `Salesforce, ${of}: several records carry the same key: ${JSON.stringify(json)}`,
  todo: 'Merge the records in Salesforce and make the key field unique.',
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
