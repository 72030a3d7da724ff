/** `plumb instances`: which systems fill each role, whom each serves, when people work there and where it deviates; read from the project alone. */
import type { InstanceLine, Instances, InstancesOfRole } from '@plumbline/engine'
import type { Command } from 'commander'
import { count, json, line, table } from '../print.ts'
import { findProject, loadProject } from '../project.ts'
import { aboutProject, type WithProject } from './options.ts'

export function addInstancesCommand(program: Command): void {
  aboutProject(program.command('instances'), [
    'plumb instances              every role',
    'plumb instances erp          the systems that fill one of them',
    'plumb instances --json',
  ])
    .summary('show which systems fill each role, and where one deviates')
    .description(
      'Shows the systems that fill each role, whom each serves, its working days, and where it deviates from its template or from\n' +
        'the others. It reads the project alone: nothing need run. What people have made of value tables since: plumb table.',
    )
    .argument('[role]', 'as the project names it')
    .action(instances)
}

async function instances(named: string | undefined, options: WithProject, command: Command): Promise<void> {
  const project = await loadProject(findProject(options.project))
  const { instancesOf } = await import('@plumbline/engine')
  const all: Instances = instancesOf(project, Date.now())
  const roles = all.roles.filter(one => named === undefined || one.role === named)
  if (roles.length === 0)
    command.error(`error: no role is called "${named}"; there are ${all.roles.map(({ role }) => role).join(', ')}`, {
      exitCode: 2,
    })
  if (options.json) return json({ ...all, roles })
  line(roles.map(roleWords).join('\n\n'))
}

function roleWords({ role, routedBy, instances }: InstancesOfRole): string {
  const head = `${role.toUpperCase()}  ${routedBy ? `routed by ${routedBy}` : 'filled by one system'}`
  const rows = instances.map(one => [
    `  ${one.instance}`,
    one.connector,
    servesWords(one),
    calendarWords(one),
    String(one.deviations.length),
  ])
  const deviating = instances.filter(one => one.deviations.length > 0)
  return [
    head,
    '',
    table(['  SYSTEM', 'CONNECTOR', 'SERVES', 'WORKING DAYS', 'DEVIATES IN'], rows),
    ...deviating.flatMap(({ instance, deviations }) => [
      '',
      table(
        [`  IN ${instance.toUpperCase()}`, 'HERE', 'ELSEWHERE'],
        deviations.map(({ what, here, elsewhere }) => [`  ${what}`, here, elsewhere]),
      ),
    ]),
  ].join('\n')
}

const servesWords = ({ serves, servesEmpty }: InstanceLine): string =>
  [...serves, ...(servesEmpty ? ['whoever says nothing'] : [])].join(', ') || 'all'

function calendarWords({ calendar }: InstanceLine): string {
  if (!calendar) return '-'
  const { zone, holidays, next } = calendar
  return `${zone}, ${next === null ? 'no holiday to come' : `${count(holidays, 'holiday')} to come, next ${next}`}`
}
