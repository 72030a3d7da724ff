// A fault proxy: stands between a connector and its system, sees every call, and loses, delays, cuts or invents answers. It
// knows HTTP and JSON and nothing of any system, so that it does for all that speak them.
import {
  createServer,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plain,
  type ServerResponse,
} from 'node:http'
import { Agent as SecureAgent, request as secure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A call as it came by: `POST`, `/v1/parts?limit=5`, and what was sent. */
export type Call = { readonly method: string; readonly path: string; readonly body: string }
export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}
type Row = Readonly<Record<string, unknown>>

export type Fault =
  /** Answered in the system's place, which never hears of the call. */
  | { readonly answer: Answer }
  /** The connection breaks: before the system hears of the call, or after it has done it. */
  | { readonly lose: 'request' | 'reply' }
  /** The system does it; this arrives in place of its answer. */
  | { readonly instead: Answer }
  /** The system does it; half of its answer arrives as if that were all. */
  | { readonly cut: 'reply' }
  /** The system does it; its answer comes so much later. */
  | { readonly holdMs: number }
  /** These rows of a list are not there yet, as if their transaction had not been committed. Answers wait until it is known which. */
  | { readonly hide: (row: Row) => boolean; readonly known: Promise<unknown> }

export type Strike = {
  readonly fault: Fault
  /** Which calls it strikes: all, unless it says otherwise. */
  readonly on?: (call: Call) => boolean
  /** How many of them: all, unless it says otherwise. */
  readonly times?: number
}

export type Seen = Call & { readonly status: number | undefined }

export class FaultProxy {
  readonly url: string
  /** An address at which nobody listens. */
  readonly nowhere: string
  /** What came by, in the order in which it came. */
  readonly seen: Seen[] = []
  #underWay = 0
  #mostAtOnce = 0
  readonly #strikes = new Set<{ strike: Strike; left: number }>()
  readonly #forward: (call: Call, headers: IncomingMessage['headers']) => Promise<Reply>
  readonly #close: () => Promise<void>

  private constructor(
    url: string,
    nowhere: string,
    forward: (call: Call, headers: IncomingMessage['headers']) => Promise<Reply>,
    close: () => Promise<void>,
  ) {
    this.url = url
    this.nowhere = nowhere
    this.#forward = forward
    this.#close = close
  }

  /** Before the system at this address. */
  static async before(system: string): Promise<FaultProxy> {
    const target = new URL(system)
    const server = createServer()
    const [port, nobody] = [await listening(server), await freePort()]
    const url = `http://127.0.0.1:${port}`
    const agent =
      target.protocol === 'https:' ? new SecureAgent({ keepAlive: true }) : new PlainAgent({ keepAlive: true })
    const ask = target.protocol === 'https:' ? secure : plain
    const forward = async (call: Call, headers: IncomingMessage['headers']): Promise<Reply> => {
      const reply = await forwarded(call, headers, target, ask, agent)
      return withOrigin(reply, target, url)
    }
    const proxy = new FaultProxy(url, `http://127.0.0.1:${nobody}`, forward, async () => {
      agent.destroy()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    })
    server.on('request', (request, response) => void proxy.#handle(request, response))
    return proxy
  }

  close(): Promise<void> {
    return this.#close()
  }

  /** Lets a fault strike while something is done. */
  async during<T>(strike: Strike, act: () => Promise<T>): Promise<T> {
    const standing = { strike, left: strike.times ?? Number.POSITIVE_INFINITY }
    this.#strikes.add(standing)
    try {
      return await act()
    } finally {
      this.#strikes.delete(standing)
    }
  }

  /** The calls that came by while something was done, and the most of them that were under way at once. */
  async watching<T>(
    act: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly calls: readonly Seen[]; readonly atOnce: number }> {
    const from = this.seen.length
    this.#mostAtOnce = this.#underWay
    const result = await act()
    return { result, calls: this.seen.slice(from), atOnce: this.#mostAtOnce }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#mostAtOnce = Math.max(this.#mostAtOnce, ++this.#underWay)
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(Buffer.from(chunk as Buffer))
      const call = {
        method: request.method ?? 'GET',
        path: request.url ?? '/',
        body: Buffer.concat(chunks).toString('utf8'),
      }
      const at = this.seen.push({ ...call, status: undefined }) - 1
      const reply = await this.#replyTo(call, request.headers)
      if (!reply) return void response.destroy()
      this.seen[at] = { ...call, status: reply.status }
      response.writeHead(reply.status, { ...reply.headers, 'content-length': reply.body.length })
      response.end(reply.body)
    } catch {
      // The system cannot be reached, or whoever asked went away: either way the connection ends.
      response.destroy()
    } finally {
      this.#underWay--
    }
  }

  async #replyTo(call: Call, headers: IncomingMessage['headers']): Promise<Reply | undefined> {
    const faults = [...this.#strikes].filter(({ strike, left }) => left > 0 && (strike.on?.(call) ?? true))
    for (const one of faults) one.left--
    const all = faults.map(({ strike }) => strike.fault)
    for (const fault of all) {
      if ('answer' in fault) return invented(fault.answer)
      if ('lose' in fault && fault.lose === 'request') return undefined
    }
    let reply = await this.#forward(call, headers)
    for (const fault of all) {
      if ('lose' in fault) return undefined
      if ('instead' in fault) reply = invented(fault.instead)
      if ('holdMs' in fault) await sleep(fault.holdMs, undefined, { ref: false })
      if ('hide' in fault) {
        await fault.known
        reply = without(reply, fault.hide)
      }
      if ('cut' in fault) reply = { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length / 2)) }
    }
    return reply
  }
}

type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Buffer
}

const invented = ({ status, headers = {}, body = '' }: Answer): Reply => ({
  status,
  headers: { 'content-type': body.startsWith('<') ? 'text/html' : 'application/json', ...headers },
  body: Buffer.from(body),
})

/** What belongs to one connection and not to the message. */
const ofTheConnection = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'host',
  'accept-encoding',
])
const ofTheMessage = <V>(headers: Readonly<Record<string, V | undefined>>): Record<string, V> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || ofTheConnection.has(name) ? [] : [[name, value]],
    ),
  )

function forwarded(
  { method, path, body }: Call,
  headers: IncomingMessage['headers'],
  target: URL,
  ask: typeof plain,
  agent: PlainAgent | SecureAgent,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = ask(
      new URL(path, target),
      // A new buffer each time: the length is that of the bytes.
      {
        method,
        agent,
        headers: { ...ofTheMessage(headers), host: target.host, 'content-length': Buffer.byteLength(body) },
      },
      answer => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.once('error', reject)
        answer.once('end', () =>
          resolve({
            status: answer.statusCode ?? 502,
            headers: ofTheMessage(answer.headers),
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    asked.once('error', reject)
    asked.end(body)
  })
}

/** An answer that names the system's own address names ours: what follows from it comes by here too. */
function withOrigin(reply: Reply, target: URL, ours: string): Reply {
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(target.hostname)
  const hosts = isLocal ? ['localhost', '127.0.0.1', '[::1]'].map(host => `${host}:${target.port}`) : [target.host]
  const rename = (text: string): string =>
    hosts.reduce((said, host) => said.replaceAll(`${target.protocol}//${host}`, ours), text)
  const type = String(reply.headers['content-type'] ?? '')
  const { location } = reply.headers
  return {
    ...reply,
    ...(typeof location === 'string' && { headers: { ...reply.headers, location: rename(location) } }),
    body: /json|xml|text|multipart/.test(type) ? Buffer.from(rename(reply.body.toString('utf8'))) : reply.body,
  }
}

function without(reply: Reply, isHidden: (row: Row) => boolean): Reply {
  let json: unknown
  try {
    json = JSON.parse(reply.body.toString('utf8'))
  } catch {
    return reply
  }
  return { ...reply, body: Buffer.from(JSON.stringify(rid(json, isHidden))) }
}

/** The rows of the outermost list are records; what is below them is theirs. */
function rid(json: unknown, isHidden: (row: Row) => boolean): unknown {
  if (Array.isArray(json)) return json.filter(row => !isRow(row) || !isHidden(row))
  if (!isRow(json)) return json
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, rid(value, isHidden)]))
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)

function listening(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  await new Promise(resolve => server.close(resolve))
  return port
}
