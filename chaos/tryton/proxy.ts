// What stands between the workers and Tryton: it passes on what they say, and loses, delays or cuts off some of it, as networks
// do. It knows of Tryton only what a call is named.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { between, type Random } from '../../test/support/random.ts'

/** Which share of the calls that write meets with what. */
type Faults = {
  /** Carried out, and the answer never comes. */
  readonly dropped: number
  /** Cut off before it is passed on, and carried out seconds later. */
  readonly afterwards: number
  /** Answered seconds late. */
  readonly late: number
}
type Struck = { readonly [K in keyof Faults]: number }

type Passed = { readonly calls: number; readonly mostAtOnce: number }

export type FaultProxy = {
  readonly url: string
  /** Nothing makes it behave. Answers how often it struck since it was opened. */
  misbehave(faults?: Faults): Struck
  /** How many calls passed, and the most of them that Tryton was at work on at once, since this was last asked. */
  passed(): Passed
  close(): Promise<void>
}

type Answer = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: Buffer }

const writes = /^model\.(sale\.sale|sale\.line|party\.party)\.(create|write|draft|quote|confirm|process)$/
const none: Struck = { dropped: 0, afterwards: 0, late: 0 }
const afterwardsMs = 2_500

export async function openProxy(to: string, random: Random): Promise<FaultProxy> {
  const target = new URL(to)
  let faults: Faults = none
  const struck = { ...none }
  let atOnce = 0
  let since = { calls: 0, mostAtOnce: 0 }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => incoming.socket.destroy())
  })

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await whole(incoming)
    const fault = faultFor(methodOf(body))
    if (fault) struck[fault]++
    if (fault === 'afterwards') {
      incoming.socket.destroy()
      await sleep(afterwardsMs)
      await forward(incoming, body)
      return
    }
    const answer = await forward(incoming, body)
    if (fault === 'dropped') {
      incoming.socket.destroy()
      return
    }
    if (fault === 'late') await sleep(between(random, 1_000, 4_000))
    outgoing.writeHead(answer.status, { ...answer.headers, connection: 'close' }).end(answer.body)
  }

  function faultFor(method: string): keyof Faults | undefined {
    if (!writes.test(method)) return undefined
    let drawn = random()
    for (const name of ['dropped', 'afterwards', 'late'] as const) {
      if (drawn < faults[name]) return name
      drawn -= faults[name]
    }
    return undefined
  }

  async function forward(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    atOnce++
    since = { calls: since.calls + 1, mostAtOnce: Math.max(since.mostAtOnce, atOnce) }
    return answerOf(target, incoming, body).finally(() => {
      atOnce--
    })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    misbehave(wanted = none) {
      faults = wanted
      return { ...struck }
    },
    passed() {
      const told = since
      since = { calls: 0, mostAtOnce: atOnce }
      return told
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answerOf(target: URL, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const { hostname, port } = target
  const onwards = request({ hostname, port, method, path: url, headers, agent: false }, answer => {
    whole(answer).then(body => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body }), reject)
  })
  onwards.once('error', reject).end(body)
  return promise
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

/** `model.sale.sale.create`; nothing where the body says none. */
function methodOf(body: Buffer): string {
  try {
    const call: unknown = JSON.parse(body.toString())
    return typeof call === 'object' && call !== null && 'method' in call ? String(call.method) : ''
  } catch {
    return ''
  }
}
