// Tryton's server as a process, and its configuration.
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasEnded, type Process, startProgram } from './python.ts'

/** Writes Tryton's configuration; it holds the password of the database. */
export async function configure(folder: string, databaseUrl: string, port: number): Promise<string> {
  // What lies in its root it hands out to everybody.
  const root = join(folder, 'web')
  await mkdir(root, { recursive: true })
  const path = join(folder, 'trytond.conf')
  const lines = [
    ...['[web]', `listen = 127.0.0.1:${port}`, `root = ${root}`],
    ...['[database]', `uri = ${databaseUrl}`, `path = ${join(folder, 'files')}`],
    // How long a login counts as fresh, which paying an invoice asks for.
    ...['[session]', 'timeout = 3600'],
  ]
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 })
  return path
}

export type ServerOptions = {
  readonly configuration: string
  readonly database: string
  readonly url: string
  readonly log?: (line: string) => void
  /** Told of an end that nobody asked for. */
  readonly onExit?: (how: string) => void
}

export class Server {
  readonly #options: ServerOptions
  #process: Process | undefined

  constructor(options: ServerOptions) {
    this.#options = options
  }

  get pid(): number {
    return this.#process?.child.pid ?? 0
  }

  /** Ends when it answers. Named, the database is loaded before the first question. */
  async start(giveUp?: AbortSignal): Promise<void> {
    const { configuration, database, url, log, onExit } = this.#options
    const args = ['-c', configuration, '-d', database]
    const process = startProgram({ script: '/usr/bin/trytond', args, log })
    this.#process = process
    while (!(await answers(url))) {
      if (hasEnded(process.child)) throw new Error(`Tryton did not start: ${process.said()}`)
      if (giveUp?.aborted) {
        await this.end('SIGKILL')
        giveUp.throwIfAborted()
      }
      await sleep(50)
    }
    process.child.once('close', (code, signal) => {
      if (this.#process !== process) return
      this.#process = undefined
      onExit?.(`Tryton ended ${signal ? `by ${signal}` : `with code ${code}`}; it said last: ${process.said()}`)
    })
  }

  /** TERM is how it is stopped; it takes no notice of INT when it was started by a program. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const process = this.#process
    this.#process = undefined
    if (process && !hasEnded(process.child)) await process.end(signal)
  }
}

async function answers(url: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ id: 1, method: 'common.server.version', params: [] })
  return fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) }).then(
    response => response.ok,
    () => false,
  )
}

/** Below the ports that outgoing connections take, so that nobody has it when Tryton comes to listen. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
  throw new Error('There is no free port for Tryton')
}
