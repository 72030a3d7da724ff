// The project: one value that lists everything there is. What is not in it does not run.
import type { Contract } from './contract.ts'
import type { Fields, OwnerOf, Settled } from './field.ts'
import type { Instance, Role, Route } from './role.ts'
import type { ValueTable } from './table.ts'
import type { Workflow } from './workflow.ts'

// biome-ignore lint/suspicious/noExplicitAny: contracts of every shape
export type AnyContract = Contract<string, any>

export type Project = {
  readonly project: string
  readonly contracts: readonly AnyContract[]
  readonly roles: readonly Role<string>[]
  readonly systems: readonly Instance[]
  readonly routes: readonly Route[]
  readonly workflows: readonly Workflow[]
  readonly tables?: readonly ValueTable[]
}

type Known<C, N extends string> =
  C extends Contract<string, infer F extends Fields>
    ? [OwnerOf<F[keyof F]>] extends [N | Settled]
      ? C
      : `owned by '${Exclude<OwnerOf<F[keyof F]>, N | Settled>}', which is not a role here`
    : never

/** `project('acme', { contracts, roles, systems, routes, workflows })`: owners must be roles of this project. */
export const project = <const R extends readonly Role<string>[], const C extends readonly AnyContract[]>(
  name: string,
  of: {
    readonly contracts: { readonly [I in keyof C]: Known<C[I], R[number]['role']> }
    readonly roles: R
    readonly systems: readonly Instance[]
    readonly routes?: readonly Route[]
    readonly workflows: readonly Workflow[]
    /** The value tables that mappings use. */
    readonly tables?: readonly ValueTable[]
  },
): Project => ({
  project: name,
  contracts: of.contracts as readonly AnyContract[],
  roles: of.roles as readonly Role<string>[],
  systems: of.systems,
  routes: of.routes ?? [],
  workflows: of.workflows,
  tables: of.tables ?? [],
})
