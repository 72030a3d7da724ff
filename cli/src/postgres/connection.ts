/** Connections to the embedded database, and the lock that says whose it is. */
import pg from 'pg'
import { DATABASE_USER } from './data-folder.ts'
import { until } from './processes.ts'
import { StartProblem } from './start-problem.ts'

export type Access = { port: number; password: string }

const DATABASE = 'plumbline'
/** `plum` in ASCII: held by the process that keeps this database, in the maintenance database where nobody else locks. */
const KEEPER_LOCK = 0x706c756d
const KEEPER_NAME = 'plumbline keeper'

export function urlOf({ port, password }: Access): string {
  return `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/${DATABASE}`
}

/** To the maintenance database, which exists from the beginning. */
async function connect({ port, password }: Access, name = 'plumbline start'): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: DATABASE_USER,
    password,
    database: 'postgres',
    application_name: name,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  // A connection that breaks later is noticed by its 'end'; without a listener the error would end the process.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Whether the server takes us, is still on its way up, or is not there. */
export async function greet(access: Access): Promise<'ready' | 'starting' | 'absent'> {
  try {
    const client = await connect(access)
    await client.end()
    return 'ready'
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? error.code : undefined
    // 57P03: starting up, recovering or shutting down. Any other answer (a wrong password) is not our server.
    return code === '57P03' ? 'starting' : 'absent'
  }
}

/**
 * Makes this process the keeper of the database for as long as the returned connection lives: the lock falls with
 * the process however it ends, and two starts in one folder cannot stop each other's database.
 */
export async function becomeKeeper(access: Access): Promise<pg.Client> {
  const client = await connect(access, `${KEEPER_NAME} ${process.pid}`)
  // A keeper killed a moment ago lets go as soon as the server reads the end of its connection.
  if (await until(() => tryLock(client), 2_000)) return client
  const holder = await keeperNow(client)
  await client.end()
  throw new StartProblem(
    `Plumbline already runs with this database${holder ? ` (process ${holder})` : ''}.`,
    'Use that one, stop it first, or start in another folder.',
  )
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [KEEPER_LOCK])
  return rows[0]?.held === true
}

async function keeperNow(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.objid = $1`,
    [KEEPER_LOCK],
  )
  return rows[0]?.name.replace(`${KEEPER_NAME} `, '')
}

export async function createDatabase(client: pg.Client): Promise<void> {
  const there = await client.query('select from pg_database where datname = $1', [DATABASE])
  if (there.rowCount === 0) await client.query(`create database ${DATABASE}`)
}
