// Price book entries: a line of an order or a quote names an entry, not a product. Entries are looked up once and remembered.
import { recordsPerCall } from './limits.ts'
import { among } from './soql.ts'

const remembered = 20_000

/** Objects whose entries are created from a price book entry. */
export const priced: ReadonlySet<string> = new Set(['OrderItem', 'QuoteLineItem', 'OpportunityLineItem'])

/** Puts a query to Salesforce. */
export type Ask = (soql: string, of: string) => Promise<readonly Readonly<Record<string, unknown>>[]>
export type Priced = { readonly priceBook: string; readonly product: string }
const nameOf = ({ priceBook, product }: Priced) => `${priceBook}/${product}`

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

  /** Makes sure that the entries are known as far as they exist: one query for all that are not. */
  async learn(ask: Ask, wanted: readonly Priced[]): Promise<void> {
    const unknown = [...new Map(wanted.map(one => [nameOf(one), one])).values()].filter(one => !this.entry(one))
    for (let at = 0; at < unknown.length; at += recordsPerCall) {
      const some = unknown.slice(at, at + recordsPerCall)
      const books = among('Pricebook2Id', new Set(some.map(one => one.priceBook)))
      const products = among('Product2Id', new Set(some.map(one => one.product)))
      const soql = `SELECT Id, Pricebook2Id, Product2Id FROM PricebookEntry WHERE ${books} AND ${products} AND IsActive = true`
      for (const row of await ask(soql, 'PricebookEntry')) {
        this.#remember({ priceBook: String(row.Pricebook2Id), product: String(row.Product2Id) }, String(row.Id))
      }
    }
  }

  entry(of: Priced): string | undefined {
    const name = nameOf(of)
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

  #remember(of: Priced, entry: string): void {
    this.#entries.set(nameOf(of), entry)
    if (this.#entries.size <= remembered) return
    const oldest = this.#entries.keys().next().value
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
