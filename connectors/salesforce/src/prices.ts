// Price book entries: a line of an order or a quote names an entry, not a product. Entries are looked up once and remembered.
import { currencyField } from './currency.ts'
import { recordsPerCall } from './limits.ts'
import { among } from './soql.ts'

const remembered = 20_000

/** Objects whose entries are created from a price book entry. */
export const priced: ReadonlySet<string> = new Set(['OrderItem', 'QuoteLineItem', 'OpportunityLineItem'])

/** Puts a query to Salesforce. */
export type Ask = (soql: string, of: string) => Promise<readonly Readonly<Record<string, unknown>>[]>
/** `currency` where the org has several, and then of each: a product has a price in every one. */
export type Priced = { readonly priceBook: string; readonly product: string; readonly currency?: string }
/** The entry of a product in a price book, where there is one. */
export type Entries = (of: Priced) => string | undefined
const nameOf = ({ priceBook, product, currency = '' }: Priced) => `${priceBook}/${product}/${currency}`

export class PriceBook {
  readonly #entries = new Map<string, string>()
  #standard: string | undefined

  async standard(ask: Ask): Promise<string | undefined> {
    if (this.#standard === undefined) {
      const [row] = await ask('SELECT Id FROM Pricebook2 WHERE IsStandard = true LIMIT 1', 'Pricebook2')
      if (typeof row?.Id === 'string') this.#standard = row.Id
    }
    return this.#standard
  }

  /**
   * The entries, as far as they exist: one query for all that are not known. What is learnt here stays known to whoever asked,
   * even if another write finds meanwhile that an entry is no longer taken.
   */
  async learn(ask: Ask, wanted: readonly Priced[]): Promise<Entries> {
    const learnt = new Map<string, string>()
    const unknown: Priced[] = []
    for (const [name, one] of new Map(wanted.map(one => [nameOf(one), one]))) {
      const entry = this.#recall(name)
      if (entry === undefined) unknown.push(one)
      else learnt.set(name, entry)
    }
    for (let at = 0; at < unknown.length; at += recordsPerCall) {
      const some = unknown.slice(at, at + recordsPerCall)
      const books = among('Pricebook2Id', new Set(some.map(one => one.priceBook)))
      const products = among('Product2Id', new Set(some.map(one => one.product)))
      const columns = ['Id', 'Pricebook2Id', 'Product2Id', ...(some[0]?.currency === undefined ? [] : [currencyField])]
      const soql = `SELECT ${columns.join(', ')} FROM PricebookEntry WHERE ${books} AND ${products} AND IsActive = true`
      for (const row of await ask(soql, 'PricebookEntry')) {
        const currency = typeof row[currencyField] === 'string' ? { currency: row[currencyField] } : {}
        const name = nameOf({ priceBook: String(row.Pricebook2Id), product: String(row.Product2Id), ...currency })
        this.#remember(name, String(row.Id))
        learnt.set(name, String(row.Id))
      }
    }
    return of => learnt.get(nameOf(of))
  }

  #recall(name: string): string | undefined {
    const entry = this.#entries.get(name)
    if (entry === undefined) return undefined
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    return entry
  }

  /** An entry that Salesforce no longer takes is read again the next time. */
  forget(of: Priced): void {
    this.#entries.delete(nameOf(of))
  }

  #remember(name: string, entry: string): void {
    this.#entries.set(name, entry)
    if (this.#entries.size <= remembered) return
    const oldest = this.#entries.keys().next().value
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
