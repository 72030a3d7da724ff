// The systems of the project and how each is doing.
import type { Plan } from '../kernel/plan.ts'
import type { Tx } from '../store/db.ts'
import { numbersOf, type SystemNumbers } from './numbers.ts'

export type SystemLine = {
  readonly system: string
  readonly role: string
  readonly connector: string
  readonly objects: readonly string[]
  /** Absent until the engine has run with this system once. */
  readonly now?: Omit<SystemNumbers, 'system'>
}

export async function systemsOf(tx: Tx, plan: Plan): Promise<SystemLine[]> {
  const { systems } = await numbersOf(tx)
  const numbers = new Map(systems.map(({ system, ...now }) => [system, now]))
  return [...plan.systems.values()].map(({ name, role, connector, objects }) => {
    const now = numbers.get(name)
    return { system: name, role, connector: connector.name, objects, ...(now && { now }) }
  })
}
