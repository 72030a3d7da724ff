// Logging in to Salesforce. jsforce speaks OAuth; one login at a time, shared by all calls and the event stream.
import { Connection } from '@jsforce/jsforce-node'
import { type Host, Unavailable } from '@plumbline/sdk'
import { limits } from './limits.ts'
import type { Settings } from './settings.ts'

export type Session = { readonly token: string; readonly instanceUrl: string; readonly organization: string }

export type Sessions = {
  /** The session in use; logs in when there is none. */
  current(): Promise<Session>
  /** A session other than the one that was turned away. Callers that were turned away together log in once. */
  renew(stale: Session): Promise<Session>
}

export function openSessions(settings: Settings, host: Host): Sessions {
  let held: Session | undefined
  let pending: Promise<Session> | undefined
  const login = () => {
    pending ??= logIn(settings, host)
      .then(session => {
        held = session
        return session
      })
      .finally(() => {
        pending = undefined
      })
    return pending
  }
  return {
    current: async () => held ?? login(),
    renew: async stale => {
      if (held === stale) held = undefined
      return held ?? login()
    },
  }
}

async function logIn({ loginUrl, clientId, clientSecret, apiVersion }: Settings, host: Host): Promise<Session> {
  const connection = new Connection({ oauth2: { loginUrl, clientId, clientSecret }, version: apiVersion })
  try {
    const user = await inTime(connection.authorize({ grant_type: 'client_credentials' }), host)
    if (!connection.accessToken || !connection.instanceUrl) throw new Error('the answer holds no token')
    return {
      token: connection.accessToken,
      instanceUrl: connection.instanceUrl.replace(/\/+$/, ''),
      organization: user.organizationId,
    }
  } catch (error) {
    throw new Unavailable(`Salesforce at ${loginUrl} did not let ${clientId} in: ${sentenceOf(error)}`)
  }
}

/** jsforce would wait half an hour for an answer. */
async function inTime<T>(login: Promise<T>, host: Host): Promise<T> {
  const waiting = new AbortController()
  const tooLong = host.sleep(limits.longestCallMs, waiting.signal).then(
    () => Promise.reject(new Error(`no answer within ${limits.longestCallMs / 1000} s`)),
    () => new Promise<never>(() => {}),
  )
  try {
    return await Promise.race([login, tooLong])
  } finally {
    waiting.abort()
  }
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === 'Error' ? error.message || String(error) : `${error.name}: ${error.message}`
}
