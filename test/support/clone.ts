// A fresh clone of this repository as it stands now, installed: what a person has after `git clone` and the first command.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './sources.ts'

export type Clone = { readonly folder: string; remove(): Promise<void> }

export async function freshClone(): Promise<Clone> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-clone-'))
  // What is tested is the working tree, committed or not; what is built or installed is no part of it.
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  const paths = [...new Set(listed.toString('utf8').split('\0').filter(Boolean))]
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    // A file that was deleted and not yet committed is gone here too.
    await cp(join(root, path), join(folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
  await linkPackages(root, folder)
  await linkPackages(join(root, 'cli'), join(folder, 'cli'))
  await sayInstalled(folder)
  await withConsole(folder)
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Packages of others are linked to those installed here; our own lead into the clone, as npm makes them. */
async function linkPackages(from: string, to: string): Promise<void> {
  const there = join(from, 'node_modules')
  if (!(await stat(there).catch(() => undefined))) return
  for (const name of await readdir(there)) {
    if (name !== '@plumbline') await link(join(there, name), join(to, 'node_modules', name))
  }
  for (const name of await readdir(join(there, '@plumbline')).catch(() => [])) {
    const target = await readlink(join(there, '@plumbline', name))
    await link(target, join(to, 'node_modules', '@plumbline', name))
  }
}

/** The console as it was built here; where it was not, a page in its place: building it is another test's matter. */
async function withConsole(folder: string): Promise<void> {
  const built = join(folder, 'console', 'dist')
  await cp(join(root, 'console', 'dist'), built, { recursive: true }).catch(() => mkdir(built, { recursive: true }))
  await writeFile(join(built, 'index.html'), '<!doctype html><title>Plumbline</title>', { flag: 'a' })
}

/** As the first command would, had it installed just now. */
async function sayInstalled(folder: string): Promise<void> {
  const lockFile = createHash('sha256')
    .update(await readFile(join(folder, 'package-lock.json')))
    .digest('hex')
  const stamp = join(folder, 'node_modules', '.plumbline-stamp')
  await rm(stamp, { force: true })
  await writeFile(stamp, `${lockFile} ${process.platform}-${process.arch}\n`)
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await symlink(target, path)
}
