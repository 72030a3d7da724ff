// What our values are called in the systems, as the value tables say at one moment; and what they do not say yet.
import type { Mapping, ValueTable } from '@plumbline/sdk'

export type Vocabulary = {
  /** Our value for a system's own. */
  read(table: string, system: string, native: string): string | undefined
  /** What a system calls our value. */
  write(table: string, system: string, value: string): string | undefined
}

/** A value that a table does not know: `read` is a system's own, `write` is ours. */
export type Missing = {
  readonly table: string
  readonly system: string
  readonly way: 'read' | 'write'
  readonly value: string
}

const between = '\u001f'
/** The name under which rows wait for it. */
export const keyOfMissing = ({ table, system, way, value }: Missing): string =>
  [table, system, way, value].join(between)

export function missingOf(key: string): Missing {
  const [table = '', system = '', way, ...value] = key.split(between)
  return { table, system, way: way === 'write' ? 'write' : 'read', value: value.join(between) }
}

export const isKnown = (vocabulary: Vocabulary, { table, system, way, value }: Missing): boolean =>
  vocabulary[way](table, system, value) !== undefined

/** The tables that a mapping's rules name. */
export const tablesIn = ({ rules }: Mapping): ValueTable[] =>
  Object.values(rules).flatMap(rule => (typeof rule === 'object' && 'table' in rule ? [rule.table] : []))

/** What happened, for people. */
export function reasonOf({ table, system, way, value }: Missing): string {
  return way === 'read'
    ? `${system} says "${value}", which the table "${table}" does not know`
    : `The table "${table}" does not say what "${value}" is called in ${system}`
}

/** What somebody can do about it. */
export function todoOf(missing: Missing, keptBy: string): string {
  const { table, system, way, value } = missing
  const pair = way === 'read' ? `<our value> ${system} '${value}'` : `'${value}' ${system} <its value>`
  return `The ${keptBy} desk adds it: plumb table '${table}' set ${pair}. What waits then goes on by itself`
}

/** Why a record waits: all that is missing of it. */
export function heldBack(
  tables: ReadonlyMap<string, ValueTable>,
  missing: readonly Missing[],
): { reason: string; todo: string } {
  return {
    reason: missing.map(reasonOf).join('; '),
    todo: missing.map(one => todoOf(one, tables.get(one.table)?.keptBy ?? 'integration')).join('. '),
  }
}
