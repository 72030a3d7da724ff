// The processes of a campaign: real ones, so that they can be killed and frozen. Each is ended by its own pid.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type ChildOptions = {
  readonly name: string
  readonly script: URL
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly logs: string
}

export type Child = {
  readonly name: string
  readonly pid: number
  /** Its line `{"ready":true,…}`; never settles when it ends before. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>
  /** Settles, with its last words, when the process has ended. */
  readonly gone: Promise<string>
  isGone(): boolean
  /** SIGKILL, SIGSTOP, SIGCONT: as `kill -9` would do it. */
  signal(name: NodeJS.Signals): void
}

const flags = ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning']
const guard = new URL('guard.ts', import.meta.url).href

export function startChild({ name, script, args, env, logs }: ChildOptions): Child {
  const log = createWriteStream(join(logs, `${name}.log`), { flags: 'a' })
  const child = spawn(process.execPath, [...flags, '--import', guard, script.pathname, ...args], {
    env: { ...process.env, ...env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const ready = Promise.withResolvers<Readonly<Record<string, unknown>>>()
  const last: string[] = []
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', line => {
        log.write(`${line}\n`)
        last.push(line)
        if (last.length > 5) last.shift()
        const said = readyLine(line)
        if (said) ready.resolve(said)
      })
  const gone = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('close', (code, signal) => {
      log.end()
      resolve(`${name} ended ${signal ? `by ${signal}` : `with code ${code}`}: ${last.join(' | ')}`)
    })
  })
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null
  return { name, pid: child.pid ?? 0, ready: ready.promise, gone, isGone, signal: signal => send(child, signal) }
}

/** Waits until a child is ready; one that ends or dawdles is an error with its last words. */
export async function readyWithin(child: Child, ms: number): Promise<Readonly<Record<string, unknown>>> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`${child.name} was not ready within ${ms} ms`)), ms)
  const ended = child.gone.then(words => Promise.reject(new Error(words)))
  return Promise.race([child.ready, ended, late.promise]).finally(() => clearTimeout(timer))
}

/** SIGTERM, then SIGKILL when that is not heeded. A frozen process hears only the latter. */
export async function end(child: Child, patienceMs: number): Promise<void> {
  if (child.isGone()) return
  child.signal('SIGTERM')
  const late = setTimeout(() => child.signal('SIGKILL'), patienceMs)
  await child.gone
  clearTimeout(late)
}

function send(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
}

function readyLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{"ready":true')) return undefined
  const said: unknown = JSON.parse(line)
  return typeof said === 'object' && said !== null ? { ...said } : undefined
}
