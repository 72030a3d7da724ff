// How a record is called when people read of it: `Order 17`, `Quote 00000012`.
import { titleOf as titleByContract } from '../kernel/naming.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { asToday } from '../store/records.ts'

export type Named = { readonly ref: string; readonly contract: string; readonly title: string }

/** A value as it goes over the wire: instants become texts. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? readonly Wire<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Wire<T[K]> }
      : T

export function titleOf(plan: Plan, contract: string, ref: string, fields: Readonly<Record<string, unknown>>): string {
  const known = plan.contracts.get(contract)
  return known ? titleByContract(known, { ref, fields }) : ref
}

/** A test names its wait by its own words; people read the stage: `order.status.reached('shipped')` is "shipped". */
export function waitWords(name: string): string {
  const stages = [...name.matchAll(/\breached\(['"`]([^'"`]+)['"`]\)/g)].map(match => match[1])
  return stages.length > 0 ? `until ${stages.join(' and ')}` : `${name.charAt(0).toLowerCase()}${name.slice(1)}`
}

/** What a system answered: `net 875.70 EUR, tax 166.38 EUR, 2 lines`. */
export function answerWords(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return 'answered'
  const parts = Object.entries(answer).flatMap(([name, value]: [string, unknown]) => partWords(name, value) ?? [])
  return parts.length > 0 ? parts.join(', ') : 'answered'
}

function partWords(name: string, value: unknown): string | undefined {
  const called = name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
  if (typeof value === 'boolean') return value ? called : `not ${called}`
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? called.replace(/s$/, '') : called}`
  if (typeof value === 'number' || typeof value === 'string') return `${called} ${value}`
  if (typeof value !== 'object' || value === null || !('amount' in value)) return undefined
  return `${called} ${value.amount}${'currency' in value ? ` ${value.currency}` : ''}`
}

/** Labels of a contract's fields, for people: `status` is "Status". */
export const labelOf = (plan: Plan, contract: string, field: string): string =>
  plan.contracts.get(contract)?.fields[field]?.label ?? field

/** Uses the primary key of record. */
const recordsNamed: Query = {
  name: 'words-records',
  text: `
    select ref, contract, contract_version, fields
    from record
    where ref = any($1::text[])`,
}

type Stored = { ref: string; contract: string; contract_version: number; fields: Record<string, unknown> }

export async function namesOf(tx: Tx, plan: Plan, refs: readonly string[]): Promise<Map<string, Named>> {
  const wanted = [...new Set(refs)]
  if (wanted.length === 0) return new Map()
  const rows = await tx.query<Stored>(recordsNamed, [wanted])
  return new Map(
    rows
      .map(row => asToday(tx, row))
      .map(row => [
        row.ref,
        { ref: row.ref, contract: row.contract, title: titleOf(plan, row.contract, row.ref, row.fields) },
      ]),
  )
}
