// npm run soak -- [--runs n] [--commands n] [--seed n] [--no-faults] [--json]
import { parseArgs } from 'node:util'
import { soak } from './soak.ts'

const help = `Random edits in three systems by several users, with lost answers, late writes and events in disorder; after each run every
system must hold exactly what ownership says, no owner's edit may be lost, and no write of ours may change nothing.

  npm run soak                      10,000 runs of 50 commands
  npm run soak -- --runs 100        fewer

  --runs <n>      how many runs, each with a record of its own
  --commands <n>  how many commands a run has on average
  --seed <n>      what is random repeats with it (default 1); when something happens does not
  --no-faults     nothing goes wrong
  --json          the outcome as JSON, in the last line of stdout`

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    commands: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    'no-faults': { type: 'boolean', default: false },
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
  const [runs, commands, seed] = [values.runs, values.commands, values.seed].map(Number)
  if (![runs, commands, seed].every(one => Number.isInteger(one) && Number(one) > 0)) {
    process.stderr.write(`--runs, --commands and --seed are whole numbers from 1 on.\n`)
    return 2
  }
  const size = { runs: Number(runs), commands: Number(commands), seed: Number(seed), withFaults: !values['no-faults'] }
  const outcome = await soak(size, sentence => process.stderr.write(`${sentence}\n`))
  const { failures, ...figures } = outcome
  for (const failure of failures) process.stderr.write(`\n${failure}\n`)
  const inWords = `${figures.ran} runs, ${figures.ranCommands} commands, ${figures.echo} echo writes, ${failures.length} failures, ${figures.seconds} s, seed ${figures.seed}`
  process.stdout.write(`${values.json ? JSON.stringify({ ...figures, failures: failures.length }) : inWords}\n`)
  return failures.length === 0 && figures.echo === 0 ? 0 : 1
}
