/**
 * Finds a Node that runs Plumbline and runs it there. Dependency-free and understood by every Node since 20, because
 * the Node that a person types is often older than the one Plumbline needs.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** The first versions that read TypeScript without a flag. */
const STRIPS_TYPES = { 22: 18, 23: 6 }

/**
 * The pinned Node among the dependencies of the file `from`, else the running one when it is new enough.
 * @param {string} from the URL of the asking file
 * @returns {{ node: string, version: string } | { problem: string }}
 */
export function findRuntime(from) {
  const pinned = pinnedNode(from)
  const version = pinned && versionOf(pinned)
  if (version) return { node: pinned, version }
  if (stripsTypes(process.versions.node)) return { node: process.execPath, version: process.versions.node }
  const platform = `${process.platform}-${process.arch}`
  const why = pinned ? `the one it brings does not run here (${platform})` : `it brings none for ${platform}`
  return {
    problem:
      `Plumbline needs Node 22.18 or newer (24 is best): this is ${process.versions.node}, and ${why}. ` +
      'Install Node 24 from https://nodejs.org and try again.',
  }
}

function pinnedNode(from) {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  try {
    const manifest = createRequire(from).resolve(`node-${platform}-${process.arch}/package.json`)
    const node = join(dirname(manifest), 'bin', platform === 'win' ? 'node.exe' : 'node')
    return existsSync(node) ? node : undefined
  } catch {
    return undefined
  }
}

/** Asked rather than assumed: a binary for glibc is there on a machine with musl, and does not run. */
function versionOf(node) {
  const answer = spawnSync(node, ['--version'], { encoding: 'utf8', windowsHide: true })
  return answer.status === 0 ? answer.stdout.trim().replace(/^v/, '') : undefined
}

function stripsTypes(version) {
  const [major, minor] = version.split('.').map(Number)
  return major >= 24 || minor >= (STRIPS_TYPES[major] ?? Number.POSITIVE_INFINITY)
}

/** What makes Node run our TypeScript: workspaces resolve to their sources. */
export const SOURCE_FLAGS = ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning']

/**
 * Runs Node in our place and returns its exit code.
 * @param {string} node
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function runInOurPlace(node, args, { cwd, env = {} } = {}) {
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`
  const child = spawn(node, args, { cwd, env: { ...process.env, ...env, PATH: path }, stdio: 'inherit' })
  const release = passSignalsTo(child)
  return new Promise(resolve => {
    child.once('error', error => {
      release()
      console.error(`${node} cannot be run: ${error.message}`)
      resolve(1)
    })
    child.once('exit', (code, signal) => {
      release()
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
    })
  })
}

/** We outlive the child in any case, so that whoever started us sees its orderly end and its code. */
function passSignalsTo(child) {
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  const handlers = {
    // A terminal sends these to the child too, and a second Ctrl-C means "at once".
    SIGINT: () => terminal || child.kill('SIGINT'),
    SIGHUP: () => terminal || child.kill('SIGHUP'),
    SIGTERM: () => child.kill('SIGTERM'),
  }
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler)
  return () => {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler)
  }
}
