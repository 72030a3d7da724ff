/** The commands about systems: how each is doing, pausing and resuming one, and the sandboxes' switches. */
import type { PauseAnswer, Sandboxes, SystemLine, Systems } from '@plumbline/engine'
import type { Command } from 'commander'
import { Admin } from '../admin.ts'
import { Failure } from '../failure.ts'
import { ago, json, line, money, table, time } from '../print.ts'
import { type Asking, asking, byOption } from './options.ts'

export function addSystemCommands(program: Command): void {
  asking(program.command('systems'), ['plumb systems', 'plumb systems --json'])
    .summary('show how each system is doing')
    .description(
      'Shows each system: when it was last heard, what waits for it, since when and worth how much, and how busy its lane is.',
    )
    .action(systems)

  asking(program.command('pause'), ["plumb pause s4 --by kim --reason 'month-end closing until six'"])
    .summary('stop calling a system')
    .description(
      'Nothing is sent to the system nor asked of it until it is resumed; all waits. It is still listened to.',
    )
    .argument('<system>', 'as plumb systems shows it')
    .addOption(byOption('who pauses it'))
    .requiredOption('--reason <text>', 'why, for those who see work waiting')
    .action(pause)

  asking(program.command('resume'), ['plumb resume s4 --by kim'])
    .summary('call a system again')
    .description('What waited goes on at once, the oldest first, within the limits of the system.')
    .argument('<system>', 'as plumb systems shows it')
    .addOption(byOption('who resumes it'))
    .action(resume)

  asking(program.command('sandbox'), [
    'plumb sandbox                 every switch of every sandbox',
    'plumb sandbox s4              those of one',
    'plumb sandbox s4 down on      take the ERP down',
    'plumb sandbox s4 down off',
  ])
    .summary("see and turn the sandboxes' faults")
    .description(
      'Shows and turns the switches of the sandboxes that plumb start runs: take a system down, make it slow.',
    )
    .argument('[system]', 'as plumb systems shows it')
    .argument('[switch]', 'as plumb sandbox shows it')
    .argument('[on|off]', 'what to do')
    .action(sandbox)
}

async function systems({ url, json: asJson }: Asking): Promise<void> {
  const found = await new Admin(url).get<Systems>('/api/systems')
  if (asJson) return json(found)
  const heads = ['SYSTEM', 'ROLE', 'CONNECTOR', 'HEARD', 'UNREAD', 'WAITING', 'SINCE', 'WORTH', 'CALLS', 'STATE']
  line(table(heads, found.systems.map(systemRow)))
}

function systemRow({ system, role, connector, now }: SystemLine): string[] {
  const who = [system, role, connector]
  if (!now) return [...who, '-', '-', '-', '-', '-', '-', 'not started yet']
  const { feed, waiting, parked, limit, inUse } = now
  const parts = [
    waiting.blocked > 0 ? `${waiting.blocked} for other records` : '',
    waiting.questions > 0 ? `${waiting.questions} to ask` : '',
    parked > 0 ? `and ${parked} parked` : '',
  ].filter(Boolean)
  return [
    ...who,
    feed.heardAt ? ago(feed.heardAt) : 'never',
    String(feed.unread),
    `${now.queue}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`,
    now.oldestWaitingSince ? ago(now.oldestWaitingSince) : '-',
    now.worthWaiting.map(money).join(' + ') || '-',
    `${inUse}/${limit.concurrency}${limit.perSecond === null ? '' : `, ${limit.perSecond}/s`}`,
    stateWords(now),
  ]
}

function stateWords({ paused, breaker, feed }: NonNullable<SystemLine['now']>): string {
  if (paused) return `paused by ${paused.by} ${ago(paused.since)}${paused.reason ? `: ${paused.reason}` : ''}`
  if (breaker.state === 'open') return `closed: ${breaker.reason ?? 'it does not answer'}`
  return feed.reason ?? (feed.catchingUpSince ? 'catching up' : feed.loaded ? 'well' : 'being loaded')
}

type ByWhom = Asking & { by?: string; reason?: string }

async function pause(system: string, { url, json: asJson, by, reason }: ByWhom, command: Command): Promise<void> {
  if (!by) command.error('error: say who pauses it, with --by <name>', { exitCode: 2 })
  const answer = await new Admin(url).post<PauseAnswer>(`/api/systems/${encodeURIComponent(system)}/pause`, {
    by,
    reason,
  })
  if (asJson) return json(answer)
  line(`${answer.system} is paused by ${answer.paused?.by} since ${time(answer.paused?.since ?? '')}: ${reason}`)
}

async function resume(system: string, { url, json: asJson, by }: ByWhom, command: Command): Promise<void> {
  if (!by) command.error('error: say who resumes it, with --by <name>', { exitCode: 2 })
  const answer = await new Admin(url).post<PauseAnswer>(`/api/systems/${encodeURIComponent(system)}/resume`, { by })
  if (asJson) return json(answer)
  line(`${answer.system} is called again.`)
}

type Sandbox = Sandboxes['sandboxes'][number]

async function sandbox(
  system: string | undefined,
  name: string | undefined,
  onOrOff: string | undefined,
  { url, json: asJson }: Asking,
  command: Command,
): Promise<void> {
  if (onOrOff !== undefined && onOrOff !== 'on' && onOrOff !== 'off')
    command.error('error: a switch is turned "on" or "off"', { exitCode: 2 })
  const admin = new Admin(url)
  if (system === undefined || name === undefined || onOrOff === undefined) {
    const { sandboxes } = await admin.get<Sandboxes>('/api/sandboxes')
    const shown = sandboxes
      .filter(one => system === undefined || one.system === system)
      .map(one => ({ ...one, switches: one.switches.filter(sw => name === undefined || sw.switch === name) }))
    if (asJson) return json({ sandboxes: shown })
    if (shown.length === 0) throw noSandbox(system)
    return line(shown.map(sandboxWords).join('\n\n'))
  }
  const path = `/api/sandboxes/${encodeURIComponent(system)}/switches/${encodeURIComponent(name)}`
  const turned = await admin.put<Sandbox['switches'][number]>(path, { on: onOrOff === 'on' })
  if (asJson) return json(turned)
  line(`${system}: ${turned.label} is ${turned.on ? 'on' : 'off'}.${turned.on ? ` ${turned.says}` : ''}`)
}

const noSandbox = (system: string | undefined): Failure =>
  new Failure(
    system === undefined ? 'This Plumbline runs with no sandbox.' : `There is no sandbox of "${system}".`,
    'Sandboxes are run by npm start (plumb start).',
    'not-found',
  )

function sandboxWords({ system, url, problem, switches }: Sandbox): string {
  if (problem) return `${system}  ${url}\n  ${problem}`
  const rows = switches.map(one => [`  ${one.switch}`, one.on ? 'ON' : 'off', one.says])
  return `${system}  ${url}\n${table(['  SWITCH', '', 'WHAT IT DOES'], rows)}`
}
