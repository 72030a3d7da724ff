// What people call a record, and what it points to.
import type { AnyContract, Field } from '@plumbline/sdk'

type Fields = Readonly<Record<string, unknown>>

const knownAs = (contract: AnyContract, fields: Fields): string[] =>
  (contract.options.knownBy ?? [])
    .map(name => fields[name])
    .filter(value => typeof value === 'string' && value !== '') as string[]

/** "Quote 00000012". */
export function titleOf(contract: AnyContract, record: { readonly ref: string; readonly fields: Fields }): string {
  const kind = contract.contract
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${knownAs(contract, record.fields)[0] ?? record.ref}`
}

/** Lower case, for the search by any business number or name. */
export const namesOf = (contract: AnyContract, fields: Fields): string[] =>
  knownAs(contract, fields).map(name => name.toLowerCase())

/** The refs in a record's own fields (not its lines'). */
export const aboutOf = (contract: AnyContract, fields: Fields): string[] =>
  (Object.entries(contract.fields) as [string, Field<unknown>][]).flatMap(([name, field]) => {
    const value = fields[name] as { id?: string } | undefined | null
    return field.kind === 'ref' && value?.id !== undefined ? [value.id] : []
  })
