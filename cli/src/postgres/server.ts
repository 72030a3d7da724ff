/** One PostgreSQL server process: the one that runs in a folder already, or a new one. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { cleanEnvironment, runAs } from './account.ts'
import type { Binaries } from './binaries.ts'
import { type Access, greet } from './connection.ts'
import { type DataFolder, dataArgument, readPassword } from './data-folder.ts'
import { servesFolder, until } from './processes.ts'
import { lastLines, reason, StartProblem, systemCode } from './start-problem.ts'

export type Server = { pid: number; access: Access; child?: ChildProcess }

/** Room for a recovery of the largest write-ahead log we allow, on a slow disk. */
const START_TIMEOUT_MS = 120_000
const LOG_LIMIT_BYTES = 20_000_000

/** Modest enough for a laptop; durable as in production, for what is tested here must hold there. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  jit: 'off',
  password_encryption: 'scram-sha-256',
  cluster_name: 'plumbline',
}

/** The server that runs in this folder, if one does. A left-over process file that is provably stale is removed. */
export async function runningServer(data: string): Promise<Server | undefined> {
  const pidFile = join(data, 'postmaster.pid')
  const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  if (!(await servesFolder(pid, data))) {
    // PostgreSQL itself clears the file only when no process has that number, and else refuses for ever.
    await rm(pidFile, { force: true })
    return undefined
  }
  const port = Number(lines[3])
  if (!Number.isInteger(port) || port <= 0) return undefined
  return { pid, access: { port, password: await readPassword(data) } }
}

/** Starts one and waits until it answers. `again` means: refused for a reason that passes, so try once more. */
export async function launch(
  folder: DataFolder,
  binaries: Binaries,
  port: number,
): Promise<Server | { again: string }> {
  await keepLogShort(folder.logFile)
  const before = (await stat(folder.logFile).catch(() => undefined))?.size ?? 0
  const child = spawnServer(folder, binaries, port)
  const failure = await spawned(child)
  if (failure) throw new StartProblem(`PostgreSQL cannot be run: ${failure.message}.`, 'Check the rights of this user.')

  const access = { port, password: await readPassword(folder.data) }
  if (child.pid !== undefined && (await comesUp(child, access))) return { pid: child.pid, access, child }

  const said = (await readFile(folder.logFile)).subarray(before).toString()
  if (ended(child)) return whyRefused(folder, port, said)
  child.kill('SIGKILL')
  throw notUp(folder, said, `did not answer within ${START_TIMEOUT_MS / 1000} s`)
}

function spawnServer(folder: DataFolder, binaries: Binaries, port: number): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, port: String(port) })
  const log = openSync(folder.logFile, 'a', 0o600)
  try {
    return spawn(
      join(binaries.bin, 'postgres'),
      [
        '-D',
        dataArgument(folder.data, folder.account),
        ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      {
        cwd: folder.data,
        env: cleanEnvironment(),
        // Its own group: Ctrl-C in the terminal reaches us alone, and we stop it after its clients.
        detached: true,
        windowsHide: true,
        // A file, not a pipe: it goes on writing when we are killed.
        stdio: ['ignore', log, log],
        ...runAs(folder.account),
      },
    )
  } finally {
    closeSync(log)
  }
}

function spawned(child: ChildProcess): Promise<Error | undefined> {
  const { promise, resolve } = Promise.withResolvers<Error | undefined>()
  child.once('spawn', () => resolve(undefined))
  child.once('error', resolve)
  return promise
}

export function ended(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function comesUp(child: ChildProcess, access: Access): Promise<boolean> {
  let ready = false
  await until(async () => {
    if (ended(child)) return true
    ready = (await greet(access)) === 'ready'
    return ready
  }, START_TIMEOUT_MS)
  // Another server may have answered in the place of one that could not have the port.
  return ready && !ended(child)
}

function whyRefused(folder: DataFolder, port: number, said: string): { again: string } {
  // Left by a server that was killed: its backends hold its shared memory until they notice, a few seconds later.
  if (/pre-existing shared memory block|lock file ".*" already exists/.test(said)) {
    return { again: 'the remains of a killed server are still there' }
  }
  if (/could not create any TCP\/IP sockets|Address already in use/.test(said)) throw portTaken(port)
  throw notUp(folder, said, 'ended at once')
}

function notUp(folder: DataFolder, said: string, what: string): StartProblem {
  return new StartProblem(
    `PostgreSQL ${what}; it said:\n${lastLines(said)}`,
    `Its log is ${folder.logFile}. If the data is of no value, move ${folder.data} away to begin anew.`,
  )
}

function portTaken(port: number, cause?: unknown): StartProblem {
  return new StartProblem(
    `Port ${port} on 127.0.0.1, meant for PostgreSQL, is already in use by another program.`,
    'Stop that program or choose another port.',
    { cause },
  )
}

/** Finds a free port for 0; says clearly when the wanted one is not to be had. */
export async function usablePort(wanted: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const probe = createServer()
  probe.once('error', reject)
  probe.listen({ port: wanted, host: '127.0.0.1' }, () => {
    const address = probe.address()
    const port = typeof address === 'object' && address ? address.port : wanted
    probe.close(() => resolve(port))
  })
  return promise.catch(cause => {
    if (systemCode(cause) === 'EADDRINUSE') throw portTaken(wanted, cause)
    throw new StartProblem(
      `Port ${wanted} on 127.0.0.1 cannot be opened: ${reason(cause)}.`,
      'Choose a port between 1024 and 65535.',
      { cause },
    )
  })
}

/** Orderly within 20 s; after that at once, which costs a recovery at the next start and no data. */
export async function stopServer(server: Server, folder: DataFolder, binaries: Binaries): Promise<void> {
  const { child, pid } = server
  const gone = async () => (child ? ended(child) : !(await servesFolder(pid, folder.data)))
  for (const [signal, patienceMs] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 6_000],
    ['SIGKILL', 2_000],
  ] as const) {
    if (await gone()) return
    send(signal, pid, binaries)
    if (await until(gone, patienceMs)) return
  }
  throw new StartProblem(`PostgreSQL (process ${pid}) cannot be stopped.`, `End process ${pid} by hand.`)
}

function send(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL', pid: number, binaries: Binaries): void {
  if (process.platform === 'win32' && signal !== 'SIGKILL') {
    // Windows has no signals; PostgreSQL brings its own.
    spawnSync(join(binaries.bin, 'pg_ctl'), ['kill', signal.slice(3), String(pid)], { windowsHide: true })
    return
  }
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error
  }
}

/** The server holds the file open for appending, so it is copied and emptied rather than moved. */
export async function keepLogShort(file: string): Promise<void> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0
  if (size < LOG_LIMIT_BYTES) return
  const unfinished = `${file}.1`
  await rm(unfinished, { force: true })
  const from = await open(file, 'r+')
  try {
    const last = Buffer.alloc(1_000_000)
    const { bytesRead } = await from.read(last, 0, last.length, size - last.length)
    const to = await open(`${unfinished}.new`, 'w', 0o600)
    await to.write(last, 0, bytesRead)
    await to.close()
    await rename(`${unfinished}.new`, unfinished)
    await from.truncate(0)
  } finally {
    await from.close()
  }
}
