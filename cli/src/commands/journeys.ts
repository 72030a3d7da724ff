/** The commands that ask for journeys: the list, the search, and the story of each. */
import type { Facets, JourneyLine, JourneyPage, JourneyQuery, Moment, SearchHits, Story } from '@plumbline/engine'
import { type Command, Option } from 'commander'
import { Admin } from '../admin.ts'
import { ago, count, duration, json, line, money, table, time } from '../print.ts'
import { type Asking, asking, wholeNumber } from './options.ts'

export function addJourneyCommands(program: Command): void {
  asking(program.command('journeys'), [
    'plumb journeys --state open',
    'plumb journeys --late --sort worth',
    'plumb journeys --system s4 --waits answer --age week',
    'plumb journeys --search 00000012 --json',
  ])
    .summary('list journeys: where each is, and what it waits for')
    .description('Lists journeys: where each is, since when, and what it waits for and why.')
    .addOption(
      new Option('--state <state>', 'only those').choices(['open', 'ready', 'waiting', 'stuck', 'done', 'stopped']),
    )
    .option('--stuck', 'only those that need a person')
    .option('--late', 'only those behind their deadline')
    .option('--workflow <name>', 'only those of a workflow')
    .option('--stage <checkpoint>', 'only those whose last checkpoint it is')
    .option('--system <name>', 'only those with records in a system, or that ask it')
    .addOption(new Option('--age <age>', 'only those started so long ago').choices(['hour', 'day', 'week', 'older']))
    .addOption(new Option('--worth <range>', 'only those').choices(['under-1k', '1k-10k', '10k-100k', 'over-100k']))
    .addOption(
      new Option('--waits <what>', 'only those that wait for it').choices([
        'answer',
        'system',
        'record',
        'retry',
        'person',
      ]),
    )
    .option('--search <text>', 'a number or name of any of its records, whole or how it begins')
    .addOption(
      new Option('--sort <order>', 'the newest, the oldest, what is worth most or what is due first')
        .choices(['newest', 'oldest', 'worth', 'due'])
        .default('newest'),
    )
    .option('--facets', 'also count what there is to choose from')
    .option('--limit <count>', 'at most so many', wholeNumber, 50)
    .option('--after <cursor>', 'the next page: "next" of the page before')
    .action(journeys)

  asking(program.command('search'), ['plumb search 00000012', "plumb search 'order 17'", 'plumb search nordw --json'])
    .summary('find records by any number or name, or how it begins')
    .description('Finds records by any business number or name, how it or a word of it begins, or an id in a system.')
    .argument('<text>', 'a number, a name, or its beginning; "order 17" means orders')
    .option('--limit <count>', 'at most so many', wholeNumber, 20)
    .action(search)

  asking(program.command('journey'), [
    'plumb journey 00000012',
    'plumb journey 17 --payloads',
    'plumb journey j-1x4k… --json',
  ])
    .summary('tell the story of a journey, or of anything that has a number')
    .description(
      'Tells everything that happened to a journey, or to whatever has this number, name or id in any system.',
    )
    .argument('<id-or-number>', 'a journey, a business number, a name, a ref or an id in a system')
    .option('--payloads', 'also what came and what was sent, before and after mapping')
    .action(journey)
}

type JourneysOptions = Asking & JourneyQuery & { readonly stuck?: boolean; readonly facets?: boolean }

async function journeys(options: JourneysOptions): Promise<void> {
  const { url, json: asJson, facets, ...filter } = options
  const page = await new Admin(url).get<JourneyPage>('/api/journeys', filter)
  if (asJson) return json(page)
  line(summary(page))
  if (facets) line(`\n${facetLines(page.facets).join('\n')}`)
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

function facetLines({ byCheckpoint, bySystem, byAge, byWorth, byWait, worth }: Facets): string[] {
  const counted = (all: readonly { readonly value: string; readonly count: number }[]): string =>
    all
      .filter(one => one.count > 0)
      .map(one => `${one.value} ${one.count}`)
      .join(', ')
  const stages = byCheckpoint.map(one => ({ value: one.checkpoint ?? '(none)', count: one.count }))
  const lines: readonly (readonly [string, string])[] = [
    ['stage', counted(stages)],
    ['system', counted(bySystem)],
    ['age', counted(byAge)],
    ['worth', counted(byWorth)],
    ['waits', counted(byWait)],
    ['in all', worth.map(money).join(' + ')],
  ]
  return lines.filter(([, text]) => text !== '').map(([name, text]) => `${name.padEnd(7)} ${text}`)
}

async function search(text: string, { url, json: asJson, limit }: Asking & { limit: number }): Promise<void> {
  const found = await new Admin(url).get<SearchHits>('/api/search', { q: text, limit })
  if (asJson) return json(found)
  if (found.hits.length === 0) return line(`Nothing begins like "${text}".`)
  line(table(['WHAT', 'REF', 'JOURNEY', 'STATE', 'IN'], found.hits.map(hitRow)))
}

const hitRow = ({ title, ref, journey, state, systems }: SearchHits['hits'][number]): string[] => [
  title,
  ref,
  journey ?? '-',
  state ?? '-',
  systems.map(({ system, nativeId }) => `${system} ${nativeId}`).join(', '),
]

async function journey(asked: string, { url, json: asJson, payloads }: Asking & { payloads?: boolean }): Promise<void> {
  const story = await new Admin(url).get<Story>(`/api/journeys/${encodeURIComponent(asked)}`)
  if (asJson) return json(story)
  for (const one of story.journeys) line(journeyHead(one))
  line()
  line(table(['RECORD', 'REF', 'IN'], story.records.map(recordRow)))
  line()
  for (const moment of story.timeline) {
    line(momentLine(moment))
    if (payloads && moment.payload) line(payloadLines(moment.payload))
  }
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

/** Side by side would be too wide for most terminals: one above the other. */
function payloadLines({ native, canonical, cut }: NonNullable<Moment['payload']>): string {
  const indented = (name: string, value: unknown): string =>
    `    ${name} ${JSON.stringify(value, undefined, 2).replaceAll('\n', '\n    ')}`
  return [indented('native   ', native), indented('canonical', canonical), ...(cut ? [`    ${cut}`] : [])].join('\n')
}
