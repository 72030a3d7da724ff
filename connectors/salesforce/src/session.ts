// Logging in to Salesforce: one login at a time, shared by all calls and the event stream. A session that is turned away is
// replaced once. When the new one is turned away too, no login helps for now: whoever asks is told when to try again.
import { endOfPage, endOfSilence, type Host, type NotWritten, thrown, Unavailable } from '@plumbline/sdk'
import { endOfAnswer, pageIn } from './ends.ts'
import { limits } from './limits.ts'
import type { Settings } from './settings.ts'

export type Session = { readonly token: string; readonly instanceUrl: string; readonly organization: string }

export type Sessions = {
  /** The session in use; logs in when there is none. */
  current(): Promise<Session>
  /**
   * A session in place of the one that was turned away, with these words. Callers that were turned away together log in
   * once; when the session was a fresh one, no login helps for now and the answer is Unavailable.
   */
  renew(stale: Session, words: string): Promise<Session>
  /** What to throw when the session in place was turned away as well. */
  refused(fresh: Session, words: string): Unavailable
  /** Salesforce took it. */
  accepted(session: Session): void
}

/** How long to wait after one, two … logins in vain; then as long as for any limit that only time lifts. */
const patienceMs = [2_000, 5_000, 15_000]
/** Calls that are turned away one after the other within this time share one login in vain. */
const restMs = 1_000

export function openSessions(settings: Settings, host: Host): Sessions {
  let held: Session | undefined
  /** Whether Salesforce ever took the session held. */
  let isProven = false
  let pending: Promise<Session> | undefined
  let inVain = 0
  /** Why no login is tried right now: the last one was in vain a moment ago. */
  let resting: { readonly because: Unavailable; readonly until: number } | undefined
  const vain = (message: string): Unavailable => {
    inVain++
    const retryAfterMs = Math.min(patienceMs[inVain - 1] ?? Number.POSITIVE_INFINITY, limits.probeEveryMs)
    const because = new Unavailable(message, retryAfterMs, { systemIsDown: true })
    resting = { because, until: host.now() + restMs }
    return because
  }
  const login = (): Promise<Session> => {
    if (resting && host.now() < resting.until) return Promise.reject(resting.because)
    pending ??= logIn(settings, host)
      .catch((error: unknown) => {
        throw error instanceof LoginRefused ? vain(error.message) : error
      })
      .then(session => {
        held = session
        isProven = false
        return session
      })
      .finally(() => {
        pending = undefined
      })
    return pending
  }
  const refused = (fresh: Session, words: string): Unavailable => {
    if (held !== fresh) return resting?.because ?? new Unavailable(`Salesforce ended the session (${words})`, restMs)
    held = undefined
    return isProven
      ? new Unavailable(`Salesforce ended the session once more (${words})`, restMs)
      : vain(refusal(settings, words))
  }
  return {
    current: async () => held ?? login(),
    renew: async (stale, words) => {
      if (held === stale && !isProven) throw refused(stale, words)
      if (held === stale) held = undefined
      return held ?? login()
    },
    refused,
    accepted: session => {
      if (held !== session) return
      isProven = true
      inVain = 0
      resting = undefined
    },
  }
}

const refusal = ({ clientId }: Settings, words: string): string =>
  `Salesforce lets client ${clientId} log in and refuses the session it gives (${words}). Check in Salesforce that the integration user is active, that its profile allows the API, and that the connected app admits it and this address`

/** Salesforce said no to the login itself: a wrong secret, an app that was blocked. */
class LoginRefused extends Error {}

async function logIn(settings: Settings, host: Host): Promise<Session> {
  const { clientId, clientSecret } = settings
  const loginUrl = settings.loginUrl.replace(/\/+$/, '')
  const of = `logging in as ${clientId} at ${loginUrl}`
  let response: Response
  let text: string
  try {
    response = await host.fetch(`${loginUrl}/services/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      }).toString(),
      redirect: 'manual',
      signal: AbortSignal.timeout(limits.longestCallMs),
    })
    text = await response.text()
  } catch (error) {
    throw withoutAnswer(endOfSilence(error, { system: 'Salesforce', of }))
  }
  const answer = answerIn(text)
  if (response.status >= 400 && typeof answer?.error === 'string')
    throw new LoginRefused(
      `Salesforce at ${loginUrl} does not let client ${clientId} in: ${answer.error_description ?? 'no reason given'} (${answer.error}). Check the client's id and secret, and that its app is allowed`,
    )
  if (response.status >= 400) throw thrown(endOfAnswer(response.status, parsed(text), of))
  const session = answer && sessionIn(answer)
  if (session) return session
  throw withoutAnswer(endOfPage(pageIn(response, text), { system: 'Salesforce', of }))
}

/** Where nobody is let in, nobody gets an answer. */
const withoutAnswer = ({ reason }: NotWritten): Unavailable =>
  new Unavailable(reason, undefined, { systemIsDown: true })

/** The organization is named in the identity address, `…/id/{organization}/{user}`. */
function sessionIn({
  access_token: token,
  instance_url: url,
  id,
}: Readonly<Record<string, unknown>>): Session | undefined {
  if (typeof token !== 'string' || typeof url !== 'string' || typeof id !== 'string') return undefined
  return { token, instanceUrl: url.replace(/\/+$/, ''), organization: id.split('/').at(-2) ?? '' }
}

const answerIn = (text: string): Readonly<Record<string, unknown>> | undefined => {
  const json = parsed(text)
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? Object.fromEntries(Object.entries(json))
    : undefined
}

/** JSON, or undefined when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
