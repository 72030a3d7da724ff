// A real Tryton for tests, in a PostgreSQL of its own.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type People,
  peopleAt,
  type Seed,
  seedAt,
  startTrytonSandbox,
  type TrytonSandbox,
} from '@plumbline/sandbox-tryton'
import pg from 'pg'
import { startPostgres } from '../../../cli/src/postgres/index.ts'
import { fixture } from './fixture.ts'

export type Tryton = Pick<TrytonSandbox, 'url' | 'database' | 'password' | 'kill' | 'start' | 'stop'> & {
  /** The ids of what was seeded. */
  readonly seed: Seed
  readonly people: People
  /** Its own database, asked directly. */
  sql<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>
  /** A connection of one's own to that database, for locks. Whoever takes it ends it. */
  session(): Promise<pg.Client>
}

/** A connection that the server ends is told by the next question; without a listener it would be an error of nobody's. */
const unheard = (): void => undefined

/** Takes seconds; the first time on a machine a minute or two, while the database is made that is copied from then on. */
export async function startTryton(): Promise<Tryton> {
  const prepared = await fixture()
  const folder = await mkdtemp(join(tmpdir(), 'tryton-'))
  await cp(prepared, join(folder, 'postgres'), { recursive: true })
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 })
  const end = async (): Promise<void> => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const options = { postgresUrl: postgres.url, port: 0, folder: join(folder, 'tryton') }
  const tryton = await startTrytonSandbox(options).catch(async error => {
    await end()
    throw error
  })
  const { url, database, password, kill, start, login } = tryton
  const databaseUrl = new URL(postgres.url)
  databaseUrl.pathname = `/${database}`
  const pool = new pg.Pool({ connectionString: databaseUrl.href, max: 2 })
  // Its end does not wait for its connections: the server may still say goodbye to one.
  pool.on('error', unheard)
  return {
    url,
    database,
    password,
    seed: await seedAt(login('manager')),
    people: await peopleAt(login('manager')),
    sql: async (statement, values) => (await pool.query(statement, values)).rows,
    session: async () => {
      const client = new pg.Client({ connectionString: databaseUrl.href })
      client.on('error', unheard)
      await client.connect()
      return client
    },
    kill,
    start,
    stop: async () => {
      await tryton.stop()
      await pool.end()
      await end()
    },
  }
}
