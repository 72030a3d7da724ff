/** Where the console's built files lie; in a checkout they are made when they are missing or older than what makes them. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Its one entry is the page itself, which is there only when it is built. */
function home(): string | undefined {
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve('@plumbline/console/index.html'))))
  } catch {
    return undefined
  }
}

/** For the gateway, which knows no package of ours. */
export function whereConsoleIs(): { readonly console?: string } {
  const folder = home()
  return folder === undefined ? {} : { console: join(folder, 'dist') }
}

/** Makes the console when that is needed: answers how, or nothing. One that cannot be made stops nobody. */
export async function makeConsole(
  begins: () => void,
  stop: AbortSignal,
): Promise<'made' | { readonly problem: string } | undefined> {
  const folder = home()
  if (folder === undefined || !existsSync(join(folder, 'src')) || !(await isOutdated(folder))) return undefined
  const vite = viteFor(folder)
  if (vite === undefined) return { problem: 'vite is not installed' }
  begins()
  // Beside what is there, so that two who make it at once do not disturb each other, nor those who look at it.
  const made = join(folder, 'node_modules', `.console-${process.pid}`)
  const args = [vite, 'build', '--logLevel', 'warn', '--outDir', made, '--emptyOutDir']
  const outcome = await run(process.execPath, args, folder, stop)
  if (outcome === 'made') await putInPlace(made, join(folder, 'dist'))
  await rm(made, { recursive: true, force: true })
  return outcome
}

async function putInPlace(made: string, dist: string): Promise<void> {
  const before = `${made}.before`
  await rename(dist, before).catch(() => undefined)
  // Whoever was faster has made the same.
  await rename(made, dist).catch(() => undefined)
  await rm(before, { recursive: true, force: true })
}

async function isOutdated(folder: string): Promise<boolean> {
  const built = await stat(join(folder, 'dist', 'index.html')).catch(() => undefined)
  if (!built) return true
  const entries = await readdir(folder, { withFileTypes: true })
  const own = entries.filter(entry => !['dist', 'node_modules', 'test', 'browser'].includes(entry.name))
  const times = await Promise.all(
    own.map(async entry => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? newestIn(path) : (await stat(path)).mtimeMs
    }),
  )
  return Math.max(...times) > built.mtimeMs
}

async function newestIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  const times = await Promise.all(files.map(async file => (await stat(join(file.parentPath, file.name))).mtimeMs))
  return Math.max(0, ...times)
}

function viteFor(folder: string): string | undefined {
  try {
    return join(dirname(createRequire(join(folder, 'package.json')).resolve('vite/package.json')), 'bin', 'vite.js')
  } catch {
    return undefined
  }
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<'made' | { readonly problem: string }> {
  // The bundler resolves packages by its own rules, not by those of our sources.
  const env = { ...process.env, NODE_OPTIONS: '' }
  const child = spawn(command, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', text => {
      said += text
    })
  return new Promise(resolve => {
    child.once('error', error => resolve({ problem: error.message }))
    child.once('close', code => resolve(code === 0 ? 'made' : { problem: said.trim().slice(-2_000) }))
  })
}
