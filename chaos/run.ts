// npm run chaos -- --list | <campaign> | planted   [--seed N] [--quotes N] [--short] [--json]
// Progress goes to stderr; with --json the last line on stdout is the outcome. The exit code is 0 only when all holds.
import { parseArgs } from 'node:util'
import { missingTryton } from '@plumbline/sandbox-tryton'
import { runCampaign } from './campaign.ts'
import { campaigns } from './campaigns.ts'
import { runPlanted } from './planted.ts'
import { runTrytonCampaign, trytonCampaign } from './tryton/campaign.ts'

const help = `Breaks things on purpose and checks, in the systems' own journals, that nothing is lost, doubled or stale.

  npm run chaos -- --list                      the campaigns
  npm run chaos -- <campaign> [options]        one of them, in full
  npm run chaos -- planted [<bug> …]           bugs planted in the engine: each must be caught

  --short        the short form, as in the tests
  --seed <n>     what is random repeats with it (default 1)
  --quotes <n>   how many quotes are accepted
  --keep         leave journals, logs and the database in their temporary folder
  --json         the outcome as JSON, in the last line of stdout`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    quotes: { type: 'string' },
  },
})
const began = performance.now()
process.exit(await main())

async function main(): Promise<number> {
  const [name, ...rest] = positionals
  if (values.list) return list()
  if (values.help || name === undefined) return tell(help, values.help ? 0 : 2)
  const seed = wholeNumber('--seed', values.seed)
  if (name === 'planted') {
    const { ok, ...outcome } = await runPlanted(rest, seed, say)
    return print({ ...outcome }, ok)
  }
  const quotes = values.quotes === undefined ? undefined : wholeNumber('--quotes', values.quotes)
  const options = { seed, isShort: values.short, quotes, keep: values.keep, say }
  const missing = name === trytonCampaign.name ? missingTryton() : undefined
  if (missing) return tell(`Tryton is not installed here. As root: ${missing}`, 2)
  const campaign = campaigns.find(campaign => campaign.name === name)
  if (!campaign && name !== trytonCampaign.name)
    return tell(`There is no campaign "${name}"; there are ${[...names(), 'planted'].join(', ')}.`, 2)
  const { ok, ...outcome } = await (campaign ? runCampaign(campaign, options) : runTrytonCampaign(options))
  return print(outcome, ok)
}

function everyCampaign() {
  return [...campaigns, trytonCampaign]
}
function names(): string[] {
  return everyCampaign().map(campaign => campaign.name)
}

function list(): number {
  if (values.json) console.log(JSON.stringify([...names(), 'planted']))
  else for (const { name, says } of everyCampaign()) console.log(`${name.padEnd(14)} ${says}`)
  if (!values.json) console.log(`${'planted'.padEnd(14)} bugs planted in the engine: each must be caught`)
  return 0
}

function print(outcome: Record<string, unknown>, ok: boolean): number {
  if (values.json) console.log(JSON.stringify(outcome))
  else for (const [name, value] of Object.entries(outcome)) console.log(`${name.padEnd(20)} ${value}`)
  if (!values.json) console.log(ok ? 'All holds.' : 'It does NOT hold; see above.')
  return ok ? 0 : 1
}

function tell(text: string, code: number): number {
  ;(code === 0 ? process.stdout : process.stderr).write(`${text}\n`)
  return code
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  process.stderr.write(`${option} must be a whole number, not "${text}".\n`)
  process.exit(2)
}

function say(sentence: string): void {
  process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${sentence}\n`)
}
