// What Tryton's own database holds, told as the checker reads an ERP: documents under the names that S/4HANA has for them. Tryton
// keeps no journal, so it is how things are, and not how they came to be.
import type { Tryton } from '../../test/support/tryton/index.ts'
import { type Entry, isRow } from '../journal.ts'

/** Who we are in Tryton, and as whom the checker knows us. */
const us = { login: 'integration', by: 'sandbox' } as const

const orders = `
  select s.number, s.reference, s.shipment_state, u.login, s.untaxed_amount_cache as total,
    coalesce((select bool_and(i.state in ('posted', 'paid')) from account_invoice i where i.id in (
      select il.invoice from account_invoice_line il join sale_line sl on il.origin = 'sale.line,' || sl.id where sl.sale = s.id)), false) as invoiced,
    coalesce((select json_agg(json_build_object('code', p.code, 'quantity', l.quantity::numeric::text,
        'net', round(l.quantity::numeric * l.unit_price, 2)::text) order by l.id)
      from sale_line l join product_product p on p.id = l.product where l.sale = s.id and l.type = 'line'), '[]') as lines
  from sale_sale s join res_user u on u.id = s.create_uid
  where s.state <> 'cancelled' and s.reference is not null order by s.id`

const shipments = `select number from stock_shipment_out where state = 'done' order by id`

/** Tryton stores no totals of an invoice: they are what it wrote into its books. */
const invoices = `
  select i.number, i.state, i.gross - i.tax as net, i.tax, i.gross,
    (select s.number from account_invoice_line il join sale_line sl on il.origin = 'sale.line,' || sl.id
       join sale_sale s on s.id = sl.sale where il.invoice = i.id limit 1) as sale
  from (select i.*, coalesce((select sum(t.amount) from account_invoice_tax t where t.invoice = i.id), 0) as tax,
      (select sum(l.debit - l.credit) from account_move_line l where l.move = i.move and l.account = i.account) as gross
    from account_invoice i where i.type = 'out' and i.state in ('posted', 'paid')) i
  order by i.id`

const payments = `
  select m.number, l.credit - l.debit as amount
  from "account_invoice-account_move_line" paid join account_move_line l on l.id = paid.line
    join account_move m on m.id = l.move join account_invoice i on i.id = paid.invoice
  where i.type = 'out' order by l.id`

type Row = Readonly<Record<string, unknown>>

export async function booksOf({ sql }: Pick<Tryton, 'sql'>): Promise<Entry[]> {
  const told: Omit<Entry, 'n'>[] = []
  const add = (object: string, id: unknown, fields: Row, login: unknown = 'people'): void => {
    told.push({ kind: 'create', object, id: String(id), by: login === us.login ? us.by : String(login), fields })
  }
  for (const order of await sql<Row>(orders))
    add(
      'A_SalesOrder',
      // One that is not quoted yet has no number.
      order.number ?? `without a number, for ${String(order.reference)}`,
      {
        PurchaseOrderByCustomer: order.reference,
        TotalNetAmount: order.total ?? '0',
        OverallDeliveryStatus: order.shipment_state === 'sent' ? 'C' : 'A',
        OverallOrdReltdBillgStatus: order.shipment_state === 'sent' && order.invoiced === true ? 'C' : 'A',
        items: (Array.isArray(order.lines) ? order.lines : []).filter(isRow).map(({ code, quantity, net }) => ({
          Material: code,
          RequestedQuantity: quantity,
          NetAmount: net,
        })),
      },
      order.login,
    )
  for (const { number } of await sql<Row>(shipments)) add('A_OutbDeliveryHeader', number, {})
  for (const { number, state, net, tax, gross, sale } of await sql<Row>(invoices))
    add('A_BillingDocument', number, {
      InvoiceClearingStatus: state === 'paid' ? 'C' : 'A',
      TotalNetAmount: net,
      TaxAmount: tax,
      TotalGrossAmount: gross,
      items: [{ SalesDocument: sale }],
    })
  for (const { number, amount } of await sql<Row>(payments))
    add('A_OperationalAcctgDocItemCube', number, {
      AccountingDocument: number,
      AmountInTransactionCurrency: `-${String(amount)}`,
    })
  return told.map((one, at) => ({ n: at + 1, ...one }))
}
