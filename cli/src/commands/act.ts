/** The commands with which people act: tasks, answers, retries. */
import { userInfo } from 'node:os'
import type { Answered, Released, RetryRequest, Systems, Tasks } from '@plumbline/engine'
import type { Command } from 'commander'
import { Admin } from '../admin.ts'
import { ago, count, json, line } from '../print.ts'
import { type Asking, asking, wholeNumber } from './options.ts'

export function addActingCommands(program: Command): void {
  asking(program.command('tasks'), ['plumb tasks', "plumb tasks --desk 'credit desk' --json"])
    .summary('list the questions that wait for a person')
    .description('Lists the questions that wait for a person, the oldest first.')
    .option('--desk <name>', 'only those of a desk')
    .option('--limit <count>', 'at most so many', wholeNumber, 100)
    .action(tasks)

  asking(program.command('answer'), ['plumb answer t-3kx9… yes --by kim'])
    .summary('answer a question')
    .description('Answers a question; the journey that asked goes on.')
    .argument('<task>', 'as plumb tasks shows it')
    .argument('<answer>', 'one of the answers that it allows')
    .option('--by <name>', 'who answers', userName())
    .action(answer)

  asking(program.command('retry'), [
    'plumb retry 00000012        everything of this quote, its order, its invoices',
    'plumb retry s4 --dry-run    what would be released of a system',
    'plumb retry all',
  ])
    .summary('try again what was held back')
    .description('Releases what was parked, stuck or put off: of a journey or number, of a system, or all.')
    .argument('<what>', 'a journey, a number, a system, or "all"')
    .option('--dry-run', 'only say what would be released')
    .action(retry)
}

/** Without one, who it was must be said. */
function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

async function tasks({ url, json: asJson, desk, limit }: Asking & { desk?: string; limit: number }): Promise<void> {
  const found = await new Admin(url).get<Tasks>('/api/tasks', { desk, limit })
  if (asJson) return json(found)
  if (found.tasks.length === 0) return line('Nothing waits for a person.')
  for (const task of found.tasks) {
    const due = task.dueAt ? `, ${task.late ? 'was due' : 'due'} ${ago(task.dueAt)}` : ''
    line(`${task.task}  ${task.desk}: ${task.question}`)
    line(`  ${task.title}, asked ${ago(task.askedAt)}${due}; answers: ${task.answers.join(', ')}`)
    for (const [name, value] of Object.entries(task.facts)) line(`  ${name}: ${factWords(value)}`)
  }
}

function factWords(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value) {
    return `${String(value.amount)} ${String(value.currency)}`
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function answer(
  task: string,
  given: string,
  { url, json: asJson, by }: Asking & { by?: string },
  command: Command,
): Promise<void> {
  if (!by) command.error('error: say who answers, with --by <name>', { exitCode: 2 })
  const answered = await new Admin(url).post<Answered>(`/api/tasks/${encodeURIComponent(task)}/answer`, {
    answer: given,
    by,
  })
  if (asJson) return json(answered)
  line(`Answered "${answered.answer}" by ${answered.by}: ${answered.question}`)
}

async function retry(what: string, { url, json: asJson, dryRun }: Asking & { dryRun?: boolean }): Promise<void> {
  const admin = new Admin(url)
  const released = await admin.post<Released>('/api/retry', { ...(await meant(admin, what)), dryRun: dryRun ?? false })
  if (asJson) return json(released)
  line(releasedWords(released))
}

async function meant(admin: Admin, what: string): Promise<RetryRequest> {
  if (what === 'all') return { all: true }
  const { systems } = await admin.get<Systems>('/api/systems')
  return systems.some(one => one.system === what) ? { system: what } : { journey: what }
}

function releasedWords({ dryRun, journeys, deliveries, changes, feeds, lanes }: Released): string {
  const parts = [
    count(journeys.length, 'journey'),
    count(deliveries.length, 'delivery', 'deliveries'),
    count(changes.length, 'change'),
    count(feeds.length, 'feed'),
    count(lanes.length, 'lane'),
  ].filter(part => !part.startsWith('0 '))
  if (parts.length === 0) return 'Nothing was held back.'
  return `${dryRun ? 'Would release' : 'Released'} ${parts.join(', ')}.`
}
