/** The commands that ask a running engine: journeys, their stories, problems and systems. */
import type { JourneyLine, JourneyPage, Moment, Problems, Story, Systems } from '@plumbline/engine'
import { type Command, Option } from 'commander'
import { Admin } from '../admin.ts'
import { ago, count, duration, json, line, money, table, time } from '../print.ts'
import { type Asking, asking, wholeNumber } from './options.ts'

export function addAskingCommands(program: Command): void {
  asking(program.command('journeys'), [
    'plumb journeys --state open',
    'plumb journeys --late --json',
    'plumb journeys --search 00000012',
  ])
    .summary('list journeys: where each is, and what it waits for')
    .description('Lists journeys, the newest first: where each is, since when, and what it waits for and why.')
    .addOption(
      new Option('--state <state>', 'only those').choices(['open', 'ready', 'waiting', 'stuck', 'done', 'stopped']),
    )
    .option('--stuck', 'only those that need a person')
    .option('--late', 'only those behind their deadline')
    .option('--workflow <name>', 'only those of a workflow')
    .option('--search <text>', 'a number or name of any of its records, or a part of its title')
    .option('--limit <count>', 'at most so many', wholeNumber, 50)
    .option('--after <cursor>', 'the next page: "next" of the page before')
    .action(journeys)

  asking(program.command('journey'), ['plumb journey 00000012', 'plumb journey 17', 'plumb journey j-1x4k… --json'])
    .summary('tell the story of a journey, or of anything that has a number')
    .description(
      'Tells everything that happened to a journey, or to whatever has this number, name or id in any system.',
    )
    .argument('<id-or-number>', 'a journey, a business number, a name, a ref or an id in a system')
    .action(journey)

  asking(program.command('problems'), ['plumb problems', 'plumb problems --json'])
    .summary('list everything that is not well')
    .description('Lists everything that is not well: reason, which record, since when, and what to do.')
    .option('--limit <count>', 'at most so many of each kind', wholeNumber, 100)
    .action(problems)

  asking(program.command('systems'), ['plumb systems', 'plumb systems --json'])
    .summary('show how each system is doing')
    .description(
      'Shows each system: when it was last heard, what is still to be brought to it, and how busy its lane is.',
    )
    .action(systems)
}

type JourneysOptions = Asking & {
  state?: string
  stuck?: boolean
  late?: boolean
  workflow?: string
  search?: string
  limit: number
  after?: string
}

async function journeys(options: JourneysOptions): Promise<void> {
  const { url, json: asJson, ...filter } = options
  const page = await new Admin(url).get<JourneyPage>('/api/journeys', filter)
  if (asJson) return json(page)
  line(summary(page))
  if (page.journeys.length === 0) return
  line()
  line(table(['JOURNEY', 'WHAT', 'STATE', 'CHECKPOINT', 'SINCE', 'WORTH', 'WAITS FOR'], page.journeys.map(journeyRow)))
  if (page.next) line(`\nMore: --after ${page.next}`)
}

function summary({ facets }: JourneyPage): string {
  const { ready, waiting, stuck } = facets.byState
  const { started, done, stopped } = facets.lastDay
  const open = ready + waiting + stuck
  return `${count(open, 'open journey')} (${stuck} stuck, ${facets.late} late); started within a day: ${started}, of which ${done} done, ${stopped} stopped`
}

const journeyRow = (one: JourneyLine): string[] => [
  one.journey,
  one.title,
  one.late ? `${one.state}, late` : one.state,
  one.checkpoint ?? '-',
  ago(one.since),
  one.worth ? money(one.worth) : '-',
  waitingWords(one),
]

function waitingWords({ waitsFor }: JourneyLine): string {
  if (!waitsFor) return '-'
  return waitsFor.because ? `${waitsFor.what}: ${waitsFor.because}` : waitsFor.what
}

async function journey(asked: string, { url, json: asJson }: Asking): Promise<void> {
  const story = await new Admin(url).get<Story>(`/api/journeys/${encodeURIComponent(asked)}`)
  if (asJson) return json(story)
  for (const one of story.journeys) line(journeyHead(one))
  line()
  line(table(['RECORD', 'REF', 'IN'], story.records.map(recordRow)))
  line()
  for (const moment of story.timeline) line(momentLine(moment))
  if (story.shortened) line('\nThere is more than is shown here.')
}

function journeyHead(one: JourneyLine): string {
  const worth = one.worth ? `, worth ${money(one.worth)}` : ''
  const waits = one.waitsFor ? `\n  waits for ${waitingWords(one)}` : ''
  const todo = one.waitsFor?.todo ? `\n  to do: ${one.waitsFor.todo}` : ''
  const why = one.endedAt && one.reason ? `\n  because: ${one.reason}` : ''
  return `${one.title}: ${one.workflow} ${one.state}${one.late ? ' (late)' : ''}, at ${one.checkpoint ?? 'the start'} since ${time(one.since)}${worth}${waits}${todo}${why}`
}

function recordRow({ title, ref, systems }: Story['records'][number]): string[] {
  const places = systems.map(({ system, nativeId, state, reason }) => {
    const id = nativeId ? ` ${nativeId}` : ''
    return `${system}${id}${state === 'current' ? '' : ` (${state}${reason ? `: ${reason}` : ''})`}`
  })
  return [title, ref, places.join(', ')]
}

function momentLine({ at, kind, sentence, durationMs }: Moment): string {
  const clock = `${time(at)}.${at.slice(20, 23)}`
  const mark = kind === 'checkpoint' ? `--- ${sentence} ---` : sentence
  return `${clock}  ${kind.padEnd(10)}  ${mark}${durationMs === undefined ? '' : ` (${duration(durationMs)})`}`
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

async function systems({ url, json: asJson }: Asking): Promise<void> {
  const found = await new Admin(url).get<Systems>('/api/systems')
  if (asJson) return json(found)
  line(
    table(
      ['SYSTEM', 'ROLE', 'CONNECTOR', 'HEARD', 'UNREAD', 'TO BRING', 'CALLS', 'STATE'],
      found.systems.map(systemRow),
    ),
  )
}

function systemRow({ system, role, connector, now }: Systems['systems'][number]): string[] {
  if (!now) return [system, role, connector, '-', '-', '-', '-', 'not started yet']
  const { heardAt, unread, due, waiting, parked, permits } = now
  const held = [waiting > 0 ? `${waiting} waiting` : '', parked > 0 ? `${parked} parked` : '']
    .filter(Boolean)
    .join(', ')
  return [
    system,
    role,
    connector,
    heardAt ? ago(heardAt) : 'never',
    String(unread),
    `${due}${held && ` (${held})`}`,
    `${permits.used}/${permits.of}`,
    now.paused
      ? 'paused'
      : now.closedUntil
        ? `closed: ${now.laneReason ?? 'it does not answer'}`
        : (now.feedReason ?? 'well'),
  ]
}
