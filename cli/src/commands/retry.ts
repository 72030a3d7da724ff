/** `plumb retry`: what was held back is tried again. */
import type { Released, RetryRequest, Systems } from '@plumbline/engine'
import type { Command } from 'commander'
import { Admin } from '../admin.ts'
import { count, json, line } from '../print.ts'
import { type Asking, asking, byOption } from './options.ts'

export function addRetryCommand(program: Command): void {
  asking(program.command('retry'), [
    'plumb retry 00000012             everything of this quote, its order, its invoices',
    'plumb retry 00000012 00000017    of both, or of neither when one of them is not known',
    'plumb retry s4 --dry-run         what would be released of a system',
    'plumb retry all',
  ])
    .summary('try again what was held back')
    .description('Releases what was parked, stuck or put off: of a journey or number, of a system, or all.')
    .argument('<what...>', 'journeys or numbers; or a system; or "all"')
    .option('--dry-run', 'only say what would be released')
    .addOption(byOption('who asks'))
    .action(retry)
}

async function retry(
  what: readonly string[],
  { url, json: asJson, dryRun, by }: Asking & { dryRun?: boolean; by?: string },
): Promise<void> {
  const admin = new Admin(url)
  const released = await admin.post<Released>('/api/retry', {
    ...(await meant(admin, what)),
    dryRun: dryRun ?? false,
    ...(by !== undefined && { by }),
  })
  if (asJson) return json(released)
  line(releasedWords(released))
}

async function meant(admin: Admin, names: readonly string[]): Promise<RetryRequest> {
  const [what = ''] = names
  if (names.length > 1) return { journeys: names }
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
