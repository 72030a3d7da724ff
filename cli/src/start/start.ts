/** `plumb start`: the database, the sandboxes, the engine and a little traffic, started in order and stopped in order. */
import { existsSync } from 'node:fs'
import { access, constants, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Admin } from '../admin.ts'
import { makeConsole } from '../console.ts'
import { Failure } from '../failure.ts'
import { emptyPostgres, findPostgres, type Postgres, startPostgres } from '../postgres/index.ts'
import type { Found } from '../project.ts'
import { metadataFile } from '../schemas.ts'
import { type Child, mainScript, startChild } from './child.ts'
import { AMERICA, EUROPE } from './markets.ts'
import { narrate } from './narrate.ts'
import { beTheOnlyOne } from './only-one.ts'
import { type Sales, salesAt } from './sales.ts'
import { type Folders, type Ports, settlePorts } from './settings.ts'
import { startTraffic, type Traffic } from './traffic.ts'
import { refuseWithoutTryton, startTryton, type Tryton, trytonSettings } from './tryton.ts'

export type StartOptions = {
  readonly project: Found
  readonly ports: Ports
  readonly folders: Folders
  readonly fresh: boolean
  readonly traffic: boolean
  readonly say: Say
  /** Aborts when the first signal comes. */
  readonly stop: AbortSignal
  /** Aborts when the second one comes. */
  readonly hurry: AbortSignal
}

export type Say = {
  step(sentence: string): void
  addresses(of: Addresses): void
  event(sentence: string, event: object): void
}

export type Addresses = {
  readonly ports: Ports
  readonly folders: Folders
  readonly project: string
  readonly traffic: boolean
  readonly tryton: Tryton | undefined
  readonly tookMs: number
}

const SALES_LOGIN = { clientId: 'sandbox-admin', clientSecret: 'sandbox-admin-secret' }
const CHILD_READY_MS = 30_000
const ENGINE_READY_MS = 120_000

/** Runs until told to stop. Throws what made it end early, after everything was stopped. */
export async function start(options: StartOptions): Promise<void> {
  const began = performance.now()
  const { folders, say } = options
  if (options.ports.tryton !== undefined) refuseWithoutTryton()
  await openFolders(folders)
  const letGo = await beTheOnlyOne(folders.data, `process ${process.pid}, http://localhost:${options.ports.engine}`)
  const running = new Running(say, options.hurry)
  try {
    if (options.fresh) await removeData(folders, options.ports.tryton !== undefined, say)
    const ports = await settlePorts(options.ports, folders)
    await openFolders(folders)
    const pages = startConsole(say, options.stop)
    const sales = await startSystems({ ...options, ports }, running)
    const engineUrl = await startEngine({ ...options, ports }, running)
    await running.during(pages, options.stop)
    if (options.traffic)
      running.traffic = startTraffic({
        sales,
        s4Url: s4Url(ports),
        consentUrl: consentUrl(ports),
        engineUrl,
        tryton: running.tryton?.login('manager'),
        log: say.step,
      })
    say.addresses({
      ports,
      folders,
      project: options.project.file,
      traffic: options.traffic,
      tryton: running.tryton,
      tookMs: performance.now() - began,
    })
    const telling = narrate(new Admin(engineUrl), say.event, options.stop)
    await running.untilStopped(options.stop)
    await telling
  } finally {
    await running.stop()
    await letGo()
  }
}

const s4Url = (ports: Ports): string => `http://127.0.0.1:${ports.s4}`
const consentUrl = (ports: Ports): string => `http://127.0.0.1:${ports.consent}`
const salesforceUrl = (ports: Ports): string => `http://127.0.0.1:${ports.salesforce}`

/** What runs, and the order in which it ends: traffic, engine, sandboxes, database. */
class Running {
  traffic: Traffic | undefined
  engine: Child | undefined
  readonly sandboxes: Child[] = []
  /** One of the sandboxes. */
  tryton: Tryton | undefined
  postgres: Postgres | undefined
  readonly #say: Say
  readonly #hurry: AbortSignal
  readonly #ended = Promise.withResolvers<Failure>()

  constructor(say: Say, hurry: AbortSignal) {
    this.#say = say
    this.#hurry = hurry
    hurry.addEventListener('abort', () => {
      for (const child of this.#children()) child.kill()
    })
  }

  /** From now on an end that nobody asked for ends everything. */
  watch(died: Promise<Failure>): void {
    void died.then(this.#ended.resolve)
  }

  /** Waits for something, unless a part of the whole ends first. */
  during<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
    return Promise.race([work, this.#firstEnd(stop)])
  }

  async untilStopped(stop: AbortSignal): Promise<void> {
    await this.#firstEnd(stop).catch(error => {
      if (!(error instanceof Asked)) throw error
    })
  }

  async stop(): Promise<void> {
    const parts = [this.traffic, this.engine, ...this.sandboxes, this.postgres].filter(Boolean)
    if (parts.length === 0) return
    const began = performance.now()
    this.#say.step('Stopping …')
    await this.traffic?.stop()
    await this.engine?.stop()
    await Promise.all(this.sandboxes.map(sandbox => sandbox.stop()))
    await this.postgres?.stop()
    this.#say.step(
      `Stopped in ${((performance.now() - began) / 1_000).toFixed(1)} s${this.#hurry.aborted ? ', in a hurry' : ''}`,
    )
  }

  async #firstEnd(stop: AbortSignal): Promise<never> {
    const asked = Promise.withResolvers<never>()
    const tell = (): void => asked.reject(new Asked())
    if (stop.aborted) tell()
    stop.addEventListener('abort', tell, { once: true })
    const ended = this.#ended.promise.then(failure => {
      throw failure
    })
    return Promise.race([asked.promise, ended]).finally(() => stop.removeEventListener('abort', tell))
  }

  #children(): Child[] {
    return [...(this.engine ? [this.engine] : []), ...this.sandboxes]
  }
}

/** Thrown inside when stopping was asked for during the start. */
export class Asked extends Error {}

// ---- folders

async function openFolders({ data, logs, salesforce, s4, consent }: Folders): Promise<void> {
  for (const folder of [data, logs, salesforce, s4, consent]) {
    try {
      await mkdir(folder, { recursive: true })
      await access(folder, constants.R_OK | constants.W_OK)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Failure(
        `The data folder ${folder} cannot be used: ${why}.`,
        'Give this user read and write access to it, or name another with --data.',
        'data',
        { cause },
      )
    }
  }
}

async function removeData(folders: Folders, withTryton: boolean, say: Say): Promise<void> {
  const { postgres, salesforce, s4, consent, tryton, logs, data } = folders
  const there = [postgres, salesforce, s4, consent, tryton, logs].filter(folder => existsSync(folder))
  if (there.length === 0) return
  say.step(`Removing the data in ${data} (--fresh)`)
  // With Tryton the PostgreSQL stays, for what took minutes to make and nobody has used; one that cannot be emptied goes.
  const keeps = withTryton && existsSync(postgres) && (await emptyPostgres(postgres))
  const running = await findPostgres(postgres)
  if (running) await (await startPostgres({ folder: postgres, port: running.port })).stop()
  for (const folder of there) if (!keeps || folder !== postgres) await rm(folder, { recursive: true, force: true })
}

/** The log of the last start stays beside the new one. */
async function newLog(logs: string, name: string): Promise<void> {
  const file = join(logs, `${name}.log`)
  if (existsSync(file)) await rename(file, `${file}.1`)
}

// ---- systems

async function startSystems({ ports, folders, project, say, stop }: StartOptions, running: Running): Promise<Sales> {
  const database = startDatabase(folders, ports, say).then(postgres => {
    running.postgres = postgres
    running.watch(
      new Promise(resolve =>
        postgres.onExit(how =>
          resolve(new Failure(`${how}.`, `Its log is ${join(folders.postgres, 'postgres.log')}.`, 'died')),
        ),
      ),
    )
  })
  const sandboxes = [
    sandbox('@plumbline/sandbox-salesforce', 'the Salesforce sandbox', 'salesforce', [
      ...['--port', String(ports.salesforce), '--pubsub-port', String(ports.pubsub), '--data', folders.salesforce],
      ...metadataArgs(project),
      ...(ports.tryton === undefined ? [] : ['--currencies', [EUROPE, AMERICA].map(({ currency }) => currency).join()]),
    ]),
    sandbox('@plumbline/sandbox-sap-s4hana', 'the SAP S/4HANA sandbox', 's4', [
      '--port',
      String(ports.s4),
      '--data',
      folders.s4,
    ]),
    sandbox('@plumbline/sandbox-consent', 'the consent sandbox', 'consent', [
      '--port',
      String(ports.consent),
      '--data',
      folders.consent,
    ]),
  ]
  // Tryton's database takes minutes the first time: nobody waits for it once it is of no use.
  const over = new AbortController()
  const all = [database, ...sandboxes, ...(ports.tryton === undefined ? [] : [tryton(ports.tryton)])]
  const up = running.during(Promise.all(all), stop)
  up.catch(() => over.abort())
  // All are waited for, also when one fails: what was started has to be known to be stopped.
  await Promise.allSettled(all)
  await up

  return running.during(seedSales(ports, say), stop)

  async function tryton(port: number): Promise<void> {
    await database
    const postgresUrl = running.postgres?.url ?? ''
    await newLog(folders.logs, 'tryton')
    const began = performance.now()
    const { tryton: folder, logs } = folders
    const child = await startTryton({ port, folder, logs, postgresUrl, say: say.step, giveUp: over.signal })
    running.tryton = child
    running.sandboxes.push(child)
    running.watch(child.died)
    say.step(`Tryton is up${seconds(began)}`)
  }

  async function sandbox(pkg: string, what: string, name: string, args: readonly string[]): Promise<void> {
    await newLog(folders.logs, name)
    const began = performance.now()
    const child = await startChild({
      what: capital(what),
      name,
      script: mainOf(pkg),
      args,
      logs: folders.logs,
      readyWithinMs: CHILD_READY_MS,
    })
    running.sandboxes.push(child)
    running.watch(child.died)
    say.step(`${capital(what)} is up${seconds(began)}`)
  }
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
const seconds = (began: number): string => ` (${((performance.now() - began) / 1_000).toFixed(1)} s)`

async function startDatabase({ postgres: folder }: Folders, { postgres: port }: Ports, say: Say): Promise<Postgres> {
  const began = performance.now()
  const first = !existsSync(folder)
  if (first) say.step('Making a database (once) …')
  const postgres = await startPostgres({ folder, port })
  say.step(
    `PostgreSQL ${postgres.version} is up${postgres.adopted ? ', taken over from a start that was killed' : ''}${seconds(began)}`,
  )
  return postgres
}

/** A sandbox is a program of its own, beside what its package exports. */
function mainOf(pkg: string): string {
  const entry = fileURLToPath(import.meta.resolve(pkg))
  return join(dirname(entry), entry.endsWith('.ts') ? 'main.ts' : 'main.js')
}

function metadataArgs(project: Found): string[] {
  const file = metadataFile(project)
  return file ? ['--metadata', file] : []
}

async function seedSales(ports: Ports, say: Say): Promise<Sales> {
  const began = performance.now()
  const sales = await salesAt({ url: salesforceUrl(ports), ...SALES_LOGIN })
  const added = await sales.seed(ports.tryton === undefined ? [EUROPE] : [EUROPE, AMERICA])
  if (added > 0) say.step(`Salesforce has its products, prices and customers${seconds(began)}`)
  return sales
}

// ---- console

/** Beside everything else: only a checkout makes it, and only when it is missing or older than its sources. */
async function startConsole(say: Say, stop: AbortSignal): Promise<void> {
  const began = performance.now()
  const outcome = await makeConsole(() => say.step('Building the console …'), stop)
  if (outcome === 'made') say.step(`The console is built${seconds(began)}`)
  else if (outcome && !stop.aborted)
    say.step(`The console could not be built; everything else runs:\n${outcome.problem}`)
}

// ---- engine

async function startEngine({ ports, folders, project, say, stop }: StartOptions, running: Running): Promise<string> {
  const began = performance.now()
  say.step('Starting the engine: it reads what the systems hold …')
  await newLog(folders.logs, 'engine')
  const starting = startChild({
    what: 'The engine',
    name: 'engine',
    script: mainScript(),
    args: ['serve', '--json', '--port', String(ports.engine), '--project', project.file],
    env: {
      DATABASE_URL: running.postgres?.url ?? '',
      SALESFORCE_URL: salesforceUrl(ports),
      SALESFORCE_PUBSUB: `localhost:${ports.pubsub}`,
      S4_URL: s4Url(ports),
      CONSENT_URL: consentUrl(ports),
      ...(running.tryton && trytonSettings(running.tryton)),
      PLUMBLINE_MASTER_KEY_FILE: process.env.PLUMBLINE_MASTER_KEY_FILE || join(folders.data, 'master.key'),
      PLUMBLINE_SANDBOXES: `${salesforceUrl(ports)} ${s4Url(ports)} ${consentUrl(ports)}`,
    },
    logs: folders.logs,
    readyWithinMs: ENGINE_READY_MS,
  }).then(child => {
    running.engine = child
    running.watch(child.died)
  })
  await running.during(starting, stop)
  say.step(`The engine is up${seconds(began)}`)
  return `http://127.0.0.1:${ports.engine}`
}
