// Tryton's programs, as processes that never outlive us.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Debian's own: another one that comes first in the path does not see Debian's packages. */
const PYTHON = '/usr/bin/python3'
const runner = fileURLToPath(new URL('../run.py', import.meta.url))

/** Of the caller's shell nothing: a secret or a library path of it has no business there. */
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' }

export type Program = {
  readonly script: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Each line that it prints and that somebody may want to read. */
  readonly log?: (line: string) => void
}

export type Process = {
  readonly child: ChildProcess
  /** What it printed last. */
  said(): string
  /** Its input is held open by us: without us it ends. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

const LAST_LINES = 12
/** One for each request, which says nothing but that. */
const isNoise = (line: string): boolean => line.includes(' INFO werkzeug ')

export function startProgram({ script, args, env, log }: Program): Process {
  const child = spawn(PYTHON, [runner, script, ...args], { env: { ...environment, ...env } })
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  const last: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', line => {
      if (isNoise(line)) return
      log?.(line)
      last.push(line)
      if (last.length > LAST_LINES) last.shift()
    })
  // That Python is not there is told by its end.
  child.once('error', cause => last.push(cause.message))
  child.stdin.on('error', () => undefined)
  return {
    child,
    said: () => last.join('\n'),
    end: signal => {
      child.kill(signal)
      return gone
    },
  }
}

/** Runs one to its end; whoever gives up ends it. */
export async function runProgram(program: Program, giveUp?: AbortSignal): Promise<void> {
  giveUp?.throwIfAborted()
  const { child, said, end } = startProgram(program)
  const stop = () => void end('SIGKILL')
  giveUp?.addEventListener('abort', stop)
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  giveUp?.removeEventListener('abort', stop)
  giveUp?.throwIfAborted()
  if (code !== 0) throw new Error(`${program.script} ended with ${code}:\n${said()}`)
}

export const hasEnded = ({ exitCode, signalCode, pid }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null || pid === undefined
