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

/** Roles as people say them: "the ERP", "consent". */
export const theRole = (role: string): string => (role.length <= 3 ? `the ${role.toUpperCase()}` : role)

/** The number or name by which it is called first. */
export const numberOf = (contract: AnyContract, fields: Fields): string | null => knownAs(contract, fields)[0] ?? null

/** A name by which a record is found: the whole of one, or the rest of it from a later word on. */
export type Name = { readonly name: string; readonly whole: boolean }

/** The longest that is kept of a name, and from how many of its words on it is found. */
const MOST_LETTERS = 200
const MOST_WORDS = 8

/** As names are compared: lower case, without accents, one blank between words. */
export function folded(text: string): string {
  const plain = text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
  return [...plain.trim().replace(/\s+/g, ' ')].slice(0, MOST_LETTERS).join('').trim()
}

/** For the search by any business number or name, and by how a name or a word of it begins. */
export function namesOf(contract: AnyContract, fields: Fields): Name[] {
  const found = new Map<string, Name>()
  for (const words of knownAs(contract, fields).map(known => folded(known).split(' ')))
    for (const [at] of words.slice(0, MOST_WORDS).entries()) {
      const name = words.slice(at).join(' ')
      if (name !== '') found.set(name, { name, whole: at === 0 || found.get(name)?.whole === true })
    }
  return [...found.values()]
}

/** The refs in a record's own fields (not its lines'). */
export const aboutOf = (contract: AnyContract, fields: Fields): string[] =>
  (Object.entries(contract.fields) as [string, Field<unknown>][]).flatMap(([name, field]) => {
    const value = fields[name] as { id?: string } | undefined | null
    return field.kind === 'ref' && value?.id !== undefined ? [value.id] : []
  })
