// What can be chosen, in words.
import type { Chosen, FacetName } from './filter.ts'

export const NO_STAGE = 'No stage yet'

export const WORDS = {
  state: {
    all: 'Open and ended',
    ready: 'Going on',
    waiting: 'Waiting',
    stuck: 'Stuck',
    done: 'Done',
    stopped: 'Stopped',
  },
  age: { hour: 'Within the last hour', day: '1 h to 1 day ago', week: '1 to 7 days ago', older: 'Over 7 days ago' },
  worth: {
    'under-1k': 'Under 1,000',
    '1k-10k': '1,000 to 10,000',
    '10k-100k': '10,000 to 100,000',
    'over-100k': 'Over 100,000',
  },
  waits: {
    answer: 'A person’s answer',
    system: 'A system',
    record: 'The business itself',
    retry: 'Its next try',
    person: 'Somebody to look at it',
  },
  sort: { newest: 'Newest first', oldest: 'Oldest first', worth: 'Most valuable first', due: 'Due first' },
} as const

const TITLES: Readonly<Record<FacetName, string>> = {
  state: 'State',
  stage: 'Stage',
  waits: 'Waits for',
  late: 'Lateness',
  age: 'Started',
  worth: 'Value',
  system: 'System',
  workflow: 'Workflow',
  search: 'Search',
}
export const titleOf = (facet: FacetName): string => TITLES[facet]

/** How a choice is called on its chip. */
export function chipWords(facet: FacetName, chosen: Chosen): string {
  const value = String(chosen[facet] ?? '')
  if (facet === 'late') return 'Late'
  if (facet === 'stage') return value === '' ? NO_STAGE : value
  if (facet === 'search') return `“${value}”`
  if (facet === 'state' || facet === 'age' || facet === 'worth' || facet === 'waits') return wordOf(WORDS[facet], value)
  return value
}

const wordOf = (words: Readonly<Record<string, string>>, value: string): string => words[value] ?? value
