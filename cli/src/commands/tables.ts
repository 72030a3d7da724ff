/** `plumb tables` and `plumb table`: what our values are called in each system, what is missing, and saying it. */
import type {
  FactorAnswer,
  FactorRequest,
  MissingValue,
  RateAnswer,
  RateRequest,
  Table,
  Tables,
  WordAnswer,
  WordRequest,
} from '@plumbline/engine'
import { type Command, Option } from 'commander'
import { Admin } from '../admin.ts'
import { ago, table as columns, count, json, line, money, time } from '../print.ts'
import { type Asking, asking, byOption } from './options.ts'

export function addTableCommands(program: Command): void {
  asking(program.command('tables'), ['plumb tables', 'plumb tables --json'])
    .summary('list the value tables, those that lack something first')
    .description('Lists the value tables: who keeps each, what it lacks, and which records wait for that.')
    .action(tables)

  asking(program.command('table'), [
    "plumb table 'payment terms'",
    "plumb table 'payment terms' set 'net 45' sales 'Net 45' --by kim --why 'agreed with Acme'",
    "plumb table 'payment terms' set 'net 30' sales '30 days' --only read --by kim --why 'an old name'",
    "plumb table 'payment terms' remove 'net 30' sales '30 days' --by kim --why 'nobody uses it'",
    "plumb table 'exchange rates' rate USD EUR 2026-11-01 0.9213 --by kim --why 'monthly rates'",
  ])
    .summary('show a value table, or say what a value is called in a system')
    .description(
      'Shows a value table with its history; or sets or removes what one of our values is called in a system. What waits for it then goes on by itself.',
    )
    .argument('<table>', 'its name')
    .argument('[act]', 'set, remove, rate or factor')
    .argument('[value]', 'ours; of a rate the currency that is changed; of a factor the unit')
    .argument('[system]', 'in which system; of a rate the currency that it is changed into; of a factor the other unit')
    .argument(
      '[native]',
      'what it is called there; of a rate the day from which it is valid; of a factor how many it is',
    )
    .argument('[rate]', 'how much one unit is; of a factor the product that it holds for alone')
    .addOption(new Option('--only <way>', 'only read it as our value, or only write it').choices(['read', 'written']))
    .addOption(byOption('who says so'))
    .option('--why <reason>', 'why, for those who read the history')
    .option('--dry-run', 'say what it would let go, and change nothing')
    .action(table)
}

async function tables({ url, json: asJson }: Asking): Promise<void> {
  const found = await new Admin(url).get<Tables>('/api/tables')
  if (asJson) return json(found)
  if (found.tables.length === 0) return line('The project has no value table.')
  const rows = found.tables.map(one => [
    one.table,
    one.keptBy,
    String(one.values),
    one.missing.length === 0 ? 'nothing' : count(one.missing.length, 'value'),
    one.says,
  ])
  line(columns(['TABLE', 'KEPT BY', 'VALUES', 'LACKS', 'WHAT IT SAYS'], rows))
  for (const one of found.tables.flatMap(({ missing }) => missing)) line(`\n${missingWords(one)}`)
}

function missingWords({ table, reason, todo, since, records, onTheWay, worth, held }: MissingValue): string {
  const price = worth.length > 0 ? `, worth ${worth.map(money).join(' and ')}` : ''
  const going = onTheWay > 0 ? `, ${count(onTheWay, 'other')} on the way` : ''
  return [
    `${table}: ${reason}; ${count(records, 'record')} ${records === 1 ? 'waits' : 'wait'}${price}${going}, since ${ago(since)}`,
    ...held.map(one => `  ${one.title}${one.worth ? `, ${money(one.worth)}` : ''}${one.waits ? '' : ' (on the way)'}`),
    ...(records > held.length ? ['  …'] : []),
    `  to do: ${todo}.`,
  ].join('\n')
}

type Saying = Asking & { only?: 'read' | 'written'; by?: string; why?: string; dryRun?: boolean }

async function table(
  name: string,
  act: string | undefined,
  value: string | undefined,
  system: string | undefined,
  native: string | undefined,
  rate: string | undefined,
  { url, json: asJson, only, by, why, dryRun }: Saying,
  command: Command,
): Promise<void> {
  const admin = new Admin(url)
  const path = `/api/tables/${encodeURIComponent(name)}`
  if (act === undefined) {
    const found = await admin.get<Table>(path)
    return asJson ? json(found) : line(tableWords(found))
  }
  if (act !== 'set' && act !== 'remove' && act !== 'rate' && act !== 'factor')
    return command.error('error: a value is "set" or "remove"d, or has a "rate" or a "factor"', { exitCode: 2 })
  if (value === undefined || system === undefined || native === undefined)
    return command.error(`error: say what to ${act}: <our value> <system> <its value>`, { exitCode: 2 })
  if (!by) return command.error('error: say who says so, with --by <name>', { exitCode: 2 })
  if (!why) return command.error('error: say why, with --why <reason>', { exitCode: 2 })
  if (act === 'rate') {
    if (rate === undefined)
      return command.error('error: say how much one unit is: <from> <to> <day> <rate>', { exitCode: 2 })
    const body: RateRequest = { from: value, to: system, since: native, rate, by, why, dryRun: dryRun === true }
    const answer = await admin.put<RateAnswer>(`${path}/rates`, body)
    return asJson ? json(answer) : line(rateWords(answer))
  }
  if (act === 'factor') {
    const body: FactorRequest = {
      ...{ unit: value, of: system, is: native, by, why, dryRun: dryRun === true },
      ...(rate !== undefined && { thing: rate }),
    }
    const answer = await admin.put<FactorAnswer>(`${path}/factors`, body)
    return asJson ? json(answer) : line(factorWords(answer))
  }
  const used = act === 'remove' ? 'none' : (only ?? 'both')
  const request: WordRequest = { value, system, native, used, by, why, dryRun: dryRun === true }
  const answer = await admin.put<WordAnswer>(`${path}/words`, request)
  return asJson ? json(answer) : line(answerWords(answer))
}

function tableWords({ table, keptBy, says, systems, entries, rates, factors, missing, history }: Table): string {
  const names = systems.map(one => one.system)
  const rows = entries.map(entry => [entry.value, ...names.map(name => wordsOf(entry.in[name] ?? []))])
  const uses = systems.map(one => `${one.system}: ${one.fields.join(', ') || 'no mapping uses it'}`)
  const past = history.map(
    one =>
      `  ${time(one.at)}  ${one.by}: ${one.value} in ${one.system}: ${wordsOf(one.was) || 'nothing'} → ${wordsOf(one.is) || 'nothing'}  (${one.why})`,
  )
  return [
    `${table}, kept by ${keptBy}: ${says}`,
    ...uses,
    '',
    rates === null
      ? columns(['OUR VALUE', ...names.map(name => name.toUpperCase())], rows)
      : columns(
          ['FROM', 'TO', 'SINCE', 'RATE'],
          rates.map(one => [one.from, one.to, one.since, one.rate]),
        ),
    ...(factors ?? []).map(
      one => `One ${one.unit}${one.thing === undefined ? '' : ` of ${one.thing}`} is ${one.is} ${one.of}`,
    ),
    ...missing.map(one => `\n${missingWords(one)}`),
    ...(past.length > 0 ? ['', 'History, the latest first:', ...past] : []),
  ].join('\n')
}

const wordsOf = (words: Table['entries'][number]['in'][string]): string =>
  words.map(({ native, used }) => (used === 'both' ? native : `${native} (only ${used})`)).join(', ')

function rateWords({ from, to, since, rate, was, dryRun, releases }: RateAnswer): string {
  const said = `One ${from}${dryRun ? ' would be' : ' is'} ${rate} ${to} since ${since} (before: ${was ?? 'nothing'}).`
  const { records } = releases
  return records === 0 ? said : `${said}\n${dryRun ? 'It would let go' : 'It lets go'} ${count(records, 'record')}.`
}

function factorWords({ unit, of, is, thing, was, dryRun, releases }: FactorAnswer): string {
  const whole = thing === undefined ? '' : ` of ${thing}`
  const said = `One ${unit}${whole}${dryRun ? ' would be' : ' is'} ${is} ${of} (before: ${was ?? 'nothing'}).`
  const { records } = releases
  return records === 0 ? said : `${said}\n${dryRun ? 'It would let go' : 'It lets go'} ${count(records, 'record')}.`
}

function answerWords({ value, system, was, is, dryRun, releases, stillUnknownIn }: WordAnswer): string {
  const { records, journeys, worth } = releases
  const going = [
    count(records, 'record'),
    ...(journeys > 0 ? [count(journeys, 'journey')] : []),
    ...(worth.length > 0 ? [`worth ${worth.map(money).join(' and ')}`] : []),
  ].join(', ')
  return [
    `"${value}" in ${system}${dryRun ? ' would be' : ' is'}: ${wordsOf(is) || 'nothing'} (before: ${wordsOf(was) || 'nothing'}).`,
    ...(records > 0 ? [`${dryRun ? 'It would let go' : 'It lets go'} ${going}.`] : []),
    ...(stillUnknownIn.length > 0 ? [`There is no word for it yet in ${stillUnknownIn.join(', ')}.`] : []),
  ].join('\n')
}
