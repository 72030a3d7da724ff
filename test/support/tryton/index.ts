// A real Tryton for tests: its server from Debian's packages, on a database of its own that our script has seeded.
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../../../cli/src/postgres/index.ts'
import { DATABASE, fixture, PASSWORD, type Seed } from './fixture.ts'
import { type People, peopleAt } from './people.ts'
import { configure, freePort, Server } from './server.ts'

export type Tryton = {
  /** Where it listens, without the database. */
  readonly url: string
  readonly database: string
  /** Of all its users. */
  readonly password: string
  /** The ids of what was seeded. */
  readonly seed: Seed
  readonly people: People
  /** Its own database, asked directly. */
  sql<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>
  /** A connection of one's own to that database, for locks. Whoever takes it ends it. */
  session(): Promise<pg.Client>
  /** Ends the server at once, as when its machine fails. */
  kill(): Promise<void>
  /** Starts it again, at the same address. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Takes seconds; the first time on a machine a minute or two, while the database is made that is copied from then on. */
export async function startTryton(): Promise<Tryton> {
  const prepared = await fixture()
  const folder = await mkdtemp(join(tmpdir(), 'tryton-'))
  await cp(join(prepared, 'postgres'), join(folder, 'postgres'), { recursive: true })
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const databaseUrl = new URL(postgres.url)
  databaseUrl.pathname = `/${DATABASE}`
  const pool = new pg.Pool({ connectionString: databaseUrl.href, max: 2 })
  const server = new Server(await configure(folder, postgres.url, port), DATABASE, url)
  const stop = async (): Promise<void> => {
    await server.end('SIGTERM')
    await pool.end()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  await server.start().catch(async error => {
    await stop()
    throw error
  })
  const seed: Seed = JSON.parse(await readFile(join(prepared, 'seed.json'), 'utf8'))
  return {
    url,
    database: DATABASE,
    password: PASSWORD,
    seed,
    people: await peopleAt(`${url}/${DATABASE}/`, PASSWORD, seed),
    sql: async (statement, values) => (await pool.query(statement, values)).rows,
    session: async () => {
      const client = new pg.Client({ connectionString: databaseUrl.href })
      await client.connect()
      return client
    },
    kill: () => server.end('SIGKILL'),
    start: () => server.start(),
    stop,
  }
}
