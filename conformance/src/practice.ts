// A small REST service to practise on: a store of spare parts. Its pages, its late commits and its refusals are those of larger
// systems; docs/connectors.md writes a connector for it. All of it is in memory.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

type Part = {
  readonly id: string
  readonly reference: string
  readonly name: string
  readonly note: string | null
  /** Exact, as a text: "12.50". */
  readonly price: string
  readonly availableFrom: string | null
  readonly version: number
  /** When the change began, not when it was done. */
  readonly changedAt: string
  readonly deleted?: true
}
type Given = Readonly<Record<string, unknown>>

const perPage = 50
const key = 'practice'

export type PracticeService = { readonly url: string; readonly key: string; close(): Promise<void> }

/**
 * | call                           | what it does                                                                       |
 * | ------------------------------ | ---------------------------------------------------------------------------------- |
 * | GET /clock                     | `{ "now" }`                                                                        |
 * | GET /parts                     | all, by id, 50 a page: `{ "parts", "next" }`; `next` is given back as `after`      |
 * | GET /parts?ids=1,2             | those that there are                                                               |
 * | GET /parts?reference=…         | those with the reference: it need not be unique                                    |
 * | GET /parts?since=2026-11-22T…  | what changed at or after the time; who was deleted is `{ id, deleted: true, … }`    |
 * | POST /parts                    | a new one; the same Idempotency-Key gives the same part                            |
 * | PATCH /parts/1                 | with If-Match: "2" only that version (412)                                         |
 * | DELETE /parts/1                | gone                                                                               |
 *
 * All with `Authorization: Bearer practice`; errors are `{ "error": "…" }`.
 */
export async function startPracticeService(): Promise<PracticeService> {
  const store = new Store()
  const server = createServer((request, response) => void answer(store, request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    key,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function answer(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const say = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  try {
    if (request.headers.authorization !== `Bearer ${key}`) throw new Refusal(401, 'Who are you?')
    const began = new Date().toISOString()
    const url = new URL(request.url ?? '/', 'http://practice')
    const [, , id] = url.pathname.split('/')
    if (request.method === 'GET')
      return say(200, url.pathname === '/clock' ? { now: began } : store.ask(url.searchParams))
    const given = await bodyOf(request)
    // Changes take a moment, and longer ones overtake each other.
    await sleep(1)
    if (request.method === 'POST')
      return say(201, store.add(given, String(request.headers['idempotency-key'] ?? ''), began))
    if (id === undefined) throw new Refusal(404, 'There is nothing at this address')
    if (request.method === 'DELETE') return say(200, store.remove(id, began))
    say(200, store.change(id, given, request.headers['if-match'], began))
  } catch (error) {
    if (error instanceof Refusal) say(error.status, { error: error.message })
    else say(500, { error: String(error) })
  }
}

class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

class Store {
  readonly #parts = new Map<string, Part>()
  readonly #byKey = new Map<string, string>()

  ask(query: URLSearchParams): { parts: readonly Part[]; next?: string } {
    const [ids, reference, since, after] = ['ids', 'reference', 'since', 'after'].map(name => query.get(name))
    const all = [...this.#parts.values()].filter(part => since || !part.deleted)
    if (ids) return { parts: ids.split(',').flatMap(id => all.find(part => part.id === id) ?? []) }
    if (reference) return { parts: all.filter(part => part.reference === reference) }
    const wanted = all.filter(part => Number(part.id) > Number(after ?? 0) && part.changedAt >= (since ?? ''))
    const parts = wanted.slice(0, perPage)
    const last = parts.at(-1)
    return { parts, ...(last && wanted.length > perPage && { next: last.id }) }
  }

  add(given: Given, idempotencyKey: string, changedAt: string): Part {
    const known = this.#parts.get(this.#byKey.get(idempotencyKey) ?? '')
    if (known) return known
    const id = String(this.#parts.size + 1)
    const empty = { reference: '', name: '', note: null, price: '0.00', availableFrom: null }
    const part = { ...empty, ...valid(given), id, version: 1, changedAt }
    if (part.name === '') throw new Refusal(422, 'A part needs a name')
    this.#parts.set(id, part)
    if (idempotencyKey) this.#byKey.set(idempotencyKey, id)
    return part
  }

  change(id: string, given: Given, ifMatch: string | undefined, changedAt: string): Part {
    const part = this.#living(id)
    if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== `"${part.version}"`)
      throw new Refusal(412, `Part ${id} is at version ${part.version}`)
    const changed = { ...part, ...valid(given), version: part.version + 1, changedAt }
    this.#parts.set(id, changed)
    return changed
  }

  remove(id: string, changedAt: string): Part {
    const part = this.#living(id)
    const gone: Part = { ...part, deleted: true, version: part.version + 1, changedAt }
    this.#parts.set(id, gone)
    return gone
  }

  #living(id: string): Part {
    const part = this.#parts.get(id)
    if (!part || part.deleted) throw new Refusal(404, `There is no part ${id}`)
    return part
  }
}

const checks: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  reference: value => (typeof value === 'string' ? undefined : 'A reference is a text'),
  name: value =>
    typeof value !== 'string' || value === ''
      ? 'A part needs a name'
      : value.length > 60
        ? 'A name has at most 60 characters'
        : undefined,
  note: value => (value === null || typeof value === 'string' ? undefined : 'A note is a text'),
  price: value => (typeof value === 'string' && /^\d+\.\d\d$/.test(value) ? undefined : 'A price is a text: "12.50"'),
  availableFrom: value =>
    value === null || (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value))
      ? undefined
      : 'A day is "2026-11-22"',
}

function valid(given: Given): Given {
  for (const [name, value] of Object.entries(given)) {
    const wrong = checks[name] ? checks[name](value) : `A part has no ${name}`
    if (wrong) throw new Refusal(422, wrong)
  }
  return given
}

async function bodyOf(request: IncomingMessage): Promise<Given> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Buffer))
  const text = Buffer.concat(chunks).toString('utf8')
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body }
  } catch {
    // Told below.
  }
  throw new Refusal(400, 'The body is no JSON object')
}
