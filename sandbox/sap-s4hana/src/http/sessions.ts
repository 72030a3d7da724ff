// Sessions and CSRF tokens: a token is bound to the cookie it was given with.
import { randomBytes } from 'node:crypto'

export const SESSION_COOKIE = 'SAP_SESSIONID_S4X_100'
const MOST_SESSIONS = 10_000

export interface Session {
  readonly id: string
  readonly token: string
  readonly user: string
}

export class Sessions {
  readonly #sessions = new Map<string, Session>()

  of(cookieHeader: string | undefined): Session | undefined {
    return this.#sessions.get(cookieIn(cookieHeader ?? '') ?? '')
  }

  open(user: string): Session {
    const session = { id: randomBytes(24).toString('base64url'), token: randomBytes(18).toString('base64url'), user }
    this.#sessions.set(session.id, session)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > MOST_SESSIONS && oldest) this.#sessions.delete(oldest)
    return session
  }

  forget(session: Session): void {
    this.#sessions.delete(session.id)
  }
}

function cookieIn(header: string): string | undefined {
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=')
    if (name === SESSION_COOKIE) return value
  }
  return undefined
}
