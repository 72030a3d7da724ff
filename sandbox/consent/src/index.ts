// A local consent management service: who agreed to what, over REST, with doors for the people concerned and for a privacy
// officer, a journal of everything that happened, and faults on demand.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isApiPath, openApi } from './api.ts'
import { openDoors } from './doors.ts'
import { Faults } from './faults.ts'
import { jsonReply, requestOf, send, sendHalf } from './http.ts'
import { Register } from './register.ts'

export interface ConsentSandboxOptions {
  /** 0 chooses a free port. */
  readonly port: number
  readonly host?: string
  /** Where the journal lives. State found there is taken up again. */
  readonly dataFolder: string
  readonly now?: () => number
  /** What an account may ask for in a second, twice that at once; 50 unless said otherwise. */
  readonly requestsPerSecond?: number
}

export interface ConsentSandbox {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/**
 * Starts the sandbox and resolves when it listens.
 *
 *     const consent = await startConsentSandbox({ port: 0, dataFolder: '/tmp/consent' })
 *     await fetch(`${consent.url}/_sandbox/health`)
 */
export async function startConsentSandbox(options: ConsentSandboxOptions): Promise<ConsentSandbox> {
  const host = options.host ?? '127.0.0.1'
  // The port is taken before the journal is opened: two sandboxes must never write the same one.
  const server = createServer({ keepAliveTimeout: 60_000 })
  const port = await listen(server, options.port, host)
  try {
    const sandbox = openSandbox(options)
    server.on('request', (request, response) => {
      sandbox.handle(request, response).catch(error => {
        if (response.destroyed || response.headersSent) return
        send(response, jsonReply(500, { error: error instanceof Error ? error.message : String(error) }))
      })
    })
    return {
      url: `http://${host}:${port}`,
      port,
      async close() {
        sandbox.stop()
        await stop(server)
        sandbox.closeJournal()
      },
    }
  } catch (error) {
    await stop(server)
    throw error
  }
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

function openSandbox({ dataFolder, now = Date.now, requestsPerSecond = 50 }: ConsentSandboxOptions) {
  const register = new Register(dataFolder, now)
  const faults = new Faults(now)
  const api = openApi(register, requestsPerSecond)
  const doors = openDoors(register, faults)

  async function throughApi(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await requestOf(message)
    const fate = faults.fateOf(`${request.method} ${request.path}`)
    if (fate.reply) return send(response, fate.reply)
    if (fate.dropThenCommitAfterMs !== undefined) {
      response.destroy()
      return faults.later(fate.dropThenCommitAfterMs, () => api.answer(request))
    }
    if (fate.latencyMs > 0) await faults.pause(fate.latencyMs)
    const reply = api.answer(request)
    if (fate.commitThenDrop) response.destroy()
    else if (fate.truncate === 'broken') sendHalf(response, reply)
    else if (fate.truncate === 'cut')
      send(response, { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) })
    else send(response, { ...reply, headers: { date: new Date(now()).toUTCString(), ...reply.headers } })
  }

  return {
    async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
      const path = (message.url ?? '/').split('?', 1)[0] ?? '/'
      if (isApiPath(path)) return throughApi(message, response)
      if (path.startsWith('/_sandbox/')) return send(response, doors.answer(await requestOf(message)))
      send(
        response,
        jsonReply(404, { error: "Nothing here: the API lives under /v1/, people's doors under /_sandbox/" }),
      )
    },
    stop: () => faults.stop(),
    closeJournal: () => register.journal.close(),
  }
}
