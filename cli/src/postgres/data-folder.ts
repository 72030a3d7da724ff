/**
 * The folder that holds one database: `data` (PostgreSQL's own, with our password in it) and `postgres.log`.
 * A new database is made beside its place and moved in when it is complete, so an interrupted start leaves nothing
 * half made, and of two simultaneous starts one wins.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, open, readdir, readFile, realpath, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Account, accountFor, cleanEnvironment, runAs } from './account.ts'
import type { Binaries } from './binaries.ts'
import { alive } from './processes.ts'
import { lastLines, reason, StartProblem, systemCode } from './start-problem.ts'

export const DATABASE_USER = 'plumbline'
const PASSWORD_FILE = 'plumbline.password'
const UNFINISHED = /^data\.new-(\d+)/

export type DataFolder = { home: string; data: string; logFile: string; account: Account }

export async function openFolder(path: string): Promise<DataFolder> {
  const entries = await entriesOf(path)
  const strangers = entries.filter(name => !/^(data|data\.new-.*|postgres\.log(\.1)?)$/.test(name))
  if (!entries.includes('data') && strangers.length > 0) {
    throw new StartProblem(
      `The folder ${path} is not empty and holds no database of Plumbline (it holds ${strangers.slice(0, 3).join(', ')}).`,
      'Choose an empty or a new folder for the database.',
    )
  }
  // Resolved, so that it can be compared with what the system says about running processes.
  const home = await realpath(path)
  const data = join(home, 'data')
  for (const name of entries) {
    const pid = UNFINISHED.exec(name)?.[1]
    if (pid && !alive(Number(pid))) await rm(join(home, name), { recursive: true, force: true })
  }
  return { home, data, logFile: join(home, 'postgres.log'), account: await accountFor(data) }
}

async function entriesOf(path: string): Promise<string[]> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    return await readdir(path)
  } catch (cause) {
    const code = systemCode(cause)
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new StartProblem(`${path} is not a folder.`, 'Move that file away, or choose another folder.', { cause })
    }
    throw new StartProblem(
      `The folder ${path} cannot be used for the database: ${reason(cause)}.`,
      'Give this user read and write access to it (ls -ld shows whose it is), or choose another folder.',
      { cause },
    )
  }
}

/** Checks the database that is there, or makes it. */
export async function ensureCluster(folder: DataFolder, binaries: Binaries, log: (line: string) => void) {
  const there = await readdir(folder.data).catch(error => {
    if (systemCode(error) === 'ENOENT') return []
    throw notReadable(folder.data, error)
  })
  if (there.length === 0) {
    log(`Making a database in ${folder.data} (once)`)
    await makeCluster(folder, binaries)
  } else await checkCluster(folder, binaries, there)
  await giveTo(folder)
}

function notReadable(path: string, cause: unknown): StartProblem {
  return new StartProblem(
    `The database folder ${path} cannot be read: ${reason(cause)}.`,
    'Start as the user who made it (ls -ld shows whose it is), or choose another folder.',
    { cause },
  )
}

async function checkCluster(folder: DataFolder, binaries: Binaries, entries: string[]): Promise<void> {
  if (!entries.includes('PG_VERSION') || !entries.includes(PASSWORD_FILE)) {
    throw new StartProblem(
      `The folder ${folder.data} is not empty and was not made by Plumbline.`,
      'Choose an empty or a new folder for the database.',
    )
  }
  const made = (
    await readFile(join(folder.data, 'PG_VERSION'), 'utf8').catch(cause => {
      throw notReadable(folder.data, cause)
    })
  ).trim()
  if (made !== String(binaries.major)) {
    throw new StartProblem(
      `The database in ${folder.data} was made by PostgreSQL ${made}, and this release brings ${binaries.version}.`,
      `Dump it with pg_dump of version ${made} and restore it here, or move ${folder.data} away to begin anew.`,
    )
  }
}

/** As root the data belongs to the other account; copied data may have lost its owner and PostgreSQL's strict mode. */
async function giveTo({ data, account }: DataFolder): Promise<void> {
  const { uid, mode } = await lstat(data)
  try {
    if (account.other && uid !== account.other.uid) {
      const below = await readdir(data, { recursive: true })
      for (const path of ['', ...below]) await chown(join(data, path), account.other.uid, account.other.gid)
    }
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(data, 0o700)
  } catch (cause) {
    throw new StartProblem(
      `The database folder ${data} cannot be given to PostgreSQL's account: ${reason(cause)}.`,
      'Start as the user it belongs to, or choose a folder on a local disk.',
      { cause },
    )
  }
}

async function makeCluster(folder: DataFolder, binaries: Binaries): Promise<void> {
  const unfinished = join(folder.home, `data.new-${process.pid}-${randomBytes(3).toString('hex')}`)
  const passwordFile = `${unfinished}.password`
  try {
    await mkdir(unfinished, { mode: 0o700 })
    await writePassword(passwordFile)
    if (folder.account.other) {
      const { uid, gid } = folder.account.other
      await chown(unfinished, uid, gid)
      await chown(passwordFile, uid, gid)
    }
    await initdb(binaries, folder.account, unfinished, passwordFile)
    await rename(passwordFile, join(unfinished, PASSWORD_FILE))
    await moveIn(unfinished, folder.data)
  } catch (cause) {
    if (cause instanceof StartProblem) throw cause
    throw new StartProblem(
      `No database can be made in ${folder.home}: ${reason(cause)}.`,
      'Check the free space and the rights of that folder, or choose another.',
      { cause },
    )
  } finally {
    await rm(unfinished, { recursive: true, force: true })
    await rm(passwordFile, { force: true })
  }
}

async function writePassword(file: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  await handle.writeFile(`${randomBytes(24).toString('base64url')}\n`)
  await handle.sync()
  await handle.close()
}

async function moveIn(unfinished: string, data: string): Promise<void> {
  await rmdir(data).catch(() => undefined)
  await rename(unfinished, data).catch(async error => {
    // Another start was faster: its database is as good as ours.
    if (!(await readPassword(data).catch(() => undefined))) throw error
  })
}

export async function readPassword(data: string): Promise<string> {
  return (await readFile(join(data, PASSWORD_FILE), 'utf8')).trim()
}

/**
 * How PostgreSQL is told its data folder. Its own account may be barred from the folders above (root's home is 0700):
 * its working directory, which we enter for it before we give up root, needs no way down to it.
 */
export function dataArgument(data: string, account: Account): string {
  return account.other && process.platform === 'linux' ? '/proc/self/cwd' : data
}

async function initdb(binaries: Binaries, account: Account, data: string, passwordFile: string): Promise<void> {
  const password = await open(passwordFile, 'r')
  // An open file needs no way down either; Windows has no such names.
  const readFrom = process.platform === 'win32' ? passwordFile : '/dev/fd/3'
  const flags = [
    '--pgdata',
    dataArgument(data, account),
    '--username',
    DATABASE_USER,
    '--auth=scram-sha-256',
    `--pwfile=${readFrom}`,
    '--encoding=UTF8',
    '--no-locale',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
  ]
  try {
    const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; said: string }>()
    const child = spawn(join(binaries.bin, 'initdb'), flags, {
      cwd: data,
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe', password.fd],
      windowsHide: true,
      ...runAs(account),
    })
    let said = ''
    child.stdout?.on('data', chunk => (said += chunk))
    child.stderr?.on('data', chunk => (said += chunk))
    child.on('error', reject)
    child.on('close', code => resolve({ code, said }))
    const end = await promise
    if (end.code !== 0) throw initdbProblem(data, end.said)
  } finally {
    await password.close()
  }
}

function initdbProblem(data: string, said: string): StartProblem {
  if (said.includes('could not look up effective user')) {
    return new StartProblem(
      `PostgreSQL needs an account with a name, and user id ${process.getuid?.()} has none on this machine.`,
      'Add it to /etc/passwd, or start as a user who is there.',
    )
  }
  return new StartProblem(
    `PostgreSQL could not make a database in ${data}:\n${lastLines(said)}`,
    'Check the free space and the rights of that folder, or choose another.',
  )
}
