// Where records live, and routes: which of the systems that fill a role a record goes to or a question is put to, and why, for people.
import type { AnyContract, Route } from '@plumbline/sdk'
import { hydrate } from './hydrate.ts'
import type { Plan, SystemPlan } from './plan.ts'
import type { StoredRecord } from './rows.ts'

/** The systems that a record is to live in, whether or not it does already. Where it was born it stays, whatever the routes say now. */
export function homesOf(
  plan: Plan,
  contract: AnyContract,
  { ref, fields, born_in }: Pick<StoredRecord, 'ref' | 'fields' | 'born_in'>,
): readonly SystemPlan[] {
  const birthplace = plan.systems.get(born_in ?? '')
  const isOrphan = born_in !== null && !birthplace
  return Object.entries(contract.options.livesIn ?? {}).flatMap(([role, presence]) => {
    const systems = plan.systemsOfRole.get(role) ?? []
    if (presence.lives === 'where found') return []
    if (presence.lives === 'when') return presence.test(hydrate(contract, ref, fields)) ? systems : []
    if (presence.lives === 'always') return systems
    if (birthplace?.role === role) return birthplace
    // It stands in a system that the project no longer has: nowhere else may it be made once more.
    if (isOrphan) return []
    return instanceFor(plan, role, fields[routeFor(plan, role)?.by ?? '']) ?? []
  })
}

export const routeFor = (plan: Plan, role: string): Route | undefined =>
  plan.project.routes.find(route => route.role === role)

/** The system that serves the value of the route's field; the first there is, where the role has no route. */
export function instanceFor(plan: Plan, role: string, value: unknown): SystemPlan | undefined {
  const systems = plan.systemsOfRole.get(role) ?? []
  const route = routeFor(plan, role)
  if (!route) return systems[0]
  if (isEmpty(value)) return systems.find(system => system.name === route.whenEmpty)
  return systems.find(system => system.instance.serves?.includes(String(value)))
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

/** The system that answered a journey's question, kept with the step: the journey stays with it. */
export type Stay = {
  readonly question: string
  readonly role: string
  readonly system: string
  /** What led there, as it was then: a field of a record, by the ref that the journey names it by. Nothing, where the role had no route. */
  readonly by?: { readonly ref: string; readonly field: string; readonly value: unknown }
}

/** Where a journey stays with what this record decides, or what no record does: another record's system is its own. */
export const stayOf = (stays: readonly Stay[], role: string, ref: string | undefined): Stay | undefined =>
  stays.find(one => one.role === role && (ref === undefined || one.by === undefined || one.by.ref === ref))

/**
 * "goes to us because the account's legal entity is US01"; or because a question of the journey was asked there, where the value would
 * lead elsewhere now. Nothing, where there was nothing to choose.
 */
export function whyThere(
  plan: Plan,
  contract: AnyContract,
  { name, role }: SystemPlan,
  value: unknown,
  stay: Stay | undefined,
): string | undefined {
  const route = routeFor(plan, role)
  if (stay) {
    const then =
      route && stay.by?.field === route.by
        ? `; ${whatDecides(plan, contract, route)} was ${inWords(stay.by.value)} then`
        : ''
    return `goes to ${name} because this journey's ${stay.question} was asked there${then}`
  }
  if (!route || plan.systemsOfRole.get(role)?.length === 1) return undefined
  return `goes to ${name} because ${whatDecides(plan, contract, route)} is ${inWords(value)}`
}

const inWords = (value: unknown): string => (isEmpty(value) ? 'empty' : String(value))

/** "the account's legal entity" */
function whatDecides(plan: Plan, contract: AnyContract, { by }: Route): string {
  const { pointer, field } = takenFrom(contract, by)
  const whose =
    field === undefined ? undefined : plan.contracts.get(contract.options.from?.of ?? '')?.fields[pointer]?.label
  return `${whose ? `the ${whose.toLowerCase()}'s` : 'its'} ${(contract.fields[by]?.label ?? by).toLowerCase()}`
}

/** What a field is taken over from when the record is born: a field of the other record, or one of what that field points to. */
export function takenFrom({ options }: AnyContract, name: string): { pointer: string; field: string | undefined } {
  const [pointer = '', field] = (options.from?.fields[name] ?? '').split('.')
  return { pointer, field }
}

/** "Customer Acme has the legal entity US99, which no erp serves", and what somebody can do. */
export function whyNowhere(
  title: string,
  label: string,
  value: unknown,
  role: string,
): { reason: string; todo: string } {
  const what = label.toLowerCase()
  return isEmpty(value)
    ? { reason: `${title} has no ${what}, which says which ${role} serves it`, todo: `Enter its ${what}` }
    : {
        reason: `${title} has the ${what} ${value}, which no ${role} serves`,
        todo: `Correct its ${what}, or let a system serve ${value}`,
      }
}

/** The route of the role that gives the numbers by which records of a contract are matched, where they have what it goes by. */
export function routeOfNumbers(plan: Plan, { fields, options }: AnyContract): Route | undefined {
  const route = routeFor(plan, fields[options.match ?? '']?.owner ?? '')
  return route && route.by in fields ? route : undefined
}

/** Several ERPs give the same numbers to different customers: a number is one of the system that gave it. */
export const numberOfGiver = (system: string, number: string): string => `${system}\u001f${number}`
