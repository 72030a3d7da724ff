// What a record that is written is in, where an org has several currencies. A new record gets the currency of its amounts. One that is
// there keeps its own: with another, Salesforce would go on counting all its other amounts and only call them differently, so amounts
// in another are refused.
import { Refused, type Write } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { currencyField, hasMoney, oneCurrency } from './currency.ts'
import { recordsPerCall } from './limits.ts'
import { priced } from './prices.ts'
import { query } from './query.ts'
import type { ListShape, Shape } from './shape.ts'
import { among } from './soql.ts'

/** The currencies of records, by their ids. */
export type Held = ReadonlyMap<string, string>

const entriesIn = ({ lists }: Write, { list }: ListShape) => [
  ...(lists[list]?.add ?? []),
  ...(lists[list]?.change ?? []),
]

function currenciesIn(shape: Shape, write: Write): string[] {
  const found = new Set<string>()
  const look = (of: Shape | ListShape, record: Readonly<Record<string, unknown>>) => {
    for (const [name, value] of Object.entries(record))
      if (of.fields[name]?.kind === 'money' && typeof value === 'object' && value !== null && 'currency' in value)
        found.add(String(value.currency))
  }
  look(shape, write.fields)
  for (const list of shape.lists) for (const entry of entriesIn(write, list)) look(list, entry)
  return [...found]
}

/** Asks for the currency of each record whose change it matters to: one query for all of them. */
export async function heldCurrencies(api: SalesforceApi, shape: Shape, writes: readonly Write[]): Promise<Held> {
  const held = new Map<string, string>()
  if (oneCurrency(api.settings) !== undefined) return held
  const addsPriced = (write: Write) =>
    shape.lists.some(({ list, object }) => priced.has(object) && (write.lists[list]?.add.length ?? 0) > 0)
  const ids = writes.flatMap(write =>
    write.id !== undefined && (addsPriced(write) || currenciesIn(shape, write).length > 0) ? [write.id] : [],
  )
  for (let at = 0; at < ids.length; at += recordsPerCall) {
    const some = among('Id', ids.slice(at, at + recordsPerCall))
    const rows = await query(api, `SELECT Id, ${currencyField} FROM ${shape.name} WHERE ${some}`, shape.name)
    for (const { Id, [currencyField]: currency } of rows)
      if (typeof currency === 'string') held.set(String(Id), currency)
  }
  return held
}

/** What the amounts of a write are in, and its record; refused where the two differ. */
export function currencyOfWrite({ settings }: SalesforceApi, shape: Shape, write: Write, held: Held): string {
  const one = oneCurrency(settings)
  if (one !== undefined) return one
  const [given, other] = currenciesIn(shape, write)
  if (other !== undefined) {
    throw new Refused(
      `its amounts are in ${given} and in ${other}, and a record of Salesforce has one currency`,
      'Convert the amounts into one currency first.',
    )
  }
  const said = write.fields[currencyField] ?? (write.id === undefined ? undefined : held.get(write.id))
  if (typeof said !== 'string') return given ?? settings.currency
  if (given === undefined || given === said) return said
  throw new Refused(
    `its amounts are to be in ${given}, and the record is in ${said}`,
    'Convert the amounts first, or have the record made anew in the other currency: Salesforce would keep its other amounts as they are and only call them differently.',
  )
}

/** What a new record says of its currency. A line that is made of a price has that of its record, and says nothing. */
export function saidOfNew({ settings }: SalesforceApi, of: Shape | ListShape, currency: string) {
  const isLine = priced.has('object' in of ? of.object : of.name)
  const lists = 'lists' in of ? of.lists : []
  const matters = hasMoney(of.fields) || lists.some(({ object, fields }) => priced.has(object) || hasMoney(fields))
  return oneCurrency(settings) === undefined && matters && !isLine ? { [currencyField]: currency } : {}
}
