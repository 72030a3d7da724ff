// Problems by their cause: what one act or one recovery mends is one thing, however many records meet it.
import type { Amount, Problems } from '../../api/types.ts'
import { compare, sumOf } from '../../words/amounts.ts'

export type Problem = Problems['problems'][number]

export type Cause = {
  readonly key: string
  /** What is wrong, in a few words. */
  readonly title: string
  /** As the systems say it. */
  readonly reason: string
  readonly todo: string | null
  /** A person has to act, or time does. */
  readonly needs: 'person' | 'time'
  readonly system: string | null
  readonly since: string
  readonly problems: readonly Problem[]
  /** The journeys that stand still because of it, what they are worth, and how many records follow by themselves. */
  readonly journeys: number
  readonly worth: readonly Amount[]
  readonly holdsBack: number
}

/** Those that need a person first, then by what they are worth. */
export function causesOf(problems: readonly Problem[], systems: readonly string[]): Cause[] {
  const away = awayOf(problems)
  const groups = Map.groupBy(problems, problem => {
    const system = awaits(problem, away, systems)
    return system === undefined ? JSON.stringify([problem.kind, problem.system, problem.state, problem.reason]) : system
  })
  return [...groups.entries()]
    .map(([key, group]) => causeOf(key, group, away.get(key)))
    .sort((a, b) => rank(a) - rank(b) || compare(largest(b), largest(a)) || a.since.localeCompare(b.since))
}

/** What time alone does not mend. */
const NEEDS_A_PERSON: readonly string[] = ['parked', 'stuck', 'paused', 'missing', 'fought over']

const rank = ({ needs }: Cause): number => (needs === 'person' ? 0 : 1)
const largest = ({ worth }: Cause): string => worth[0]?.amount ?? '0'

/** The systems that are paused, do not answer or are not heard, with the problem that says so best. */
function awayOf(problems: readonly Problem[]): Map<string, Problem> {
  const away = new Map<string, Problem>()
  for (const problem of problems) {
    if ((problem.kind !== 'lane' && problem.kind !== 'feed') || problem.system === null) continue
    if (problem.kind === 'lane' || !away.has(problem.system)) away.set(problem.system, problem)
  }
  return away
}

/** Which absent system this problem is only a sign of; what a person must mend stands for itself. */
function awaits(problem: Problem, away: ReadonlyMap<string, Problem>, systems: readonly string[]): string | undefined {
  const { kind, system, state, reason } = problem
  if (state === 'parked' || state === 'stuck' || state === 'missing') return undefined
  if (kind === 'lane' || kind === 'feed') return system ?? undefined
  // A journey names the system it asked at the beginning of its reason.
  const asked = system ?? systems.find(name => reason.startsWith(`${name} `))
  return asked !== undefined && away.has(asked) ? asked : undefined
}

function causeOf(key: string, problems: readonly Problem[], away: Problem | undefined): Cause {
  const first = away ?? problems[0]
  if (!first) throw new Error('A cause has at least one problem')
  return {
    key,
    title: titleOf(first, problems),
    reason: first.reason,
    todo: first.todo,
    needs: NEEDS_A_PERSON.includes(first.state) ? 'person' : 'time',
    system: first.system,
    since: problems.map(one => one.since).sort()[0] ?? first.since,
    problems: problems.filter(one => one.kind !== 'lane' && one.kind !== 'feed'),
    journeys: problems.reduce((sum, one) => sum + one.blocks.journeys, 0),
    worth: sumOf(problems.flatMap(one => one.blocks.worth)),
    holdsBack: problems.reduce((sum, one) => sum + one.holdsBack, 0),
  }
}

function titleOf({ kind, system, state, what }: Problem, problems: readonly Problem[]): string {
  if (kind === 'lane') return state === 'paused' ? `Calls to ${system} are paused` : `${system} does not answer`
  // Where calls fail too, it is more than its changes that do not arrive.
  if (kind === 'feed') return problems.length > 1 ? `${system} does not answer` : `${system} cannot be heard`
  return problems.length === 1 ? what : `${what} and ${problems.length - 1} more`
}
