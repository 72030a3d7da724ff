// A sale as Tryton takes it. A create runs none of what its own screens run: price, tax, payment term and addresses are asked
// of it first, as its screens do, and what we say stands above that.
import { type Native, Refused, type Write } from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { currencyOf, idOfNamed, named, warehouseOf } from './names.ts'
import { amountIn, dayAsWritten, decimal, isRow, type Row } from './values.ts'

/** The line's text that carries the key of ours. */
export const lineKey = 'note'

/** Fields that Tryton works out, or that the create says otherwise. */
const notWritten = new Set([
  'number',
  'state',
  'shipment_state',
  'invoice_state',
  'untaxed_amount',
  'tax_amount',
  'total_amount',
])

export async function newSale(api: TrytonApi, write: Write): Promise<Row> {
  const header = await headerOf(api, write.fields)
  const currency = await currencyOf(api, pricedIn(write))
  const warehouse = header.warehouse ?? (await warehouseOf(api, undefined)).id
  const begun = await begunFor(api, Number(header.party), currency.id)
  const takes = header.shipment_party
  const elsewhere = takes
    ? await onChange(api, 'sale.sale', 'on_change_shipment_party', { ...begun, shipment_party: takes })
    : {}
  const said = Object.fromEntries(Object.entries(header).filter(([, value]) => value !== null))
  // A field that we say is empty is so only where Tryton fills in nothing: without payment terms a sale would be due at once.
  const sale = { ...header, ...begun, ...elsewhere, ...said, warehouse }
  const lines: Row[] = []
  for (const line of write.lists.lines?.add ?? []) lines.push(await newLine(api, sale, line))
  return { ...sale, lines: [['create', lines]] }
}

/** An empty sale for a customer, with the payment term, addresses and price list that Tryton would fill in. */
export async function begunFor(api: TrytonApi, party: number, currency: number): Promise<Row> {
  const { company } = await api.company.books()
  const begun = { company, currency, party }
  return { ...begun, ...(await onChange(api, 'sale.sale', 'on_change_party', begun)) }
}

/**
 * A line with unit, price and taxes as Tryton would have them for this sale. Each is a call of its own, so that asking for many takes
 * longer than a write may wait to be sent: tried again, the sale has at once what was asked for it before.
 */
export async function newLine(api: TrytonApi, sale: Row, line: Native): Promise<Row> {
  const asked = lineOf(sale, Number(line.product), Number(line.quantity))
  const { unit, unit_price, taxes } = await api.lines.of(JSON.stringify(asked), () =>
    onChange(api, 'sale.line', 'on_change_product', asked),
  )
  return {
    type: 'line',
    unit,
    unit_price,
    ...(isRow(taxes) && { taxes: [['add', addedTaxes(taxes)]] }),
    ...changedLine(line),
  }
}

/** What Tryton's own screen knows of a line when it works out the price. */
export const lineOf = (sale: Row, product: number, quantity: number): Row => ({
  type: 'line',
  product,
  quantity,
  ...Object.fromEntries(
    ['party', 'invoice_party', 'price_list', 'currency', 'company', 'sale_date'].map(name => [
      `_parent_sale.${name}`,
      sale[name] ?? null,
    ]),
  ),
})

export const addedTaxes = (taxes: Row): readonly number[] =>
  (Array.isArray(taxes.add) ? taxes.add : []).flatMap((one: unknown) =>
    Array.isArray(one) && isRow(one[1]) && typeof one[1].id === 'number' ? [one[1].id] : [],
  )

/** Of a line what we say. */
export function changedLine({ product, quantity, unit_price, description, [lineKey]: key }: Native): Row {
  const price = amountIn(unit_price)
  return {
    ...(product !== undefined && { product: product === null ? null : Number(product) }),
    // Quantities are floats in Tryton, the only numbers that are.
    ...(quantity !== undefined && { quantity: quantity === null ? null : Number(quantity) }),
    ...(price && { unit_price: decimal(price.amount) }),
    ...(description !== undefined && { description }),
    ...(key !== undefined && { [lineKey]: key }),
  }
}

const pricedIn = ({ lists }: Write): string | undefined => {
  const currencies = new Set((lists.lines?.add ?? []).flatMap(line => amountIn(line.unit_price)?.currency ?? []))
  if (currencies.size > 1)
    throw new Refused(`The lines are priced in ${[...currencies].join(' and ')}, and a sale has one currency`)
  return [...currencies][0]
}

/** The header's fields, with the ids of what we call by name. */
export async function headerOf(api: TrytonApi, fields: Native): Promise<Record<string, unknown>> {
  const header: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || notWritten.has(name)) continue
    header[name] = value === null ? null : await encoded(api, name, value)
  }
  return header
}

async function encoded(api: TrytonApi, name: string, value: unknown): Promise<unknown> {
  switch (name) {
    case 'party':
    case 'shipment_party':
      return Number(value)
    case 'warehouse':
      return (await warehouseOf(api, String(value))).id
    case 'payment_term':
      return idOfNamed(api, named.paymentTerm, String(value))
    case 'price_list':
      return idOfNamed(api, named.priceList, String(value))
    case 'sale_date':
    case 'shipping_date':
      return dayAsWritten(value)
    default:
      return value
  }
}

/** What Tryton's screen would fill in. What it says of a record beside its id is for showing only. */
export async function onChange(api: TrytonApi, model: string, method: string, values: Row): Promise<Row> {
  const { context } = await api.company.books()
  const { result } = await api.rpc.ask(model, method, [values], model, context)
  if (!isRow(result)) throw new TypeError(`Tryton, ${model}: ${method} did not answer with values`)
  return Object.fromEntries(Object.entries(result).filter(([name]) => !name.endsWith('.')))
}
