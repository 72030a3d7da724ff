// One call to Salesforce's REST API: signed with our name, with the session's token, logged in again once when turned away.
// It goes through the host's fetch, because only the engine may retry and a send that got no answer must be told from one
// that was never made.
import { endOfPage, endOfSilence, type NotWritten, thrown, Unavailable } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { endOfAnswer, errorsIn, pageIn } from './ends.ts'
import { limits } from './limits.ts'
import { parsed, type Session } from './session.ts'

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
    if (!('turnedAway' in first)) return first
    const fresh = await api.sessions.renew(session, first.turnedAway)
    const second = await send(api, fresh, request)
    if (!('turnedAway' in second)) return second
    throw api.sessions.refused(fresh, second.turnedAway)
  } catch (error) {
    if (error instanceof Unavailable) return { ok: false, end: endOfRefusal(error) }
    throw error
  }
}

/** Nothing was sent, or nothing that Salesforce would have carried out. */
const endOfRefusal = ({ message, retryAfterMs, systemIsDown, tooManyAtOnce }: Unavailable): NotWritten => ({
  end: 'unavailable',
  reason: message,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
  systemIsDown,
  tooManyAtOnce,
})

/** A read: the answer, or Refused or Unavailable. */
export async function get(api: SalesforceApi, path: string, of: string): Promise<Reply> {
  const outcome = await call(api, { method: 'GET', path, of })
  if (outcome.ok) return outcome
  throw thrown(outcome.end)
}

type TurnedAway = { readonly turnedAway: string }

async function send(api: SalesforceApi, session: Session, request: Call): Promise<Outcome | TurnedAway> {
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
    return { ok: false, end: endOfSilence(error, { system: 'Salesforce', of: request.of }) }
  }
  const json = parsed(text)
  const error = errorsIn(json)[0]
  if (response.status === 401) return { turnedAway: `401 ${error?.code ?? 'without a code'}` }
  api.sessions.accepted(session)
  api.usage.heard(response.headers.get('sforce-limit-info'))
  const spread = (Number.parseInt(api.host.uuid().slice(0, 4), 16) % 1000) / 1000
  if (response.status >= 400) return { ok: false, end: endOfAnswer(response.status, json, request.of, spread) }
  if (response.status >= 300) return { ok: false, end: several(json, request.of) }
  if (json !== undefined || text === '') return { ok: true, json, date: response.headers.get('date') }
  return { ok: false, end: endOfPage(pageIn(response, text), { system: 'Salesforce', of: request.of }) }
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
