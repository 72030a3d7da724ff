// Between native fields and contract fields, by the mapping. Pure: the same input always gives the same output.
import {
  type AnyContract,
  type AnyRule,
  type Field,
  inCurrency,
  type Mapping,
  type Money,
  type Native,
} from '@plumbline/sdk'
import { planted } from '../host.ts'
import { lineKeysIn, writtenKey } from '../kernel/line-keys.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import type { Desired, IdOf, IsHeld } from '../kernel/rows.ts'
import { isKnown, type Missing, noDay, rateKey, type Vocabulary } from '../kernel/vocabulary.ts'
import { asContracted, type Line } from './lines.ts'
import { inUnits, isCounted } from './units.ts'

/** Our ref of a system's native id. A missing one is undefined, and says so where it matters. */
export type RefOf = (contract: string, nativeId: string) => string | undefined

/** Who speaks. */
export type Speaker = Pick<SystemPlan, 'name' | 'role'>

type EachRule = Extract<AnyRule, { each: string }>
type EntryRule = EachRule['fields'][string]
type TableRule = Extract<AnyRule, { table: object }>
type ConvertedRule = Extract<AnyRule, { converted: object }>

export const isEach = (rule: AnyRule): rule is EachRule => typeof rule === 'object' && 'each' in rule

/** The contract fields that a native record speaks of. A native field that is absent stays absent; null clears. */
export function toContract(
  mapping: Mapping,
  contract: AnyContract,
  system: Speaker,
  native: Native,
  refOf: RefOf,
  vocabulary?: Vocabulary,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, rule] of Object.entries(mapping.rules)) {
    const field = contract.fields[name]
    if (!field) continue
    if (isEach(rule)) {
      const read = readLines(rule, field, mapping, system, native, refOf, vocabulary)
      if (read) Object.assign(fields, { [name]: read.lines }, read.sums)
      continue
    }
    const value = readRule(rule, field, system.name, native, refOf, vocabulary)
    if (value !== undefined) fields[name] = value
  }
  return fields
}

/** A value of a record, or of an entry of one of its lists. */
function readRule(
  rule: Exclude<AnyRule, EachRule>,
  field: Field<unknown>,
  system: string,
  native: Native,
  refOf: RefOf,
  vocabulary: Vocabulary | undefined,
): unknown {
  if (typeof rule === 'string') return refOrValue(field, native[rule], refOf)
  if ('skip' in rule || 'createOnly' in rule) return undefined
  if ('from' in rule) return rule.from.some(name => name in native) ? rule.read(native as never) : undefined
  const value = native[rule.field]
  if (value === undefined || value === null) return value
  if ('read' in rule) return rule.read(value as never)
  if ('converted' in rule || 'counted' in rule) return undefined
  if ('table' in rule) return value === '' ? null : readWord(rule, String(value), system, vocabulary)
  return Object.entries(rule.values).find(([, native]) => [native].flat().includes(String(value)))?.[0]
}

/** What no table knows is no value of ours, whatever it is called: its owner's waits for the table, anybody else's is put right. */
const readWord = ({ table }: TableRule, native: string, system: string, vocabulary?: Vocabulary): string | undefined =>
  vocabulary && (vocabulary.read(table.table, system, native) ?? `"${native}" of ${system}`)

/** What a system says of the fields that it may, and the tables do not know. */
export const unreadable = (
  mapping: Mapping,
  contract: AnyContract,
  system: string,
  native: Native,
  vocabulary: Vocabulary,
  owns: (field: Field<unknown>) => boolean,
): Missing[] =>
  Object.entries(mapping.rules).flatMap(([name, rule]): Missing[] => {
    const field = contract.fields[name]
    if (!field || typeof rule === 'string') return []
    if (!isEach(rule)) return unread(rule, field, system, native, vocabulary, owns)
    const entries = Array.isArray(native[rule.each]) ? (native[rule.each] as readonly Native[]) : []
    return Object.entries(rule.fields).flatMap(([inner, of]) => {
      const part = field.of?.[inner]
      return part ? entries.flatMap(entry => unread(of, part, system, entry, vocabulary, owns)) : []
    })
  })

function unread(
  rule: Exclude<AnyRule, EachRule>,
  field: Field<unknown>,
  system: string,
  native: Native,
  vocabulary: Vocabulary,
  owns: (field: Field<unknown>) => boolean,
): Missing[] {
  if (typeof rule !== 'object' || !('table' in rule) || !owns(field)) return []
  const value = native[rule.field]
  if (value === undefined || value === null || value === '') return []
  const missing: Missing = { table: rule.table.table, system, way: 'read', value: String(value) }
  return isKnown(vocabulary, missing) ? [] : [missing]
}

function refOrValue(field: Field<unknown>, value: unknown, refOf: RefOf): unknown {
  if (field.kind !== 'ref' || value === undefined || value === null || value === '')
    return value === '' && field.kind === 'ref' ? null : value
  const id = refOf(field.to ?? '', String(value))
  return id === undefined ? undefined : { contract: field.to, id }
}

function readLines(
  rule: EachRule,
  field: Field<unknown>,
  mapping: Mapping,
  system: Speaker,
  native: Native,
  refOf: RefOf,
  vocabulary: Vocabulary | undefined,
): ReturnType<typeof asContracted> | undefined {
  const entries = native[rule.each]
  if (!Array.isArray(entries)) return undefined
  const keys = lineKeysIn(rule, mapping, system.name, entries)
  const pointedTo = new Map([
    ...keys.map((key): [string, string] => [key, key]),
    ...keys.map((key, at): [string, string] => [String(entries[at][rule.id]), key]),
  ])
  const missed: { readonly line: string; readonly missing: Missing }[] = []
  const lines = entries.map((entry: Native, at): Line => {
    const line: Line = { line: keys[at] ?? '' }
    for (const [name, from] of Object.entries(rule.fields)) {
      const of = field.of?.[name]
      if (!of || isCounted(from)) continue
      const value = readRule(from, of, system.name, entry, refOf, vocabulary)
      if (value !== undefined) line[name] = of.kind === 'line' ? (pointedTo.get(String(value)) ?? null) : value
    }
    // What is counted is known by now.
    for (const [name, from] of Object.entries(rule.fields)) {
      if (!isCounted(from)) continue
      const miss = (missing: Missing): void => void missed.push({ line: line.line, missing })
      const value = inUnits(from, 'read', entry[from.field], line, system.name, vocabulary && { ...vocabulary, miss })
      if (value !== undefined) line[name] = value
    }
    return line
  })
  const own = new Set(keys.filter((key, at) => writtenKey(rule, entries[at]) !== key))
  const read = asContracted(field, system.role, lines, ({ line }) => own.has(line))
  // Freight that the system adds is an amount: nobody counts it.
  for (const { line, missing } of missed) if (!read.summed.has(line)) vocabulary?.miss?.(missing)
  return read
}

/** Each native id that a record points to, with the contract it is of. */
export function nativeRefsIn(
  mapping: Mapping,
  contract: AnyContract,
  native: Native,
): { contract: string; id: string }[] {
  const found: { contract: string; id: string }[] = []
  const note = (field: Field<unknown> | undefined, value: unknown): void => {
    if (field?.kind === 'ref' && field.to && typeof value === 'string' && value !== '')
      found.push({ contract: field.to, id: value })
  }
  for (const [name, rule] of Object.entries(mapping.rules)) {
    const field = contract.fields[name]
    if (typeof rule === 'string') note(field, native[rule])
    if (typeof rule === 'object' && 'createOnly' in rule) note(field, native[rule.createOnly])
    if (!isEach(rule)) continue
    const entries = native[rule.each]
    if (!Array.isArray(entries)) continue
    for (const entry of entries as Native[])
      for (const [lineName, from] of Object.entries(rule.fields))
        if (typeof from === 'string') note(field?.of?.[lineName], entry[from])
  }
  return found
}

/** What a system should hold of a record: only the fields that `mayWrite` allows; of a line that it does not hold yet all. */
export function toNative(
  mapping: Mapping,
  contract: AnyContract,
  record: Readonly<Record<string, unknown>>,
  idOf: IdOf,
  mayWrite: (field: Field<unknown>) => boolean,
  system: string,
  vocabulary: Vocabulary,
  isHeld: IsHeld = () => true,
): Desired {
  const desired = {
    fields: {} as Record<string, unknown>,
    createOnly: {} as Record<string, unknown>,
    lists: {} as Record<string, Native[]>,
    missing: [] as string[],
    unknown: [] as Missing[],
  }
  const native = (field: Field<unknown>, value: unknown): unknown => {
    if (planted.has('float-money') && field.kind === 'money') return inFloats(value)
    if (field.kind !== 'ref' || value === null || value === undefined) return value
    const ref = (value as { id: string }).id
    const id = idOf(ref)
    if (id === undefined) desired.missing.push(ref)
    return id
  }
  const noting = { ...vocabulary, miss: (missing: Missing) => void desired.unknown.push(missing) }
  const writeEntry: WriteEntry = (rule, field, value, into, line) => {
    if (isCounted(rule)) {
      const counted = inUnits(rule, 'write', value, line, system, noting)
      if (counted !== undefined) into[rule.field] = counted
    } else if (typeof rule === 'object' && 'table' in rule)
      writeWord(rule, value, system, vocabulary, { fields: into, unknown: desired.unknown })
    else writeRule(rule, field, value, native, into)
  }
  for (const [name, rule] of Object.entries(mapping.rules)) {
    const field = contract.fields[name]
    if (!field || record[name] === undefined) continue
    const value = record[name]
    if (isEach(rule)) {
      const lines = writeLines(rule, field, value, writeEntry, mayWrite, line => isHeld(rule.each, line))
      if (lines) desired.lists[rule.each] = lines
    } else if (typeof rule === 'object' && 'createOnly' in rule)
      desired.createOnly[rule.createOnly] = native(field, value)
    else if (typeof rule === 'object' && 'converted' in rule) {
      if (mayWrite(field)) writeConverted(rule, value, record[rule.on], system, vocabulary, desired)
    } else if (typeof rule === 'object' && 'table' in rule) {
      if (mayWrite(field)) writeWord(rule, value, system, vocabulary, desired)
    } else if (mayWrite(field)) writeRule(rule, field, value, native, desired.fields)
  }
  return desired
}

function writeWord(
  { field, table: { table } }: TableRule,
  value: unknown,
  system: string,
  vocabulary: Vocabulary,
  into: { readonly fields: Record<string, unknown>; readonly unknown: Missing[] },
): void {
  const native = value === null || value === '' ? null : vocabulary.write(table, system, String(value))
  if (native === undefined) into.unknown.push({ table, system, way: 'write', value: String(value) })
  else into.fields[field] = native
}

/** In the system's own currency, at the rate of the record's day; without either nothing is written, and somebody is told. */
function writeConverted(
  { field, converted: { table }, to, on: day }: ConvertedRule,
  value: unknown,
  on: unknown,
  system: string,
  vocabulary: Vocabulary,
  into: { readonly fields: Record<string, unknown>; readonly unknown: Missing[] },
): void {
  if (value === null) into.fields[field] = null
  const { amount, currency } = (value ?? {}) as Partial<Money>
  if (amount === undefined || currency === undefined) return
  const rate = currency === to ? '1' : vocabulary.rate(table, currency, to, String(on ?? ''))
  if (rate === undefined) {
    const asked = rateKey(currency, to, typeof on === 'string' ? on : `${noDay}${day}`)
    into.unknown.push({ table, system, way: 'rate', value: asked })
  } else into.fields[field] = inCurrency({ amount, currency }, to, rate)
}

function writeRule(
  rule: Exclude<AnyRule, EachRule>,
  field: Field<unknown>,
  value: unknown,
  native: (field: Field<unknown>, value: unknown) => unknown,
  into: Record<string, unknown>,
): void {
  if (typeof rule === 'string') into[rule] = native(field, value)
  else if ('values' in rule) into[rule.field] = value === null ? null : [rule.values[String(value)]].flat()[0]
  else if ('write' in rule && rule.write) into[rule.field] = value === null ? null : rule.write(value as never)
}

type WriteEntry = (
  rule: EntryRule,
  field: Field<unknown>,
  value: unknown,
  into: Record<string, unknown>,
  line: Line,
) => void

function writeLines(
  rule: EachRule,
  field: Field<unknown>,
  value: unknown,
  write: WriteEntry,
  mayWrite: (field: Field<unknown>) => boolean,
  isHeld: (line: string) => boolean,
): Native[] | undefined {
  const written = Object.entries(rule.fields).flatMap(([name, to]): [string, EntryRule, Field<unknown>][] => {
    const of = field.of?.[name]
    return of && isWritten(to) ? [[name, to, of]] : []
  })
  const allowed = written.filter(([, , of]) => mayWrite(of))
  if (allowed.length === 0 || !Array.isArray(value)) return undefined
  return (value as Line[]).map(line => {
    const entry: Record<string, unknown> = rule.key === undefined ? {} : { [rule.key]: line.line }
    for (const [name, to, of] of isHeld(line.line) ? allowed : written)
      if (line[name] !== undefined) write(to, of, line[name], entry, line)
    return entry
  })
}

/** Whether a rule says what to write. */
const isWritten = (rule: EntryRule): boolean => typeof rule === 'string' || !('skip' in rule || 'from' in rule)

/** Planted: the mistake of counting money in binary floats. */
const inFloats = (value: unknown): unknown => {
  const { amount, currency } = value as { amount: string; currency: string }
  return { amount: (Math.floor(Number(amount) * 100) / 100).toFixed(2), currency }
}
