// A campaign's world: PostgreSQL, both sandboxes and some workers, each a process of its own on free loopback ports, with
// everything they keep in one temporary folder. What was started is ended by pid, however the campaign ends.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Database, openDatabase } from './database.ts'
import { isRow } from './journal.ts'
import { type Child, end, readyWithin, startChild } from './processes.ts'

export type WorldOptions = {
  /** The planted bug that the workers carry, if any. */
  readonly bug?: string
  /** How long the sandboxes take for a call at most; the connectors' own 30 s when absent. */
  readonly longestCallMs?: number
  /** How often what only time can heal is tried; the connectors' own minute when absent. */
  readonly probeEveryMs?: number
  /** Leave the folder with journals, logs and database behind. */
  readonly keep?: boolean
}

export type World = {
  readonly folder: string
  readonly salesforce: Salesforce
  readonly s4: Sandbox
  readonly database: Database
  readonly workers: Crew
  close(): Promise<void>
}

export type Sandbox = {
  readonly url: string
  /** Tells the sandbox how to misbehave; nothing makes it behave. Answers how often faults struck since it was last told. */
  misbehave(faults?: object): Promise<number>
  /** How often that is until now. */
  struck(): Promise<number>
}

/** When somebody logged in, was refused by a limit, or had a session refused: in epoch milliseconds, as the sandbox saw it. */
type Moments = {
  readonly login: readonly number[]
  readonly limited: readonly number[]
  readonly turnedAway: readonly number[]
}

export type Salesforce = Sandbox & {
  moments(): Promise<Moments>
  /** Ends the sessions of those callers, their event streams too. */
  expireSessions(by: string): Promise<void>
}

export const at = (path: string): URL => new URL(`../${path}`, import.meta.url)
const readyMs = 30_000

export async function openWorld({ bug, longestCallMs, probeEveryMs, keep = false }: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-chaos-'))
  const logs = join(folder, 'logs')
  await mkdir(logs)
  const started: Child[] = []
  const start = (name: string, script: URL, args: readonly string[]): Child => {
    const child = startChild({ name, script, args, logs })
    started.push(child)
    return child
  }
  let database: Database | undefined
  let workers: Crew | undefined
  const close = async (): Promise<void> => {
    await workers?.end()
    await Promise.all(started.map(child => end(child, 3_000)))
    await database?.stop().catch(() => undefined)
    if (!keep) await rm(folder, { recursive: true, force: true })
  }
  try {
    const salesforce = start('salesforce', ...salesforceIn(folder))
    const s4 = start('s4', at('sandbox/sap-s4hana/src/main.ts'), ['--port', '0', '--data', join(folder, 's4')])
    const [sales, erp, opened] = await Promise.all([
      readyWithin(salesforce, readyMs),
      readyWithin(s4, readyMs),
      openDatabase(join(folder, 'postgres')),
    ])
    database = opened
    workers = new Crew(logs, at('chaos/project.ts'), {
      DATABASE_URL: opened.url,
      ...doorsOf(sales),
      S4_URL: String(erp.url),
      ...(bug !== undefined && { PLUMBLINE_PLANTED_BUG: bug }),
      ...(longestCallMs !== undefined && { CHAOS_LONGEST_CALL_MS: String(longestCallMs) }),
      ...(probeEveryMs !== undefined && { CHAOS_PROBE_EVERY_MS: String(probeEveryMs) }),
    })
    return {
      folder,
      salesforce: salesforceAt(String(sales.url)),
      s4: sandboxAt(String(erp.url)),
      database: opened,
      workers,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The script and the arguments of a Salesforce that keeps its data in a world's folder. */
export function salesforceIn(folder: string): readonly [script: URL, args: readonly string[]] {
  const metadata = fileURLToPath(at('examples/quote-to-cash/salesforce.metadata.json'))
  const data = join(folder, 'salesforce')
  return [
    at('sandbox/salesforce/src/main.ts'),
    ['--port', '0', '--pubsub-port', '0', '--data', data, '--metadata', metadata],
  ]
}

/** Where the workers find a Salesforce that said so. */
export const doorsOf = (ready: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> => ({
  SALESFORCE_URL: String(ready.url),
  SALESFORCE_PUBSUB: `localhost:${ready.pubsubPort}`,
})

export function salesforceAt(url: string): Salesforce {
  return {
    ...sandboxAt(url),
    async moments() {
      const stats: unknown = await (await fetch(`${url}/_sandbox/stats`)).json()
      const moments = isRow(stats) && isRow(stats.moments) ? stats.moments : {}
      const times = (name: string): number[] => {
        const all: unknown = moments[name]
        return Array.isArray(all) ? all.map(Number) : []
      }
      return { login: times('login'), limited: times('limited'), turnedAway: times('turnedAway') }
    },
    async expireSessions(by) {
      await fetch(`${url}/_sandbox/expire-sessions`, { method: 'POST', body: JSON.stringify({ by }) })
    },
  }
}

export function sandboxAt(url: string): Sandbox {
  const door = `${url}/_sandbox/faults`
  const struck = async (): Promise<number> => {
    const report: unknown = await (await fetch(door)).json()
    const counts = typeof report === 'object' && report !== null && 'fired' in report ? report.fired : {}
    return Object.values(counts ?? {}).reduce((sum: number, count: unknown) => sum + Number(count), 0)
  }
  return {
    url,
    struck,
    async misbehave(faults) {
      const times = await struck()
      // This also forgets what was counted.
      await fetch(door, { method: 'DELETE' })
      if (!faults) return times
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(door, { method: 'PUT', headers, body: JSON.stringify(faults) })
      if (!answer.ok) throw new Error(`The sandbox refuses the faults: ${await answer.text()}`)
      return times
    },
  }
}

/** The workers: `plumb worker` processes. One that dies is started again, as any process manager does. */
export class Crew {
  readonly #logs: string
  readonly #project: URL
  readonly #env: Readonly<Record<string, string>>
  readonly #alive = new Set<Child>()
  /** The last words of those that ended although nobody killed them. */
  readonly crashes: string[] = []
  #number = 0
  #ending = false
  #turn = 0

  constructor(logs: string, project: URL, env: Readonly<Record<string, string>>) {
    this.#logs = logs
    this.#project = project
    this.#env = env
  }

  /** Starts so many and waits until one of them says that the feeds are followed and loaded. */
  async start(count: number): Promise<void> {
    const crew = Array.from({ length: count }, () => this.#hire())
    await Promise.any(crew.map(child => readyWithin(child, 60_000)))
  }

  /** The next in turn that lives. */
  next(): Child {
    const alive = [...this.#alive].filter(child => !child.isGone())
    const one = alive[this.#turn++ % Math.max(1, alive.length)]
    if (!one) throw new Error('No worker is alive')
    return one
  }

  async end(): Promise<void> {
    this.#ending = true
    for (const child of this.#alive) child.signal('SIGKILL')
    await Promise.all([...this.#alive].map(child => child.gone))
  }

  #hire(): Child {
    const child = startChild({
      name: `worker-${++this.#number}`,
      script: at('cli/src/main.ts'),
      args: ['worker', '--json', '--project', fileURLToPath(this.#project)],
      env: this.#env,
      logs: this.#logs,
    })
    this.#alive.add(child)
    void child.gone.then(async words => {
      this.#alive.delete(child)
      if (!this.#ending && !words.includes('by SIGKILL')) this.crashes.push(words)
      await sleep(200)
      if (!this.#ending) this.#hire()
    })
    return child
  }
}
