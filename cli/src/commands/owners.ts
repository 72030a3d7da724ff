/** `plumb owners`: whose each field is, until when and what then; read from the project alone, without a database. */
import type { OwnedContract, OwnedField, OwnerCell, Owners } from '@plumbline/engine'
import type { Command } from 'commander'
import { Failure } from '../failure.ts'
import { json, line, table } from '../print.ts'
import { findProject, loadProject } from '../project.ts'
import { aboutProject, type WithProject } from './options.ts'

export function addOwnersCommand(program: Command): void {
  aboutProject(program.command('owners'), [
    'plumb owners                 every contract',
    'plumb owners order           one of them',
    'plumb owners --project ./acme --json',
  ])
    .summary('show whose each field is')
    .description(
      'Shows for each field of each contract which role owns it, until when and who then, and what every other role does with it.\n' +
        'It reads the project alone: nothing need run.',
    )
    .argument('[contract]', 'as the project names it')
    .action(owners)
}

async function owners(named: string | undefined, { project: path, json: asJson }: WithProject): Promise<void> {
  const project = await loadProject(findProject(path))
  const { ownersOf } = await import('@plumbline/engine')
  const all = ownersOf(project)
  const contracts = all.contracts.filter(one => named === undefined || one.contract === named)
  if (contracts.length === 0 && named !== undefined) throw noSuchContract(named, all)
  if (asJson) return json({ ...all, contracts })
  line(contracts.map(contractWords).join('\n\n'))
}

const noSuchContract = (named: string, { project, contracts }: Owners): Failure =>
  new Failure(
    `The project ${project} has no contract "${named}".`,
    `Name one of: ${contracts.map(one => one.contract).join(', ')}.`,
    'usage',
  )

function contractWords(of: OwnedContract): string {
  const { label, contract, nature, version, bornBy, match, desk, presence, fields } = of
  const held = presence.filter(one => one.holds)
  const places = held.map(({ name, systems, lives, whenGone }) => [`  ${name}`, systems.join(', '), lives, whenGone])
  const notes = fields.flatMap(field => field.cells.flatMap(cell => noteOf(field, cell)))
  return [
    `${label}  (contract ${contract}, version ${version}, ${nature === 'fact' ? 'a fact: never changed, only followed by another' : 'a state'})`,
    `  born by: ${bornBy}${match ? `; the same thing is known by its ${match}` : ''}`,
    ...(desk === null ? [] : [`  change requests go to: ${desk}`]),
    ...held.flatMap(({ saysIn }) => saysIn.map(place => `  what became of an edit stands in: ${place}`)),
    '',
    table(['  ROLE', 'SYSTEMS', 'LIVES THERE', 'WHEN IT DISAPPEARS THERE'], places),
    '',
    table(
      ['  FIELD', 'WHO OWNS IT', ...held.map(({ called }) => `IN ${called.toUpperCase()}`)],
      fields.map(field => fieldRow(field, held)),
    ),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n')
}

const fieldRow = (field: OwnedField, roles: OwnedContract['presence']): string[] => [
  `  ${field.of === null ? '' : `${field.of} · `}${field.label}`,
  field.ownedBy,
  ...roles.map(({ role }) => briefly(field.cells.find(cell => cell.role === role))),
]

/** Reasons are long: they stand below the table. */
const briefly = (cell: OwnerCell | undefined): string =>
  cell === undefined ? '' : cell.part === 'skips' ? 'not kept' : cell.says

function noteOf({ label, of }: OwnedField, cell: OwnerCell): string[] {
  const named = of === null ? label : `${of} · ${label}`
  return cell.systems.flatMap(({ system, reason, table: words }) => [
    ...(reason === null ? [] : [`  ${named} is not kept in ${system}: ${reason}`]),
    ...(words === null ? [] : [`  ${named} in the words of ${system}: table ${words.table}, kept by ${words.keptBy}`]),
  ])
}
