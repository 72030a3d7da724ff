// The systems that fill each role: whom each serves, its working days, and where it deviates from the others. Pure: read from the
// project alone.
import type { AnyRule, DateOnly, Instance, Mapping, Project } from '@plumbline/sdk'
import { isZone } from '../kernel/check-calendars.ts'
import { fieldsOf, ruleFor } from '../kernel/check-fields.ts'
import { namesIn } from '../kernel/check-mappings.ts'
import { startsOf } from '../kernel/vocabulary.ts'
import { dayIn, weekendOf } from '../kernel/working-days.ts'

/** One thing that is not as it is elsewhere. */
export type Deviation = {
  /** `order.hold`, "payment terms: net 30", "calendar: zone". */
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
  /** Its working days; null, where it says nothing of them. */
  readonly calendar: CalendarLine | null
  readonly deviations: readonly Deviation[]
}
export type CalendarLine = {
  readonly zone: string
  /** How many of its holidays are still to come, and the first of them. */
  readonly holidays: number
  readonly next: string | null
}
export type InstancesOfRole = {
  readonly role: string
  /** The field by which it is routed; null, where one system fills it. */
  readonly routedBy: string | null
  readonly instances: readonly InstanceLine[]
}
export type Instances = { readonly project: string; readonly roles: readonly InstancesOfRole[] }

export const instancesOf = (project: Project, now: number): Instances => ({
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
        calendar: calendarOf(system, now),
        deviations: [
          ...system.mappings.flatMap(mapping => ofMapping(project, mapping, others(systems, system))),
          ...ofWords(project, system, others(systems, system)),
          ...others(systems, system).flatMap(other => ofOptions(system, other, now)),
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

// ---- working days, and what else it says for itself

function calendarOf(system: Instance, now: number): CalendarLine | null {
  if (!system.calendar) return null
  const holidays = holidaysOf(system, now)
  return { zone: system.calendar.zone, holidays: holidays.length, next: holidays[0] ?? null }
}

/** Those to come, today's included. That a zone does not exist is what the check says. */
function holidaysOf({ calendar }: Instance, now: number): DateOnly[] {
  if (!calendar) return []
  const today = dayIn(isZone(calendar.zone) ? calendar.zone : 'UTC', now)
  return [...new Set(calendar.holidays)].filter(day => day >= today).sort()
}

function ofOptions(system: Instance, other: Instance, now: number): Deviation[] {
  const theirs = optionsOf(other)
  const said = Object.entries(optionsOf(system)).map(([what, here]) => ({ what, here, there: theirs[what] }))
  const [ours, others] = [holidaysOf(system, now), holidaysOf(other, now)]
  const holidays = {
    what: 'calendar: holidays',
    here: fewOf(ours.filter(day => !others.includes(day))),
    there: fewOf(others.filter(day => !ours.includes(day))),
  }
  return [...said, holidays]
    .filter(({ here, there }) => here !== there)
    .map(({ what, here, there }) => ({ what, here, elsewhere: `${there} in ${other.instance}` }))
}

const optionsOf = ({ calendar, limits, sweep }: Instance): Readonly<Record<string, string>> => ({
  'limits: calls at once': `${limits?.concurrency ?? 'nothing said'}`,
  'limits: calls a second': `${limits?.perSecond ?? 'nothing said'}`,
  'sweep: every': sweep?.every ?? 'nothing said',
  'sweep: pages a minute': `${sweep?.pagesPerMinute ?? 'nothing said'}`,
  'calendar: zone': calendar?.zone ?? 'nothing said',
  'calendar: weekend': calendar ? [...weekendOf(calendar)].sort().join(', ') : 'nothing said',
})

const fewOf = (days: readonly DateOnly[]): string =>
  days.length === 0
    ? 'none'
    : [days.slice(0, 3).join(', '), ...(days.length > 3 ? [`${days.length - 3} more`] : [])].join(' and ')
