// Checks of routes: that what goes to a role finds one of its systems, and never another one later.
import type { AnyContract, Project, Route } from '@plumbline/sdk'
import { type Finding, finding, repeated } from './finding.ts'

export const checkRoutes = (project: Project): Finding[] => [
  ...project.routes.flatMap(route => [
    ...instances(project, route),
    ...project.contracts
      .filter(({ options }) => options.livesIn?.[route.role]?.lives === 'routed')
      .flatMap(contract => routed(contract, route)),
    ...project.contracts.flatMap(contract => numbered(project, contract, route)),
  ]),
  ...unrouted(project),
  ...repeated(project.routes.map(({ role }) => role)).map(role =>
    finding('name-twice', { role }, `There are two routes for the role "${role}".`, 'Leave one of them.', 'route'),
  ),
]

function instances(project: Project, { role, by, whenEmpty }: Route): Finding[] {
  const systems = project.systems.filter(one => one.role === role)
  const served = systems.flatMap(({ instance, serves = [] }) => serves.map(value => ({ value, instance })))
  const twice = [...Map.groupBy(served, one => one.value)].filter(([, rivals]) => rivals.length > 1)
  const found = (code: Finding['code'], sentence: string, todo: string): Finding =>
    finding(code, { role }, sentence, todo, 'route')
  return [
    ...(whenEmpty === undefined || systems.some(({ instance }) => instance === whenEmpty)
      ? []
      : [
          found(
            'route-unknown',
            `Its route leads to "${whenEmpty}", which does not fill the role "${role}" in this project.`,
            'Add the system to the project or correct the route.',
          ),
        ]),
    ...twice.map(([value, rivals]) =>
      found(
        'route-ambiguous',
        `${rivals.map(({ instance }) => `"${instance}"`).join(' and ')} both serve "${value}", and a record goes to one of them.`,
        'Leave it with one of them.',
      ),
    ),
    ...systems
      .filter(({ instance, serves = [] }) => serves.length === 0 && instance !== whenEmpty)
      .map(({ instance }) =>
        found(
          'route-idle',
          `The role is routed by ${by}, and "${instance}" does not say whom it serves, so nothing ever goes there.`,
          `Add serves: ['…'] to fill(${role}, '${instance}', …).`,
        ),
      ),
  ]
}

/** What decides where a record is born must stay as it is: else it would be born elsewhere once more. */
function routed({ contract, fields, options }: AnyContract, { role, by }: Route): Finding[] {
  const field = fields[by]
  if (!field)
    return [
      finding(
        'route-field-missing',
        { contract },
        `It goes to the ${role} by its "${by}", which it does not have.`,
        `Add ${by} to the contract, or take routed() out of its livesIn.`,
        'route',
      ),
    ]
  if (options.bornBy === undefined || field.settled) return []
  return [
    finding(
      'route-unsettled',
      { contract, field: by },
      `"${by}" decides where a record of "${contract}" is born, and could be changed afterwards.`,
      'Say that it stays: .settledAtBirth() instead of its owner.',
    ),
  ]
}

/**
 * Where several systems give numbers, those of others say whose number theirs is by the route's field: in so many words, since a
 * number is matched before anything is translated.
 */
const numbered = (project: Project, { contract, fields, options }: AnyContract, { role, by }: Route): Finding[] =>
  fields[options.match ?? '']?.owner !== role || !(by in fields)
    ? []
    : project.systems
        .filter(system => system.role !== role)
        .flatMap(({ instance, mappings }) => {
          const rules = mappings.find(one => one.contract === contract)?.rules ?? {}
          if (typeof rules[options.match ?? ''] !== 'string' || typeof rules[by] === 'string') return []
          return [
            finding(
              'route-field-missing',
              { contract, field: by, system: instance },
              `Whose its ${options.match} is follows from "${by}", which "${instance}" does not map one to one.`,
              `Map it to a field that has the very values that systems serve: ${by}: '…'.`,
            ),
          ]
        })

/** A role that several systems fill, without a word on which of them is asked or given a record. */
const unrouted = ({ roles, systems, routes, contracts }: Project): Finding[] =>
  roles
    .filter(({ role }) => !routes.some(route => route.role === role))
    .flatMap(({ role, answers }) => {
      const count = systems.filter(system => system.role === role).length
      if (count < 2) return []
      const missing = (about: { contract: string } | { role: string }, what: string): Finding =>
        finding(
          'route-missing',
          about,
          `${count} systems fill "${role}", and no route says ${what}.`,
          `Add route(${role}, { by: '…' }) to the project.`,
          'contract' in about ? `lives in ${role}` : 'route',
        )
      const homeless = contracts.filter(({ options }) => options.livesIn?.[role]?.lives === 'routed')
      return [
        ...homeless.map(({ contract }) => missing({ contract }, `which of them a record of "${contract}" goes to`)),
        ...(answers.length > 0 ? [missing({ role }, 'which of them is asked')] : []),
      ]
    })
