// A real Tryton: its server from Debian's packages, on a database of its own that our script has seeded, in a PostgreSQL that is
// given.
import { mkdir } from 'node:fs/promises'
import { type DatabaseOptions, openDatabase, PASSWORD } from './database.ts'
import type { Login } from './rpc.ts'
import { configure, freePort, Server } from './server.ts'

export { prepareDatabase, preparedVersion } from './database.ts'
export { missingTryton } from './packages.ts'
export { type People, peopleAt, type Seed, seedAt } from './people.ts'
export type { Login } from './rpc.ts'

/** Who is known there, with one password: a program that integrates, and the people. */
export type User = 'integration' | 'manager'

export type TrytonOptions = DatabaseOptions & {
  /** 0 chooses a free port. */
  readonly port: number
  /** Each line that the server prints. */
  readonly log?: (line: string) => void
  /** Told of an end that nobody asked for. */
  readonly onExit?: (how: string) => void
}

export type TrytonSandbox = {
  /** Without the database. */
  readonly url: string
  readonly port: number
  readonly database: string
  readonly pid: number
  readonly password: string
  /** How a user gets in. */
  login(user: User): Login
  /** Ends the server at once, as when its machine fails. */
  kill(): Promise<void>
  /** Starts it again, at the same address. */
  start(): Promise<void>
  stop(): Promise<void>
}

const DATABASE = 'tryton'

/**
 * Starts it and resolves when it answers: in seconds, the first time on a PostgreSQL in a minute or two. The server ends with
 * this process, however that ends.
 *
 *     const tryton = await startTrytonSandbox({ postgresUrl, port: 0, folder: '/tmp/tryton' })
 *     const people = await peopleAt(tryton.login('manager'))
 */
export async function startTrytonSandbox(options: TrytonOptions): Promise<TrytonSandbox> {
  const { folder, giveUp } = options
  const port = options.port || (await freePort())
  const url = `http://127.0.0.1:${port}`
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const databaseUrl = await openDatabase(DATABASE, options)
  const configuration = await configure(folder, databaseUrl, port)
  const server = new Server({ configuration, database: DATABASE, url, log: options.log, onExit: options.onExit })
  await server.start(giveUp)
  return {
    url,
    port,
    database: DATABASE,
    get pid() {
      return server.pid
    },
    password: PASSWORD,
    login: user => ({ url: `${url}/${DATABASE}/`, user, password: PASSWORD }),
    kill: () => server.end('SIGKILL'),
    start: () => server.start(),
    stop: () => server.end('SIGTERM'),
  }
}
