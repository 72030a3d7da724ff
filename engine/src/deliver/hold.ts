// Deliveries of records with a value that a table has no word for yet: held back whole, until somebody adds it.
import type { AnyContract, Mapping, Native } from '@plumbline/sdk'
import { lineKeysIn } from '../kernel/line-keys.ts'
import { titleOf } from '../kernel/naming.ts'
import { worthOf } from '../kernel/plan.ts'
import type { DeliveryRow, Desired, StoredHolding, StoredRecord } from '../kernel/rows.ts'
import { heldBack, keyOfMissing, type Missing, tablesIn, type Vocabulary } from '../kernel/vocabulary.ts'
import type { Running } from '../running.ts'
import type { Tx } from '../store/db.ts'
import { holdDeliveries } from '../store/deliveries.ts'

export type Unknown = {
  readonly is: 'unknown'
  readonly row: DeliveryRow
  readonly record: StoredRecord
  readonly contract: AnyContract
  /** What the tables do not say. */
  readonly values: readonly Missing[]
}

/** Ends the claim of those that lack a word; all of them are ours. */
export const holdUnknown = (tx: Tx, { plan, host }: Running, all: readonly Unknown[]): Promise<unknown> =>
  holdDeliveries(
    tx,
    all.map(({ row, record, contract, values }) => {
      const worth = worthOf(plan, contract, record.fields)
      return {
        row,
        missing: values.map(keyOfMissing),
        ...heldBack(plan.tables, values),
        held: {
          since: new Date(host.now()).toISOString(),
          title: titleOf(contract, record),
          worth: worth?.amount ?? null,
          currency: worth?.currency ?? null,
        },
      }
    }),
  )

/** The tables that writing these contracts to a system needs. */
export const tablesFor = (byContract: ReadonlyMap<string, Mapping>, contracts: readonly string[]): string[] =>
  [...new Set(contracts)].flatMap(contract => {
    const mapping = byContract.get(contract)
    return mapping ? tablesIn(mapping).map(({ table }) => table) : []
  })

/** What the system holds by another name of the same value stays as it is: that is nobody's change. */
export function withoutSynonyms(
  mapping: Mapping,
  system: string,
  record: StoredRecord,
  holding: StoredHolding | undefined,
  desired: Readonly<Record<string, unknown>>,
  vocabulary: Vocabulary,
): Record<string, unknown> {
  const same = new Set(
    Object.entries(mapping.rules).flatMap(([name, rule]) => {
      if (typeof rule !== 'object' || !('table' in rule)) return []
      const held = holding?.native[rule.field]
      if (typeof held !== 'string' || held === '') return []
      return vocabulary.read(rule.table.table, system, held) === record.fields[name] ? [rule.field] : []
    }),
  )
  return Object.fromEntries(Object.entries(desired).filter(([name]) => !same.has(name)))
}

/** The same of a field of lines: an entry keeps its own word for the same value. */
export function withoutLineSynonyms(
  mapping: Mapping,
  system: string,
  record: StoredRecord,
  holding: StoredHolding | undefined,
  lists: Desired['lists'],
  vocabulary: Vocabulary,
): Record<string, Native[]> {
  const kept: Record<string, Native[]> = { ...lists }
  for (const [name, rule] of Object.entries(mapping.rules)) {
    if (!holding || typeof rule !== 'object' || !('each' in rule) || rule.key === undefined) continue
    const { key, each } = rule
    const tabled = Object.entries(rule.fields).flatMap(([inner, of]) =>
      typeof of === 'object' && 'table' in of ? [{ inner, field: of.field, table: of.table.table }] : [],
    )
    const [wanted, lines] = [lists[each], record.fields[name]]
    if (tabled.length === 0 || !wanted || !Array.isArray(lines)) continue
    const entries = (holding.native[each] ?? []) as readonly Native[]
    const keys = lineKeysIn(rule, mapping, system, entries)
    kept[each] = wanted.map(entry => {
      const there = entries[keys.indexOf(String(entry[key]))]
      const line = lines.find(one => one.line === entry[key])
      const same = tabled.filter(
        ({ inner, field, table }) =>
          typeof there?.[field] === 'string' && vocabulary.read(table, system, there[field]) === line?.[inner],
      )
      return Object.fromEntries(Object.entries(entry).filter(([field]) => !same.some(one => one.field === field)))
    })
  }
  return kept
}
