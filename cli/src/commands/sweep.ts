/** `plumb sweep`: compare all that a system has with what Plumbline holds of it. */
import type { ComparisonLine, Comparisons } from '@plumbline/engine'
import type { Command } from 'commander'
import { Admin } from '../admin.ts'
import { Failure } from '../failure.ts'
import { ago, json, line, table } from '../print.ts'
import { type Asking, asking, byOption, wholeNumber } from './options.ts'

export function addSweepCommands(program: Command): void {
  asking(program.command('sweep <system> [object]'), [
    'plumb sweep sales --preview',
    'plumb sweep s4 SalesOrder',
    'plumb sweep sales --no-wait',
  ])
    .summary('compare all that a system has with what is held of it')
    .description(
      'Compares all that a system has with what is held of it: what no event told is read, and what is gone there is seen. Slowly, behind everything else.',
    )
    .option('--preview', 'only count what would be found')
    .option('--no-wait', 'do not wait for the end')
    .addOption(byOption('who asks'))
    .action(sweep)

  asking(program.command('comparisons [system]'), ['plumb comparisons', 'plumb comparisons sales --json'])
    .summary('list sweeps, and gaps in what systems told')
    .option('--limit <count>', 'at most so many', wholeNumber, 20)
    .action(comparisons)
}

type Sweeping = Asking & { preview?: boolean; wait: boolean; by?: string }
const lookEveryMs = 500

async function sweep(system: string, object: string | undefined, options: Sweeping): Promise<void> {
  const { url, json: asJson, preview = false, wait, by } = options
  if (by === undefined) throw new Failure('It is not known who asks.', 'Say it with --by.', 'usage')
  const admin = new Admin(url)
  const path = `/api/systems/${encodeURIComponent(system)}/sweep`
  let now = await admin.post<ComparisonLine>(path, { preview, by, ...(object !== undefined && { object }) })
  while (wait && now.state !== 'ended') {
    await new Promise(resolve => setTimeout(resolve, lookEveryMs))
    now = await admin.get<ComparisonLine>(`/api/comparisons/${now.comparison}`)
  }
  if (asJson) return json(now)
  line(now.story)
  const rows = Object.entries(now.progress).map(([name, found]) => [
    name,
    ...[found.read, found.changed, found.unknown, found.gone].map(String),
  ])
  if (rows.length > 0) line(table(['OBJECT', 'READ', 'DIFFER', 'NEVER TOLD', 'GONE'], rows))
}

async function comparisons(system: string | undefined, { url, json: asJson, limit }: Asking & { limit: number }) {
  const found = await new Admin(url).get<Comparisons>('/api/comparisons', { system, limit })
  if (asJson) return json(found)
  if (found.comparisons.length === 0) return line('Nothing has been compared yet.')
  for (const one of found.comparisons) line(`${one.system} (${one.state}, ${ago(one.openedAt)})\n  ${one.story}`)
}
