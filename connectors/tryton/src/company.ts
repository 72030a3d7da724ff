// The company whose books these are: almost every answer of Tryton's depends on it, and without it is silently another.
import { Refused } from '@plumbline/sdk'
import type { Rpc } from './rpc.ts'
import type { Settings } from './settings.ts'
import { isRow, type Row, related, rowsIn } from './values.ts'

export type Books = {
  readonly company: number
  readonly currency: string
  readonly currencyId: number
  /** `$` */
  readonly symbol: string
  /** Goes with each call. */
  readonly context: Row
  /** With it what is no longer active is found as well: left out, it would look deleted. */
  readonly everything: Row
}

export class Company {
  readonly #rpc: Rpc
  readonly #name: string | undefined
  #books: Promise<Books> | undefined

  constructor(rpc: Rpc, settings: Settings) {
    this.#rpc = rpc
    this.#name = settings.company
  }

  /** Looked up once. */
  books(): Promise<Books> {
    const asked = this.#books ?? this.#lookUp()
    this.#books = asked
    asked.catch(() => {
      if (this.#books === asked) this.#books = undefined
    })
    return asked
  }

  async #lookUp(): Promise<Books> {
    const of = 'company'
    const preferences = await this.#rpc.ask('res.user', 'get_preferences', [true], of)
    const own = isRow(preferences.result) ? preferences.result.company : undefined
    const which = this.#name === undefined ? [['id', '=', own ?? -1]] : [['party.name', '=', this.#name]]
    const columns = ['currency', 'currency.code', 'currency.symbol']
    const { result } = await this.#rpc.ask('company.company', 'search_read', [which, 0, 2, null, columns], of)
    const [row, another] = rowsIn(result)
    const currency = row && related(row, 'currency')?.code
    if (!row || another || typeof currency !== 'string')
      throw new Refused(
        this.#name === undefined
          ? 'The user works for no company in Tryton'
          : `Tryton has no company "${this.#name}", or more than one`,
        'Give the user a company in Tryton, or name one in the settings.',
      )
    const company = Number(row.id)
    const context = { company }
    return {
      company,
      currency,
      currencyId: Number(row.currency),
      symbol: String(related(row, 'currency')?.symbol ?? ''),
      context,
      everything: { ...context, active_test: false },
    }
  }
}
