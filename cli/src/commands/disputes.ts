/** `plumb disputes`: what was edited by those who do not own it, and what became of it. */
import type { DisputeCounts, DisputePage } from '@plumbline/engine'
import { type Command, Option } from 'commander'
import { Admin } from '../admin.ts'
import { json, line, table, time } from '../print.ts'
import { type Asking, asking, wholeNumber } from './options.ts'

export function addDisputesCommand(program: Command): void {
  asking(program.command('disputes'), [
    'plumb disputes',
    'plumb disputes --about 17',
    'plumb disputes --contract order --field quantity --system sales',
    'plumb disputes --by user',
    'plumb disputes --by field --days 7 --json',
  ])
    .summary('list edits of fields that somebody else owns')
    .description(
      'Lists what people edited in a system whose role does not own the field, the newest first: what they wanted, what stands, and what became of it. With --by it is counted.',
    )
    .option('--about <id-or-number>', 'only of the record that has this number or name')
    .option('--contract <contract>', 'only of records of this contract')
    .option('--field <field>', 'only of this field')
    .option('--system <system>', 'only those made in this system')
    .option('--user <name>', 'only those made by this person, as the system names them')
    .addOption(new Option('--by <what>', 'count them by person and field, or by field').choices(['user', 'field']))
    .option('--days <count>', 'when they are counted: of so many days', wholeNumber, 30)
    .option('--limit <count>', 'at most so many', wholeNumber, 100)
    .option('--after <cursor>', 'the next page: "next" of the page before')
    .action(disputes)
}

type Options = Asking & {
  about?: string
  contract?: string
  field?: string
  system?: string
  user?: string
  by?: string
  days: number
  limit: number
  after?: string
}

async function disputes(options: Options): Promise<void> {
  const { url, json: asJson, about, contract, field, system, user, by, days, limit, after } = options
  const admin = new Admin(url)
  if (by !== undefined) {
    const found = await admin.get<DisputeCounts>('/api/disputes/counts', { by, days, limit })
    return asJson ? json(found) : line(counts(found, by === 'user'))
  }
  const found = await admin.get<DisputePage>('/api/disputes', {
    about,
    contract,
    field,
    system,
    by: user,
    limit,
    after,
  })
  if (asJson) return json(found)
  if (found.disputes.length === 0) return line('Nobody edited what is not theirs.')
  for (const one of found.disputes) line(words(one))
  if (found.next) line(`\nMore: --after ${found.next}`)
}

function words({
  editedAt,
  by,
  system,
  says,
  became,
  reason,
  decidedBy,
  task,
  answers,
}: DisputePage['disputes'][number]): string {
  const end = `${became}${decidedBy ? ` by ${decidedBy}` : ''}${reason ? `: ${reason}` : ''}`
  return [
    `${time(editedAt)}  ${by ?? 'somebody'} in ${system}: ${says}`,
    `  ${end}${task && became === 'asked' ? ` (plumb answer ${task} ${answers?.join('|')})` : ''}`,
  ].join('\n')
}

function counts({ counts: all }: DisputeCounts, byUser: boolean): string {
  if (all.length === 0) return 'Nobody edited what is not theirs.'
  const heads = [...(byUser ? ['who'] : []), 'in', 'field', 'times', 'became', 'last']
  const rows = all.map(({ by, system, contract, label, count, became, last }) => [
    ...(byUser ? [by ?? 'not told'] : []),
    system,
    `${contract}: ${label}`,
    String(count),
    Object.entries(became)
      .map(([what, times]) => `${times} ${what}`)
      .join(', '),
    time(last),
  ])
  return table(heads, rows)
}
