// Checks the fields of a contract: that each has an owner who can be heard, and that every system says what it does with it.
import type { AnyContract, AnyRule, Field, Fields, Instance, Mapping, Project } from '@plumbline/sdk'
import { type Finding, finding } from './finding.ts'

export function checkFields(project: Project, contract: AnyContract): Finding[] {
  return fieldsOf(contract).flatMap(([name, field]) => [
    ...owners(project, contract, name, field),
    ...unsaid(project, contract, name, field),
    ...pointsTo(project, contract, name, field),
  ])
}

/** Every field under its name, those of lines as `lines.quantity`. Lines themselves are owned field by field. */
export function fieldsOf({ fields }: AnyContract): [string, Field<unknown>][] {
  return Object.entries<Field<unknown>>(fields).flatMap(([name, field]): [string, Field<unknown>][] => [
    [name, field],
    ...Object.entries<Field<unknown>>((field.of ?? {}) as Fields).map(([inner, entry]): [string, Field<unknown>] => [
      `${name}.${inner}`,
      entry,
    ]),
  ])
}

/** What a mapping says of a field, also of a field of lines; nothing when it does not speak of it. */
export function ruleFor(mapping: Mapping | undefined, path: string): AnyRule | undefined {
  const [field = '', inner] = path.split('.')
  const rule = mapping?.rules[field]
  if (inner === undefined || typeof rule !== 'object' || !('each' in rule)) return rule
  return rule.fields[inner]
}

/** Whether a value comes out of a rule when a system's record is read. */
const isHeard = (rule: AnyRule | undefined): boolean =>
  rule !== undefined && (typeof rule === 'string' || !('skip' in rule || 'createOnly' in rule || 'converted' in rule))

const mappingIn = (system: Instance, contract: string): Mapping | undefined =>
  system.mappings.find(mapping => mapping.contract === contract)

// ---- owners

/** The roles that own a field at some time, or as the record stands. */
export const ownersOf = ({ owner, handOver, condition, shared }: Field<unknown>): readonly string[] => [
  ...new Set([owner, handOver?.then, condition?.otherwise, ...(shared?.roles ?? [])].filter(one => one !== undefined)),
]

function owners(
  project: Project,
  { contract, fields, options }: AnyContract,
  field: string,
  of: Field<unknown>,
): Finding[] {
  const about = { contract, field }
  if (of.kind !== 'lines' && of.owner === undefined && !of.shared && !of.settled && !isInSharedLines(fields, field)) {
    const sentence = `"${field}" has no owner, so nobody knows which system is right.`
    return [finding('field-unowned', about, sentence, "Say who owns it: .ownedBy('…').")]
  }
  const stages = fields.status?.kind === 'stages' ? fields.status.values : []
  const handOver = of.handOver && !stages.includes(of.handOver.until) ? [lostHandOver(about, of, stages)] : []
  const asks = [of.others, of.handOver?.later].includes('change request') || of.shared?.agreed === 'ask'
  const desk = asks && options.desk === undefined ? [nobodyToAsk(about)] : []
  return [...handOver, ...desk, ...ownersOf(of).flatMap(role => reachable(project, about, role))]
}

/** A field of lines that several roles share may be nobody's. */
const isInSharedLines = (fields: Fields, path: string): boolean =>
  path.includes('.') && (fields[path.split('.')[0] ?? ''] as Field<unknown> | undefined)?.shared !== undefined

const nobodyToAsk = (about: { contract: string; field: string }) =>
  finding(
    'desk-missing',
    about,
    `Edits of "${about.field}" become questions, and the contract names no desk that is asked.`,
    "Name it in the contract's options: desk: 'order desk'.",
  )

const lostHandOver = (
  about: { contract: string; field: string },
  { handOver }: Field<unknown>,
  stages: readonly string[],
) =>
  finding(
    'hand-over-unknown',
    about,
    `Ownership of "${about.field}" passes on at "${handOver?.until}", which is no stage of the status.`,
    stages.length > 0 ? `Name one of: ${stages.join(', ')}.` : 'Give the contract a status: stages(…).',
  )

/** Whether each system of the owning role can be heard about the field. */
function reachable(project: Project, about: { contract: string; field: string }, role: string): Finding[] {
  const { contract, field } = about
  const systems = project.systems.filter(system => system.role === role)
  if (systems.length === 0) {
    const sentence = `"${field}" is owned by "${role}", and no system fills that role.`
    return [
      finding('owner-unfilled', about, sentence, `Fill the role (fill(${role}, …)) or give the field another owner.`),
    ]
  }
  const rules = new Map(systems.map(system => [system, ruleFor(mappingIn(system, contract), field)]))
  // One of several systems may have nothing like it, and says why; one that says nothing of it has forgotten it.
  const isSaidBySome = [...rules.values()].some(isHeard)
  const isLeftOut = (rule: AnyRule | undefined): boolean => isSaidBySome && typeof rule === 'object' && 'skip' in rule
  return systems
    .filter(system => {
      const rule = rules.get(system)
      return !(isHeard(rule) || isLeftOut(rule) || isSumOfLines(project, contract, field, role))
    })
    .map(system =>
      finding(
        'owned-unmapped',
        { ...about, system: system.instance },
        `"${field}" is owned by "${role}", but the system "${system.instance}" does not map it, so it never gets a value from there.`,
        `Map the field in the mapping of ${contract} in "${system.instance}", or let another role own it.`,
      ),
    )
}

/** What the systems of a role add to lines by themselves, and the contract keeps as one amount. */
const isSumOfLines = ({ contracts }: Project, contract: string, field: string, role: string): boolean =>
  Object.values<Field<unknown>>(contracts.find(one => one.contract === contract)?.fields ?? {}).some(({ lines }) => {
    const extras = lines?.extras
    return typeof extras === 'object' && extras.by === role && extras.into === field
  })

// ---- the others

/** Systems that hold the contract without owning the field: they say what they do with it, and can be given it. */
function unsaid(project: Project, { contract }: AnyContract, field: string, of: Field<unknown>): Finding[] {
  const owns = (role: string): boolean => ownersOf(of).includes(role)
  return project.systems.flatMap((system): Finding[] => {
    const mapping = mappingIn(system, contract)
    if (!mapping) return []
    const about = { contract, field, system: system.instance }
    // Lines that are not mapped at all are told of once.
    if (field.includes('.') && mapping.rules[field.split('.')[0] ?? ''] === undefined) return []
    const rule = ruleFor(mapping, field)
    if (rule === undefined) return owns(system.role) ? [] : [fieldUnmapped(about, mapping)]
    if (of.owner === undefined || ownersOf(of).every(owner => owner === system.role)) return []
    return isOnlyRead(rule, mapping) ? [notWritten(about, of, mapping)] : []
  })
}

const isOnlyRead = (rule: AnyRule, mapping: Mapping): boolean => {
  if (typeof rule === 'object' && ('skip' in rule || 'each' in rule)) return false
  const object = mapping.connector.objects[mapping.object]
  if (object && !object.write) return true
  return typeof rule === 'object' && ('from' in rule || ('read' in rule && !rule.write))
}

type InSystem = { readonly contract: string; readonly field: string; readonly system: string }

const fieldUnmapped = (about: InSystem, { object }: Mapping): Finding =>
  finding(
    'field-unmapped',
    about,
    `"${about.system}" holds ${about.contract} as ${object}, and its mapping says nothing of "${about.field}".`,
    `Map the field there, or write ${lastOf(about.field)}: { skip: 'why it is not there' }.`,
  )

const notWritten = (about: InSystem, { owner, handOver, condition }: Field<unknown>, { object }: Mapping): Finding =>
  finding(
    'not-written',
    about,
    `"${about.field}" is owned by "${owner}"${handOver ? ` and later by "${handOver.then}"` : condition ? ` or by "${condition.otherwise}"` : ''}, and "${about.system}" only reads it from ${object}: what the owner says never gets there.`,
    `Give the rule what it writes (write: …), or write ${lastOf(about.field)}: { skip: 'why it is not there' }.`,
  )

const lastOf = (path: string): string => path.split('.').at(-1) ?? path

/** A field that points to another record: the project knows what kind. */
function pointsTo(project: Project, { contract }: AnyContract, field: string, { kind, to }: Field<unknown>): Finding[] {
  if (kind !== 'ref' || project.contracts.some(one => one.contract === to)) return []
  const sentence = `"${field}" points to "${to}", which is no contract of the project.`
  return [finding('contract-unknown', { contract, field }, sentence, 'Add that contract to the project.')]
}
