/** `plumb serve` and `plumb worker`: the engine as a process that starts, says so, and stops cleanly. */
import type { Engine } from '@plumbline/engine'
import { type Command, Option } from 'commander'
import { whereConsoleIs } from '../console.ts'
import { Failure, waitFor } from '../failure.ts'
import { json, line } from '../print.ts'
import { findProject, loadProject } from '../project.ts'
import { aboutProject, DEFAULT_PORT, databaseOption, portNumber, type WithProject } from './options.ts'

type RunOptions = WithProject & { database?: string }
type ServeOptions = RunOptions & { port: number; host: string; work: boolean }

const STOP_PATIENCE_MS = 9_500

export function addRunningCommands(program: Command): void {
  aboutProject(program.command('serve'), [
    'plumb serve --database postgres://plumbline@localhost/plumbline',
    'plumb serve --no-work --port 4700      the admin API alone, beside workers',
  ])
    .summary('run the engine, its admin API and the console')
    .description(
      'Runs the engine: the admin API, the console and, unless --no-work, the work itself. Any number may share a database.',
    )
    .addOption(databaseOption())
    .addOption(
      new Option('--port <port>', 'of the admin API; 0 takes any free one')
        .env('PLUMBLINE_PORT')
        .argParser(portNumber)
        .default(DEFAULT_PORT),
    )
    .addOption(
      new Option('--host <address>', 'to listen on: a loopback address, while there is no sign-in')
        .env('PLUMBLINE_HOST')
        .default('127.0.0.1'),
    )
    .option('--no-work', 'serve the admin API only')
    .action(serve)

  aboutProject(program.command('worker'), ['plumb worker --database postgres://plumbline@localhost/plumbline'])
    .summary('run the work only')
    .description('Does the work without an admin API. Any number may share a database.')
    .addOption(databaseOption())
    .action(worker)
}

async function serve(options: ServeOptions): Promise<void> {
  const { serve: open, refuseOtherAddresses } = await import('@plumbline/engine')
  const { port, host } = options
  refuseOtherAddresses(host)
  const engine = await startEngine(options, options.work)
  const gateway = await open(engine, { port, host, ...whereConsoleIs(), sandboxes: sandboxUrls(), log }).catch(
    async cause => {
      await engine.close()
      throw portProblem(cause, host, port)
    },
  )
  const stop = async (): Promise<void> => {
    await gateway.close()
    await engine.close()
  }
  await runUntilStopped(engine, options, stop, { url: gateway.url, work: options.work })
}

/** Given by plumb start, which runs them. */
const sandboxUrls = (): string[] => (process.env.PLUMBLINE_SANDBOXES ?? '').split(/[\s,]+/).filter(Boolean)

async function worker(options: RunOptions): Promise<void> {
  const engine = await startEngine(options, true)
  await runUntilStopped(engine, options, () => engine.close(), { work: true })
}

async function startEngine({ project: named, database }: RunOptions, work: boolean): Promise<Engine> {
  if (!database) {
    throw new Failure(
      'No database is named.',
      'Name it with --database or DATABASE_URL; npm start brings one of its own.',
      'database',
    )
  }
  const project = await loadProject(findProject(named))
  const engine = await import('@plumbline/engine')
  for (const { where, sentence } of engine.check(project)) log(`Check: ${where}: ${sentence}`)
  return engine.startEngine({ project, databaseUrl: database, log, work })
}

/** One line of JSON a sentence, on stderr: stdout belongs to what was asked for. */
function log(sentence: string, facts: Record<string, unknown> = {}): void {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), sentence, ...facts })}\n`)
}

function portProblem(cause: unknown, host: string, port: number): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : ''
  if (code === 'EADDRINUSE') {
    return new Failure(
      `Port ${port} on ${host} is already in use.`,
      'Stop the program that uses it, or choose another with --port or PLUMBLINE_PORT.',
      'port',
      { cause },
    )
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new Failure(
      `${host}:${port} cannot be listened on (${code}).`,
      'Choose an address of this machine and a port above 1023.',
      'port',
      { cause },
    )
  }
  return cause
}

async function runUntilStopped(
  engine: Engine,
  { json: asJson }: RunOptions,
  stop: () => Promise<void>,
  facts: { readonly url?: string; readonly work: boolean },
): Promise<void> {
  const asked = stopAsked()
  if (!asJson)
    line(
      facts.url ? `Plumbline serves ${facts.url} (process ${process.pid})` : `Plumbline works (process ${process.pid})`,
    )
  const ready = await Promise.race([
    waitFor(async () => (await engine.ready()).ready || undefined, Number.POSITIVE_INFINITY),
    asked,
  ])
  if (ready === true) {
    if (asJson) json({ ready: true, ...facts, pid: process.pid })
    else line('Ready.')
    await asked
  }
  await stopInTime(stop)
}

/** The first signal asks; a second one ends at once. */
function stopAsked(): Promise<'stop'> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve('stop')
        process.once(signal, () => process.exit(130))
      })
    }
  })
}

async function stopInTime(stop: () => Promise<void>): Promise<void> {
  const late = setTimeout(() => {
    log('Stopping took too long; what was under way is taken over by others')
    process.exit(1)
  }, STOP_PATIENCE_MS)
  await stop()
  clearTimeout(late)
  // Connections of libraries may keep the process alive; everything that matters is committed.
  process.exit(process.exitCode ?? 0)
}
