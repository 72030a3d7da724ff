/**
 * The people behind Tryton: a warehouse that ships, a clerk who posts invoices and takes payments, some of them in two parts.
 * What is to be done Tryton tells, so they go on after a restart where they stood.
 */
import { type Login, type People, peopleAt } from '@plumbline/sandbox-tryton'
import { PACE } from './backoffice.ts'

type Paper = { readonly id: number }
type Amount = { readonly decimal: string }
type Invoice = Paper & { readonly total_amount: Amount; readonly amount_to_pay: Amount }

const isOn = [['state', '=', 'processing']]
const toShip = [...isOn, ['shipment_state', '=', 'waiting']]
// A service is not shipped.
const toInvoice = [...isOn, ['shipment_state', 'in', ['sent', 'none']], ['invoices.state', '=', 'draft']]
const toPay = [
  ['type', '=', 'out'],
  ['state', '=', 'posted'],
]
/** So many of each kind are looked at, the oldest first. */
const AT_ONCE = 50
/** One invoice in so many is paid in two parts. */
const IN_PARTS_ONE_IN = 3

export class TrytonOffice {
  readonly name = "Tryton's back office"
  readonly #login: Login
  readonly #now: () => number
  #people: People | undefined
  /** Since when each paper lies there, or when it is tried again: `ship 7`. */
  readonly #due = new Map<string, number>()

  constructor(login: Login, now: () => number = Date.now) {
    this.#login = login
    this.#now = now
  }

  /** Does what is due. */
  async work(signal: AbortSignal): Promise<void> {
    this.#people ??= await peopleAt(this.#login)
    const { rpc, ship, invoice, pay } = this.#people
    const papers = <P extends Paper>(model: string, domain: unknown[], ...fields: string[]): Promise<readonly P[]> =>
      rpc(`model.${model}.search_read`, domain, 0, AT_ONCE, [['id', 'ASC']], ['id', ...fields])

    await this.#each('ship', await papers('sale.sale', toShip), signal, ({ id }) => ship(String(id)))
    await this.#each('invoice', await papers('sale.sale', toInvoice), signal, ({ id }) => invoice(String(id)))
    const invoices = await papers<Invoice>('account.invoice', toPay, 'total_amount', 'amount_to_pay')
    await this.#each('pay', invoices, signal, one => pay(String(one.id), paysNow(one)))
  }

  async #each<P extends Paper>(
    what: 'ship' | 'invoice' | 'pay',
    papers: readonly P[],
    signal: AbortSignal,
    act: (paper: P) => Promise<unknown>,
  ): Promise<void> {
    const lying = new Set(papers.map(({ id }) => `${what} ${id}`))
    for (const key of this.#due.keys()) if (key.startsWith(`${what} `) && !lying.has(key)) this.#due.delete(key)
    for (const paper of papers) {
      const key = `${what} ${paper.id}`
      const due = this.#due.get(key) ?? this.#now() + PACE[what]
      const isDue = !signal.aborted && this.#now() >= due
      this.#due.set(key, isDue ? this.#now() + PACE.again : due)
      // A refusal is Tryton's good right (an empty shelf): it is tried again later.
      if (isDue) await act(paper).catch(() => undefined)
    }
  }
}

/** Nothing is all that is open. */
function paysNow({ id, total_amount: total, amount_to_pay: open }: Invoice): string | undefined {
  const isFirst = Number(open.decimal) === Number(total.decimal)
  return isFirst && id % IN_PARTS_ONE_IN === 0 ? (Number(total.decimal) / 2).toFixed(2) : undefined
}
