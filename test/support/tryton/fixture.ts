// The database that each Tryton of a test begins with. It holds texts of Tryton's own, so it is made on the machine and not
// kept in the repository; it is made once for each version of Tryton and of our script, and each year: its books have two.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { startPostgres } from '../../../cli/src/postgres/index.ts'
import { onceForAll } from '../once.ts'
import { missingTryton } from './packages.ts'
import { configure, environment, PYTHON } from './server.ts'

export const DATABASE = 'erp'
export const PASSWORD = 'plum-8bike7z'

export type Seed = {
  readonly company: number
  readonly currency: number
  readonly paymentMethod: number
  readonly products: Readonly<Record<string, number>>
  readonly customers: Readonly<Record<string, number>>
  readonly warehouses: Readonly<Record<string, number>>
}

const script = fileURLToPath(new URL('./seed.py', import.meta.url))
const modules = ['sale_credit_limit', 'sale_price_list']
const debianPackages = '/usr/lib/python3/dist-packages'

/** The folder with the database's data (`postgres`) and `seed.json`: to be copied, never to be started. */
export async function fixture(): Promise<string> {
  const missing = missingTryton()
  if (missing) throw new Error(`Tryton is not installed here: ${missing}`)
  const place = join(tmpdir(), `plumbline-tryton-${userInfo().uid}-${await version()}`)
  await onceForAll(
    place,
    () => existsSync(place),
    async () => {
      const folder = await mkdtemp(`${place}.new-`)
      try {
        await make(folder)
        await rename(folder, place)
      } catch (error) {
        await rm(folder, { recursive: true, force: true })
        throw error
      }
    },
  )
  return place
}

async function version(): Promise<string> {
  const installed = (await readdir(debianPackages)).filter(name => name.startsWith('tryton') && name.endsWith('-info'))
  const hash = createHash('sha256').update(installed.sort().join()).update(modules.join())
  hash.update(await readFile(script)).update(String(new Date().getFullYear()))
  return hash.digest('hex').slice(0, 12)
}

async function make(folder: string): Promise<void> {
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 })
  try {
    await createDatabase(postgres.url)
    const configuration = await configure(folder, postgres.url, 0)
    const password = join(folder, 'password')
    await writeFile(password, PASSWORD, { mode: 0o600 })
    const env = { ...environment(), TRYTONPASSFILE: password }
    const run = (...args: string[]) => promisify(execFile)(PYTHON, args, { env, maxBuffer: 50_000_000 })
    const update = ['-u', ...modules, '--activate-dependencies', '--email', 'admin@example.test']
    await run('/usr/bin/trytond-admin', '-c', configuration, '-d', DATABASE, ...update)
    const { stdout } = await run(script, DATABASE, configuration, PASSWORD)
    await writeFile(join(folder, 'seed.json'), stdout)
  } finally {
    await postgres.stop()
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  // A fixture that is only half on disk is made again: nothing in it is worth waiting for the disk.
  await client.query('alter system set fsync = off')
  await client.query('alter system set synchronous_commit = off')
  await client.query('alter system set full_page_writes = off')
  await client.query('select pg_reload_conf()')
  await client.query(`create database ${DATABASE} template template0 encoding 'UTF8'`)
  await client.end()
}
