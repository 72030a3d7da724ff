// Checks value tables: that each is kept by somebody, is used, and begins with words that can be told apart.
import type { Instance, Project, ValueTable } from '@plumbline/sdk'
import { type Finding, finding, repeated } from './finding.ts'
import { startsOf, tablesIn } from './vocabulary.ts'

export function checkTables(project: Project): Finding[] {
  const listed = project.tables ?? []
  const used = new Set(project.systems.flatMap(({ mappings }) => mappings.flatMap(tablesIn)))
  return [
    ...repeated(listed.map(one => one.table)).map(table =>
      finding(
        'name-twice',
        { table },
        `There are two tables called "${table}".`,
        'Give one of them another name; rows know a table by its name.',
      ),
    ),
    ...listed.flatMap(one => (used.has(one) ? [] : [unused(one)])),
    ...[...used].flatMap(one => (listed.includes(one) ? [] : [unlisted(one)])),
    ...project.systems.flatMap(system => undated(project, system)),
    ...[...new Set([...listed, ...used])].flatMap(one => [
      ...desk(one),
      ...strangers(project, one),
      ...ambiguous(project, one),
    ]),
    ...project.systems.flatMap(({ instance, words = {} }) =>
      Object.keys(words)
        .filter(name => !listed.some(({ table }) => table === name))
        .map(name => lost(instance, name, listed)),
    ),
  ]
}

/** An amount is converted at the rate of a day that its record has. */
const undated = ({ contracts }: Project, { instance, mappings }: Instance): Finding[] =>
  mappings.flatMap(({ contract, rules }) => {
    const fields = contracts.find(one => one.contract === contract)?.fields ?? {}
    return Object.entries(rules).flatMap(([field, rule]) => {
      if (typeof rule !== 'object' || !('converted' in rule) || fields[rule.on]?.kind === 'day') return []
      return [
        finding(
          'conversion-undated',
          { contract, field, system: instance },
          `It is converted at the rate of "${rule.on}", which is no day of ${contract}.`,
          'Name a field that is a day: on: ….',
        ),
      ]
    })
  })

const unused = ({ table }: ValueTable): Finding =>
  finding(
    'table-unused',
    { table },
    'No mapping uses it, so nothing is called by it.',
    `Use it in a rule, { field: '…', table: … }, or take it out of the project.`,
  )

const unlisted = ({ table }: ValueTable): Finding =>
  finding(
    'table-unlisted',
    { table },
    'A mapping uses it, and the project does not list it.',
    'Add it to the tables of the project.',
  )

const desk = ({ table, keptBy }: ValueTable): Finding[] =>
  keptBy.trim() === ''
    ? [
        finding(
          'table-unkept',
          { table },
          'It is kept by no desk, so nobody is told when a value is missing.',
          "Name the desk: keptBy: '…'.",
        ),
      ]
    : []

const lost = (system: string, name: string, listed: readonly ValueTable[]): Finding =>
  finding(
    'words-unknown',
    { system },
    `It brings its own words of a table "${name}", which the project does not list.`,
    `Name one of: ${listed.map(({ table }) => table).join(', ')}.`,
  )

const strangers = ({ systems }: Project, { table, starts }: ValueTable): Finding[] =>
  Object.keys(starts)
    .filter(name => !systems.some(({ instance, connector }) => instance === name || connector.name === name))
    .map(name =>
      finding(
        'table-system-unknown',
        { table },
        `It says what values are called in "${name}", which is no system of the project.`,
        `Name one of: ${systems.map(({ instance }) => instance).join(', ')}.`,
      ),
    )

/** A system's word that would be read as two of our values. */
const ambiguous = ({ systems }: Project, of: ValueTable): Finding[] => {
  const { table } = of
  return Object.entries(startsOf(of, systems)).flatMap(([system, values]) =>
    repeated(Object.values(values).flatMap(words => [...new Set([words].flat())])).map(word => {
      const meant = Object.entries(values).flatMap(([value, words]) => ([words].flat().includes(word) ? [value] : []))
      return finding(
        'table-ambiguous',
        { table, system },
        `"${word}" stands for ${meant.map(value => `"${value}"`).join(' and ')}, and only one of them could be read.`,
        'Leave it with one of them.',
      )
    }),
  )
}
