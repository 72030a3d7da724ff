// The systems that fill each role: whom each serves, and where it deviates from the others. Pure: read from the project alone.
import type { AnyRule, Instance, Mapping, Project } from '@plumbline/sdk'
import { fieldsOf, ruleFor } from '../kernel/check-fields.ts'
import { namesIn } from '../kernel/check-mappings.ts'
import { startsOf } from '../kernel/vocabulary.ts'

/** One thing that is not as it is elsewhere. */
export type Deviation = {
  /** `order.hold`, "payment terms: net 30". */
  readonly what: string
  readonly here: string
  /** How the template, or another system of the role, has it. */
  readonly elsewhere: string
}
export type InstanceLine = {
  readonly instance: string
  readonly role: string
  readonly connector: string
  /** The values of the role's route that lead to it. */
  readonly serves: readonly string[]
  /** Records in which the field is empty go here too. */
  readonly servesEmpty: boolean
  readonly deviations: readonly Deviation[]
}
export type InstancesOfRole = {
  readonly role: string
  /** The field by which it is routed; null, where one system fills it. */
  readonly routedBy: string | null
  readonly instances: readonly InstanceLine[]
}
export type Instances = { readonly project: string; readonly roles: readonly InstancesOfRole[] }

export const instancesOf = (project: Project): Instances => ({
  project: project.project,
  roles: project.roles.map(({ role }) => {
    const systems = project.systems.filter(system => system.role === role)
    const route = project.routes.find(one => one.role === role)
    return {
      role,
      routedBy: route?.by ?? null,
      instances: systems.map(system => ({
        instance: system.instance,
        role,
        connector: system.connector.name,
        serves: system.serves ?? [],
        servesEmpty: route?.whenEmpty === system.instance,
        deviations: [
          ...system.mappings.flatMap(mapping => ofMapping(project, mapping, others(systems, system))),
          ...ofWords(project, system, others(systems, system)),
        ],
      })),
    }
  }),
})

const others = (systems: readonly Instance[], system: Instance): readonly Instance[] =>
  systems.filter(one => one !== system)

/** Against its template, where it says of which mapping it is one; else in what the others keep and it does not. */
function ofMapping(project: Project, mapping: Mapping, others: readonly Instance[]): Deviation[] {
  const contract = project.contracts.find(one => one.contract === mapping.contract)
  return (contract ? fieldsOf(contract) : []).flatMap(([path]) => {
    const what = `${mapping.contract}.${path}`
    const rule = ruleFor(mapping, path)
    const template = mapping.template && ruleFor(mapping.template, path)
    if (mapping.template)
      return sameRule(rule, template) ? [] : [{ what, here: ruleWords(rule), elsewhere: ruleWords(template) }]
    if (!isSkipped(rule)) return []
    const keeper = others
      .map(other => ({ other, rule: ruleFor(mappingOf(other, mapping.contract), path) }))
      .find(one => one.rule !== undefined && !isSkipped(one.rule))
    return keeper
      ? [{ what, here: ruleWords(rule), elsewhere: `${ruleWords(keeper.rule)} in ${keeper.other.instance}` }]
      : []
  })
}

const mappingOf = ({ mappings }: Instance, contract: string): Mapping | undefined =>
  mappings.find(one => one.contract === contract)

const isSkipped = (rule: AnyRule | undefined): boolean => typeof rule === 'object' && 'skip' in rule

/** Of lines their fields are compared one by one. */
const sameRule = (one: AnyRule | undefined, other: AnyRule | undefined): boolean =>
  one === other || (isLines(one) && isLines(other) && one.each === other.each && one.key === other.key)
const isLines = (rule: AnyRule | undefined): rule is AnyRule & { each: string; key?: string } =>
  typeof rule === 'object' && 'each' in rule

function ruleWords(rule: AnyRule | undefined): string {
  if (rule === undefined) return 'nothing said'
  if (typeof rule === 'object' && 'skip' in rule) return `not kept: ${rule.skip}`
  const names = namesIn(rule).join(', ')
  if (typeof rule === 'string') return names
  if ('table' in rule) return `${names}, in the words of "${rule.table.table}"`
  if ('from' in rule) return `worked out of ${names}`
  if ('createOnly' in rule) return `${names}, once`
  return names
}

/** Its own words of value tables, and those that the others have and it has not. */
function ofWords(project: Project, system: Instance, others: readonly Instance[]): Deviation[] {
  return (project.tables ?? []).flatMap(table => {
    const starts = startsOf(table, project.systems)
    const words = starts[system.instance]
    if (!words) return []
    const template = table.starts[system.connector.name] ?? {}
    const own = Object.entries(system.words?.[table.table] ?? {}).flatMap(([value, word]) =>
      JSON.stringify(word) === JSON.stringify(template[value])
        ? []
        : [{ what: `${table.table}: ${value}`, here: wordWords(word), elsewhere: wordWords(template[value]) }],
    )
    const missing = others.flatMap(({ instance }) =>
      Object.entries(starts[instance] ?? {}).flatMap(([value, word]) =>
        value in words
          ? []
          : [
              {
                what: `${table.table}: ${value}`,
                here: 'no word for it',
                elsewhere: `${wordWords(word)} in ${instance}`,
              },
            ],
      ),
    )
    return [...own, ...missing]
  })
}

const wordWords = (word: string | readonly string[] | undefined): string =>
  word === undefined
    ? 'no word for it'
    : [word]
        .flat()
        .map(one => `"${one}"`)
        .join(' or ')
