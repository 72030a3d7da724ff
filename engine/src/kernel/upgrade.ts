// Records of an older version of their contract, as those of today: the contract's own pure upgrades, one after the other.
import type { AnyContract } from '@plumbline/sdk'
import { equal } from './equal.ts'
import { aboutOf, type Name, namesOf } from './naming.ts'

type Fields = Readonly<Record<string, unknown>>
type Versioned = { readonly contract: string; readonly contract_version: number; readonly fields: Fields }

/** An older record as it is today, with what that changed; null was taken away. */
export type Upgraded = {
  readonly contract_version: number
  readonly fields: Readonly<Record<string, unknown>>
  readonly delta: Fields
  readonly about: readonly string[]
  readonly names: readonly Name[]
  /** All by which it may have been known: how it was called then, only the older contract knew. */
  readonly formerNames: readonly Name[]
}

/** How this process reads rows that others wrote: of the same code, or a version before or after. */
export type Today = {
  /** The version of a contract that this process writes. */
  versionOf(contract: string): number
  /** Nothing for a record that is of today, or newer: what this code does not know of it stays as it is. */
  upgrade(record: Versioned): Upgraded | undefined
}

const calledByAnything = (contract: AnyContract, fields: Fields): AnyContract => ({
  ...contract,
  options: { ...contract.options, knownBy: Object.keys(fields) },
})

export const versionOf = ({ options }: AnyContract): number => options.version ?? 1

/** Rows as they are stored: for those who look at no contract. */
export const asStored: Today = { versionOf: () => 1, upgrade: () => undefined }

export const todayOf = (contracts: ReadonlyMap<string, AnyContract>): Today => ({
  versionOf(contract) {
    const known = contracts.get(contract)
    return known ? versionOf(known) : 1
  },
  upgrade(record) {
    const contract = contracts.get(record.contract)
    if (!contract || record.contract_version >= versionOf(contract)) return undefined
    const fields = fieldsToday(contract, record.fields, record.contract_version)
    return {
      contract_version: versionOf(contract),
      fields,
      delta: differing(record.fields, fields),
      about: aboutOf(contract, fields),
      names: namesOf(contract, fields),
      formerNames: namesOf(calledByAnything(contract, record.fields), record.fields),
    }
  },
})

/** The fields of a record of version `from`, as the contract has them today. Newer ones are left as they are. */
export function fieldsToday(contract: AnyContract, fields: Fields, from: number): Record<string, unknown> {
  let upgraded: Record<string, unknown> = { ...fields }
  for (let version = from; version < versionOf(contract); version++) {
    const upgrade = contract.options.upgrades?.[version]
    if (!upgrade) throw new Error(missing(contract, version))
    upgraded = { ...upgrade(upgraded) }
  }
  return upgraded
}

const missing = ({ contract, options }: AnyContract, from: number): string =>
  `The contract "${contract}" is at version ${options.version} and does not say how a record of version ${from} becomes one of version ${from + 1}`

function differing(before: Fields, after: Fields): Fields {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return Object.fromEntries(
    names.filter(name => !equal(before[name], after[name])).map(name => [name, after[name] ?? null]),
  )
}
