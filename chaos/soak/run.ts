// npm run soak -- [--runs n] [--commands n] [--seed n] [--minutes n] [--no-faults] [--stale-reads] [--json]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '../../cli/src/postgres/index.ts'
import { type SoakSize, soak } from './soak.ts'

const help = `Random edits in three systems by several users, with lost answers, late writes and events in disorder; after each run every
system must hold exactly what ownership says, no owner's edit may be lost, and no write of ours may change nothing.

  npm run soak                      10,000 runs of 50 commands
  npm run soak -- --runs 100        fewer

  --runs <n>      how many runs, each with a record of its own
  --commands <n>  how many commands a run has on average
  --seed <n>      what is random repeats with it (default 1); when something happens does not
  --strands <n>   how many runs are under way at once (default 60)
  --minutes <n>   after that no run is begun any more
  --no-faults     nothing goes wrong
  --stale-reads   systems only say that something changed: all is read, and each reading is old when it arrives
  --path <p>      one failure again, with the --seed and the --replay that its report names
  --replay <r>
  --json          the outcome as JSON, in the last line of stdout`

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    commands: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    strands: { type: 'string', default: '60' },
    minutes: { type: 'string', default: 'Infinity' },
    'no-faults': { type: 'boolean', default: false },
    'stale-reads': { type: 'boolean', default: false },
    path: { type: 'string' },
    replay: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
process.exit(values.help ? tellHelp() : await main())

function tellHelp(): number {
  process.stdout.write(`${help}\n`)
  return 0
}

async function main(): Promise<number> {
  const [runs, commands, seed, strands] = [values.runs, values.commands, values.seed, values.strands].map(Number)
  const areCounts = [runs, commands, seed, strands].every(one => Number.isInteger(one) && Number(one) > 0)
  if (!areCounts || !(Number(values.minutes) > 0)) {
    process.stderr.write(
      `--runs, --commands, --seed and --strands are whole numbers from 1 on, --minutes a number above 0.\n`,
    )
    return 2
  }
  const size: SoakSize = {
    runs: Number(runs),
    commands: Number(commands),
    seed: Number(seed),
    strands: Number(strands),
    minutes: Number(values.minutes),
    withFaults: !values['no-faults'],
    withStaleReads: values['stale-reads'],
    again: values.path === undefined ? undefined : { path: values.path, replay: values.replay },
  }
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-soak-'))
  const postgres = await startPostgres({ folder, port: 0 })
  try {
    const soaked = await soak(postgres.url, size, sentence => process.stderr.write(`${sentence}\n`))
    const { failures, ...figures } = soaked
    for (const failure of failures) process.stderr.write(`\n${failure}\n`)
    const inWords = `${figures.runs} runs, ${figures.commands} commands, ${figures.writes} writes, ${figures.vain} of them in vain, ${failures.length} failures, ${figures.seconds} s, seed ${size.seed}`
    process.stdout.write(`${values.json ? JSON.stringify({ ...figures, seed, failures: failures.length }) : inWords}\n`)
    return failures.length === 0 ? 0 : 1
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
