// Stored fields as an author's code sees them: stages that answer `reached`, refs with their contract.
import type { AnyContract, Fields, Stage } from '@plumbline/sdk'
import { fieldsToday } from './upgrade.ts'

export type StoredFields = Readonly<Record<string, unknown>>

/** What a journey keeps of a record as it was, and of which version of its contract that is; 1 where it does not say. */
export type Frozen = { readonly ref: string; readonly fields: StoredFields; readonly contractVersion?: number }

export const thaw = (contract: AnyContract, { ref, fields, contractVersion = 1 }: Frozen): Record<string, unknown> =>
  hydrate(contract, ref, fieldsToday(contract, fields, contractVersion))

export function hydrate(contract: AnyContract, ref: string, stored: StoredFields): Record<string, unknown> {
  return { ...valuesOf(contract.fields, stored), ref: { contract: contract.contract, id: ref } }
}

function valuesOf(fields: Fields, stored: StoredFields): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    const value = stored[name]
    if (field.kind === 'stages') values[name] = stageOf(field.values, value)
    else if (value === undefined || value === null) continue
    else if (field.kind === 'lines')
      values[name] = (value as StoredFields[]).map(line => ({ ...valuesOf(field.of ?? {}, line), line: line.line }))
    else values[name] = value
  }
  return values
}

function stageOf(order: readonly string[], stored: unknown): Stage<string> {
  const at = typeof stored === 'string' ? stored : (order[0] ?? '')
  return { at, reached: stage => order.indexOf(at) >= order.indexOf(stage) }
}

/** The other way: what an author handed over, as it is stored. */
export function store(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(store)
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return value.toJSON()
  if ('reached' in value && 'at' in value) return value.at
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => typeof inner !== 'function')
      .map(([key, inner]) => [key, store(inner)]),
  )
}
