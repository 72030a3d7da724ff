// Logging in by JWT bearer: the assertion is checked against the certificate that was given for its client, or against
// the one that the sandbox made for itself.
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { isObject, type JsonObject, textOf } from './json.ts'

/** The client that a key made by the sandbox belongs to. */
export const JWT_CLIENT = 'sandbox-admin'

export type JwtRefusal = { readonly error: string; readonly description: string }

type Check = {
  readonly assertion: string
  readonly certificateOf: (client: string) => string | undefined
  readonly isClient: (client: string) => boolean
  readonly isUser: (username: string) => boolean
  readonly url: string
  /** The real time in milliseconds: a client's clock knows nothing of the sandbox's. */
  readonly now: number
}

/** The client that an assertion speaks for, or why it is refused. */
export function clientOfJwt(check: Check): { readonly client: string } | JwtRefusal {
  const { header, claims, signed, signature } = partsOf(check.assertion)
  const client = textOf(claims?.iss)
  const username = textOf(claims?.sub) ?? textOf(claims?.prn)
  if (!header || !claims || !client || !username || header.alg !== 'RS256')
    return refusal('invalid_grant', 'invalid assertion')
  if (!check.isClient(client)) return refusal('invalid_client_id', 'client identifier invalid')
  const key = publicKey(check.certificateOf(client))
  if (!key || !verify('RSA-SHA256', Buffer.from(signed), key, signature))
    return refusal('invalid_client', 'invalid client credentials')
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  if (!audiences.some(audience => isOurs(String(audience), check.url)))
    return refusal('invalid_grant', 'Audience validation failed')
  // Seconds. Milliseconds, as the sf CLI sends them, are a moment far ahead, and that is not refused.
  if (!(Number(claims.exp) * 1000 > check.now)) return refusal('invalid_grant', 'expired authorization code')
  if (!check.isUser(username)) return refusal('invalid_grant', "user hasn't approved this consumer")
  return { client }
}

const refusal = (error: string, description: string): JwtRefusal => ({ error, description })

function partsOf(assertion: string) {
  const [header = '', claims = '', signature = '', ...more] = assertion.split('.')
  return {
    header: more.length === 0 ? objectIn(header) : undefined,
    claims: objectIn(claims),
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

function objectIn(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function publicKey(certificate: string | undefined): KeyObject | undefined {
  return certificate === undefined ? undefined : createPublicKey(certificate)
}

/** Salesforce's own login addresses, and the sandbox by each of its names. */
function isOurs(audience: string, url: string): boolean {
  const { port } = new URL(url)
  return [
    url,
    'https://login.salesforce.com',
    'https://test.salesforce.com',
    `http://localhost:${port}`,
    `http://127.0.0.1:${port}`,
  ].includes(audience.replace(/\/+$/, ''))
}

const keyPath = (folder: string): string => join(folder, 'jwt-key.pem')
const certificatePath = (folder: string): string => join(folder, 'jwt-cert.pem')

/** The certificate that the sandbox made for itself, if it did. */
export function ownCertificate(folder: string): string | undefined {
  const path = certificatePath(folder)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** Makes a key and its certificate, once for a data folder. */
export async function makeJwtKey(folder: string): Promise<void> {
  if (existsSync(keyPath(folder)) && existsSync(certificatePath(folder))) return
  const made = await generate([{ name: 'commonName', value: JWT_CLIENT }], {
    notAfterDate: new Date(Date.now() + 10 * 365 * 86_400_000),
    keyType: 'rsa',
    keySize: 2048,
    algorithm: 'sha256',
  })
  writeFileSync(keyPath(folder), made.private, { mode: 0o600 })
  writeFileSync(certificatePath(folder), made.cert)
}
