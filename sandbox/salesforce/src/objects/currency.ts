// The currency of a record, in an org that keeps several: a field of every object but the org's own.
import type { ObjectType } from '../schema.ts'
import { type ObjectDraft, picklist } from './fields.ts'

export const CURRENCY = 'CurrencyIsoCode'

const WITHOUT: readonly string[] = ['User', 'Organization']
/** Lines have the currency of their opportunity, quote or order; nobody says it of them. */
const LINES: readonly string[] = ['OpportunityLineItem', 'QuoteLineItem', 'OrderItem']

const names = new Intl.DisplayNames(['en'], { type: 'currency' })

/** The object as an org with these currencies has it; the first is the corporate one. None: an org that never heard of others. */
export function withCurrency(draft: ObjectDraft, currencies: readonly string[]): ObjectDraft {
  const [corporate] = currencies
  if (corporate === undefined || WITHOUT.includes(draft.name)) return draft
  const isLine = LINES.includes(draft.name)
  const isPrice = draft.name === 'PricebookEntry'
  const values = currencies.map(value => ({ value, label: names.of(value) ?? value }))
  const currency = picklist(CURRENCY, values, {
    label: 'Currency ISO Code',
    length: 3,
    restricted: true,
    nillable: !isLine && !isPrice,
    createable: !isLine,
    updateable: !isLine && !isPrice,
    defaultValue: corporate,
  })
  return { ...draft, fields: [...draft.fields, currency] }
}

export const hasCurrency = (type: ObjectType): boolean => type.fieldNamed.has(CURRENCY.toLowerCase())

/** What a record is in that says nothing of it. Every user of this org has the corporate currency. */
export function defaultCurrency(type: ObjectType): { readonly [CURRENCY]?: string } {
  const corporate = type.fieldNamed.get(CURRENCY.toLowerCase())?.defaultValue
  return typeof corporate === 'string' ? { [CURRENCY]: corporate } : {}
}
