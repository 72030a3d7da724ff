/** The unmodified sf command line of Salesforce, installed once for a machine, with a home of its own for each user. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { onceForAll } from './once.ts'

const VERSION = '2.150.6'
const place = join(tmpdir(), `plumbline-sf-cli-${VERSION}`)
const program = (folder: string): string => join(folder, 'node_modules', '@salesforce', 'cli', 'bin', 'run.js')

type SfAnswer = {
  readonly code: number
  readonly out: string
  readonly err: string
  /** What it said with --json. */
  readonly json: ReturnType<typeof JSON.parse>
}

export type SfCli = {
  /** Where it runs, and where it puts what it writes. */
  readonly folder: string
  run(...args: readonly string[]): Promise<SfAnswer>
  withEnvironment(more: Readonly<Record<string, string>>): SfCli
  remove(): void
}

/** An sf of its own: nobody's logins, no telemetry, no updates. */
export async function newSfCli(): Promise<SfCli> {
  await install()
  const home = mkdtempSync(join(tmpdir(), 'plumbline-sf-home-'))
  const folder = join(home, 'work')
  mkdirSync(folder)
  return cliIn(home, folder, {
    HOME: home,
    USERPROFILE: home,
    // It starts itself once more after a login.
    PATH: [dirname(process.execPath), join(place, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
    // Compiled code is kept between runs, which halves their start.
    NODE_COMPILE_CACHE: `${place}-compiled`,
    SF_AUTOUPDATE_DISABLE: 'true',
    SF_DISABLE_AUTOUPDATE: 'true',
    SF_DISABLE_LOG_FILE: 'true',
    SF_DISABLE_TELEMETRY: 'true',
    SF_SKIP_NEW_VERSION_CHECK: 'true',
    SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
    FORCE_COLOR: '0',
    TERM: 'dumb',
  })
}

function cliIn(home: string, folder: string, env: Readonly<Record<string, string>>): SfCli {
  return {
    folder,
    withEnvironment: more => cliIn(home, folder, { ...env, ...more }),
    remove: () => rmSync(home, { recursive: true, force: true }),
    run: async (...args) => {
      const { code, out, err } = await node([program(place), ...args], { cwd: folder, env })
      return { code, out, err, json: args.includes('--json') ? parsed(out, err) : undefined }
    },
  }
}

function parsed(out: string, err: string): SfAnswer['json'] {
  try {
    return JSON.parse(out)
  } catch {
    throw new Error(`sf did not answer with JSON: ${out}\n${err}`)
  }
}

async function node(
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args], {
      ...options,
      maxBuffer: 50_000_000,
    })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    if (!(error instanceof Error) || !('stdout' in error) || !('stderr' in error) || !('code' in error)) throw error
    return { code: Number(error.code), out: String(error.stdout), err: String(error.stderr) }
  }
}

/** Installs it beside nothing of ours. */
const install = (): Promise<void> =>
  onceForAll(
    place,
    () => existsSync(program(place)),
    () => installInto(mkdtempSync(`${place}.new-`)),
  )

async function installInto(folder: string): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{ "name": "sf", "private": true }')
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock']
  await promisify(execFile)('npm', ['install', ...flags, `@salesforce/cli@${VERSION}`], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '' },
    maxBuffer: 50_000_000,
    shell: process.platform === 'win32',
  })
  rmSync(place, { recursive: true, force: true })
  renameSync(folder, place)
}
