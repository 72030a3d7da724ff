/** The embedded database through its public door: real servers, really killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPostgres, type Postgres, StartProblem, startPostgres } from '../src/postgres/index.ts'

const asRoot = process.getuid?.() === 0
const supervisor = new URL('../src/postgres/index.ts', import.meta.url)
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'plumbline-postgres-'))
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Made once and copied: making a database takes as long as all the rest of a test. */
async function aDatabase(name: string): Promise<string> {
  const original = join(scratch, 'original')
  if ((await readFile(join(original, 'data', 'PG_VERSION')).catch(() => undefined)) === undefined) {
    const postgres = await startPostgres({ folder: original, port: 0 })
    await query(postgres.url, 'create table orders (number text primary key)')
    await query(postgres.url, `insert into orders values ('4711')`)
    await postgres.stop()
  }
  await cp(original, join(scratch, name), { recursive: true })
  return join(scratch, name)
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

/** The problem that this start ends in. */
async function problemOf(start: Promise<Postgres>): Promise<StartProblem> {
  const outcome = await start.catch((error: unknown) => error)
  if (outcome instanceof StartProblem) return outcome
  throw new Error('This start has no StartProblem', { cause: outcome })
}

async function withServer(folder: string, use: (postgres: Postgres) => Promise<void>, port = 0): Promise<void> {
  const postgres = await startPostgres({ folder, port })
  try {
    await use(postgres)
  } finally {
    await postgres.stop()
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** A process that starts the database and is then killed without a word. */
async function killedStart(folder: string): Promise<Postgres> {
  const script = `
    const { startPostgres } = await import(${JSON.stringify(supervisor.href)})
    console.log(JSON.stringify(await startPostgres({ folder: ${JSON.stringify(folder)}, port: 0 })))`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(starter.stdout, 'data')
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  return JSON.parse(String(said))
}

describe('an embedded database', () => {
  test('keeps its data from one start to the next', async () => {
    const folder = await aDatabase('kept')
    await withServer(folder, async postgres => {
      expect(postgres.version).toMatch(/^18\./)
      expect(await query(postgres.url, 'select number from orders')).toEqual([{ number: '4711' }])
      await query(postgres.url, `insert into orders values ('4712')`)
    })
    await withServer(folder, async postgres => {
      expect(await query(postgres.url, 'select count(*)::int as orders from orders')).toEqual([{ orders: 2 }])
    })
  })

  test('is UTF-8, durable and local, whatever the language of the shell', async () => {
    const { LANG, LC_ALL } = process.env
    delete process.env.LANG
    delete process.env.LC_ALL
    try {
      await withServer(join(scratch, 'no-language'), async ({ url }) => {
        const database = `select pg_encoding_to_char(encoding) as encoding, datlocale as locale,
          (select string_agg(setting, ' ' order by name) from pg_settings where name in
            ('data_checksums', 'fsync', 'listen_addresses', 'synchronous_commit', 'unix_socket_directories')) as settings
          from pg_database where datname = current_database()`
        expect(await query(url, database)).toEqual([
          { encoding: 'UTF8', locale: 'C.UTF-8', settings: 'on on 127.0.0.1 on ' },
        ])
        const wrong = url.replace(/:[^:@]+@/, ':wrong@')
        await expect(query(wrong, 'select 1')).rejects.toThrow('password authentication failed')
      })
    } finally {
      if (LANG !== undefined) process.env.LANG = LANG
      if (LC_ALL !== undefined) process.env.LC_ALL = LC_ALL
    }
  })

  test('starts again after its server was killed, even with clients connected', async () => {
    const folder = await aDatabase('killed')
    const first = await startPostgres({ folder, port: 0 })
    const ended = new Promise<string>(resolve => first.onExit(resolve))
    const client = new pg.Client(first.url)
    client.on('error', () => undefined)
    await client.connect()
    await client.query(`insert into orders values ('4712')`)

    process.kill(first.pid, 'SIGKILL')

    expect(await ended).toBe(`PostgreSQL (process ${first.pid}) ended by SIGKILL`)
    await withServer(
      folder,
      async second => {
        expect(second.adopted).toBe(false)
        expect(await query(second.url, 'select count(*)::int as orders from orders')).toEqual([{ orders: 2 }])
      },
      first.port,
    )
    await first.stop()
  })

  test('is taken over when the process that kept it was killed, and stopped by the new one', async () => {
    const folder = await aDatabase('orphaned')
    const orphan = await killedStart(folder)
    expect(await findPostgres(folder)).toMatchObject({ pid: orphan.pid, url: orphan.url })

    await withServer(folder, async postgres => {
      expect(postgres).toMatchObject({ adopted: true, pid: orphan.pid, url: orphan.url })
      expect(await query(postgres.url, 'select number from orders')).toEqual([{ number: '4711' }])
    })
    expect(await findPostgres(folder)).toBeUndefined()
  })

  test('moves to the port that is asked for when an orphaned server has another', async () => {
    const folder = await aDatabase('moved')
    const orphan = await killedStart(folder)
    const port = await freePort()
    await withServer(
      folder,
      async postgres => {
        expect(postgres).toMatchObject({ adopted: false, port })
        expect(postgres.pid).not.toBe(orphan.pid)
      },
      port,
    )
  })

  test('is not mistaken for the server of the folder it was copied from', async () => {
    const folder = await aDatabase('copied-from')
    await withServer(folder, async original => {
      await cp(folder, join(scratch, 'copy'), { recursive: true })
      await withServer(join(scratch, 'copy'), async copy => {
        expect(copy).toMatchObject({ adopted: false })
        expect(copy.pid).not.toBe(original.pid)
      })
      expect(await query(original.url, 'select number from orders')).toEqual([{ number: '4711' }])
    })
  })

  test('remains watched when one of its connections crashes the server process', async () => {
    const folder = await aDatabase('crashing')
    await withServer(folder, async postgres => {
      const client = new pg.Client(postgres.url)
      client.on('error', () => undefined)
      await client.connect()
      const backend = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      process.kill(Number(backend.rows[0]?.pid), 'SIGKILL')
      // The keeper comes back by itself, so that a second start is still turned away.
      await expect
        .poll(() => problemOf(startPostgres({ folder, port: 0 })).then(String, String), { timeout: 10_000 })
        .toContain(`Plumbline already runs with this database (process ${process.pid}).`)
    })
  })
})

describe('a start that cannot succeed says why', () => {
  test('when another program has the port', async () => {
    const folder = await aDatabase('no-port')
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0

    const problem = await problemOf(startPostgres({ folder, port }))

    expect(problem.message).toBe(
      `Port ${port} on 127.0.0.1, meant for PostgreSQL, is already in use by another program.`,
    )
    expect(problem.todo).toBe('Stop that program or choose another port.')
    other.close()
  })

  test('when it already runs here', async () => {
    const folder = await aDatabase('twice')
    await withServer(folder, async first => {
      const problem = await problemOf(startPostgres({ folder, port: 0 }))
      expect(problem.message).toBe(`Plumbline already runs with this database (process ${process.pid}).`)
      expect(await query(first.url, 'select 1 as alive')).toEqual([{ alive: 1 }])
    })
  })

  test('when the folder is a file', async () => {
    const path = join(scratch, 'file')
    await writeFile(path, '')
    expect((await problemOf(startPostgres({ folder: path, port: 0 }))).message).toBe(`${path} is not a folder.`)
    const below = join(path, 'database')
    expect((await problemOf(startPostgres({ folder: below, port: 0 }))).message).toBe(`${below} is not a folder.`)
  })

  test.skipIf(asRoot)('when the folder cannot be read', async () => {
    const folder = join(scratch, 'unreadable')
    await mkdir(folder, { mode: 0o000 })
    const problem = await problemOf(startPostgres({ folder, port: 0 }))
    expect(problem.message).toContain(`The folder ${folder} cannot be used for the database: EACCES`)
    await chmod(folder, 0o700)
  })

  test('when the folder holds something else', async () => {
    const folder = join(scratch, 'letters')
    await mkdir(join(folder, 'data'), { recursive: true })
    await writeFile(join(folder, 'data', 'letter.txt'), '')
    const problem = await problemOf(startPostgres({ folder, port: 0 }))
    expect(problem.message).toBe(`The folder ${join(folder, 'data')} is not empty and was not made by Plumbline.`)

    await rm(join(folder, 'data'), { recursive: true })
    await writeFile(join(folder, 'letter.txt'), '')
    expect((await problemOf(startPostgres({ folder, port: 0 }))).message).toBe(
      `The folder ${folder} is not empty and holds no database of Plumbline (it holds letter.txt).`,
    )
  })

  test('when another version made the database', async () => {
    const folder = await aDatabase('old')
    await writeFile(join(folder, 'data', 'PG_VERSION'), '15\n')
    const problem = await problemOf(startPostgres({ folder, port: 0 }))
    expect(problem.message).toMatch(/ was made by PostgreSQL 15, and this release brings 18\.\d+\.$/)
  })

  test('when PostgreSQL refuses its settings, with its own words', async () => {
    const folder = await aDatabase('broken')
    await writeFile(join(folder, 'data', 'postgresql.conf'), 'no_such_setting = 1\n')
    const problem = await problemOf(startPostgres({ folder, port: 0 }))
    expect(problem.message).toContain('PostgreSQL ended at once; it said:')
    expect(problem.message).toContain('unrecognized configuration parameter "no_such_setting"')
    expect(problem.todo).toContain(join(folder, 'postgres.log'))
  })
})

test('of two simultaneous first starts one wins and the other is told', async () => {
  const folder = join(scratch, 'race')
  const outcomes = await Promise.allSettled([0, 1].map(() => startPostgres({ folder, port: 0 })))
  const winners = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const losers = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
  expect(losers).toEqual([expect.stringContaining('Plumbline already runs with this database')])
  expect(winners).toHaveLength(1)
  await sleep(100)
  expect(await query(winners[0]?.url ?? '', 'select 1 as alive')).toEqual([{ alive: 1 }])
  await winners[0]?.stop()
  expect(await findPostgres(folder)).toBeUndefined()
})
