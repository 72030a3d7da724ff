// Random edits in three systems by several users, with faults, over and over: after each run every system must hold what ownership says.
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { begin, type Command, commandsOf } from './commands.ts'
import { judge } from './judge.ts'
import { names, openSoakWorld, type SoakWorld, type Systems } from './world.ts'

export type SoakSize = {
  readonly runs: number
  /** On average in each run. */
  readonly commands: number
  readonly seed: number
  readonly withFaults: boolean
  /** Systems only say that something changed: all is read, and each reading is old when it arrives. */
  readonly withStaleReads?: boolean
  /** How many runs are under way at once, each with a record of its own. */
  readonly strands: number
  /** After that no run is begun any more. */
  readonly minutes?: number
  /** One failure again, and nothing else, as its report says: the path to its commands and which of them were run. */
  readonly again?: { readonly path: string; readonly replay: string | undefined } | undefined
}
export type Soaked = {
  readonly runs: number
  readonly commands: number
  /** Writes of ours, and how many of them changed nothing; only those that nothing excuses are failures. */
  readonly writes: number
  readonly vain: number
  readonly seconds: number
  /** What went wrong, with the fewest commands that make it so. */
  readonly failures: readonly string[]
}

/** Whatever comes after all is at rest would be a patch without an end. */
const watchMs = 2_000
/** A failure is brought down to fewer commands as long as this. */
const shrinkMs = 60_000
/** Nobody reads more. */
const mostFailures = 3
/** Of the commands that are thought of, a part has nothing to do when its turn comes. */
const thoughtOf = 2.5

export async function soak(databaseUrl: string, size: SoakSize, say: (sentence: string) => void): Promise<Soaked> {
  const world = await openSoakWorld(databaseUrl, say, size.withStaleReads)
  const began = performance.now()
  const seconds = (): number => Math.round((performance.now() - began) / 1_000)
  const done = { runs: 0, commands: 0 }
  const failures: string[] = []
  let begun = 0
  let told = 0
  const tell = (): void => {
    const { writes, vain } = writesIn(world.systems)
    told = done.runs
    say(`${done.runs} runs, ${done.commands} commands, ${writes} writes, ${vain} of them in vain, ${seconds()} s`)
  }
  const strand = async (): Promise<void> => {
    while (begun < size.runs && failures.length < mostFailures && seconds() < 60 * (size.minutes ?? Infinity)) {
      const failure = await oneRun(world, size, size.seed + begun++, done)
      if (failure !== undefined) failures.push(failure)
      if (done.runs >= told + 500) tell()
    }
  }
  try {
    await Promise.all(Array.from({ length: size.strands }, strand))
    failures.push(...(await staysSo(world.systems)))
    return { ...done, ...writesIn(world.systems), seconds: seconds(), failures }
  } finally {
    await world.close()
  }
}

/** Each run has a seed of its own, so that it can be had again without the others. Answers what went wrong. */
async function oneRun(
  world: SoakWorld,
  size: SoakSize,
  seed: number,
  done: { runs: number; commands: number },
): Promise<string | undefined> {
  let failedAt: number | undefined
  const details = await fc.check(
    fc.asyncProperty(
      fc.noBias(commandsOf(thoughtOf * size.commands, size.withFaults, size.again?.replay)),
      async commands => {
        if (failedAt !== undefined && performance.now() - failedAt > shrinkMs) return
        const { model, real } = begin(world.systems, world.rest, `T${++labels}`)
        try {
          await fc.asyncModelRun(() => ({ model, real }), commands)
          await judge(model, world.systems, world.rest)
          done.runs++
          done.commands += real.commands
        } catch (error) {
          failedAt ??= performance.now()
          throw error
        } finally {
          for (const name of names) world.systems[name].forget(model.label)
        }
      },
    ),
    { numRuns: 1, seed, ...(size.again && { path: size.again.path }) },
  )
  return details.failed ? inWords(details, size) : undefined
}

let labels = 0

const writesIn = (systems: Systems): { writes: number; vain: number } =>
  names.reduce(
    (sum, name) => ({
      writes: sum.writes + systems[name].counted.writes,
      vain: sum.vain + systems[name].counted.vain,
    }),
    { writes: 0, vain: 0 },
  )

/** Nobody writes any more. */
async function staysSo(systems: Systems): Promise<string[]> {
  const before = writesIn(systems).writes
  await sleep(watchMs)
  const more = writesIn(systems).writes - before
  return more > 0 ? [`All was at rest, and ${more} writes came after that`] : []
}

/** What came of it, the fewest commands that led there, and how to run them again. */
function inWords(
  details: fc.RunDetails<[Iterable<Command>]>,
  { commands, withFaults, withStaleReads }: SoakSize,
): string {
  const shown = String(details.counterexample?.[0])
  const replay = /replayPath="([^"]*)"/.exec(shown)?.[1]
  const error = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance)
  return [
    error,
    `The fewest commands found that lead there: ${shown}`,
    `Again: npm run soak -- --runs 1 --commands ${commands}${withFaults ? '' : ' --no-faults'}${withStaleReads ? ' --stale-reads' : ''} --seed ${details.seed} --path ${details.counterexamplePath} --replay ${replay}`,
  ].join('\n')
}
