/**
 * The people behind S/4HANA: a warehouse that ships, a clerk who invoices and books payments. What is to be done they
 * read from the system's journal, so they go on after a restart where they stood.
 */

type Entry = {
  readonly n: number
  readonly at: number
  readonly object: string
  readonly id: string
  readonly fields: Readonly<Record<string, unknown>>
}
type Paper = { at: number; notBefore: number; fields: Record<string, unknown> }

/** How long each takes, in milliseconds. */
export const PACE = { ship: 4_000, invoice: 3_000, pay: 5_000, again: 30_000 } as const
const PAGE = 5_000

export class BackOffice {
  readonly name = 'The back office'
  readonly #url: string
  readonly #now: () => number
  readonly #orders = new Map<string, Paper>()
  readonly #invoices = new Map<string, Paper>()
  #read = 0

  constructor(url: string, now: () => number = Date.now) {
    this.#url = url
    this.#now = now
  }

  /** Does what is due; answers how many papers were moved. */
  async work(signal: AbortSignal): Promise<number> {
    await this.#readJournal(signal)
    let moved = 0
    for (const [number, order] of this.#orders) {
      if (signal.aborted) return moved
      const task = orderTask(order, this.#now())
      if (task && (await this.#do(task, { salesOrder: number }, order, signal))) moved++
      // What is shipped and invoiced in full needs nobody any more.
      if (order.fields.OverallOrdReltdBillgStatus === 'C' || order.fields.OverallSDDocumentRejectionSts === 'C')
        this.#orders.delete(number)
    }
    for (const [number, invoice] of this.#invoices) {
      if (signal.aborted) return moved
      if (invoice.fields.InvoiceClearingStatus === 'C') this.#invoices.delete(number)
      else if (
        isDue(invoice, PACE.pay, this.#now()) &&
        (await this.#do('clerk/pay', { billingDocument: number }, invoice, signal))
      )
        moved++
    }
    return moved
  }

  async #readJournal(signal: AbortSignal): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.#url}/_sandbox/journal?after=${this.#read}&limit=${PAGE}`, { signal })
      const { entries, last } = (await response.json()) as { entries: Entry[]; last: number }
      for (const entry of entries) this.#take(entry)
      this.#read = entries.at(-1)?.n ?? this.#read
      if (entries.length === 0 || this.#read >= last) return
    }
  }

  #take({ object, id, at, fields }: Entry): void {
    const papers =
      object === 'A_SalesOrder' ? this.#orders : object === 'A_BillingDocument' ? this.#invoices : undefined
    const paper = papers?.get(id) ?? { at, notBefore: 0, fields: {} }
    papers?.set(id, { at, notBefore: 0, fields: { ...paper.fields, ...fields } })
  }

  /** A refusal is the system's good right (a credit block, an empty shelf): it is tried again later. */
  async #do(door: string, body: object, paper: Paper, signal: AbortSignal): Promise<boolean> {
    const response = await fetch(`${this.#url}/_sandbox/${door}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    })
    await response.arrayBuffer()
    paper.notBefore = this.#now() + PACE.again
    return response.ok
  }
}

function orderTask(order: Paper, now: number): string | undefined {
  const { TotalCreditCheckStatus, OverallDeliveryStatus } = order.fields
  // The credit desk decided before the order was booked; the ERP's own block follows that decision.
  if (TotalCreditCheckStatus === 'B' && OverallDeliveryStatus !== 'C')
    return isDue(order, 0, now) ? 'clerk/release-credit' : undefined
  if (OverallDeliveryStatus !== 'C') return isDue(order, PACE.ship, now) ? 'warehouse/ship' : undefined
  return isDue(order, PACE.invoice, now) ? 'clerk/invoice' : undefined
}

const isDue = ({ at, notBefore }: Paper, paceMs: number, now: number): boolean =>
  now >= Math.max(at + paceMs, notBefore)
