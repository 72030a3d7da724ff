// Tryton's database. Making one takes a minute or two, so it is made once beside the one that is used, and copied: for each version
// of Tryton and of our script, and each year, since its books have two. It holds texts of Tryton's own and is never kept in the
// repository.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { runProgram } from './python.ts'
import { configure } from './server.ts'

/** Of all users. Tryton refuses simpler ones. */
export const PASSWORD = 'plum-8bike7z'

const PREPARED = 'tryton_prepared'
const MAKING = 'tryton_making'
const ROLE = 'tryton'
const modules = ['sale_credit_limit', 'sale_price_list']
const seed = fileURLToPath(new URL('../seed.py', import.meta.url))

export type DatabaseOptions = {
  /** Of a PostgreSQL in which we may make databases and a role; one Tryton in each. */
  readonly postgresUrl: string
  /** For what Tryton has beside its database. */
  readonly folder: string
  /** What takes its time, as it begins. */
  readonly say?: (sentence: string) => void
  /** Gives up what was not finished. */
  readonly giveUp?: AbortSignal
}

/** Answers the address by which Tryton finds the server: without a database, with a role of its own. */
export async function openDatabase(name: string, options: DatabaseOptions): Promise<string> {
  return onServer(options, async client => {
    const url = await openRole(client, options.postgresUrl)
    if (!(await exists(client, name))) {
      await prepare(client, url, options)
      await client.query(`create database ${client.escapeIdentifier(name)} template ${PREPARED} owner ${ROLE}`)
    }
    return url
  })
}

/** Makes the database that others are copied from, unless it is there. */
export const prepareDatabase = (options: DatabaseOptions): Promise<void> =>
  onServer(options, async client => prepare(client, await openRole(client, options.postgresUrl), options))

async function onServer<T>(options: DatabaseOptions, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: options.postgresUrl })
  // A server that ends meanwhile is told by the next question; without a listener it would end us.
  client.on('error', () => undefined)
  await client.connect()
  return work(client).finally(() => client.end())
}

/** The role has nothing outside Tryton's databases, and a new password each time, so that none needs to be kept. */
async function openRole(client: pg.Client, postgresUrl: string): Promise<string> {
  const password = randomBytes(18).toString('base64url')
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [ROLE])
  if (rowCount === 0) await client.query(`create role ${ROLE}`)
  await client.query(`alter role ${ROLE} login password ${client.escapeLiteral(password)}`)
  const { host } = new URL(postgresUrl)
  return `postgresql://${ROLE}:${password}@${host}/`
}

async function exists(client: pg.Client, name: string, version?: string): Promise<boolean> {
  const { rows } = await client.query<{ says: string | null }>(
    `select shobj_description(oid, 'pg_database') as says from pg_database where datname = $1`,
    [name],
  )
  return rows.length === 1 && (version === undefined || rows[0]?.says === version)
}

async function prepare(client: pg.Client, url: string, options: DatabaseOptions): Promise<void> {
  const { say } = options
  const wanted = await preparedVersion()
  if (await exists(client, PREPARED, wanted)) return
  for (const left of [MAKING, PREPARED]) await drop(client, left)
  say?.("Making Tryton's database (once; it takes a minute or two) …")
  await client.query(`create database ${MAKING} template template0 encoding 'UTF8' owner ${ROLE}`)
  await fill(url, options)
  // Until here it has another name: one that is only half made is never taken for whole.
  await client.query(`alter database ${MAKING} allow_connections false is_template true`)
  await client.query(`comment on database ${MAKING} is ${client.escapeLiteral(wanted)}`)
  await client.query(`alter database ${MAKING} rename to ${PREPARED}`)
}

async function drop(client: pg.Client, name: string): Promise<void> {
  if (!(await exists(client, name))) return
  await client.query(`alter database ${name} is_template false`)
  await client.query(`drop database ${name} with (force)`)
}

/** Of Tryton and of what is in its database from the beginning. */
export async function preparedVersion(): Promise<string> {
  const installed = (await readdir('/usr/lib/python3/dist-packages')).filter(
    name => name.startsWith('tryton') && name.endsWith('-info'),
  )
  const hash = createHash('sha256').update(installed.sort().join()).update(modules.join())
  hash.update(await readFile(seed)).update(String(new Date().getFullYear()))
  return hash.digest('hex').slice(0, 12)
}

async function fill(url: string, { folder, say, giveUp }: DatabaseOptions): Promise<void> {
  const making = join(folder, 'making')
  await mkdir(making, { recursive: true, mode: 0o700 })
  try {
    const configuration = await configure(making, url, 0)
    const password = join(making, 'password')
    await writeFile(password, PASSWORD, { mode: 0o600 })
    // What is only half on disk is made again: nothing in it is worth waiting for the disk.
    const env = { TRYTONPASSFILE: password, PGOPTIONS: '-c synchronous_commit=off' }
    const run = (script: string, args: readonly string[]) => runProgram({ script, args, env }, giveUp)
    const update = ['-u', ...modules, '--activate-dependencies', '--email', 'admin@example.test']
    await run('/usr/bin/trytond-admin', ['-c', configuration, '-d', MAKING, ...update])
    say?.('Tryton has its modules; its company gets books, products and customers …')
    await run(seed, [MAKING, configuration, PASSWORD])
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}
