// npm run bench -- [bookings] [latency] [sync] [waiting] [explain] [tryton] [limits] [--quick] [--times n] [--json] [--list]
// Progress goes to stderr; with --json the report is the last line of stdout.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { missingTryton } from '@plumbline/sandbox-tryton'
import { closeWhenStopped } from './ending.ts'
import { isMeasurement, type Measurement, measure, measurements } from './measure.ts'
import { tableOf } from './table.ts'

const help = `Measures, with real processes, beside what this machine can do at most in the same run.

  npm run bench                       everything, half an hour
  npm run bench -- <name> …           only these: ${Object.keys(measurements).join(', ')}
  npm run bench -- --list             what each one measures

  --quick    short and rough
  --times n  how often bookings and sync are measured; the median counts (3)
  --json     the report as JSON, in the last line of stdout`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    times: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const began = performance.now()
process.exit(await main())

async function main(): Promise<number> {
  if (values.help) return tell(help, 0)
  if (values.list) return list()
  const unknown = positionals.filter(name => !isMeasurement(name))
  if (unknown.length > 0)
    return tell(`There is no "${unknown[0]}" to measure; there are ${Object.keys(measurements).join(', ')}.`, 2)
  if (!existsSync('/proc/self/stat')) return tell('CPU is read from /proc: the bench needs Linux.', 1)
  const missing = missingTryton()
  if (missing && positionals.includes('tryton')) return tell(`Tryton is not installed here. As root: ${missing}`, 2)
  const all = Object.keys(measurements).filter(name => name !== 'tryton' || !missing)
  const chosen = positionals.length > 0 ? positionals : all
  const times = values.times === undefined ? undefined : Number(values.times)
  if (times !== undefined && !(times >= 1 && times <= 9)) return tell('--times is a number from 1 to 9.', 2)
  closeWhenStopped()
  const report = await measure(new Set<Measurement>(chosen.filter(isMeasurement)), { quick: values.quick, times }, say)
  console.log(values.json ? JSON.stringify(report) : tableOf(report))
  return 0
}

function list(): number {
  if (values.json) console.log(JSON.stringify(Object.keys(measurements)))
  else for (const [name, says] of Object.entries(measurements)) console.log(`${name.padEnd(10)} ${says}`)
  return 0
}

function tell(text: string, code: number): number {
  ;(code === 0 ? process.stdout : process.stderr).write(`${text}\n`)
  return code
}

function say(sentence: string): void {
  process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${sentence}\n`)
}
