// Where records live, and routes: which of the systems that fill a role a record goes to or a question is put to, and why, for people.
import type { AnyContract, Route } from '@plumbline/sdk'
import type { Plan, SystemPlan } from './plan.ts'

type Fields = Readonly<Record<string, unknown>>

/** The systems that a record is to live in, whether or not it does already. */
export function homesOf(plan: Plan, contract: AnyContract, record: Fields): readonly SystemPlan[] {
  return Object.entries(contract.options.livesIn ?? {}).flatMap(([role, presence]) => {
    const systems = plan.systemsOfRole.get(role) ?? []
    if (presence.lives === 'where found') return []
    if (presence.lives === 'when') return presence.test(record) ? systems : []
    if (presence.lives === 'always') return systems
    return instanceFor(plan, role, record[routeFor(plan, role)?.by ?? '']) ?? []
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

/** "goes to us because the account's legal entity is US01"; nothing, where there was nothing to choose. */
export function whyThere(plan: Plan, contract: AnyContract, role: string, fields: Fields): string | undefined {
  const route = routeFor(plan, role)
  const value = fields[route?.by ?? '']
  const system = route && instanceFor(plan, role, value)
  if (!route || !system) return undefined
  const from = contract.options.from
  const [pointer = '', further] = (from?.fields[route.by] ?? '').split('.')
  const whose = further === undefined ? undefined : plan.contracts.get(from?.of ?? '')?.fields[pointer]?.label
  const label = (contract.fields[route.by]?.label ?? route.by).toLowerCase()
  return `goes to ${system.name} because ${whose ? `the ${whose.toLowerCase()}'s` : 'its'} ${label} is ${isEmpty(value) ? 'empty' : value}`
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
