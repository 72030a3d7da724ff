/** A process of ours: started in a group of its own, its words kept in a log file, stopped in order. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Failure } from '../failure.ts'

export type ChildOptions = {
  /** For people: `the SAP S/4HANA sandbox`. */
  readonly what: string
  /** Of the log file. */
  readonly name: string
  readonly script: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly logs: string
  readonly readyWithinMs: number
}

export type Child = {
  readonly what: string
  readonly pid: number
  /** Settles, with a sentence, when it ends although nobody asked it to. */
  readonly died: Promise<Failure>
  stop(): Promise<void>
  kill(): void
}

const STOP_PATIENCE_MS = 12_000
const LAST_LINES = 12

/** Starts a script of ours and waits for its line `{"ready":true,…}`. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { what, name, script, args, env, logs, readyWithinMs } = options
  const logFile = join(logs, `${name}.log`)
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 })
  log.write(`--- started ${new Date().toISOString()}: ${basename(script)} ${args.join(' ')}\n`)
  const child = spawn(process.execPath, [...process.execArgv, '--import', guard(), script, ...args], {
    env: { ...process.env, ...env },
    // Its own group: Ctrl-C in the terminal reaches us alone, and we stop everything in order.
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const last: string[] = []
  const ready = Promise.withResolvers<void>()
  listenTo(child, log, last, ready.resolve)

  let stopping = false
  const died = Promise.withResolvers<Failure>()
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  child.once('error', cause =>
    died.resolve(
      new Failure(`${what} cannot be started: ${cause.message}.`, 'Check the rights of this user.', 'start', { cause }),
    ),
  )
  child.once('close', (code, signal) => {
    log.end()
    if (!stopping) died.resolve(endedBy(what, logFile, code, signal, last))
  })

  const kill = (): void => send(child, 'SIGKILL')
  const stop = async (): Promise<void> => {
    stopping = true
    if (hasEnded(child)) return
    send(child, 'SIGTERM')
    const late = setTimeout(kill, STOP_PATIENCE_MS)
    await gone
    clearTimeout(late)
  }
  await becomesReady(ready.promise, died.promise, readyWithinMs, () =>
    notReady(what, logFile, readyWithinMs, last),
  ).catch(async error => {
    await stop()
    throw error
  })
  return { what, pid: child.pid ?? 0, died: died.promise, stop, kill }
}

/** This file's neighbour, as source or as built. */
const guard = (): string => new URL(import.meta.url.endsWith('.ts') ? './guard.ts' : './guard.js', import.meta.url).href
export const mainScript = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url))

function listenTo(child: ChildProcess, log: WriteStream, last: string[], ready: () => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', text => {
      log.write(`${text}\n`)
      last.push(text)
      if (last.length > LAST_LINES) last.shift()
      if (stream === child.stdout && isReadyLine(text)) ready()
    })
  }
}

function isReadyLine(text: string): boolean {
  if (!text.startsWith('{')) return false
  try {
    const said: unknown = JSON.parse(text)
    return typeof said === 'object' && said !== null && 'ready' in said && said.ready === true
  } catch {
    return false
  }
}

async function becomesReady(
  ready: Promise<void>,
  died: Promise<Failure>,
  withinMs: number,
  tooLate: () => Failure,
): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(tooLate()), withinMs)
  const ended = died.then(failure => {
    throw failure
  })
  await Promise.race([ready, ended, late.promise]).finally(() => clearTimeout(timer))
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** To the whole group: what it started itself ends with it. */
function send(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined || hasEnded(child)) return
  try {
    if (process.platform === 'win32' || signal === 'SIGTERM') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // It has just ended.
  }
}

function endedBy(
  what: string,
  logFile: string,
  code: number | null,
  signal: string | null,
  last: readonly string[],
): Failure {
  const how = signal ? `by ${signal}` : `with code ${code}`
  return new Failure(
    `${what} ended ${how}; it said last:\n${last.map(text => `  ${text}`).join('\n')}`,
    `Its log is ${logFile}.`,
    'died',
  )
}

const notReady = (what: string, logFile: string, withinMs: number, last: readonly string[]): Failure =>
  new Failure(
    `${what} was not ready within ${withinMs / 1_000} s; it said last:\n${last.map(text => `  ${text}`).join('\n')}`,
    `Its log is ${logFile}.`,
    'start',
  )
