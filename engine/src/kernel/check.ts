// Checks a project without running it: what the compiler cannot see and the business would meet later.
import type { AnyContract, Project, Workflow } from '@plumbline/sdk'
import { checkCalendars } from './check-calendars.ts'
import { checkFields } from './check-fields.ts'
import { checkMappings, type Schemas } from './check-mappings.ts'
import { checkRoutes } from './check-routes.ts'
import { checkPresence, checkSource } from './check-source.ts'
import { checkTables } from './check-tables.ts'
import { checkVersions } from './check-versions.ts'
import { type Finding, finding, noSuchCheckpoint, noSuchField, repeated } from './finding.ts'

export type { Finding, Schemas }

/** Everything that is wrong with a project; empty when it can run. `schemas` is what is known of the systems beside it. */
export function check(project: Project, schemas: Schemas = {}): Finding[] {
  return [
    ...namesTwice(project),
    ...project.contracts.flatMap(contract => [
      ...checkFields(project, contract),
      ...homes(project, contract),
      ...whereGone(project, contract),
      ...options(project, contract),
      ...checkPresence(project, contract),
      ...checkVersions(contract),
    ]),
    ...checkMappings(project, schemas),
    ...checkTables(project),
    ...checkRoutes(project),
    ...checkCalendars(project),
    ...questions(project),
    ...project.workflows.flatMap(workflow => [...promises(project, workflow), ...checkSource(project, workflow)]),
  ]
}

function namesTwice({ contracts, roles, systems, workflows }: Project): Finding[] {
  const all: readonly (readonly ['contract' | 'role' | 'system' | 'workflow', readonly string[]])[] = [
    ['contract', contracts.map(one => one.contract)],
    ['role', roles.map(one => one.role)],
    ['system', systems.map(one => one.instance)],
    ['workflow', workflows.map(one => one.workflow)],
  ]
  return all.flatMap(([kind, names]) =>
    repeated(names).map(name =>
      finding(
        'name-twice',
        { [kind]: name },
        `There are two ${kind}s called "${name}".`,
        `Give one of them another name; rows know a ${kind} by its name.`,
      ),
    ),
  )
}

// ---- where it lives, and where it may disappear

/** A word for a role that nobody has would be said in vain. */
function whereGone({ roles }: Project, { contract, options }: AnyContract): Finding[] {
  return Object.keys(options.gone ?? {})
    .filter(role => !roles.some(one => one.role === role))
    .map(role =>
      finding(
        'role-unknown',
        { contract },
        `The project has no role "${role}".`,
        'Correct the name in gone.',
        `gone from ${role}`,
      ),
    )
}

function homes(project: Project, { contract, options }: AnyContract): Finding[] {
  const livesIn = Object.keys(options.livesIn ?? {})
  const holds = project.roles.filter(role => role.holds.some(one => one.contract === contract)).map(({ role }) => role)
  return [...new Set([...livesIn, ...holds])].flatMap((role): Finding[] => {
    const place = `lives in ${role}`
    if (!project.roles.some(one => one.role === role)) {
      const sentence = `The project has no role "${role}".`
      return [finding('role-unknown', { contract }, sentence, 'Correct the name in livesIn.', place)]
    }
    return project.systems
      .filter(system => system.role === role && !system.mappings.some(mapping => mapping.contract === contract))
      .map(({ instance }) =>
        finding(
          'home-unmapped',
          { contract },
          `A record of "${contract}" is to live in "${instance}", which has no mapping for it.`,
          `Add mapping(${contract}, …) to fill(${role}, '${instance}', …), or take ${contract} out of what ${role} holds and of livesIn.`,
          place,
        ),
      )
  })
}

// ---- what a contract refers to

function options(project: Project, contract: AnyContract): Finding[] {
  const { bornBy, from, match, knownBy = [], standards = {} } = contract.options
  const findings: Finding[] = []
  if (bornBy !== undefined && !project.workflows.some(one => one.workflow === bornBy)) {
    findings.push(
      finding(
        'birth-unknown',
        { contract: contract.contract },
        `It is born by the workflow "${bornBy}", which the project does not have, so it is never born.`,
        'Add the workflow to the project or correct its name in bornBy.',
      ),
    )
  }
  if (match !== undefined && !(match in contract.fields)) {
    findings.push(noSuchField('match-unknown', contract, match, 'match'))
  }
  for (const name of knownBy) {
    if (!(name in contract.fields)) findings.push(noSuchField('name-unknown', contract, name, 'knownBy'))
  }
  for (const name of Object.keys(standards)) {
    if (!(name in contract.fields)) findings.push(noSuchField('standard-unknown', contract, name, 'standards'))
  }
  return from ? [...findings, ...derivation(project, contract, from)] : findings
}

function derivation(
  project: Project,
  contract: AnyContract,
  { of, fields }: NonNullable<AnyContract['options']['from']>,
): Finding[] {
  const source = project.contracts.find(one => one.contract === of)
  if (!source) {
    return [
      finding(
        'derivation-unknown',
        { contract: contract.contract },
        `It is derived from "${of}", which the project does not have.`,
        'Add that contract to the project.',
        'from',
      ),
    ]
  }
  const named = Object.entries(fields).flatMap(([ours, theirs]) => [
    ...(ours in contract.fields ? [] : [noSuchField('derivation-unknown', contract, ours, 'from')]),
    ...(theirs === null || theirs === 'ref' || isFieldOf(project, source, theirs)
      ? []
      : [noSuchField('derivation-unknown', source, theirs, `derived into ${contract.contract}`)]),
  ])
  return [...named, ...notTakenOver(contract, source, fields)]
}

/** `customer`, or `customer.legalEntity`: of what it refers to. */
function isFieldOf({ contracts }: Project, { fields }: AnyContract, path: string): boolean {
  const [name = '', further] = path.split('.')
  const to = contracts.find(({ contract }) => contract === fields[name]?.to)
  return name in fields && (further === undefined || (to !== undefined && further in to.fields))
}

/** What both have under one name and one owner is mostly meant to travel along; forgotten, it would be missed late. */
function notTakenOver(
  contract: AnyContract,
  source: AnyContract,
  fields: Readonly<Record<string, string | null>>,
): Finding[] {
  return Object.entries<AnyContract['fields'][string]>(contract.fields)
    .filter(([name, field]) => {
      const theirs = source.fields[name]
      return !(name in fields) && theirs?.kind === field.kind && theirs.owner === field.owner
    })
    .map(([field]) =>
      finding(
        'derivation-gap',
        { contract: contract.contract, field },
        `Both "${source.contract}" and "${contract.contract}" have "${field}", and derive(…) does not say whether it is taken over.`,
        `Write ${field}: '${field}' in derive(…), or ${field}: null where it is not meant to be.`,
      ),
    )
}

// ---- questions

function questions(project: Project): Finding[] {
  return project.roles.flatMap(({ role, answers }) => {
    const systems = project.systems.filter(system => system.role === role)
    return answers.flatMap(({ question }): Finding[] => {
      if (systems.length === 0) {
        const sentence = `The role "${role}" answers "${question}", and no system fills that role.`
        return [finding('answer-missing', { role }, sentence, `Fill the role (fill(${role}, …)).`)]
      }
      return systems.flatMap(system => {
        const answer = system.answers.find(one => one.question === question)
        if (answer && answer.native in system.connector.questions) return []
        const sentence = answer
          ? `"${question}" is answered by "${answer.native}", which ${system.connector.name} does not know.`
          : `The role "${role}" answers "${question}", and "${system.instance}" does not say how.`
        const todo = answer
          ? `Name one of: ${Object.keys(system.connector.questions).join(', ')}.`
          : `Add answers(…) for it to fill(${role}, '${system.instance}', …).`
        return [finding('answer-missing', { system: system.instance }, sentence, todo)]
      })
    })
  })
}

// ---- what a workflow promises

function promises(project: Project, workflow: Workflow): Finding[] {
  const { startsWhen, checkpoints, within, worth } = workflow
  const about = { workflow: workflow.workflow }
  const findings: Finding[] = []
  const contract = project.contracts.find(one => one.contract === startsWhen.contract)
  const values = contract?.fields.status?.values ?? []
  if (!values.includes(startsWhen.becomes)) {
    const sentence = contract
      ? `It starts when "${startsWhen.contract}" becomes "${startsWhen.becomes}", which is none of its status values.`
      : `It starts from "${startsWhen.contract}", which is no contract of the project.`
    const todo = contract
      ? `Name one of: ${values.join(', ') || '(the contract has no status)'}.`
      : 'Add that contract to the project.'
    findings.push(finding('trigger-unknown', about, sentence, todo))
  }
  for (const name of Object.keys(within)) {
    if (!checkpoints.includes(name)) findings.push(noSuchCheckpoint(workflow, name, 'within'))
  }
  if (worth !== undefined && contract?.fields[worth]?.kind !== 'money') {
    findings.push(
      finding(
        'worth-unknown',
        about,
        `What a journey is worth is read from "${worth}", which is no money field of "${startsWhen.contract}".`,
        'Name a money field of the record that starts the journey.',
      ),
    )
  }
  return findings
}
