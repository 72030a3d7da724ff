// Tryton's server as a process, and its configuration.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Debian's own: another one that comes first in the path does not see Debian's packages. */
export const PYTHON = '/usr/bin/python3'
const SERVER = '/usr/bin/trytond'

/** Of the caller's shell nothing: a secret or a library path of it has no business there. */
export const environment = (): NodeJS.ProcessEnv => ({ PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' })

/** Writes Tryton's configuration; it holds the password of the database. */
export async function configure(folder: string, postgresUrl: string, port: number): Promise<string> {
  const uri = new URL(postgresUrl)
  uri.protocol = 'postgresql:'
  uri.pathname = '/'
  const path = join(folder, 'trytond.conf')
  const lines = [
    ...['[web]', `listen = 127.0.0.1:${port}`, `root = ${folder}`],
    ...['[database]', `uri = ${uri.href}`],
    // How long a login counts as fresh, which paying an invoice asks for.
    ...['[session]', 'timeout = 3600'],
  ]
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 })
  return path
}

export class Server {
  readonly #configuration: string
  readonly #database: string
  readonly #url: string
  #child: ChildProcess | undefined

  constructor(configuration: string, database: string, url: string) {
    this.#configuration = configuration
    this.#database = database
    this.#url = url
  }

  /** Ends when it answers. Named, the database is loaded before the first question. */
  async start(): Promise<void> {
    const child = spawn(PYTHON, [SERVER, '-c', this.#configuration, '-d', this.#database], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment(),
    })
    this.#child = child
    let said = ''
    child.stderr.on('data', chunk => {
      said = (said + chunk).slice(-2_000)
    })
    while (!(await answers(this.#url))) {
      if (hasEnded(child)) throw new Error(`Tryton did not start: ${said}`)
      await sleep(50)
    }
  }

  /** TERM is how it is stopped; it takes no notice of INT when it was started by a program. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || hasEnded(child)) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

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
