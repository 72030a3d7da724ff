// What our values are called in the systems, as the value tables say at one moment; and what they do not say yet.
import type { Mapping, ValueTable } from '@plumbline/sdk'

export type Vocabulary = {
  /** Our value for a system's own. */
  read(table: string, system: string, native: string): string | undefined
  /** The rate that was valid on a day. */
  rate(table: string, from: string, to: string, on: string): string | undefined
  /** What a system calls our value. */
  write(table: string, system: string, value: string): string | undefined
}

/** A value that a table does not know: `read` is a system's own, `write` is ours, `rate` is "USD to EUR on 2026-11-22". */
export type Missing = {
  readonly table: string
  readonly system: string
  readonly way: 'read' | 'write' | 'rate'
  readonly value: string
}

const between = '\u001f'
/** The name under which rows wait for it. */
export const keyOfMissing = ({ table, system, way, value }: Missing): string =>
  [table, system, way, value].join(between)

export function missingOf(key: string): Missing {
  const [table = '', system = '', way, ...value] = key.split(between)
  return { table, system, way: way === 'write' || way === 'rate' ? way : 'read', value: value.join(between) }
}

export function isKnown(vocabulary: Vocabulary, { table, system, way, value }: Missing): boolean {
  if (way !== 'rate') return vocabulary[way](table, system, value) !== undefined
  const { from, to, on } = rateAsked(value)
  return vocabulary.rate(table, from, to, on) !== undefined
}

/** Instead of a day: the field of the record that should name it. */
export const noDay = 'no:'
export const rateKey = (from: string, to: string, on: string): string => `${from} to ${to} on ${on}`
export function rateAsked(value: string): { from: string; to: string; on: string } {
  const [from = '', , to = '', , on = ''] = value.split(' ')
  return { from, to, on }
}

/** The tables that a mapping's rules name. */
export const tablesIn = ({ rules }: Mapping): ValueTable[] =>
  Object.values(rules).flatMap((rule): ValueTable[] => {
    if (typeof rule !== 'object') return []
    return 'table' in rule ? [rule.table] : 'converted' in rule ? [rule.converted] : []
  })

/** What happened, for people. */
export function reasonOf({ table, system, way, value }: Missing): string {
  if (way === 'rate') {
    const { from, to, on } = rateAsked(value)
    return on.startsWith(noDay)
      ? `${system} is to be given an amount of ${from} in ${to}, and the record has no ${on.slice(noDay.length)} that says at which rate`
      : `The table "${table}" has no rate from ${from} to ${to} on ${on}, which ${system} is to be given`
  }
  return way === 'read'
    ? `${system} says "${value}", which the table "${table}" does not know`
    : `The table "${table}" does not say what "${value}" is called in ${system}`
}

/** What somebody can do about it. */
export function todoOf(missing: Missing, keptBy: string): string {
  const { table, system, way, value } = missing
  if (way === 'rate') {
    const { from, to, on } = rateAsked(value)
    if (on.startsWith(noDay)) return `Enter its ${on.slice(noDay.length)}; it then goes on by itself`
    return `The ${keptBy} desk adds it: plumb table '${table}' rate ${from} ${to} ${on} <rate>. What waits then goes on by itself`
  }
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
