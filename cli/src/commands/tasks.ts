/** The commands about people's tasks: what waits for whom, and the answer. */
import type { Answered, TaskLine, Tasks } from '@plumbline/engine'
import { type Command, Option } from 'commander'
import { Admin } from '../admin.ts'
import { ago, count, json, line, money, time } from '../print.ts'
import { type Asking, asking, byOption, wholeNumber } from './options.ts'

export function addTaskCommands(program: Command): void {
  asking(program.command('tasks'), [
    'plumb tasks',
    "plumb tasks --desk 'credit desk' --json",
    'plumb tasks --journey 00000012',
    'plumb tasks --state answered --limit 20',
  ])
    .summary('list the questions that wait for a person')
    .description(
      'Lists the questions that wait for a person, the oldest first; or those that were answered, the newest first.',
    )
    .addOption(new Option('--state <state>', 'which').choices(['open', 'answered', 'all']).default('open'))
    .option('--desk <name>', 'only those of a desk, with those that have gone on to it')
    .option('--journey <id-or-number>', 'only those of a journey or record, or of what has this number or name')
    .option('--limit <count>', 'at most so many', wholeNumber, 100)
    .option('--after <cursor>', 'the next page: "next" of the page before')
    .action(tasks)

  asking(program.command('answer'), [
    'plumb answer t-3kx9… yes --by kim',
    "plumb answer t-3kx9… no --by kim --comment 'asked the customer to pay first'",
  ])
    .summary('answer a question')
    .description('Answers a question; the journey that asked goes on at once.')
    .argument('<task>', 'as plumb tasks shows it')
    .argument('<answer>', 'one of the answers that it allows')
    .addOption(byOption('who answers'))
    .option('--comment <text>', 'why, for those who read the story')
    .action(answer)
}

type TasksOptions = Asking & { state: string; desk?: string; journey?: string; limit: number; after?: string }

async function tasks({ url, json: asJson, ...filter }: TasksOptions): Promise<void> {
  const found = await new Admin(url).get<Tasks>('/api/tasks', filter)
  if (asJson) return json(found)
  if (found.tasks.length === 0) return line(filter.state === 'open' ? 'Nothing waits for a person.' : 'There is none.')
  if (filter.state === 'open' && !filter.desk && found.desks.length > 1)
    line(`${found.desks.map(deskWords).join('; ')}\n`)
  for (const task of found.tasks) line(taskWords(task))
  if (found.next) line(`\nMore: --after ${found.next}`)
}

const deskWords = ({ desk, open, late }: Tasks['desks'][number]): string =>
  `${desk}: ${open} open${late > 0 ? `, ${late} late` : ''}`

function taskWords(task: TaskLine): string {
  const worth = task.worth ? `, worth ${money(task.worth)}` : ''
  return [
    `${task.task}  ${task.desk}: ${task.question}`,
    `  ${task.title}${worth}, asked ${ago(task.askedAt)}${whenWords(task)}`,
    ...Object.entries(task.facts).flatMap(([name, value]) => factLines(name, value)),
  ].join('\n')
}

function whenWords(task: TaskLine): string {
  if (task.answer !== null) return `; ${answerWords(task)}`
  if (task.withdrawnAt)
    return `; withdrawn ${time(task.withdrawnAt)}: ${task.journey ? 'the journey ended' : 'it was decided otherwise'} before anybody answered`
  const due = task.dueAt ? `, ${task.late ? 'was due' : 'due'} ${ago(task.dueAt)}` : ''
  const further = task.escalatedAt
    ? `, also to the ${task.escalatesTo} since ${time(task.escalatedAt)}`
    : task.escalatesAt
      ? `, to the ${task.escalatesTo} ${ago(task.escalatesAt)}`
      : ''
  return `${due}${further}; answers: ${task.answers.join(', ')}`
}

function answerWords({ answer, answeredBy, answeredAt, comment, wish }: TaskLine): string {
  const who = answeredBy ? `by ${answeredBy}` : 'by nobody in time'
  return `"${answer}" ${who}${answeredAt ? ` at ${time(answeredAt)}` : ''}${comment ? `: ${comment}` : ''}${wish ? `; it was ${wish.became}${wish.reason ? `: ${wish.reason}` : ''}` : ''}`
}

/** A list of things is told thing by thing. */
function factLines(name: string, value: unknown): string[] {
  const entries = Array.isArray(value) ? value.filter(one => typeof one === 'object' && one !== null) : []
  if (!Array.isArray(value) || entries.length === 0 || entries.length < value.length)
    return [`  ${name}: ${factWords(value)}`]
  const words = entries.map(entry => Object.entries(entry).map(([part, one]) => `${part} ${factWords(one)}`))
  return [`  ${name}:`, ...words.map(parts => `    ${parts.join(', ')}`)]
}

function factWords(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value) {
    return money({ amount: String(value.amount), currency: String(value.currency) })
  }
  if (Array.isArray(value)) return count(value.length, 'entry', 'entries')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function answer(
  task: string,
  given: string,
  { url, json: asJson, by, comment }: Asking & { by?: string; comment?: string },
  command: Command,
): Promise<void> {
  if (!by) command.error('error: say who answers, with --by <name>', { exitCode: 2 })
  const answered = await new Admin(url).post<Answered>(`/api/tasks/${encodeURIComponent(task)}/answer`, {
    answer: given,
    by,
    ...(comment !== undefined && { comment }),
  })
  if (asJson) return json(answered)
  line(`Answered "${answered.answer}" by ${answered.by}: ${answered.question}`)
}
