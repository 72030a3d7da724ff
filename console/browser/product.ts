// The real product as a visitor has it: `plumb start` on free ports with a fresh data folder, and its console.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PARTS = ['engine', 'salesforce', 'pubsub', 's4', 'consent', 'postgres'] as const
const FLAGS = {
  engine: '--port',
  salesforce: '--salesforce-port',
  pubsub: '--pubsub-port',
  s4: '--s4-port',
  consent: '--consent-port',
  postgres: '--postgres-port',
} as const
type Part = (typeof PARTS)[number]

/** Where the console, the two sandboxes and the engine's API are. Survives the way from the setup to a test. */
export type Addresses = { readonly console: string; readonly salesforce: string; readonly s4: string }

export type Product = Addresses & {
  /** As a person does with Ctrl-C. */
  stop(): Promise<void>
  /** Where it stood, on the ports that it had. */
  startAgain(): Promise<void>
  /** For good: the data goes too. */
  remove(): Promise<void>
}

const READY_WITHIN_MS = 150_000
const launcher = fileURLToPath(new URL('../../plumbline.mjs', import.meta.url))

/** Without traffic, so that whatever a test sees it brought about itself. Of the example, or of a project in another folder. */
export async function startProduct(project?: string): Promise<Product> {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-browser-'))
  const begin = (ports: Ports): Promise<Running> => start(data, ports, project)
  let running = await begin({ engine: 0, salesforce: 0, pubsub: 0, s4: 0, consent: 0, postgres: 0 })
  const { ports } = running
  return {
    console: `http://localhost:${ports.engine}`,
    salesforce: `http://127.0.0.1:${ports.salesforce}`,
    s4: `http://127.0.0.1:${ports.s4}`,
    stop: () => running.stop(),
    startAgain: async () => {
      running = await begin(ports)
    },
    remove: async () => {
      await running.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}

type Ports = Readonly<Record<Part, number>>
type Running = { readonly ports: Ports; stop(): Promise<void> }

async function start(data: string, wanted: Ports, project: string | undefined): Promise<Running> {
  const flags = PARTS.flatMap(part => [FLAGS[part], String(wanted[part])])
  if (project !== undefined) flags.push('--project', project)
  const child = spawn(process.execPath, [launcher, 'start', '--no-traffic', '--json', '--data', data, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  try {
    return { ports: await readyPorts(child), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The line that says it is ready names the ports that it took. */
function readyPorts(child: ChildProcess): Promise<Ports> {
  const { promise, resolve, reject } = Promise.withResolvers<Ports>()
  const said: string[] = []
  const late = setTimeout(
    () => reject(new Error(`plumb start was not ready in time; it said:\n${said.join('\n')}`)),
    READY_WITHIN_MS,
  )
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', line => {
      said.push(line)
      const ports = portsIn(line)
      if (ports) resolve(ports)
    })
  }
  child.once('close', code => reject(new Error(`plumb start ended with ${code}; it said:\n${said.join('\n')}`)))
  return promise.finally(() => clearTimeout(late))
}

function portsIn(line: string): Ports | undefined {
  if (!line.startsWith('{')) return undefined
  const said = JSON.parse(line) as { ready?: boolean; ports?: Ports }
  return said.ready ? said.ports : undefined
}
