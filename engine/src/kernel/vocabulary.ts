// What our values are called in the systems, as the value tables say at one moment; and what they do not say yet.
import {
  type AnyContract,
  convert,
  type Instance,
  type Mapping,
  type Money,
  pricePer,
  Refused,
  type UnitFactor,
  type ValueTable,
} from '@plumbline/sdk'
import { theRole, titleOf } from './naming.ts'

export type Vocabulary = {
  /** Our value for a system's own. */
  read(table: string, system: string, native: string): string | undefined
  /** The rate that was valid on a day. */
  rate(table: string, from: string, to: string, on: string): string | undefined
  /** What a system calls our value. */
  write(table: string, system: string, value: string): string | undefined
  /** How many of one unit another is. */
  factors?(table: string): readonly UnitFactor[]
  /** What a record that lines point to says of itself, and how people call it: asked only where a rule counts in its units. */
  about?(ref: string): Thing | undefined
  /** Hears what could not be converted. */
  miss?(missing: Missing): void
}

/** A product, for instance. */
export type Thing = {
  readonly ref: string
  readonly name: string
  readonly contract: AnyContract
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * A value that a table does not know: `read` is a system's own, `write` is ours, `rate` is "USD to EUR on 2026-11-22", `unit` is
 * "/pack/piece/TG11" where nobody says how many, and "25/piece/dozen/TG11" where that is no exact number. `said` is the field of a
 * product that does not say its unit, by the product's ref; no system's matter, so it has none.
 */
const ways = ['read', 'write', 'rate', 'unit', 'said'] as const
export type Missing = {
  readonly table: string
  readonly system: string
  readonly way: (typeof ways)[number]
  readonly value: string
  /** Of `said`: what the product and the field are called, and whose the field is. The key does not say it. */
  readonly names?: { readonly thing: string; readonly field: string; readonly owner: string | undefined }
}

/**
 * What each system calls our values at the start: as all systems of its connector do, but for what the table says of this one, or the
 * system itself.
 */
export function startsOf(of: ValueTable, systems: readonly Instance[]): ValueTable['starts'] {
  const all = systems.flatMap(({ instance, connector, words }) => {
    const said = [of.starts[connector.name], of.starts[instance], words?.[of.table]].filter(one => one !== undefined)
    return said.length > 0 ? [[instance, Object.assign({}, ...said)] as const] : []
  })
  return Object.fromEntries(all)
}

const between = '\u001f'
/** The name under which rows wait for it. */
export const keyOfMissing = ({ table, system, way, value }: Missing): string =>
  [table, system, way, value].join(between)

export function missingOf(key: string): Missing {
  const [table = '', system = '', way, ...value] = key.split(between)
  return { table, system, way: ways.find(one => one === way) ?? 'read', value: value.join(between) }
}

export function isKnown(vocabulary: Vocabulary, { table, system, way, value }: Missing): boolean {
  if (way === 'unit') return isConvertible(value, vocabulary.factors?.(table) ?? [])
  if (way === 'said') return unitOf(vocabulary.about?.(saidOf(value).ref), saidOf(value).field) !== undefined
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

/** What a product says of the unit that it is sold by, or counted in; undefined where it says nothing. */
export function unitOf(thing: Thing | undefined, field: string): string | undefined {
  const unit = thing?.fields[field]
  return typeof unit === 'string' && unit !== '' ? unit : undefined
}

/** That a product does not say its unit. */
export const unsaid = (table: string, ref: string, field: string, thing: Thing | undefined): Missing => ({
  table,
  system: '',
  way: 'said',
  value: `${thing?.ref ?? ref}/${field}`,
  names: {
    thing: thing ? titleOf(thing.contract, thing) : ref,
    field: thing?.contract.fields[field]?.label ?? field,
    owner: thing?.contract.fields[field]?.owner,
  },
})
export const isSaid = ({ way }: Missing): boolean => way === 'said'
export function saidOf(value: string): { readonly ref: string; readonly field: string } {
  const at = value.lastIndexOf('/')
  return { ref: value.slice(0, at), field: value.slice(at + 1) }
}

/** What was to be counted in another unit: a quantity, the price of one ("10.00 EUR"), or nothing where the factor itself lacks. */
export const unitKey = (what: string, from: string, to: string, thing: string): string =>
  [what, from, to, thing].join('/')
function unitAsked(value: string): { what: string; from: string; to: string; thing: string } {
  const [what = '', from = '', to = '', ...thing] = value.split('/')
  return { what, from, to, thing: thing.join('/') }
}
export const pricedAt = ({ amount, currency }: Money): string => `${amount} ${currency}`
const isPrice = (what: string): boolean => what.includes(' ')

/** Whether it can be said exactly; without a quantity or a price, whether there is a factor at all. */
export function isConvertible(value: string, factors: readonly UnitFactor[]): boolean {
  const { what, ...units } = unitAsked(value)
  const [amount = '', currency = ''] = what.split(' ')
  try {
    if (isPrice(what)) pricePer({ amount, currency }, units, factors)
    else convert(Number(amount), units, factors)
    return true
  } catch (error) {
    if (error instanceof Refused) return false
    throw error
  }
}

/** The tables that a mapping's rules name, those of lines included. */
export const tablesIn = ({ rules }: Mapping): ValueTable[] =>
  Object.values(rules).flatMap((rule): ValueTable[] => {
    if (typeof rule !== 'object') return []
    if ('each' in rule)
      return Object.values(rule.fields).flatMap((inner): ValueTable[] => {
        if (typeof inner !== 'object') return []
        return 'table' in inner ? [inner.table] : 'counted' in inner ? [inner.counted] : []
      })
    return 'table' in rule ? [rule.table] : 'converted' in rule ? [rule.converted] : []
  })

/** The fields of lines that point to what is counted, where a mapping counts in units. */
export const countedIn = ({ rules }: Mapping): readonly { readonly list: string; readonly of: string }[] =>
  Object.entries(rules).flatMap(([list, rule]) => {
    if (typeof rule !== 'object' || !('each' in rule)) return []
    const all = Object.values(rule.fields).flatMap(one => (typeof one === 'object' && 'counted' in one ? [one.of] : []))
    return [...new Set(all)].map(of => ({ list, of }))
  })

/** What happened, for people. */
export function reasonOf({ table, system, way, value, names }: Missing): string {
  if (way === 'said')
    return `${names?.thing ?? saidOf(value).ref} does not say what "${names?.field ?? saidOf(value).field}" is, and its quantities cannot be told without it`
  if (way === 'rate') {
    const { from, to, on } = rateAsked(value)
    return on.startsWith(noDay)
      ? `${system} is to be given an amount of ${from} in ${to}, and the record has no ${on.slice(noDay.length)} that says at which rate`
      : `The table "${table}" has no rate from ${from} to ${to} on ${on}, which ${system} is to be given`
  }
  if (way === 'unit') {
    const { what, from, to, thing } = unitAsked(value)
    if (what === '') return `The table "${table}" does not say how many ${to} one ${from} of ${thing} is`
    return isPrice(what)
      ? `${what} for one ${from} of ${thing} are no exact price of one ${to}, by the table "${table}"`
      : `${what} ${from} of ${thing} are no exact number of ${to}, by the table "${table}"`
  }
  return way === 'read'
    ? `${system} says "${value}", which the table "${table}" does not know`
    : `The table "${table}" does not say what "${value}" is called in ${system}`
}

/** What it is called in a list. */
export function calledMissing({ way, value, system, names }: Missing): string {
  if (way === 'said') return `"${names?.field ?? saidOf(value).field}" of ${names?.thing ?? saidOf(value).ref}`
  if (way === 'rate') return value
  if (way === 'read') return `"${value}" of ${system}`
  if (way === 'write') return `"${value}" in ${system}`
  const { what, from, to, thing } = unitAsked(value)
  return isPrice(what) ? `${what} for one ${from} of ${thing} in ${to}` : `${what} ${from} of ${thing} in ${to}`.trim()
}

/** What somebody can do about it. */
export function todoOf(missing: Missing, keptBy: string): string {
  const { table, system, way, value, names } = missing
  if (way === 'said')
    return `Enter it${names?.owner === undefined ? '' : ` in ${theRole(names.owner)}`}. What waits then goes on by itself`
  if (way === 'rate') {
    const { from, to, on } = rateAsked(value)
    if (on.startsWith(noDay)) return `Enter its ${on.slice(noDay.length)}; it then goes on by itself`
    return `The ${keptBy} desk adds it: plumb table '${table}' rate ${from} ${to} ${on} <rate>. What waits then goes on by itself`
  }
  if (way === 'unit') {
    const { what, from, to, thing } = unitAsked(value)
    return what === ''
      ? `The ${keptBy} desk adds it: plumb table '${table}' factor ${from} ${to} <how many> '${thing}'. What waits then goes on by itself`
      : `Mend the ${isPrice(what) ? 'price' : 'quantity'}; or, where the factor is wrong, the ${keptBy} desk changes it in the table`
  }
  const pair = way === 'read' ? `<our value> ${system} '${value}'` : `'${value}' ${system} <its value>`
  return `The ${keptBy} desk adds it: plumb table '${table}' set ${pair}. What waits then goes on by itself`
}

/** Why a record waits: all that is missing of it. */
export function heldBack(
  tables: ReadonlyMap<string, ValueTable>,
  all: readonly Missing[],
): { reason: string; todo: string } {
  // Several lines may lack the same.
  const missing = [...new Map(all.map(one => [keyOfMissing(one), one])).values()]
  return {
    reason: missing.map(reasonOf).join('; '),
    todo: missing.map(one => todoOf(one, tables.get(one.table)?.keptBy ?? 'integration')).join('. '),
  }
}
