// Who works in Tryton: the warehouse ships, the clerk posts invoices and takes payments.
import { type Login, type Rpc, signIn } from './rpc.ts'

export type People = {
  rpc: Rpc
  /** Ships all that a sale still waits for, as far as it is in stock. */
  ship(sale: string): Promise<void>
  /** Posts a sale's open invoices, and names them. */
  invoice(sale: string): Promise<string[]>
  /** Takes money for an invoice: all that is open, or so much of it. */
  pay(invoice: string, amount?: string): Promise<void>
}

/** What is there from the beginning: ids by code. */
export type Seed = {
  readonly company: number
  readonly products: Readonly<Record<string, number>>
  readonly customers: Readonly<Record<string, number>>
  readonly warehouses: Readonly<Record<string, number>>
}

const decimal = (value: string) => ({ __class__: 'Decimal', decimal: value })
const date = (day: Date) => ({
  __class__: 'date',
  year: day.getUTCFullYear(),
  month: day.getUTCMonth() + 1,
  day: day.getUTCDate(),
})

export async function peopleAt(login: Login): Promise<People> {
  const { company, rpc, within } = await signIn(login)
  const [paymentMethod] = await rpc('model.account.invoice.payment.method.search', [], 0, 1, null)
  const read = async (model: string, id: number, fields: string[]) =>
    (await rpc(`model.${model}.read`, [id], fields))[0]

  return {
    rpc,
    async ship(sale) {
      const { shipments } = await read('sale.sale', Number(sale), ['shipments'])
      for (const shipment of shipments) {
        // Picked without being assigned, goods would leave that are not there.
        if (!(await rpc('model.stock.shipment.out.assign_try', [shipment])))
          throw new Error(`shipment ${shipment} of sale ${sale}: not all is in stock`)
        for (const step of ['pick', 'pack', 'done']) await rpc(`model.stock.shipment.out.${step}`, [shipment])
      }
    },
    async invoice(sale) {
      const { invoices } = await read('sale.sale', Number(sale), ['invoices'])
      await rpc('model.account.invoice.post', invoices)
      return invoices.map(String)
    },
    async pay(invoice, amount) {
      const id = Number(invoice)
      const of = await read('account.invoice', id, ['account', 'currency', 'amount_to_pay'])
      const ask = within({ active_model: 'account.invoice', active_id: id, active_ids: [id] })
      const common = {
        company,
        currency: of.currency,
        currency_digits: 2,
        amount: amount === undefined ? of.amount_to_pay : decimal(amount),
        date: date(new Date()),
      }
      const form = {
        ...common,
        payment_method: paymentMethod,
        invoice_account: of.account,
        description: 'bank transfer',
      }
      const wizard = (step: string, ...params: unknown[]) => ask(`wizard.account.invoice.pay.${step}`, ...params)
      const [page] = await wizard('create')
      await wizard('execute', page, {}, 'start')
      const answer = await wizard('execute', page, { start: form }, 'choice')
      if (answer.view?.state === 'ask') {
        const how = { ...common, currency_digits_writeoff: 2, invoice: id, type: 'partial' }
        await wizard('execute', page, { start: form, ask: how }, 'pay')
      }
      await wizard('delete', page)
    },
  }
}

export async function seedAt(login: Login): Promise<Seed> {
  const { company, rpc } = await signIn(login)
  const idsByCode = async (model: string, domain: unknown[]): Promise<Record<string, number>> => {
    const rows = await rpc(`model.${model}.search_read`, domain, 0, null, null, ['code'])
    return Object.fromEntries(rows.map(({ id, code }: { id: number; code: string }) => [code, id]))
  }
  return {
    company,
    products: await idsByCode('product.product', []),
    customers: await idsByCode('party.party', []),
    warehouses: await idsByCode('stock.location', [['type', '=', 'warehouse']]),
  }
}
