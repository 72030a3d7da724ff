// Checks a project without running it: what the compiler cannot see and the business would meet later.
import type { AnyContract, AnyRule, Field, Instance, Mapping, Project, Workflow } from '@plumbline/sdk'
import { checkSource } from './check-source.ts'
import { type Finding, noSuchCheckpoint, repeated } from './finding.ts'

export type { Finding }

/** Everything that is wrong with a project; empty when it can run. */
export function check(project: Project): Finding[] {
  return [
    ...namesTwice(project),
    ...project.contracts.flatMap(contract => [
      ...ownership(project, contract),
      ...homes(project, contract),
      ...options(project, contract),
    ]),
    ...routes(project),
    ...questions(project),
    ...project.workflows.flatMap(workflow => [...promises(project, workflow), ...checkSource(project, workflow)]),
  ]
}

function namesTwice({ contracts, roles, systems, workflows }: Project): Finding[] {
  const all: readonly (readonly [string, readonly string[]])[] = [
    ['contract', contracts.map(one => one.contract)],
    ['role', roles.map(one => one.role)],
    ['system', systems.map(one => one.instance)],
    ['workflow', workflows.map(one => one.workflow)],
  ]
  return all.flatMap(([kind, names]) =>
    repeated(names).map(name => ({
      code: 'name-twice' as const,
      where: `${kind} ${name}`,
      sentence: `There are two ${kind}s called "${name}".`,
      todo: `Give one of them another name; rows know a ${kind} by its name.`,
    })),
  )
}

// ---- who owns what

function ownership(project: Project, contract: AnyContract): Finding[] {
  return Object.entries<Field<unknown>>(contract.fields).flatMap(([name, field]) => [
    ...ownersFilled(project, contract, name, field),
    ...Object.entries(field.of ?? {}).flatMap(([inner, entry]) =>
      ownersFilled(project, contract, `${name}.${inner}`, entry),
    ),
  ])
}

function ownersFilled(project: Project, contract: AnyContract, field: string, { owner, handOver }: Field<unknown>) {
  const owners = new Set([owner, handOver?.then].filter(one => one !== undefined))
  return [...owners].flatMap((role): Finding[] => {
    const where = `contract ${contract.contract}, field ${field}`
    const systems = systemsOf(project, role)
    if (systems.length === 0) {
      return [
        {
          code: 'owner-unfilled',
          where,
          sentence: `"${field}" is owned by "${role}", and no system fills that role.`,
          todo: `Fill the role (fill(${role}, …)) or give the field another owner.`,
        },
      ]
    }
    return systems
      .filter(system => !mapsField(system, contract.contract, field))
      .map(system => ({
        code: 'owned-unmapped',
        where,
        sentence: `"${field}" is owned by "${role}", but the system "${system.instance}" does not map it, so it never gets a value from there.`,
        todo: `Map the field in the mapping of ${contract.contract} in "${system.instance}", or let another role own it.`,
      }))
  })
}

const systemsOf = (project: Project, role: string): readonly Instance[] =>
  project.systems.filter(system => system.role === role)

const mappingIn = (system: Instance, contract: string): Mapping | undefined =>
  system.mappings.find(mapping => mapping.contract === contract)

function mapsField(system: Instance, contract: string, path: string): boolean {
  const [field = '', inner] = path.split('.')
  const rule = mappingIn(system, contract)?.rules[field]
  if (!isMapped(rule)) return false
  if (inner === undefined || typeof rule !== 'object' || !('each' in rule)) return true
  return isMapped(rule.fields[inner])
}

const isMapped = (rule: AnyRule | undefined): rule is AnyRule =>
  rule !== undefined && (typeof rule === 'string' || !('skip' in rule))

// ---- where it lives

function homes(project: Project, contract: AnyContract): Finding[] {
  return Object.entries(contract.options.livesIn ?? {}).flatMap(([role, presence]): Finding[] => {
    const where = `contract ${contract.contract}, lives in ${role}`
    if (!project.roles.some(one => one.role === role)) {
      return [
        {
          code: 'role-unknown',
          where,
          sentence: `The project has no role "${role}".`,
          todo: 'Correct the name in livesIn.',
        },
      ]
    }
    const systems = systemsOf(project, role)
    const unmapped = systems.filter(system => !mappingIn(system, contract.contract))
    const findings = unmapped.map(
      (system): Finding => ({
        code: 'home-unmapped',
        where,
        sentence: `A record of "${contract.contract}" is to live in "${system.instance}", which has no mapping for it.`,
        todo: `Add mapping(${contract.contract}, …) to fill(${role}, '${system.instance}', …), or take ${role} out of livesIn.`,
      }),
    )
    const routed = project.routes.some(route => route.role === role)
    if (presence.lives !== 'routed' || routed || systems.length < 2) return findings
    return [
      ...findings,
      {
        code: 'route-missing',
        where,
        sentence: `${systems.length} systems fill "${role}", and no route says which of them a record of "${contract.contract}" goes to.`,
        todo: `Add route(${role}, { by: …, to: … }) to the project.`,
      },
    ]
  })
}

// ---- what a contract refers to

function options(project: Project, contract: AnyContract): Finding[] {
  const { bornBy, from, match, knownBy = [] } = contract.options
  const findings: Finding[] = []
  if (bornBy !== undefined && !project.workflows.some(one => one.workflow === bornBy)) {
    findings.push({
      code: 'birth-unknown',
      where: `contract ${contract.contract}`,
      sentence: `It is born by the workflow "${bornBy}", which the project does not have, so it is never born.`,
      todo: 'Add the workflow to the project or correct its name in bornBy.',
    })
  }
  if (match !== undefined && !(match in contract.fields)) {
    findings.push(noSuchField('match-unknown', contract, match, 'match'))
  }
  for (const name of knownBy) {
    if (!(name in contract.fields)) findings.push(noSuchField('name-unknown', contract, name, 'knownBy'))
  }
  return from ? [...findings, ...derivation(project, contract, from)] : findings
}

const noSuchField = (code: Finding['code'], contract: AnyContract, field: string, option: string): Finding => ({
  code,
  where: `contract ${contract.contract}, ${option}`,
  sentence: `"${contract.contract}" has no field "${field}".`,
  todo: `Name one of: ${Object.keys(contract.fields).join(', ')}.`,
})

function derivation(
  project: Project,
  contract: AnyContract,
  { of, fields }: NonNullable<AnyContract['options']['from']>,
): Finding[] {
  const source = project.contracts.find(one => one.contract === of)
  if (!source) {
    return [
      {
        code: 'derivation-unknown',
        where: `contract ${contract.contract}, from`,
        sentence: `It is derived from "${of}", which the project does not have.`,
        todo: 'Add that contract to the project.',
      },
    ]
  }
  return Object.entries(fields).flatMap(([ours, theirs]) => [
    ...(ours in contract.fields ? [] : [noSuchField('derivation-unknown', contract, ours, 'from')]),
    ...(theirs === 'ref' || theirs in source.fields
      ? []
      : [noSuchField('derivation-unknown', source, theirs, `derived into ${contract.contract}`)]),
  ])
}

// ---- routes and questions

function routes(project: Project): Finding[] {
  return project.routes.flatMap(({ role, to, otherwise }) => {
    const targets = [...Object.values(to), ...(otherwise === undefined ? [] : [otherwise])]
    const strangers = targets.filter(name => !systemsOf(project, role).some(system => system.instance === name))
    return [...new Set(strangers)].map(
      (name): Finding => ({
        code: 'route-unknown',
        where: `route of ${role}`,
        sentence: `It leads to "${name}", which does not fill the role "${role}" in this project.`,
        todo: 'Add the system to the project or correct the route.',
      }),
    )
  })
}

function questions(project: Project): Finding[] {
  return project.roles.flatMap(role =>
    role.answers.flatMap(({ question }) =>
      systemsOf(project, role.role)
        .filter(system => !system.answers.some(answer => answer.question === question))
        .map(
          (system): Finding => ({
            code: 'answer-missing',
            where: `system ${system.instance}`,
            sentence: `The role "${role.role}" answers "${question}", and "${system.instance}" does not say how.`,
            todo: `Add answers(…) for it to fill(${role.role}, '${system.instance}', …).`,
          }),
        ),
    ),
  )
}

// ---- what a workflow promises

function promises(project: Project, workflow: Workflow): Finding[] {
  const { startsWhen, checkpoints, within, worth } = workflow
  const where = `workflow ${workflow.workflow}`
  const findings: Finding[] = []
  const contract = project.contracts.find(one => one.contract === startsWhen.contract)
  const values = contract?.fields.status?.values ?? []
  if (!values.includes(startsWhen.becomes)) {
    findings.push({
      code: 'trigger-unknown',
      where,
      sentence: contract
        ? `It starts when "${startsWhen.contract}" becomes "${startsWhen.becomes}", which is none of its status values.`
        : `It starts from "${startsWhen.contract}", which is no contract of the project.`,
      todo: contract
        ? `Name one of: ${values.join(', ') || '(the contract has no status)'}.`
        : 'Add that contract to the project.',
    })
  }
  for (const name of Object.keys(within)) {
    if (!checkpoints.includes(name)) findings.push(noSuchCheckpoint(workflow, name, 'within'))
  }
  if (worth !== undefined && contract?.fields[worth]?.kind !== 'money') {
    findings.push({
      code: 'worth-unknown',
      where,
      sentence: `What a journey is worth is read from "${worth}", which is no money field of "${startsWhen.contract}".`,
      todo: 'Name a money field of the record that starts the journey.',
    })
  }
  return findings
}
