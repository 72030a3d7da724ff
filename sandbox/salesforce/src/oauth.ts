// Logging in: the token endpoint with its grants, and the access tokens. A token carries its own claim, signed with a
// key in the data folder, so that it outlives a restart of the sandbox.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientOfJwt, JWT_CLIENT, ownCertificate } from './jwt.ts'
import { ADMIN_USER_ID, ORG_ID, type Org } from './org.ts'
import type { Reply } from './rest/types.ts'

export type Session = {
  readonly serial: string
  readonly client: string
  /** The name that the last call with it gave itself. */
  usedBy?: string
}

type VerifiedSession = Session & { lastUsed: number }

const MAX_REMEMBERED = 1000
const SESSION_MS = 2 * 3600_000
const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

export class Sessions {
  readonly #org: Org
  readonly #folder: string
  readonly #key: Buffer
  /** Tokens whose signature was checked, so that it is done once. */
  readonly #verified = new Map<string, VerifiedSession>()
  /** Told when sessions were ended: whoever holds a stream open on one is to end it. */
  onEnded: () => void = () => {}

  constructor(org: Org, folder: string) {
    this.#org = org
    this.#folder = folder
    this.#key = sessionKey(join(folder, 'session.key'))
  }

  issue(client: string): string {
    const claim = [
      randomBytes(8).toString('hex'),
      this.#org.now().toString(36),
      Buffer.from(client).toString('hex'),
    ].join('.')
    return `${ORG_ID.slice(0, 15)}!AQ${claim}.${this.#sign(claim)}`
  }

  /** The session of an access token; undefined when it is no token of ours, has run out or was revoked. */
  find(token: string): Session | undefined {
    const session = this.#verified.get(token) ?? this.#verify(token)
    if (!session || this.#org.revoked.has(session.serial)) return undefined
    const now = this.#org.now()
    if (now - session.lastUsed > SESSION_MS) return undefined
    session.lastUsed = now
    return session
  }

  #verify(token: string): VerifiedSession | undefined {
    const match = /^00D\w{12,15}!AQ((\w+)\.(\w+)\.(\w*))\.(\w+)$/.exec(token)
    const [, claim = '', serial = '', issued = '', client = '', signature = ''] = match ?? []
    if (!match || !equal(signature, this.#sign(claim))) return undefined
    const session = { serial, client: Buffer.from(client, 'hex').toString(), lastUsed: Number.parseInt(issued, 36) }
    this.#verified.set(token, session)
    const oldest = this.#verified.keys().next()
    if (this.#verified.size > MAX_REMEMBERED && !oldest.done) this.#verified.delete(oldest.value)
    return session
  }

  /** The certificate of the key that the sandbox made for this client. */
  ownCertificate(client: string): string | undefined {
    return client === JWT_CLIENT ? ownCertificate(this.#folder) : undefined
  }

  isRevoked(session: Session): boolean {
    return this.#org.revoked.has(session.serial)
  }

  revoke(session: Session): void {
    this.#org.revoke(session.serial)
    this.onEnded()
  }

  /** Ends the sessions of those callers; answers how many there were. */
  endAll(isWanted: (by: string) => boolean): number {
    const wanted = [...this.#verified.values()].filter(one => !this.isRevoked(one) && isWanted(callerOf(one)))
    for (const session of wanted) this.#org.revoke(session.serial)
    this.onEnded()
    return wanted.length
  }

  #sign(claim: string): string {
    return createHmac('sha256', this.#key).update(claim).digest('hex').slice(0, 40)
  }
}

export const callerOf = (session: Session): string => session.usedBy ?? session.client

function sessionKey(path: string): Buffer {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600 })
  return readFileSync(path)
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

/** POST /services/oauth2/token */
export function grantToken(
  org: Org,
  sessions: Sessions,
  form: URLSearchParams,
  authorization: string | undefined,
  url: string,
): Reply {
  const grant = form.get('grant_type')
  if (grant === 'client_credentials') {
    const { id, secret } = clientOf(form, authorization)
    const client = org.shape.clients.get(id)
    if (!client) return refuse('invalid_client_id', 'client identifier invalid')
    return client.secret === secret
      ? token(org, sessions, id, url)
      : refuse('invalid_client', 'invalid client credentials')
  }
  if (grant === JWT_GRANT) return grantByJwt(org, sessions, form.get('assertion') ?? '', url)
  if (grant === 'password') {
    const { id } = clientOf(form, authorization)
    return form.get('username')
      ? token(org, sessions, id || 'password', url)
      : refuse('invalid_grant', 'authentication failure')
  }
  return refuse('unsupported_grant_type', 'grant type not supported')
}

export function clientOf(form: URLSearchParams, authorization: string | undefined): { id: string; secret: string } {
  const basic = /^Basic\s+(.+)$/i.exec(authorization ?? '')?.[1]
  if (!basic) return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
  const [id = '', ...secret] = Buffer.from(basic, 'base64').toString().split(':')
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret.join(':')) }
}

function grantByJwt(org: Org, sessions: Sessions, assertion: string, url: string): Reply {
  const granted = clientOfJwt({
    assertion,
    url,
    now: Date.now(),
    isClient: client => org.shape.clients.has(client),
    certificateOf: client => org.shape.clients.get(client)?.certificate ?? sessions.ownCertificate(client),
    isUser: username => [...org.table('User').find('Username', username)].length > 0,
  })
  return 'client' in granted ? token(org, sessions, granted.client, url) : refuse(granted.error, granted.description)
}

function token(org: Org, sessions: Sessions, client: string, url: string): Reply {
  const id = `${url}/id/${ORG_ID}/${ADMIN_USER_ID}`
  const issuedAt = String(org.now())
  const signature = createHmac('sha256', 'sandbox')
    .update(id + issuedAt)
    .digest('base64')
  return {
    status: 200,
    body: {
      access_token: sessions.issue(client),
      scope: 'api web',
      instance_url: url,
      id,
      token_type: 'Bearer',
      issued_at: issuedAt,
      signature,
    },
    headers: { 'Cache-Control': 'no-store' },
  }
}

export function refuse(error: string, description: string): Reply {
  return { status: 400, body: { error, error_description: description } }
}

/** GET /services/oauth2/userinfo */
export function userInfo(org: Org, url: string): Reply {
  const user = org.table('User').get(ADMIN_USER_ID)
  return {
    status: 200,
    body: {
      sub: `${url}/id/${ORG_ID}/${ADMIN_USER_ID}`,
      user_id: ADMIN_USER_ID,
      organization_id: ORG_ID,
      preferred_username: user?.Username,
      nickname: user?.Alias,
      name: user?.Name,
      given_name: user?.FirstName,
      family_name: user?.LastName,
      email: user?.Email,
      email_verified: true,
      user_type: 'STANDARD',
      zoneinfo: 'Europe/Berlin',
      locale: 'en_US',
      language: 'en_US',
      active: true,
      is_app_installed: true,
      urls: urlsOf(url),
    },
  }
}

/** GET /id/{org}/{user} */
export function identity(org: Org, url: string): Reply {
  const user = org.table('User').get(ADMIN_USER_ID)
  return {
    status: 200,
    body: {
      id: `${url}/id/${ORG_ID}/${ADMIN_USER_ID}`,
      asserted_user: true,
      user_id: ADMIN_USER_ID,
      organization_id: ORG_ID,
      username: user?.Username,
      nick_name: user?.Alias,
      display_name: user?.Name,
      email: user?.Email,
      email_verified: true,
      first_name: user?.FirstName,
      last_name: user?.LastName,
      active: true,
      user_type: 'STANDARD',
      language: 'en_US',
      locale: 'en_US',
      utcOffset: 3600000,
      last_modified_date: user?.LastModifiedDate,
      is_app_installed: true,
      urls: urlsOf(url),
    },
  }
}

function urlsOf(url: string): Record<string, string> {
  const rest = `${url}/services/data/v{version}/`
  return {
    rest,
    sobjects: `${rest}sobjects/`,
    query: `${rest}query/`,
    search: `${rest}search/`,
    recent: `${rest}recent/`,
    profile: `${url}/${ADMIN_USER_ID}`,
  }
}
