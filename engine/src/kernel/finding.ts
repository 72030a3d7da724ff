// What a check may find: the catalogue, and a finding in words.
import type { Workflow } from '@plumbline/sdk'

export const CHECKS = {
  'name-twice': 'Two things of the project have the same name.',
  'owner-unfilled': 'A field is owned by a role that no system fills.',
  'owned-unmapped': 'A system of the role that owns a field does not map it.',
  'home-unmapped': 'A record is to live in a system that has no mapping for it.',
  'role-unknown': 'A role is named that the project does not have.',
  'route-unknown': 'A route leads to a system that does not fill the role.',
  'route-missing': 'A record is routed in a role that several systems fill, and no route says which.',
  'birth-unknown': 'A contract is born by a workflow that the project does not have.',
  'derivation-unknown': 'A derivation names a contract or a field that does not exist.',
  'match-unknown': 'A contract is matched by a field that it does not have.',
  'name-unknown': 'A contract is known by a field that it does not have.',
  'trigger-unknown': 'A workflow starts when a contract reaches a status that it does not have.',
  'checkpoint-unknown': 'A checkpoint is named that the workflow does not declare.',
  'worth-unknown': 'What a journey is worth is read from a field that is no money of its record.',
  'answer-missing': 'A system does not say how it answers a question of its role.',
  'step-twice': 'A workflow has two steps of the same name that are not told apart.',
  'world-inside': 'A workflow reaches for clock, network or random by itself.',
  'stage-equality': 'A workflow compares a stage for equality; a poll may skip it.',
} as const

export type Finding = {
  readonly code: keyof typeof CHECKS
  /** Which thing of the project: `contract order, field number`. */
  readonly where: string
  readonly sentence: string
  readonly todo: string
}

export const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, i) => names.indexOf(name) !== i)),
]

export const noSuchCheckpoint = (workflow: Workflow, name: string, place: string): Finding => ({
  code: 'checkpoint-unknown',
  where: `workflow ${workflow.workflow}, ${place}`,
  sentence: `"${name}" is no checkpoint of it.`,
  todo: `Name one of: ${workflow.checkpoints.join(', ')}; or add it to checkpoints.`,
})
