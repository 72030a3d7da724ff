// Who works in Tryton, over its JSON-RPC: the warehouse ships, the clerk posts invoices and takes payments. None of the
// connector's code has a part in it, so that both cannot be wrong together.
import type { Seed } from './fixture.ts'

export type People = {
  /** One call to Tryton: `rpc('model.sale.sale.read', [7], ['state'])`. The company's context is added. */
  rpc(method: string, ...params: unknown[]): Promise<ReturnType<typeof JSON.parse>>
  /** Ships all that a sale still waits for, as far as it is in stock. */
  ship(sale: string): Promise<void>
  /** Posts a sale's open invoices, and names them. */
  invoice(sale: string): Promise<string[]>
  /** Takes money for an invoice: all that is open, or so much of it. */
  pay(invoice: string, amount?: string): Promise<void>
}

const decimal = (value: string) => ({ __class__: 'Decimal', decimal: value })
const date = (day: Date) => ({
  __class__: 'date',
  year: day.getUTCFullYear(),
  month: day.getUTCMonth() + 1,
  day: day.getUTCDate(),
})

export async function peopleAt(url: string, password: string, seed: Seed): Promise<People> {
  const ask = async (method: string, params: unknown[], authorization?: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: JSON.stringify({ id: 1, method, params }),
    })
    if (!response.ok) throw new Error(`${method}: ${response.status} ${await response.text()}`)
    const { result, error } = JSON.parse(await response.text())
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`)
    return result
  }
  const user = 'manager'
  const [id, key] = await ask('common.db.login', [user, { password }, 'en'])
  const session = `Session ${Buffer.from(`${user}:${id}:${key}`).toString('base64')}`
  const context = { company: seed.company }
  const rpc: People['rpc'] = (method, ...params) => ask(method, [...params, context], session)

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
      const { account, amount_to_pay } = await read('account.invoice', id, ['account', 'amount_to_pay'])
      const of = { ...context, active_model: 'account.invoice', active_id: id, active_ids: [id] }
      const pays = amount === undefined ? amount_to_pay : decimal(amount)
      const common = {
        company: seed.company,
        currency: seed.currency,
        currency_digits: 2,
        amount: pays,
        date: date(new Date()),
      }
      const form = {
        ...common,
        payment_method: seed.paymentMethod,
        invoice_account: account,
        description: 'bank transfer',
      }
      const wizard = (step: string, ...params: unknown[]) =>
        ask(`wizard.account.invoice.pay.${step}`, [...params, of], session)
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
