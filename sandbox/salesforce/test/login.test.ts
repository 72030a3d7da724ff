// Logging in: client credentials, JWT bearer with its key, audience and expiry, and what is known of who logged in.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Connection } from '@jsforce/jsforce-node'
import { expect, test } from 'vitest'
import { call, type Json, login, METADATA, newFolder, sandboxCall, startSandbox } from './support.ts'

type Sandbox = { readonly url: string }

async function token(sandbox: Sandbox, form: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${sandbox.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers,
  })
  const body: Json = await response.json()
  return { status: response.status, body }
}

const refusal = (error: string, error_description: string) => ({ status: 400, body: { error, error_description } })

test('client credentials give a session with an identity', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  expect(connection.accessToken).toMatch(/^(00D\w{12,15})![.\w]*$/)
  const identity = await connection.identity()
  expect(identity.user_id).toMatch(/^005\w{15}$/)
  await connection.query('SELECT Id FROM Account')
  expect(connection.limitInfo.apiUsage?.used).toBeGreaterThan(0)
})

test('a wrong secret, an unknown client and an unknown grant are refused', async () => {
  const sandbox = await startSandbox()
  const credentials = { grant_type: 'client_credentials', client_secret: 'no' }
  expect(await token(sandbox, { ...credentials, client_id: 'sandbox-admin' })).toEqual(
    refusal('invalid_client', 'invalid client credentials'),
  )
  expect(await token(sandbox, { ...credentials, client_id: 'nobody' })).toEqual(
    refusal('invalid_client_id', 'client identifier invalid'),
  )
  expect(await token(sandbox, { grant_type: 'magic' })).toEqual(
    refusal('unsupported_grant_type', 'grant type not supported'),
  )
  const basic = Buffer.from('sandbox-admin:sandbox-admin-secret').toString('base64')
  expect(await token(sandbox, { grant_type: 'client_credentials' }, { authorization: `Basic ${basic}` })).toMatchObject(
    { status: 200, body: { token_type: 'Bearer' } },
  )
})

test('a revoked token is no longer valid', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  await connection.oauth2.revokeToken(connection.accessToken ?? '')
  const reply = await call(connection, 'GET', '/limits')
  expect(reply).toMatchObject({
    status: 401,
    body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
  })
})

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function assertion(key: KeyObject | string, claims: object, alg = 'RS256'): Record<string, string> {
  const signed = `${encoded({ alg })}.${encoded(claims)}`
  const signature = sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: `${signed}.${signature}` }
}

const inThreeMinutes = () => Math.floor(Date.now() / 1000) + 180

test('a JWT is accepted when the given certificate, the audience, the time and the user are right', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const certificate = publicKey.export({ type: 'spki', format: 'pem' })
  const sandbox = await startSandbox({ metadata: { ...METADATA, clients: { app: { certificate }, other: 'secret' } } })
  const good = { iss: 'app', sub: 'Admin@sandbox.example', aud: sandbox.url, exp: inThreeMinutes() }
  const attempt = (claims: object, alg?: string) => token(sandbox, assertion(privateKey, { ...good, ...claims }, alg))

  const granted = await attempt({})
  expect(granted.status).toBe(200)
  expect(granted.body).not.toHaveProperty('refresh_token')
  const connection = new Connection({
    instanceUrl: granted.body.instance_url,
    accessToken: granted.body.access_token,
    version: '67.0',
  })
  expect(await connection.identity()).toMatchObject({ username: 'admin@sandbox.example', user_type: 'STANDARD' })

  const { port } = new URL(sandbox.url)
  for (const aud of [`http://localhost:${port}/`, 'https://login.salesforce.com', 'https://test.salesforce.com'])
    expect(await attempt({ aud })).toMatchObject({ status: 200 })
  expect(await attempt({ exp: Date.now() + 300 })).toMatchObject({ status: 200 })

  expect(await attempt({ aud: 'https://elsewhere.example' })).toEqual(
    refusal('invalid_grant', 'Audience validation failed'),
  )
  expect(await attempt({ exp: Math.floor(Date.now() / 1000) - 1 })).toEqual(
    refusal('invalid_grant', 'expired authorization code'),
  )
  expect(await attempt({ exp: undefined })).toEqual(refusal('invalid_grant', 'expired authorization code'))
  expect(await attempt({ sub: 'nobody@sandbox.example' })).toEqual(
    refusal('invalid_grant', "user hasn't approved this consumer"),
  )
  expect(await attempt({ iss: 'nobody' })).toEqual(refusal('invalid_client_id', 'client identifier invalid'))
  expect(await attempt({ iss: 'other' })).toEqual(refusal('invalid_client', 'invalid client credentials'))
  expect(await attempt({}, 'none')).toEqual(refusal('invalid_grant', 'invalid assertion'))
  const forged = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  expect(await token(sandbox, assertion(forged, good))).toEqual(refusal('invalid_client', 'invalid client credentials'))
  expect(await token(sandbox, { ...assertion(privateKey, good), assertion: 'nonsense' })).toEqual(
    refusal('invalid_grant', 'invalid assertion'),
  )
})

test('the sandbox makes a key for its own client when it is asked to, once', async () => {
  const dataFolder = newFolder()
  const sandbox = await startSandbox({ dataFolder, jwtKey: true })
  const key = readFileSync(join(dataFolder, 'jwt-key.pem'), 'utf8')
  const claims = { iss: 'sandbox-admin', sub: 'admin@sandbox.example', aud: sandbox.url, exp: inThreeMinutes() }
  expect(await token(sandbox, assertion(key, claims))).toMatchObject({ status: 200 })
  await sandbox.close()
  const again = await startSandbox({ dataFolder, jwtKey: true })
  expect(readFileSync(join(dataFolder, 'jwt-key.pem'), 'utf8')).toBe(key)
  expect(await token(again, assertion(key, { ...claims, aud: again.url }))).toMatchObject({ status: 200 })
  expect((await sandboxCall(again, 'GET', 'health')).status).toBe('ok')
})

test('a certificate that is none is told of at the start', async () => {
  const certificate = '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----'
  await expect(startSandbox({ metadata: { clients: { app: { certificate } } } })).rejects.toThrow(
    'the certificate of the client app is no certificate',
  )
})
