// The project as the engine runs it: everything looked up once, by the names that rows carry.
import type {
  AnyConnector,
  AnyContract,
  Field,
  Gone,
  Instance,
  Mapping,
  Project,
  ValueTable,
  Workflow,
} from '@plumbline/sdk'
import { hydrate } from './hydrate.ts'
import { onceFor } from './once.ts'
import { startsOf, tablesIn } from './vocabulary.ts'

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
  /** The value tables that are listed or used. */
  readonly tables: ReadonlyMap<string, ValueTable>
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
    tables: new Map(
      [...project.systems.flatMap(({ mappings }) => mappings.flatMap(tablesIn)), ...(project.tables ?? [])].map(
        table => [table.table, { ...table, starts: startsOf(table, project.systems) }],
      ),
    ),
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

/** What a record is worth: what its workflow says, else its first amount of money. */
export function worthOf(
  plan: Plan,
  contract: AnyContract,
  record: Readonly<Record<string, unknown>>,
): { readonly amount: string; readonly currency: string } | undefined {
  const said = plan.startedBy.get(contract.contract)?.find(workflow => workflow.worth !== undefined)?.worth
  const [money] = Object.entries<Field<unknown>>(contract.fields).find(([, field]) => field.kind === 'money') ?? []
  const value = record[said ?? money ?? '']
  return typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value
    ? { amount: String(value.amount), currency: String(value.currency) }
    : undefined
}

/** The role that owns a field now: it may depend on the record, or have passed on at a stage of its status. */
export function ownerOf(
  contract: AnyContract,
  field: Field<unknown, string>,
  record: Readonly<Record<string, unknown>>,
): string | undefined {
  const { handOver, condition, owner } = field
  if (condition) return condition.when(asSettled(contract, record) as never) ? owner : condition.otherwise
  if (!handOver) return owner
  const status = contract.fields.status
  if (status?.kind !== 'stages') return owner
  const now = status.values.indexOf(String(record.status ?? status.values[0]))
  return now >= status.values.indexOf(handOver.until) ? handOver.then : owner
}

/** What a condition may look at: the fields whose own owner depends on no condition, so that the order of taking does not matter. */
const settledPart = onceFor((contract: AnyContract): AnyContract => {
  const settled = Object.entries<Field<unknown>>(contract.fields).filter(([, field]) => !dependsOnRecord(field))
  return { ...contract, fields: Object.fromEntries(settled) }
})
const asSettled = (contract: AnyContract, record: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  hydrate(settledPart(contract), '', record)

/** Whether the owner of a field, or of a field of these lines, depends on a condition. */
export const dependsOnRecord = (field: Field<unknown>): boolean =>
  field.condition !== undefined || Object.values<Field<unknown>>(field.of ?? {}).some(dependsOnRecord)

/** Whether a status is, or in the order of stages has passed, a value. */
export function hasReached(contract: AnyContract, status: unknown, value: string): boolean {
  const field = contract.fields.status
  if (field?.kind !== 'stages') return status === value
  return field.values.indexOf(String(status)) >= field.values.indexOf(value)
}

/** What becomes of a record elsewhere when it disappears from a system. Nothing, where the contract does not say. */
export const goneWord = (contract: AnyContract, system: SystemPlan): Gone =>
  contract.options.gone?.[system.role] ?? 'ignore'
