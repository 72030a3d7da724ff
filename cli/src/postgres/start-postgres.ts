/**
 * The embedded database: a real PostgreSQL in a folder of the project, started when the project starts and stopped
 * after everything that uses it. Survives our own death (the next start takes the running server over) and its own
 * (the next start waits until its remains are gone).
 */
import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { findBinaries } from './binaries.ts'
import { becomeKeeper, createDatabase, greet, urlOf } from './connection.ts'
import { ensureCluster, openFolder } from './data-folder.ts'
import { servesFolder, until } from './processes.ts'
import { ended, keepLogShort, launch, runningServer, type Server, stopServer, usablePort } from './server.ts'
import { StartProblem } from './start-problem.ts'

export type PostgresOptions = {
  /** A folder for the database alone; made when it does not exist. */
  folder: string
  /** On 127.0.0.1; 0 takes any free one. */
  port: number
  /** What the supervisor does, line by line. PostgreSQL's own log is `postgres.log` in the folder. */
  log?: (line: string) => void
}

export type Postgres = {
  /** With the password: keep it out of logs. */
  url: string
  port: number
  pid: number
  version: string
  /** True when a server left over from a killed start was taken over. */
  adopted: boolean
  /** Tells, once, of an end that `stop` did not ask for. Starting again in the same folder is the remedy. */
  onExit(listener: (how: string) => void): void
  /** Orderly and complete: returns when the server is gone. May be called more than once. */
  stop(): Promise<void>
}

const PATIENCE_AFTER_CRASH_MS = 15_000
const RECOVERY_PATIENCE_MS = 120_000

/**
 * Starts PostgreSQL, or takes over the one that already runs in the folder. Throws a `StartProblem` for whatever a
 * person has to settle.
 *
 * ```ts
 * const postgres = await startPostgres({ folder: '.plumbline/postgres', port: 0 })
 * await postgres.stop()
 * ```
 */
export async function startPostgres({ folder: path, port, log = () => undefined }: PostgresOptions): Promise<Postgres> {
  const folder = await openFolder(resolve(path))
  const binaries = await findBinaries(folder.account, log)
  await ensureCluster(folder, binaries, log)

  const deadline = Date.now() + PATIENCE_AFTER_CRASH_MS
  for (;;) {
    const running = await runningServer(folder.data)
    if (running && (await answers(running, folder.data))) {
      const keeper = await becomeKeeper(running.access)
      if (port === 0 || port === running.access.port) {
        log(`Took over PostgreSQL ${binaries.version} on port ${running.access.port} (process ${running.pid})`)
        return supervise(running, keeper, true)
      }
      log(`PostgreSQL runs on port ${running.access.port}: restarting it on port ${port}`)
      await keeper.end()
      await stopServer(running, folder, binaries)
    }
    const launched = await launch(folder, binaries, await usablePort(port))
    if (!('again' in launched)) {
      log(`Started PostgreSQL ${binaries.version} on port ${launched.access.port} (process ${launched.pid})`)
      return supervise(launched, await becomeKeeper(launched.access), false)
    }
    if (Date.now() > deadline) {
      throw new StartProblem(
        `PostgreSQL cannot start in ${folder.data}: ${launched.again}.`,
        `See ${folder.logFile}; end the processes named "postgres" that work in this folder, then start again.`,
      )
    }
    log(`PostgreSQL does not start yet (${launched.again}); trying again`)
    await sleep(500)
  }

  async function supervise(server: Server, keeper: pg.Client, adopted: boolean): Promise<Postgres> {
    await createDatabase(keeper).catch(async error => {
      await stopServer(server, folder, binaries)
      throw error
    })
    const logCare = setInterval(() => keepLogShort(folder.logFile).catch(() => undefined), 60_000).unref()
    const keeping = keepKeeping(server, keeper, folder.data)
    let stopping: Promise<void> | undefined
    const stop = async () => {
      clearInterval(logCare)
      await keeping.end()
      await stopServer(server, folder, binaries)
      log('Stopped PostgreSQL')
    }
    return {
      url: urlOf(server.access),
      port: server.access.port,
      pid: server.pid,
      version: binaries.version,
      adopted,
      onExit: listener => void keeping.gone.then(() => !stopping && listener(howItEnded(server))),
      stop: () => (stopping ??= stop()),
    }
  }
}

/** The address of the database that runs in this folder, for commands beside the one that started it. */
export async function findPostgres(folder: string): Promise<{ url: string; port: number; pid: number } | undefined> {
  const data = await realpath(join(folder, 'data')).catch(() => undefined)
  const running = data && (await runningServer(data))
  if (!running || (await greet(running.access)) !== 'ready') return undefined
  return { url: urlOf(running.access), port: running.access.port, pid: running.pid }
}

/** Waits for one that is still starting, recovering or stopping; false when it is gone in the end. */
async function answers(server: Server, data: string): Promise<boolean> {
  let ready = false
  const decided = await until(async () => {
    ready = (await greet(server.access)) === 'ready'
    return ready || !(await servesFolder(server.pid, data))
  }, RECOVERY_PATIENCE_MS)
  if (decided) return ready
  throw new StartProblem(
    `PostgreSQL (process ${server.pid}) runs in ${data} but does not answer on port ${server.access.port}.`,
    `End process ${server.pid}, then start again.`,
  )
}

/**
 * Holds the keeper's connection for as long as the server lives, also across its own restart after a crashed backend.
 * `gone` is fulfilled when the server has ended.
 */
function keepKeeping(server: Server, first: pg.Client, data: string) {
  const gone = Promise.withResolvers<void>()
  let ending = false
  let keeper = first
  server.child?.once('exit', () => gone.resolve())
  if (server.child && ended(server.child)) gone.resolve()

  const watch = () => {
    keeper.once('end', async () => {
      while (!ending) {
        if (!(await servesFolder(server.pid, data))) {
          // Of a child we also learn how it ended, a moment later.
          return server.child ? undefined : gone.resolve()
        }
        const next = await becomeKeeper(server.access).catch(() => undefined)
        if (next) {
          keeper = next
          return ending ? void (await keeper.end()) : watch()
        }
        await sleep(200)
      }
    })
  }
  watch()
  return {
    gone: gone.promise,
    end: async () => {
      ending = true
      await keeper.end().catch(() => undefined)
    },
  }
}

function howItEnded({ pid, child }: Server): string {
  const how = child?.signalCode
    ? ` by ${child.signalCode}`
    : child?.exitCode != null
      ? ` with code ${child.exitCode}`
      : ''
  return `PostgreSQL (process ${pid}) ended${how}`
}
