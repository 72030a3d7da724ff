// Prices as Tryton's own sale works them out: by the customer's price list and the quantity, rounded where Tryton rounds. Nothing
// is saved. They are in the currency of the company's books, whatever was asked for: Tryton would price in another one too, and then
// hold the amount against a credit limit as if it were in this one.
import { type DateOnly, moneyOf, Refused, sum } from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { addedTaxes, begunFor, lineOf, onChange } from './sale-values.ts'
import { dayAsWritten, decimalIn, isRow, moneyIn, type Row, rowsIn, textIn } from './values.ts'

export type PriceAsked = {
  readonly customer: string
  readonly lines: readonly (Omit<LineAsked, 'line'> & { readonly line?: string })[]
}
type LineAsked = {
  readonly line: string
  readonly product: string
  readonly quantity: number
  readonly date?: DateOnly
}

export async function priced(api: TrytonApi, asked: PriceAsked) {
  if (asked.lines.length === 0) throw new Refused('No line was named, so there is nothing to price')
  const wrong = asked.lines.find(({ quantity }) => !(quantity > 0))
  if (wrong) throw new Refused(`${wrong.quantity} is no quantity of ${wrong.product}`)
  const { currency, currencyId } = await api.company.books()
  const sale = await begunFor(api, Number(asked.customer), currencyId)
  const products = await productsOf(api, asked)
  const inTryton: Row[] = []
  const lines = []
  // One after the other: a question has one of the calls that Tryton takes at once.
  for (const [at, one] of asked.lines.entries()) {
    const line = { ...one, line: one.line ?? String(at + 1) }
    const product = products.get(line.product)
    if (!product)
      throw new Refused(`Tryton has no product with the id ${line.product}`, 'It was deleted there, or is not sold.')
    const worked = await workedOut(api, sale, line)
    inTryton.push(worked)
    lines.push({ ...answerOf(line, worked, product, currency, sale), tax: await taxOf(api, sale, [worked], currency) })
  }
  // Tax is rounded of the whole, or of each line, as the company has it: the sum of the lines may be another.
  const [first, ...others] = lines
  const tax = first && others.length === 0 ? first.tax : await taxOf(api, sale, inTryton, currency)
  return { net: sum(lines.map(line => line.net)) ?? moneyOf('0', currency), tax, lines }
}

async function productsOf(api: TrytonApi, { lines }: PriceAsked): Promise<ReadonlyMap<string, Row>> {
  const { context } = await api.company.books()
  const ids = [...new Set(lines.map(({ product }) => Number(product)))]
  const columns = ['code', 'name', 'list_price', 'salable']
  const query = [[['id', 'in', ids]], 0, ids.length, null, columns]
  const { result } = await api.rpc.ask('product.product', 'search_read', query, 'products', context)
  return new Map(rowsIn(result).map(row => [String(row.id), row]))
}

/** The line as Tryton's screen has it once product and quantity are entered. */
async function workedOut(api: TrytonApi, sale: Row, { product, quantity, date }: LineAsked): Promise<Row> {
  const when = date === undefined ? sale : { ...sale, sale_date: dayAsWritten(date) }
  const asked = lineOf(when, Number(product), quantity)
  const filled = await onChange(api, 'sale.line', 'on_change_product', asked)
  const { unit, unit_price, amount, taxes } = filled
  return {
    type: 'line',
    product: Number(product),
    quantity,
    unit,
    unit_price,
    amount,
    taxes: isRow(taxes) ? addedTaxes(taxes) : [],
  }
}

async function taxOf(api: TrytonApi, sale: Row, lines: readonly Row[], currency: string) {
  const { tax_amount } = await onChange(api, 'sale.sale', 'on_change_lines', { ...sale, lines })
  const tax = moneyIn(tax_amount, currency)
  if (!tax) throw new Refused('Tryton did not work out the tax', 'Complete the taxes of the products in Tryton.')
  return tax
}

function answerOf({ line, quantity }: LineAsked, worked: Row, product: Row, currency: string, sale: Row) {
  const name = [textIn(product.code), textIn(product.name)].filter(Boolean).join(' ')
  const unit = moneyIn(worked.unit_price, currency)
  const net = moneyIn(worked.amount, currency)
  if (!unit || !net || Number(unit.amount) === 0)
    throw new Refused(`Tryton has no price for ${name}`, `Enter a list price for ${name}, or take it off the quote.`)
  const list = decimalIn(product.list_price)
  const conditions = [
    sale.price_list ? "the customer's price list" : 'no price list',
    ...(list === undefined ? [] : [`list price ${list}`]),
  ].join('; ')
  return { line, product: name, quantity, unit, net, conditions, until: undefined }
}
