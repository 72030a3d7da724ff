// What a check may find: the catalogue, and a finding in words.
import type { AnyContract, Workflow } from '@plumbline/sdk'

export const CHECKS = {
  'name-twice': 'Two things of the project have the same name.',
  'contract-unknown': 'A contract is used that the project does not list.',
  'field-unowned': 'A field of a contract has no owner.',
  'owner-unfilled': 'A field is owned by a role that no system fills.',
  'owned-unmapped': 'A system of the role that owns a field does not map it.',
  'field-unmapped': 'A system holds a contract and says nothing of one of its fields.',
  'not-written': 'A system is to be given a field that it only reads.',
  'hand-over-unknown': 'Ownership passes on at a stage that the contract does not have.',
  'desk-missing': 'Edits of a field become questions, and the contract names no desk that is asked.',
  'home-unmapped': 'A record is to live in a system that has no mapping for it.',
  'role-unknown': 'A role is named that the project does not have.',
  'route-unknown': 'A route leads to a system that does not fill the role.',
  'route-missing': 'A role is filled by several systems, and no route says which of them a record goes to or is asked.',
  'route-ambiguous': 'Two systems of a role serve the same value.',
  'route-idle': 'A system of a routed role does not say whom it serves.',
  'route-field-missing': 'A record is routed by a field that its contract, or a system that numbers it, does not have.',
  'route-unsettled': 'What decides where a record is born could be changed afterwards.',
  'calendar-ambiguous': 'Systems of two roles have calendars, and a journey counts working days by one.',
  'calendar-zone': 'A calendar goes by the clocks of a time zone that does not exist.',
  'calendar-holiday': 'A calendar has a holiday that is no day.',
  'calendar-idle': 'A calendar has no working day.',
  'words-unknown': 'A system brings its own words of a value table that the project does not have.',
  'birth-unknown': 'A contract is born by a workflow that the project does not have.',
  'derivation-unknown': 'A derivation names a contract or a field that does not exist.',
  'derivation-gap': 'Both records have a field, and the one that is derived does not say whether it takes it over.',
  'match-unknown': 'A contract is matched by a field that it does not have.',
  'name-unknown': 'A contract is known by a field that it does not have.',
  'native-unknown': 'A mapping names an object or a field that the system does not have.',
  'value-unmapped': 'A value of a contract has no counterpart in a system.',
  'value-unknown': 'A mapping writes a value that the picklist of the system does not have.',
  'native-value-unmapped': 'A value of a system has no counterpart in the contract.',
  'table-unused': 'A value table is listed that no mapping uses.',
  'table-unlisted': 'A mapping uses a value table that the project does not list.',
  'table-unkept': 'A value table is kept by no desk.',
  'table-system-unknown': 'A value table begins with words of a system that the project does not have.',
  'table-ambiguous': 'A value table begins with a word that stands for two values.',
  'standard-unknown': 'A contract says what standards call a field that it does not have.',
  'upgrade-missing': 'A contract has a version and does not say how records of an older one become its own.',
  'upgrade-stray': 'A contract says how to upgrade a version that it has not left behind.',
  'conversion-undated': 'An amount is converted at the rate of something that is no day.',
  'trigger-unknown': 'A workflow starts when a contract reaches a status that it does not have.',
  'checkpoint-unknown': 'A checkpoint is named that the workflow does not declare.',
  'worth-unknown': 'What a journey is worth is read from a field that is no money of its record.',
  'answer-missing': 'A question of a role is answered by no system, or a system does not say how.',
  'step-twice': 'A workflow has two steps of the same name that are not told apart.',
  'world-inside': 'A workflow reaches for clock, network or random by itself.',
  'stage-equality': 'A stage is compared for equality; a poll may skip it.',
} as const

/** Which thing of the project a finding is about, by the names that the project gave. */
export type About = {
  readonly contract?: string
  /** Of a contract; of a line: `lines.quantity`. */
  readonly field?: string
  readonly system?: string
  readonly workflow?: string
  readonly role?: string
  readonly table?: string
}

export type Finding = About & {
  readonly code: keyof typeof CHECKS
  /** The same in words: `contract order, field number`. */
  readonly where: string
  readonly sentence: string
  readonly todo: string
}

/** `where` from what it is about, with what the names do not say behind it. */
export function finding(
  code: Finding['code'],
  about: About,
  sentence: string,
  todo: string,
  more: string = '',
): Finding {
  const { contract, field, system, workflow, role, table } = about
  const parts = [
    contract && `contract ${contract}`,
    field && `field ${field}`,
    workflow && `workflow ${workflow}`,
    role && `role ${role}`,
    table && `table ${table}`,
    system && (contract || table ? `in ${system}` : `system ${system}`),
    more,
  ]
  return { code, ...about, where: parts.filter(Boolean).join(', '), sentence, todo }
}

export const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, i) => names.indexOf(name) !== i)),
]

export const noSuchCheckpoint = ({ workflow, checkpoints }: Workflow, name: string, place: string): Finding =>
  finding(
    'checkpoint-unknown',
    { workflow },
    `"${name}" is no checkpoint of it.`,
    `Name one of: ${checkpoints.join(', ')}; or add it to checkpoints.`,
    place,
  )

export const noSuchField = (code: Finding['code'], contract: AnyContract, field: string, option: string): Finding =>
  finding(
    code,
    { contract: contract.contract },
    `"${contract.contract}" has no field "${field}".`,
    `Name one of: ${Object.keys(contract.fields).join(', ')}.`,
    option,
  )
