// The gateway's door as a browser meets it: the console's files, and who is turned away.

import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Gateway, serve } from '../src/gateway/server.ts'
import { planOf } from '../src/kernel/plan.ts'
import { Db } from '../src/store/db.ts'
import { migrate } from '../src/store/migrate.ts'
import { paperProject } from './gateway.fixtures.ts'

let database: TestDatabase
let db: Db
let gateway: Gateway
let folder: string
let port: string

const behind = () => ({ db, plan: planOf(paperProject), ready: async () => ({ ready: true, waitingFor: [] }) })

beforeAll(async () => {
  database = await freshDatabase()
  db = new Db(database.url)
  await migrate(db)
  folder = await mkdtemp(join(tmpdir(), 'plumbline-console-'))
  gateway = await serve(behind(), { port: 0, console: join(folder, 'dist') })
  port = new URL(gateway.url).port
})
afterAll(async () => {
  await gateway?.close()
  await db?.close()
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

type Answer = { readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }

/** As a browser sends it: names and origins are headers that fetch would not let us write. */
function send(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const asked = request({ host: '127.0.0.1', port, method, path, headers }, response => {
    let said = ''
    response.setEncoding('utf8')
    response.on('data', text => {
      said += text
    })
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: said }))
  })
  asked.once('error', reject)
  asked.end(body)
  return promise
}
const visit = (path: string): Promise<Answer> => send('GET', path, { accept: 'text/html,*/*' })
const codeOf = ({ body }: Answer): unknown => (JSON.parse(body) as { code: unknown }).code

async function build(title: string): Promise<void> {
  const dist = join(folder, 'dist')
  await mkdir(join(dist, 'assets'), { recursive: true })
  await writeFile(join(dist, 'assets', 'index-4f2a.js'), `document.title = '${title}'`)
  await writeFile(join(dist, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(
    join(dist, 'index.html'),
    `<title>${title}</title><script type="module" src="/assets/index-4f2a.js"></script>`,
  )
}

test('a console that is not built yet says how to build it, and is there as soon as it is', async () => {
  const before = await visit('/')
  expect(before.status).toBe(503)
  expect(before.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(before.body).toContain('npm run build --workspace console')
  await build('Plumbline')
  expect(await visit('/')).toMatchObject({ status: 200, body: expect.stringContaining('<title>Plumbline</title>') })
})

test('pages are never kept and run our scripts alone; files named by their content are kept for ever', async () => {
  await build('Plumbline')
  const { headers } = await visit('/')
  expect(headers['cache-control']).toBe('no-store')
  const policy = String(headers['content-security-policy'])
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ])
    expect(policy.split('; ')).toContain(part)
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
  const script = await send('GET', '/assets/index-4f2a.js')
  expect(script).toMatchObject({ status: 200, body: "document.title = 'Plumbline'" })
  expect(script.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  expect((await send('GET', '/favicon.svg')).headers['content-type']).toBe('image/svg+xml')
})

test('every address that a person types is the console; what it does not have, and the API, are not', async () => {
  await build('Plumbline')
  for (const path of ['/', '/index.html', '/journeys/j-17', '/tasks?desk=credit%20desk'])
    expect(await visit(path), path).toMatchObject({ status: 200, body: expect.stringContaining('<title>') })
  for (const path of ['/assets/gone-1234.js', '/api/nothing', '/api'])
    expect(await visit(path), path).toMatchObject({ status: 404, body: expect.stringContaining('no-such-address') })
  expect(await send('GET', '/logo.png', { accept: 'image/*' })).toMatchObject({ status: 404 })
  for (const path of ['/../package.json', '/assets/../../secret', '/%2e%2e/secret', '/assets/%2e%2e/%2e%2e/secret']) {
    await writeFile(join(folder, 'secret'), 'a secret')
    expect((await send('GET', path)).body, path).not.toContain('a secret')
  }
})

test('a console that is built anew is served anew', async () => {
  await build('Before')
  expect((await visit('/')).body).toContain('Before')
  await build('After')
  const later = new Date(Date.now() + 5_000)
  await utimes(join(folder, 'dist', 'index.html'), later, later)
  expect((await visit('/')).body).toContain('After')
})

test('a name of the internet that leads here is not answered, neither for pages nor for the API', async () => {
  for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example'])
    for (const path of ['/', '/api/journeys', '/healthz']) {
      const answer = await send('GET', path, { host })
      expect([400, 421], `${host} ${path}`).toContain(answer.status)
    }
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
    expect(await send('GET', '/api/problems', { host }), host).toMatchObject({ status: 200 })
})

const json = { 'content-type': 'application/json' }
const release = JSON.stringify({ all: true })

test('a page of another origin can neither change nor ask anything', async () => {
  const strangers = [
    'https://evil.example',
    'null',
    'http://localhost:3000',
    `https://localhost:${port}`,
    'http://localhost',
  ]
  for (const origin of strangers) {
    const answer = await send('POST', '/api/retry', { ...json, origin }, release)
    expect(answer.status, origin).toBe(403)
    expect(codeOf(answer)).toBe('origin-refused')
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    expect((await send('GET', '/api/journeys', { origin })).status, origin).toBe(403)
  }
  for (const site of ['cross-site', 'same-site']) {
    expect((await send('POST', '/api/retry', { ...json, 'sec-fetch-site': site }, release)).status).toBe(403)
    for (const address of ['/api/journeys', '/%61pi/journeys', '/api%2Fjourneys'])
      expect((await send('GET', address, { 'sec-fetch-site': site })).status, address).toBe(403)
  }
  // A link from anywhere leads to the console, which is a page and changes nothing.
  expect((await send('GET', '/', { accept: 'text/html', 'sec-fetch-site': 'cross-site' })).status).toBe(200)
})

test('our own page and programs may change something', async () => {
  for (const origin of [`http://localhost:${port}`, `http://127.0.0.1:${port}`]) {
    const headers = { ...json, origin, 'sec-fetch-site': 'same-origin' }
    expect(await send('POST', '/api/retry', headers, release), origin).toMatchObject({ status: 200 })
  }
  expect(await send('POST', '/api/retry', json, release)).toMatchObject({ status: 200 })
})

test('no browser is told that another origin may: a preflight is not answered', async () => {
  const answer = await send('OPTIONS', '/api/retry', {
    origin: 'https://evil.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  })
  expect(answer.status).toBe(403)
  expect(Object.keys(answer.headers).filter(name => name.startsWith('access-control'))).toEqual([])
})

test('a form, which a browser sends without asking for leave, is refused', async () => {
  const forms = [
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/jsonp',
  ]
  for (const type of forms) {
    const answer = await send('POST', '/api/retry', { 'content-type': type }, release)
    expect([answer.status, codeOf(answer)], type).toEqual([415, 'body-refused'])
  }
  expect((await send('POST', '/api/retry')).status).toBe(415)
})

test('it listens on this machine alone, and says why it does not elsewhere', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.10', 'plumbline.example'])
    await expect(serve(behind(), { port: 0, host }), host).rejects.toThrow(
      /have no sign-in yet, so they listen on 127\.0\.0\.1 alone/,
    )
})
