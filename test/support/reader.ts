// A person who reads a page and does what its blocks say, in a folder, one after the other: applies changes, saves files, types
// commands, sends requests, and looks whether what the page shows is what there is.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findRuntime } from '../../cli/bin/runtime.mjs'
import type { Block } from './pages.ts'

/** The ports that pages name, and the settings by which a person would choose others. */
const PORTS = {
  4600: 'PLUMBLINE_PORT',
  4601: 'PLUMBLINE_SALESFORCE_PORT',
  4602: 'PLUMBLINE_PUBSUB_PORT',
  4603: 'PLUMBLINE_S4_PORT',
  4604: 'PLUMBLINE_CONSENT_PORT',
  4605: 'PLUMBLINE_POSTGRES_PORT',
} as const

const LONG = /^(?:npm start|npx plumb start|npm run plumb -- start)\b/
const PATIENCE_MS = 60_000

type Said = { readonly out: string; readonly err: string; readonly code: number | null }

export class Reader {
  readonly folder: string
  readonly #ports: ReadonlyMap<string, number>
  readonly #env: NodeJS.ProcessEnv
  #running: Running | undefined
  /** What the last block answered, for the block that shows it. */
  #shown: (() => string) | undefined
  #again: (() => Promise<void>) | undefined

  private constructor(folder: string, ports: ReadonlyMap<string, number>) {
    this.folder = folder
    this.#ports = ports
    this.#env = environment(ports)
  }

  static async in(folder: string): Promise<Reader> {
    const free = await freePorts(Object.keys(PORTS).length)
    return new Reader(folder, new Map(Object.keys(PORTS).map((port, i) => [port, free[i] ?? 0])))
  }

  /** Where something of the page listens in truth: `url(4603)`. */
  url(port: keyof typeof PORTS): string {
    return `http://localhost:${this.#ports.get(String(port))}`
  }

  async read(blocks: readonly Block[]): Promise<void> {
    await this.#tryOut(blocks)
    for (const block of blocks) {
      if (block.notRun !== undefined) continue
      await this.#do(block).catch(error => {
        throw new Error(`${block.at}: ${(error as Error).message}`, { cause: error })
      })
    }
  }

  /** Takes back changes of a page that somebody has made already, as the page itself proposes. */
  async undo(blocks: readonly Block[]): Promise<void> {
    for (const block of blocks) {
      if (block.language !== 'diff') continue
      await this.#save('change.diff', block.text)
      await this.#run('git', ['apply', '--reverse', 'change.diff'])
    }
  }

  async stop(): Promise<void> {
    await this.#running?.stop()
    this.#running = undefined
  }

  async #do(block: Block): Promise<void> {
    const { language, file, text } = block
    const here = this.#withOurPorts(text)
    if (language !== 'text' && language !== 'json') this.#again = block.retry ? () => this.#type(here) : undefined
    if (file !== undefined) return this.#save(file, text)
    if (language === 'diff') return this.#apply(text)
    if (language === 'sh') return this.#type(here)
    if (language === 'http') return this.#send(here)
    if (language === 'ts') return
    if (language === 'text' || language === 'json') return this.#compare(here, language)
    throw new Error(`Nobody knows what to do with a block of "${language}"`)
  }

  #withOurPorts(text: string): string {
    return text.replace(
      /\b(localhost|127\.0\.0\.1):(460[0-4])\b/g,
      (_, host, port) => `${host}:${this.#ports.get(port)}`,
    )
  }

  async #save(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, file)), { recursive: true })
    await writeFile(join(this.folder, file), text)
  }

  /** Code that is shown: it holds for the compiler, and runs. The name of its file says where it stands. */
  async #tryOut(blocks: readonly Block[]): Promise<void> {
    const shown = blocks.filter(({ language, file }) => language === 'ts' && file === undefined)
    if (shown.length === 0) return
    const folder = '.plumbline/shown'
    const names = shown.map(({ at }) => `${at.replace(/\W+/g, '-')}.ts`)
    for (const [i, { text }] of shown.entries()) await this.#save(`${folder}/${names[i]}`, text)
    await this.#save(`${folder}/tsconfig.json`, JSON.stringify({ extends: '../../tsconfig.json', include: names }))
    const types = await this.#run('npx', ['tsc', '--noEmit', '-p', folder])
    if (types.code !== 0) throw new Error(`What is shown does not compile: ${types.out}`)
    await this.#save(`${folder}/all.ts`, names.map(name => `import './${name}'\n`).join(''))
    const run = await this.#run('node', ['--conditions=plumbline-source', `${folder}/all.ts`])
    if (run.code !== 0) throw new Error(`What is shown does not run: ${run.err}`)
  }

  async #apply(diff: string): Promise<void> {
    await this.#save('change.diff', diff)
    const { code, err } = await this.#run('git', ['apply', 'change.diff'])
    if (code !== 0) throw new Error(`The change cannot be applied: ${err}`)
  }

  /** A command that runs until it is stopped replaces the one before: a person stops that first. */
  async #type(text: string): Promise<void> {
    if (LONG.test(text)) {
      await this.stop()
      const running = new Running(text, this.folder, this.#env)
      this.#running = running
      await running.untilReady()
      this.#shown = () => running.out
      return
    }
    const said = await this.#run('bash', ['-euo', 'pipefail', '-c', text])
    this.#shown = () => said.out
    // What a check finds is no failure of the page's: the block behind shows it.
    if (said.code !== 0 && !/^npm run plumb -- check|^npx plumb check/m.test(text))
      throw new Error(`It ended with ${said.code}:\n${said.out}${said.err}`)
  }

  #run(command: string, args: readonly string[]): Promise<Said> {
    const options = { cwd: this.folder, env: this.#env, maxBuffer: 20_000_000, timeout: PATIENCE_MS }
    return new Promise(resolve => {
      execFile(command, [...args], options, (error, out, err) => {
        resolve({ out, err, code: error ? (typeof error.code === 'number' ? error.code : -1) : 0 })
      })
    })
  }

  /** `METHOD address`, headers, an empty line, a body. */
  async #send(text: string): Promise<void> {
    const [head = '', ...rest] = text.trimEnd().split('\n\n')
    const [first = '', ...headers] = head.split('\n')
    const [method = 'GET', url = ''] = first.split(' ')
    const body = rest.join('\n\n')
    const response = await fetch(url, {
      method,
      headers: Object.fromEntries(headers.map(line => line.split(/:\s*/, 2) as [string, string])),
      ...(body !== '' && { body }),
    })
    const answer = await response.text()
    if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${answer}`)
    this.#shown = () => answer
  }

  /** The page shows what was said: line by line, or as JSON of which the page may leave parts out. `…` is anything. */
  async #compare(expected: string, language: string): Promise<void> {
    const shown = this.#shown
    if (!shown) throw new Error('Nothing was done that could have answered this')
    const fits = language === 'json' ? containsJson : containsLines
    const end = performance.now() + PATIENCE_MS
    while (!fits(this.#shown?.() ?? '', expected)) {
      const mayChange = this.#again !== undefined || this.#running?.says(shown) === true
      if (!mayChange || performance.now() > end)
        throw new Error(`The page shows\n${expected}\nand there was\n${this.#shown?.()}`)
      await new Promise(resolve => setTimeout(resolve, 100))
      await this.#again?.()
    }
  }
}

// ---- what runs

class Running {
  out = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #isOver = false

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    // A group of its own, so that Ctrl-C reaches all of it as in a terminal.
    this.#child = spawn('bash', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', text => {
        this.out += text
      })
    this.#ended = new Promise(resolve => {
      this.#child.once('close', () => {
        this.#isOver = true
        resolve()
      })
    })
  }

  says = (shown: () => string): boolean => !this.#isOver && shown() === this.out

  async untilReady(): Promise<void> {
    const end = performance.now() + PATIENCE_MS
    while (!/Ready in /.test(this.out)) {
      if (this.#isOver || performance.now() > end) throw new Error(`It was not ready:\n${this.out}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  async stop(): Promise<void> {
    if (this.#child.pid !== undefined && !this.#isOver) process.kill(-this.#child.pid, 'SIGINT')
    await this.#ended
  }
}

// ---- the shell

/** A person's shell: nothing of the tests, the ports by their settings, and the Node that Plumbline brings. */
function environment(ports: ReadonlyMap<string, number>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_OPTIONS: '' }
  for (const name of Object.keys(env)) if (/^(PLUMBLINE|DATABASE_URL|VITEST|npm_|NODE_ENV)/.test(name)) delete env[name]
  for (const [port, name] of Object.entries(PORTS)) env[name] = String(ports.get(port))
  const runtime = findRuntime(import.meta.url)
  const path = 'node' in runtime ? dirname(runtime.node) : dirname(fileURLToPath(import.meta.url))
  // Far from Greenwich: a day that is shifted by a zone anywhere would be another day here.
  return {
    ...env,
    TZ: 'Pacific/Auckland',
    PLUMBLINE_URL: `http://localhost:${ports.get('4600')}`,
    PATH: `${path}:${env.PATH ?? ''}`,
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  return Promise.all(
    servers.map(
      server =>
        new Promise<number>((resolve, reject) => {
          server.once('listening', () => {
            const address = server.address()
            const port = typeof address === 'object' && address !== null ? address.port : 0
            server.close(error => (error ? reject(error) : resolve(port)))
          })
        }),
    ),
  )
}

// ---- comparing

/** The lines of the page stand among those that were said, in their order; others may come between. */
function containsLines(said: string, expected: string): boolean {
  const pattern = (line: string): RegExp =>
    new RegExp(`^${line.trimEnd().split('…').map(literal).map(lineNumbers).join('.*')}\\s*$`)
  const wanted = expected.trimEnd().split('\n').map(pattern)
  const lines = said.split('\n')
  let next = 0
  for (const line of lines) if (next < wanted.length && wanted[next]?.test(line)) next++
  return next === wanted.length
}
/** A line number says where something stood when the page was written; what matters is the file. */
const lineNumbers = (pattern: string): string => pattern.replace(/(\\\.ts:)\d+/g, String.raw`$1\d+`)
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

function containsJson(said: string, expected: string): boolean {
  return fitsIn(JSON.parse(said), JSON.parse(expected))
}

function fitsIn(said: unknown, expected: unknown): boolean {
  if (typeof expected === 'string') return typeof said === 'string' && containsLines(said, expected)
  if (typeof expected !== 'object' || expected === null) return said === expected
  if (typeof said !== 'object' || said === null) return false
  const there = new Map(Object.entries(said))
  if (Array.isArray(expected)) return expected.every(one => [...there.values()].some(other => fitsIn(other, one)))
  return Object.entries(expected).every(([key, value]) => fitsIn(there.get(key), value))
}
