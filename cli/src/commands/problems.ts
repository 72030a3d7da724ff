/** `plumb problems`: everything that is not well. */
import type { Problems } from '@plumbline/engine'
import type { Command } from 'commander'
import { Admin } from '../admin.ts'
import { ago, count, json, line } from '../print.ts'
import { type Asking, asking, wholeNumber } from './options.ts'

export function addProblemsCommand(program: Command): void {
  asking(program.command('problems'), ['plumb problems', 'plumb problems --json'])
    .summary('list everything that is not well')
    .description('Lists everything that is not well: reason, which record, since when, and what to do.')
    .option('--limit <count>', 'at most so many of each kind', wholeNumber, 100)
    .action(problems)
}

async function problems({ url, json: asJson, limit }: Asking & { limit: number }): Promise<void> {
  const found = await new Admin(url).get<Problems>('/api/problems', { limit })
  if (asJson) return json(found)
  if (found.problems.length === 0) return line('All is well.')
  for (const group of sameCause(found.problems)) line(problemWords(group))
  const all = Object.values(found.counts).reduce((sum, n) => sum + n, 0)
  if (all > found.problems.length) line(`\n${all - found.problems.length} more: --limit shows them.`)
}

type Problem = Problems['problems'][number]

/** One thing wrong in a system is one thing to mend, however many records meet it. */
const sameCause = (problems: readonly Problem[]): Problem[][] => [
  ...Map.groupBy(problems, one => JSON.stringify([one.kind, one.system, one.state, one.reason])).values(),
]

function problemWords(group: readonly Problem[]): string {
  const [first, ...others] = group
  if (!first) return ''
  const { what, state, since, tries, reason, todo } = first
  const more =
    others.length > 0
      ? ` and ${others.length} more: ${others
          .slice(0, 3)
          .map(one => one.what)
          .join(', ')}${others.length > 3 ? ' …' : ''}`
      : ''
  const heldBack = group.reduce((sum, one) => sum + one.holdsBack, 0)
  return [
    `${what}${more} (${state}, ${ago(since)}${tries ? `, ${count(tries, 'try', 'tries')}` : ''})`,
    `  ${reason}`,
    ...(heldBack > 0 ? [`  holds back ${count(heldBack, 'other')}, which go on by themselves after it`] : []),
    ...(todo ? [`  to do: ${todo}`] : []),
  ].join('\n')
}
