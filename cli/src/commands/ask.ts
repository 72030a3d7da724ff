/** `plumb ask`: puts a question to the system that answers it, such as what a product costs a customer. */
import type { AskedField, QuestionAnswered, QuestionLine, Questions } from '@plumbline/engine'
import type { Command } from 'commander'
import { Admin } from '../admin.ts'
import { ago, json, line, money, table } from '../print.ts'
import { type Asking, asking } from './options.ts'

export function addAskCommand(program: Command): void {
  asking(program.command('ask'), [
    'plumb ask                                            what can be asked, and with which options',
    'plumb ask price --customer 10100001 --product TG11 --quantity 100',
    'plumb ask price --customer sales:001… --product TG11 --quantity 5 --product TG12 --quantity 2',
    'plumb ask stock --product TG14 --quantity 8 --date 2026-12-01 --json',
    "plumb ask credit-check --customer 10100004 --amount '500.00 EUR'",
  ])
    .summary('ask a system now: a price, stock, credit')
    .description(
      'Puts a question to the system that answers it. A record is a number, a name, a ref, or system:id; the entries of a list are given one after the other.',
    )
    .argument('[question]', 'as plumb ask lists it')
    .argument('[fields...]', '--field value, as the question asks')
    .option('--fresh', 'take no answer that was given to somebody else before')
    .allowUnknownOption()
    .action(ask)
}

type Options = Asking & { fresh?: boolean }

async function ask(
  name: string | undefined,
  given: readonly string[],
  { url, json: asJson, fresh }: Options,
  command: Command,
): Promise<void> {
  const admin = new Admin(url)
  const { questions } = await admin.get<Questions>('/api/questions')
  if (name === undefined) return asJson ? json({ questions }) : line(listOf(questions))
  const question = questions.find(one => one.question === name || dashed(one.question) === name)
  const wrong = (sentence: string): never => command.error(`error: ${sentence}`, { exitCode: 2 })
  if (!question) return wrong(`nobody answers "${name}"; plumb ask lists what can be asked`)
  const body = bodyOf(question.asks, pairsOf(given, wrong), wrong)
  const path = `/api/questions/${encodeURIComponent(dashed(question.question))}${fresh ? '?fresh=true' : ''}`
  const answered = await admin.post<QuestionAnswered>(path, body)
  if (asJson) return json(answered)
  for (const text of answerLines(question.answers, answered.answer)) line(text)
  line(`\n${answered.system}, ${answered.cached ? `as of ${ago(answered.asOf)}` : `in ${answered.tookMs} ms`}`)
}

const dashed = (name: string): string => name.replaceAll(' ', '-')

// ---- what can be asked

function listOf(questions: readonly QuestionLine[]): string {
  if (questions.length === 0) return 'Nothing can be asked: no role of the project answers questions.'
  const rows = questions.map(one => [
    dashed(one.question),
    one.asks
      .flatMap(field => (field.fields ? field.fields.map(entry => `${optionOf(entry)} …`) : optionOf(field)))
      .join(' '),
    one.answers.map(field => field.label.toLowerCase()).join(', '),
  ])
  return table(['QUESTION', 'ASKED WITH', 'ANSWERS'], rows)
}

const optionOf = ({ name, optional }: AskedField): string => (optional ? `[--${name}]` : `--${name}`)

// ---- what is given

type Pair = readonly [name: string, value: string]
type Wrong = (sentence: string) => never

/** `--name value`, `--name=value`, and `--name` alone for yes. */
function pairsOf(given: readonly string[], wrong: Wrong): Pair[] {
  const pairs: Pair[] = []
  for (let at = 0; at < given.length; at++) {
    const [, name, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(given[at] ?? '') ?? []
    if (name === undefined) return wrong(`"${given[at]}" belongs to no option`)
    const next = given[at + 1]
    if (value !== undefined) pairs.push([name, value])
    else if (next === undefined || /^--[a-z]/.test(next)) pairs.push([name, 'yes'])
    else {
      pairs.push([name, next])
      at++
    }
  }
  return pairs
}

/** What the question asks goes to it, what the entries of its list ask to them: a name that comes again begins the next entry. */
function bodyOf(asks: readonly AskedField[], pairs: readonly Pair[], wrong: Wrong): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  const list = asks.find(field => field.fields)
  const entries: Record<string, unknown>[] = []
  for (const [name, value] of pairs) {
    const field = asks.find(one => one.name === name && !one.fields)
    const inner = list?.fields?.find(one => one.name === name)
    if (field) body[name] = valueIn(field, value, wrong)
    else if (inner) {
      const last = entries.at(-1)
      const entry = last && !(name in last) ? last : {}
      if (entry !== last) entries.push(entry)
      entry[name] = valueIn(inner, value, wrong)
    } else wrong(`the question has no --${name}; plumb ask lists what it has`)
  }
  return list && entries.length > 0 ? { ...body, [list.name]: entries } : body
}

function valueIn({ name, kind }: AskedField, value: string, wrong: Wrong): unknown {
  if (kind === 'count')
    return Number.isFinite(Number(value)) && value !== '' ? Number(value) : wrong(`--${name} is a number`)
  if (kind === 'yesNo') return ['yes', 'true'].includes(value)
  if (kind === 'money') {
    const [, amount, currency] = /^(-?\d+(?:\.\d+)?)\s*([A-Z]{3})$/.exec(value) ?? []
    return amount && currency ? { amount, currency } : wrong(`--${name} is money, as '500.00 EUR'`)
  }
  const [, system, id] = (kind === 'ref' && /^([a-z][\w-]*):(\S+)$/i.exec(value)) || []
  return system && id ? { system, id } : value
}

// ---- what was answered

function answerLines(fields: readonly AskedField[], answer: Readonly<Record<string, unknown>>): string[] {
  const given = fields.filter(({ name }) => answer[name] !== undefined && answer[name] !== null)
  const plain = given.filter(field => !field.fields)
  const width = Math.max(0, ...plain.map(({ label }) => label.length))
  return [
    ...plain.map(({ name, label }) => `${label.padEnd(width)}  ${words(answer[name])}`),
    ...given.filter(field => field.fields).flatMap(field => ['', tableOf(field, rowsIn(answer[field.name]))]),
  ]
}

function tableOf({ fields = [] }: AskedField, rows: readonly Readonly<Record<string, unknown>>[]): string {
  const shown = fields.filter(({ name }) => rows.some(row => row[name] !== undefined && row[name] !== null))
  return table(
    shown.map(({ label }) => label.toUpperCase()),
    rows.map(row => shown.map(({ name }) => words(row[name]))),
  )
}

const isRow = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const rowsIn = (value: unknown) => (Array.isArray(value) ? value.filter(isRow) : [])

function words(value: unknown): string {
  if (isRow(value) && typeof value.amount === 'string' && typeof value.currency === 'string')
    return money({ amount: value.amount, currency: value.currency })
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === undefined || value === null) return '-'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
