// The project as the engine runs it: everything looked up once, by the names that rows carry.
import type { AnyConnector, AnyContract, Field, Instance, Mapping, Project, Workflow } from '@plumbline/sdk'

export type SystemPlan = {
  readonly name: string
  readonly role: string
  readonly instance: Instance
  readonly connector: AnyConnector
  readonly byObject: ReadonlyMap<string, Mapping>
  readonly byContract: ReadonlyMap<string, Mapping>
  /** The objects to follow: those mapped. */
  readonly objects: readonly string[]
  /** The name under which our own changes come back, where the system tells. */
  readonly signsAs: string | undefined
  readonly concurrency: number
  readonly perSecond: number | undefined
  readonly longestCallMs: number
}

export type Plan = {
  readonly project: Project
  readonly contracts: ReadonlyMap<string, AnyContract>
  readonly systems: ReadonlyMap<string, SystemPlan>
  readonly systemsOfRole: ReadonlyMap<string, readonly SystemPlan[]>
  readonly workflows: ReadonlyMap<string, Workflow>
  readonly startedBy: ReadonlyMap<string, readonly Workflow[]>
}

export function planOf(project: Project): Plan {
  const systems = new Map(project.systems.map(instance => [instance.instance, systemPlan(instance)]))
  return {
    project,
    contracts: new Map(project.contracts.map(contract => [contract.contract, contract])),
    systems,
    systemsOfRole: Map.groupBy(systems.values(), system => system.role),
    workflows: new Map(project.workflows.map(workflow => [workflow.workflow, workflow])),
    startedBy: Map.groupBy(project.workflows, workflow => workflow.startsWhen.contract),
  }
}

function systemPlan(instance: Instance): SystemPlan {
  const { connector, mappings, settings, limits } = instance
  return {
    name: instance.instance,
    role: instance.role,
    instance,
    connector,
    byObject: new Map(mappings.map(mapping => [mapping.object, mapping])),
    byContract: new Map(mappings.map(mapping => [mapping.contract, mapping])),
    objects: mappings.map(mapping => mapping.object),
    signsAs: typeof settings.client === 'string' ? settings.client : undefined,
    concurrency: limits?.concurrency ?? connector.limits.concurrency,
    perSecond: limits?.perSecond ?? connector.limits.perSecond,
    longestCallMs: connector.limits.longestCallMs,
  }
}

export const contractNamed = (plan: Plan, name: string): AnyContract => {
  const contract = plan.contracts.get(name)
  if (!contract) throw new Error(`The project has no contract "${name}" any more; rows of it remain`)
  return contract
}

export const systemNamed = (plan: Plan, name: string): SystemPlan => {
  const system = plan.systems.get(name)
  if (!system) throw new Error(`The project has no system "${name}" any more; rows of it remain`)
  return system
}

/** The role that owns a field now: ownership may have passed on at a stage of the record's status. */
export function ownerOf(
  contract: AnyContract,
  field: Field<unknown, string>,
  record: Readonly<Record<string, unknown>>,
): string | undefined {
  const { handOver, owner } = field
  if (!handOver) return owner
  const status = contract.fields.status
  if (status?.kind !== 'stages') return owner
  const now = status.values.indexOf(String(record.status ?? status.values[0]))
  return now >= status.values.indexOf(handOver.until) ? handOver.then : owner
}

/** Whether a status is, or in the order of stages has passed, a value. */
export function hasReached(contract: AnyContract, status: unknown, value: string): boolean {
  const field = contract.fields.status
  if (field?.kind !== 'stages') return status === value
  return field.values.indexOf(String(status)) >= field.values.indexOf(value)
}

/** The systems that a record is to live in, whether or not it does already. */
export function homesOf(plan: Plan, contract: AnyContract, record: unknown): readonly SystemPlan[] {
  return Object.entries(contract.options.livesIn ?? {}).flatMap(([role, presence]) => {
    const systems = plan.systemsOfRole.get(role) ?? []
    if (presence.lives === 'where found') return []
    if (presence.lives === 'when') return presence.test(record) ? systems : []
    if (presence.lives === 'always') return systems
    return routeOf(plan, role, record)
  })
}

function routeOf(plan: Plan, role: string, record: unknown): readonly SystemPlan[] {
  const systems = plan.systemsOfRole.get(role) ?? []
  const route = plan.project.routes.find(route => route.role === role)
  if (!route) return systems.slice(0, 1)
  const to = route.to[route.by(record as never) ?? ''] ?? route.otherwise
  return systems.filter(system => system.name === to)
}
