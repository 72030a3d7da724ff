// A plain caller of the API and a fresh sandbox for the tests.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConsentSandbox, startConsentSandbox } from '../src/index.ts'

/** JSON whose shape the test states by using it. */
// biome-ignore lint/suspicious/noExplicitAny: a test states the shape of an answer by reading it
export type Loose = any

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: Loose
}

export class Caller {
  readonly url: string
  readonly #key: string

  constructor(url: string, key = 'sandbox-consent-key') {
    this.url = url
    this.#key = key
  }

  get = (path: string): Promise<Answer> => this.send('GET', path)
  post = (path: string, body: object, key?: string): Promise<Answer> =>
    this.send('POST', path, body, key === undefined ? {} : { 'idempotency-key': key })
  patch = (path: string, body: object, ifMatch?: string): Promise<Answer> =>
    this.send('PATCH', path, body, ifMatch === undefined ? {} : { 'if-match': ifMatch })

  async send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json', ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, json: text.startsWith('{') ? JSON.parse(text) : text }
  }

  /** Everything the feed tells from a cursor or time on, page by page, and where it then stands. */
  async feed(of: string, since: string, limit = 200): Promise<{ rows: Loose[]; next: string }> {
    const rows: Loose[] = []
    for (let next = since; ; ) {
      const { json } = await this.get(`${of}?since=${next}&limit=${limit}`)
      rows.push(...json.data)
      next = json.next_since
      if (!json.has_more) return { rows, next }
    }
  }
}

export async function door(url: string, name: string, body?: object, method = body ? 'POST' : 'GET') {
  const response = await fetch(`${url}/_sandbox/${name}`, { method, ...(body && { body: JSON.stringify(body) }) })
  const answer: Loose = await response.json()
  return { status: response.status, answer }
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'consent-sandbox-'))

/** A clock that tests move. */
export class Clock {
  ms = Date.parse('2026-11-22T08:00:00.000Z')
  readonly now = (): number => this.ms
  days(count: number): void {
    this.ms += count * 86_400_000
  }
}

/** Runs a test against a sandbox of its own, whose clock stands unless it is moved, and cleans up behind it. */
export async function withSandbox<T>(
  test: (of: { sandbox: ConsentSandbox; call: Caller; url: string; clock: Clock; folder: string }) => Promise<T>,
  options: { requestsPerSecond?: number } = {},
): Promise<T> {
  const folder = newFolder()
  const clock = new Clock()
  const sandbox = await startConsentSandbox({
    port: 0,
    dataFolder: folder,
    now: clock.now,
    requestsPerSecond: 10_000,
    ...options,
  })
  try {
    return await test({ sandbox, call: new Caller(sandbox.url), url: sandbox.url, clock, folder })
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
