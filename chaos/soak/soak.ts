// Random edits in three systems by several users, with faults, over and over: after each run every system must hold what ownership says.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import pg from 'pg'
import { startPostgres } from '../../cli/src/postgres/index.ts'
import { begin, commandsOf, echoesIn, settled } from './commands.ts'
import { openSoakWorld, type Systems } from './world.ts'

export type SoakSize = {
  readonly runs: number
  /** On average in each run. */
  readonly commands: number
  readonly seed: number
  readonly withFaults: boolean
}
export type Soaked = SoakSize & {
  readonly ran: number
  readonly ranCommands: number
  readonly echo: number
  readonly seconds: number
  /** What went wrong, with the fewest commands that make it so. */
  readonly failures: readonly string[]
}

/** How many runs are under way at once, each with a record of its own. */
const strands = 100
/** What comes after all is at rest would be a patch without an end. */
const watchMs = 250

export async function soak(size: SoakSize, say: (sentence: string) => void): Promise<Soaked> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-soak-'))
  const postgres = await startPostgres({ folder, port: 0 })
  try {
    return await soakOn(postgres.url, size, say)
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function soakOn(databaseUrl: string, size: SoakSize, say: (sentence: string) => void): Promise<Soaked> {
  const world = await openSoakWorld(databaseUrl)
  const began = performance.now()
  const done = { runs: 0, commands: 0 }
  const failures: string[] = []
  const seconds = (): number => Math.round((performance.now() - began) / 1_000)
  try {
    const each = Math.ceil(size.runs / Math.min(strands, size.runs))
    const all = Array.from({ length: Math.ceil(size.runs / each) }, (_, strand) =>
      fc.assert(
        fc.asyncProperty(commandsOf(2 * size.commands, size.withFaults), async commands => {
          const { model, real } = begin(world.systems, `T${++done.runs}`)
          await fc.asyncModelRun(() => ({ model, real }), commands)
          await settled(model, real)
          await staysSo(world.systems, model.label)
          await settled(model, real)
          done.commands += real.commands
          if (done.runs % 500 === 0)
            say(`${done.runs} runs, ${done.commands} commands, ${echoesIn(world.systems)} echoes, ${seconds()} s`)
        }),
        { numRuns: each, seed: size.seed + strand, endOnFailure: true },
      ),
    )
    for (const one of await Promise.allSettled(all)) if (one.status === 'rejected') failures.push(inWords(one.reason))
    if (failures.length > 0) failures.push(await whatIsOpen(databaseUrl))
    return {
      ...size,
      ran: done.runs,
      ranCommands: done.commands,
      echo: echoesIn(world.systems),
      seconds: seconds(),
      failures,
    }
  } finally {
    await world.close()
  }
}

/** Nobody writes any more. */
async function staysSo(systems: Systems, label: string): Promise<void> {
  const written = (): number =>
    Object.values(systems).reduce((sum, { journal }) => sum + journal.filter(one => one.label === label).length, 0)
  const before = written()
  await new Promise(resolve => setTimeout(resolve, watchMs))
  if (written() > before) throw new Error(`${label} was at rest and was written ${written() - before} times more`)
}

/** What came of it, and the commands that led there. */
function inWords(failure: Error): string {
  const cause = failure.cause instanceof Error ? `${failure.cause.message}\n` : ''
  return `${cause}${failure.message}`
}

/** What the engine itself says is not done, for whoever looks for the cause. */
async function whatIsOpen(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c search_path=plumbline' })
  await client.connect()
  try {
    const { rows } = await client.query<{ says: string }>(
      `select concat_ws(' ', r.fields ->> 'label', 'to', d.system, d.state, d.reason) as says
       from delivery d join record r using (ref) where d.state <> 'idle' order by 1 limit 20`,
    )
    return `The engine still has ${rows.length} deliveries open\n${rows.map(row => `  ${row.says}`).join('\n')}`
  } finally {
    await client.end()
  }
}
