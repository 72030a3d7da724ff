// Runs `plumb` as a person would: as a process of its own, from the sources.
import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const flags = ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning']

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string }
export type Options = { readonly env?: Record<string, string>; readonly cwd?: string }

export type RunningPlumb = {
  readonly child: ChildProcess
  /** The first line of JSON that fulfils the test. */
  said(test: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  readonly ended: Promise<Ran>
}

const CLEAN = { PLUMBLINE_URL: '', PLUMBLINE_PROJECT: '', DATABASE_URL: '', PLUMBLINE_PORT: '' }

function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...more }
  for (const name of Object.keys(CLEAN)) if (!(name in more)) delete env[name]
  return env
}

/** Starts a command that goes on until it is stopped. */
export function begin(args: readonly string[], { env, cwd }: Options = {}): RunningPlumb {
  const child = spawn(process.execPath, [...flags, main, ...args], {
    env: environment(env),
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const heard: Record<string, unknown>[] = []
  const listeners = new Set<() => void>()
  let out = ''
  let err = ''
  createInterface({ input: child.stdout }).on('line', line => {
    out += `${line}\n`
    if (line.startsWith('{')) heard.push(JSON.parse(line) as Record<string, unknown>)
    for (const listener of listeners) listener()
  })
  child.stderr.on('data', text => {
    err += text
  })
  const ended = new Promise<Ran>(resolve => child.once('close', code => resolve({ code, out, err })))
  const said: RunningPlumb['said'] = test => {
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
    const look = (): void => {
      const found = heard.find(test)
      if (found) resolve(found)
    }
    listeners.add(look)
    look()
    void ended.then(ran => reject(new Error(`plumb ${args.join(' ')} ended with ${ran.code}:\n${ran.out}\n${ran.err}`)))
    return promise.finally(() => listeners.delete(look))
  }
  return { child, said, ended }
}

/** Runs a command to its end. */
export const plumb = (args: readonly string[], options?: Options): Promise<Ran> => begin(args, options).ended

/** Whether anybody listens on a port of this machine. */
export async function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1')
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}
