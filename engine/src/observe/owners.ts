// The matrix of owners: for each field of each contract whose it is and what every role does with it. Pure: read from the
// project alone, for the command line, the admin API and the console.
import type { AnyContract, AnyRule, Field, Gone, Instance, Mapping, Project } from '@plumbline/sdk'
import { fieldsOf, ruleFor } from '../kernel/check-fields.ts'
import { namesIn } from '../kernel/check-mappings.ts'
import { bornBy, livesIn, ownedBy, roleName, sentence, theRole, whenGone, whileWords } from './owner-words.ts'

/** What a role, or one of its systems, does with a field. */
type Part =
  | 'owns'
  | 'owns until'
  | 'owns from'
  /** It may edit it as others may; nobody owns it. */
  | 'shares'
  /** Whether it does depends on the record. */
  | 'owns when'
  /** It is given the value, and shows it. */
  | 'shows'
  /** It works the value out by itself, and is never given it. */
  | 'computes'
  /** It is given the value once, when the record is created there. */
  | 'once'
  /** It does not keep the field, for a reason. */
  | 'skips'
  /** It holds the contract and says nothing of the field. */
  | 'unsaid'
  /** It does not hold the contract. */
  | 'none'

type OwnerSystem = {
  readonly system: string
  readonly part: Part
  /** Where it keeps the value: `Order.PoNumber`; several when it is worked out of them. */
  readonly keptIn: readonly string[]
  /** Why it is not kept. */
  readonly reason: string | null
  /** The value table that says what our values are called there, and the desk that keeps it. */
  readonly table: { readonly table: string; readonly keptBy: string } | null
}
type OwnerCell = {
  readonly role: string
  readonly part: Part
  /** "owns until booked", "shows it", "not kept: …". */
  readonly says: string
  readonly systems: readonly OwnerSystem[]
}
type OwnedField = {
  /** `quantity`; of lines `lines.quantity`. */
  readonly field: string
  readonly label: string
  /** Of a field of lines: what the lines are called. */
  readonly of: string | null
  readonly kind: string
  readonly optional: boolean
  readonly personal: boolean
  readonly owner: string | null
  readonly handOver: { readonly until: string; readonly then: string; readonly later: string } | null
  readonly condition: { readonly when: string; readonly otherwise: string } | null
  /** Several roles edit it and nobody owns it: what counts when two edits meet, and why that is so. */
  readonly shared: { readonly roles: readonly string[]; readonly agreed: string; readonly because: string } | null
  /** What becomes of edits by those who do not own it. */
  readonly others: string
  /** "The CRM until booked, then the ERP; later edits become change requests". */
  readonly ownedBy: string
  /** What it is taken from when the record is born of another: "quote: Quote number". */
  readonly bornFrom: string | null
  readonly cells: readonly OwnerCell[]
}
export type RoleNamed = {
  readonly role: string
  /** "CRM"; in a sentence "the CRM". */
  readonly name: string
  readonly called: string
  readonly systems: readonly string[]
}
type RolePresence = RoleNamed & {
  readonly holds: boolean
  /** Where the record lives: "always", "from booked on", "where somebody entered it". */
  readonly lives: string
  /** What its disappearance there means for the others. */
  readonly gone: Gone | null
  readonly whenGone: string
  /** Where a record there says what became of somebody's edit: `Order.Plumbline_Note__c`. */
  readonly saysIn: readonly string[]
}
export type OwnedContract = {
  readonly contract: string
  readonly label: string
  readonly nature: 'state' | 'fact'
  readonly version: number
  readonly bornBy: string
  /** The field by which the same thing is found in several systems, in words. */
  readonly match: string | null
  /** The desk that is asked about change requests. */
  readonly desk: string | null
  readonly presence: readonly RolePresence[]
  readonly fields: readonly OwnedField[]
}
export type Owners = {
  readonly project: string
  readonly roles: readonly RoleNamed[]
  readonly contracts: readonly OwnedContract[]
}

export const ownersOf = (project: Project): Owners => ({
  project: project.project,
  roles: project.roles.map(({ role }) => named(project, role)),
  contracts: project.contracts.map(contract => ownedContract(project, contract)),
})

const named = (project: Project, role: string): RoleNamed => ({
  role,
  name: roleName(role),
  called: theRole(role),
  systems: systemsOf(project, role).map(one => one.instance),
})

const systemsOf = ({ systems }: Project, role: string): readonly Instance[] =>
  systems.filter(system => system.role === role)

function ownedContract(project: Project, contract: AnyContract): OwnedContract {
  const { options, nature } = contract
  return {
    contract: contract.contract,
    label: sentence(contract.contract),
    nature,
    version: options.version ?? 1,
    bornBy: bornBy(contract),
    match: options.match === undefined ? null : (contract.fields[options.match]?.label ?? options.match),
    desk: options.desk ?? null,
    presence: project.roles.map(({ role, holds }) => ({
      ...named(project, role),
      saysIn: systemsOf(project, role).flatMap(system => saysIn(system, contract)),
      ...presenceIn(
        contract,
        role,
        holds.some(one => one.contract === contract.contract),
      ),
    })),
    fields: fieldsOf(contract).map(([name, field]) => ownedField(project, contract, name, field)),
  }
}

const saysIn = ({ mappings }: Instance, { contract }: AnyContract): string[] =>
  mappings.flatMap(one =>
    one.contract === contract && one.options.says !== undefined ? [`${one.object}.${one.options.says}`] : [],
  )

type Presence = Pick<RolePresence, 'holds' | 'lives' | 'gone' | 'whenGone'>
function presenceIn({ options }: AnyContract, role: string, listed: boolean): Presence {
  const presence = options.livesIn?.[role]
  const gone = options.gone?.[role] ?? null
  const holds = listed || presence !== undefined
  const lives = presence ? livesIn(presence) : holds ? 'where somebody enters it' : 'never'
  return { holds, lives, gone, whenGone: holds ? whenGone(gone ?? undefined) : '' }
}

function ownedField(project: Project, contract: AnyContract, name: string, field: Field<unknown>): OwnedField {
  const [outer = '', inner] = name.split('.')
  return {
    field: name,
    label: sentence(field.label),
    of: inner === undefined ? null : (contract.fields[outer]?.label ?? outer),
    kind: field.kind,
    optional: field.isOptional,
    personal: field.isPersonal,
    owner: field.owner ?? null,
    handOver: field.handOver ?? null,
    condition: field.condition
      ? { when: whileWords(field.condition.when), otherwise: field.condition.otherwise }
      : null,
    shared: field.shared ?? null,
    others: field.others ?? 'put right',
    ownedBy: ownedBy(field),
    bornFrom: inner === undefined ? bornFrom(project, contract, name) : null,
    cells: project.roles.map(({ role }) => cellOf(project, contract, name, field, role)),
  }
}

function bornFrom(project: Project, { options }: AnyContract, name: string): string | null {
  const theirs = options.from?.fields[name]
  if (!options.from || theirs === undefined || theirs === null) return null
  if (theirs === 'ref') return `the ${options.from.of} itself`
  const source = project.contracts.find(one => one.contract === options.from?.of)
  return `${options.from.of}: ${source?.fields[theirs]?.label ?? theirs}`
}

// ---- what a role does with a field

function cellOf(project: Project, contract: AnyContract, name: string, field: Field<unknown>, role: string): OwnerCell {
  const systems = systemsOf(project, role).flatMap(({ instance, mappings }): OwnerSystem[] => {
    const mapping = mappings.find(one => one.contract === contract.contract)
    return mapping ? [{ system: instance, ...partIn(mapping, name, field, role) }] : []
  })
  const part = owning(field, role) ?? systems.find(one => one.part !== 'skips')?.part ?? systems[0]?.part ?? 'none'
  return { role, part, says: words(part, field, systems), systems }
}

/** Of lines each role that owns one of their fields owns a part. */
function owning(field: Field<unknown>, role: string): Part | undefined {
  if (field.kind === 'lines') {
    const parts = Object.values<Field<unknown>>(field.of ?? {}).map(of => owning(of, role))
    return parts.find(part => part === 'owns') ?? parts.find(part => part !== undefined)
  }
  const { owner, handOver, condition, shared } = field
  if (shared) return shared.roles.includes(role) ? 'shares' : undefined
  if (condition) return owner === role || condition.otherwise === role ? 'owns when' : undefined
  if (owner === role) return handOver && handOver.then !== role ? 'owns until' : 'owns'
  return handOver?.then === role ? 'owns from' : undefined
}

function partIn(mapping: Mapping, name: string, field: Field<unknown>, role: string): Omit<OwnerSystem, 'system'> {
  const rule = ruleFor(mapping, name)
  const owns = owning(field, role)
  const said = (part: Part, reason: string | null = null): Omit<OwnerSystem, 'system'> => ({
    part,
    keptIn: rule === undefined ? [] : placesOf(mapping, name, rule),
    reason,
    table: typeof rule === 'object' && 'table' in rule ? { table: rule.table.table, keptBy: rule.table.keptBy } : null,
  })
  if (rule === undefined) return said('unsaid')
  if (typeof rule === 'object' && 'skip' in rule) return said('skips', rule.skip)
  if (owns) return said(owns)
  if (typeof rule === 'object' && 'createOnly' in rule) return said('once')
  if (typeof rule === 'object' && ('from' in rule || ('read' in rule && !rule.write))) return said('computes')
  return said('shows')
}

function placesOf({ object, rules }: Mapping, name: string, rule: AnyRule): string[] {
  const [outer = '', inner] = name.split('.')
  const lines = rules[outer]
  const place = inner !== undefined && typeof lines === 'object' && 'each' in lines ? `${object}.${lines.each}` : object
  return namesIn(rule).map(native => `${place}.${native}`)
}

function words(part: Part, field: Field<unknown>, systems: readonly OwnerSystem[]): string {
  if (part === 'owns until') return `owns${stageOf(field, ' until ')}`
  if (part === 'owns from') return `owns${stageOf(field, ' from ')}${stageOf(field, '') ? ' on' : ''}`
  if (part !== 'skips') return SAYS[part]
  const reasons = [...new Set(systems.map(({ reason }) => reason))]
  return `not kept: ${reasons.join('; ')}`
}

const SAYS: Readonly<Record<Exclude<Part, 'owns until' | 'owns from' | 'skips'>, string>> = {
  owns: 'owns',
  'owns when': 'owns, as the record stands',
  shares: 'shares it',
  shows: 'shows it',
  computes: 'works it out by itself',
  once: 'is told once, at its creation',
  unsaid: 'says nothing of it',
  none: 'does not have it',
}

/** The stage of a hand-over; of lines the one that all their fields share. */
function stageOf(field: Field<unknown>, before: string): string {
  const stages =
    field.kind === 'lines'
      ? Object.values<Field<unknown>>(field.of ?? {}).map(of => of.handOver?.until)
      : [field.handOver?.until]
  const [only, ...more] = [...new Set(stages.filter(one => one !== undefined))]
  return only === undefined || more.length > 0 ? '' : `${before}${only}`
}
