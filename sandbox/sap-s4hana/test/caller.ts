// A plain OData caller and a fresh sandbox for the tests.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type S4Sandbox, startS4Sandbox } from '../src/index.ts'

export const SERVICES = '/sap/opu/odata/sap'
export const ORDERS = 'API_SALES_ORDER_SRV'
export const JSON_TYPE = 'application/json'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // Tests read the answers of many entity types; their shape is what is being tested.
  readonly d: Loose
}

/** JSON whose shape the test states by using it. */
// biome-ignore lint/suspicious/noExplicitAny: a test states the shape of an answer by reading it
export type Loose = any

export const basic = (user: string) => `Basic ${Buffer.from(`${user}:${user}`).toString('base64')}`

export class Caller {
  readonly url: string
  readonly #user: string
  readonly #sessions = new Map<string, { token: string; cookie: string }>()

  constructor(url: string, user = 'sandbox') {
    this.url = url
    this.#user = user
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#send('GET', path, undefined, headers)
  }

  async write(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const service = path.split('/')[0] ?? ''
    const session = this.#sessions.get(service) ?? (await this.#logOn(service))
    const content: Record<string, string> = body === undefined ? {} : { 'content-type': JSON_TYPE }
    return this.#send(method, path, body, {
      'x-csrf-token': session.token,
      cookie: session.cookie,
      ...content,
      ...headers,
    })
  }

  post = (path: string, body: unknown, headers?: Record<string, string>) => this.write('POST', path, body, headers)
  patch = (path: string, body: unknown, headers?: Record<string, string>) => this.write('PATCH', path, body, headers)

  async #logOn(service: string) {
    const answer = await this.#send('GET', `${service}/`, undefined, { 'x-csrf-token': 'Fetch' })
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const session = { token: answer.headers.get('x-csrf-token') ?? '', cookie }
    this.#sessions.set(service, session)
    return session
  }

  async #send(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
    const response = await fetch(`${this.url}${SERVICES}/${path}`, {
      method,
      headers: { authorization: basic(this.#user), accept: JSON_TYPE, ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      d: text.startsWith('{') ? JSON.parse(text).d : undefined,
    }
  }
}

export async function door(url: string, name: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
  const response = await fetch(`${url}/_sandbox/${name}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const answer: Loose = await response.json()
  return { status: response.status, answer }
}

export const newFolder = () => mkdtempSync(join(tmpdir(), 's4-sandbox-'))

/** Runs a test against a sandbox of its own and cleans up behind it. */
export async function withSandbox<T>(
  test: (s4: { sandbox: S4Sandbox; call: Caller; url: string; folder: string }) => Promise<T>,
  options: { now?: () => number } = {},
): Promise<T> {
  const folder = newFolder()
  const sandbox = await startS4Sandbox({ port: 0, dataFolder: folder, ...options })
  try {
    return await test({ sandbox, call: new Caller(sandbox.url), url: sandbox.url, folder })
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

export const anOrder = (more: Record<string, unknown> = {}) => ({
  SalesOrderType: 'OR',
  SalesOrganization: '1010',
  DistributionChannel: '10',
  OrganizationDivision: '00',
  SoldToParty: '10100001',
  PurchaseOrderByCustomer: 'SF-1',
  to_Item: [
    { Material: 'TG11', RequestedQuantity: '5', RequestedQuantityUnit: 'PC' },
    { Material: 'TG12', RequestedQuantity: '2' },
  ],
  ...more,
})
