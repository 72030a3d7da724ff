/** `plumb explain`: why a field has its value; without a field all fields of a record, one line each. */
import type { FieldExplained, FieldsExplained } from '@plumbline/engine'
import type { Command } from 'commander'
import { Admin } from '../admin.ts'
import { json, line, table, time } from '../print.ts'
import { type Asking, asking, wholeNumber } from './options.ts'

export function addExplainCommand(program: Command): void {
  asking(program.command('explain'), [
    'plumb explain order 17                    all its fields, one line each',
    'plumb explain order 17 total',
    'plumb explain quote 00000012 lines.1.quantity',
    "plumb explain customer 'Nordwind AG' name --json",
  ])
    .summary('tell why a field has its value')
    .description(
      'Tells why a field has its value: who changed it where and when, what it replaced, what each system holds of it now, and who else wanted what.',
    )
    .argument('<contract>', 'what it is: order, customer, …')
    .argument('<number>', 'a number or name of the record, its ref, or its id in a system')
    .argument('[field]', 'a field; of a line lines.<line>.<field>, the line by its place or its key')
    .option('--former <count>', 'show at most so many former values', wholeNumber, 10)
    .option('--before <version>', 'former values from there on: "next" of the page before', wholeNumber)
    .action(explain)
}

type Options = Asking & { readonly former: number; readonly before?: number }

async function explain(
  contract: string,
  number: string,
  field: string | undefined,
  { url, json: asJson, former, before }: Options,
): Promise<void> {
  const admin = new Admin(url)
  const asked = `/api/explain/${encodeURIComponent(contract)}/${encodeURIComponent(number)}`
  if (field === undefined) {
    const all = await admin.get<FieldsExplained>(asked)
    return asJson ? json(all) : line(fieldsWords(all))
  }
  const one = await admin.get<FieldExplained>(`${asked}/${encodeURIComponent(field)}`, { limit: former, before })
  if (asJson) return json(one)
  line(fieldWords(one))
}

function fieldsWords({ record, fields }: FieldsExplained): string {
  const rows = fields.map(one => [one.field, one.words, one.owner.role ?? '-', one.because])
  return `${record.title} (${record.ref})\n\n${table(['FIELD', 'VALUE', 'OWNER', 'BECAUSE'], rows)}`
}

function fieldWords(one: FieldExplained): string {
  return [
    one.sentence,
    '',
    ...wayWords(one),
    ...section('what it replaced', replacedRows(one)),
    ...section('in the systems', heldRows(one)),
    ...section('who else wanted what', proposedRows(one)),
  ].join('\n')
}

/** The facts behind the sentence, each where there is one. */
function wayWords({ record, field, owner, origin }: FieldExplained): string[] {
  const native = origin
    ? Object.entries(origin.native).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    : []
  const from = origin?.from
  const facts: readonly (readonly [string, string | null | undefined | false])[] = [
    ['record', `${record.title} (${record.ref}), version ${origin?.version ?? record.version}`],
    ['field', field],
    ['owner', `${owner.rule}${owner.role ? ` (now ${[owner.role, ...owner.systems].join(', ')})` : ''}`],
    ['came from', origin?.system && `${origin.system}, ${origin.object} ${origin.nativeId}`],
    ['as it had it', native.join(', ')],
    ['rule', origin?.rule?.words],
    ['changed', origin?.changedAt && `${time(origin.changedAt)}${origin.by ? ` by ${origin.by}` : ''}`],
    ['heard', origin?.change && `${time(origin.change.heardAt)}, change ${origin.change.id}`],
    ['journey', origin?.journey && `${origin.journey.journey}, ${origin.journey.workflow}: ${origin.journey.step}`],
    [
      'taken from',
      from && `${from.title}${from.field ? `: plumb explain ${from.contract} ${from.ref} ${from.field}` : ''}`,
    ],
    ['build', origin?.build && `${origin.build.build} (${origin.build.hash}), since ${time(origin.build.since)}`],
  ]
  return facts.flatMap(([name, says]) => (says ? [`${name.padEnd(13)} ${says}`] : []))
}

const section = (title: string, rows: readonly (readonly string[])[]): string[] => {
  const [heads = [], ...rest] = rows
  return rest.length === 0 ? [] : ['', `${title}:`, table(heads, rest)]
}

function replacedRows({ replaced }: FieldExplained): string[][] {
  const rows = replaced.values.map(one => [one.words, one.because])
  const more = replaced.next === null ? [] : [['…', `older ones: --before ${replaced.next}`]]
  return [['VALUE', 'BECAUSE'], ...rows, ...more]
}

function heldRows({ held }: FieldExplained): string[][] {
  const rows = held.map(one => [
    one.system,
    one.state === 'not kept' || one.state === 'not there' ? '-' : one.words,
    one.reason ? `${one.state}: ${one.reason}` : one.state,
    one.toldAt === null ? '-' : time(one.toldAt),
    one.confirmedAt === null ? '-' : time(one.confirmedAt),
  ])
  return [['SYSTEM', 'HOLDS', 'STATE', 'TOLD', 'CONFIRMED'], ...rows]
}

function proposedRows({ proposed }: FieldExplained): string[][] {
  const rows = proposed.map(one => [
    one.words,
    one.insteadWords,
    `${one.by ?? 'somebody'} in ${one.system}`,
    time(one.at),
    [one.became, one.decidedBy && `by ${one.decidedBy}`, one.reason].filter(Boolean).join(', '),
  ])
  return [['WANTED', 'INSTEAD OF', 'WHO', 'WHEN', 'WHAT BECAME OF IT'], ...rows]
}
