// The objects of Tryton that a project can map, with the columns that are read of each.
import { count, day, id, listOf, lookup, money, text, yesNo } from '@plumbline/sdk'
import type { Entity } from './entity.ts'
import { dayIn, decimalIn, exactly, idIn, listed, moneyIn, type Row, related, textIn } from './values.ts'

const party = {
  code: text('Code'),
  name: text('Name'),
  active: yesNo('Active'),
  tax_identifier: text('Tax Identifier'),
  /** The first address that is active. */
  street: text('Street'),
  postal_code: text('Postal Code'),
  city: text('City'),
  /** By its two letters. */
  country: text('Country'),
  /** The first of the party's e-mails. */
  email: text('E-mail'),
  /** By its name. */
  customer_payment_term: text('Customer Payment Term'),
  /** By its name. */
  sale_price_list: text('Sale Price List'),
  /** In the company's currency; empty is no limit. */
  credit_limit_amount: money('Credit Limit'),
}

const product = {
  code: text('Code'),
  name: text('Name'),
  active: yesNo('Active'),
  type: text('Type'),
  salable: yesNo('Salable'),
  unit: text('Default Unit'),
  /** In the company's currency, without any price list. */
  list_price: money('List Price'),
}

const saleLine = {
  id: id('Line'),
  product: lookup('Product'),
  quantity: count('Quantity'),
  unit: text('Unit'),
  /** Of one unit, with up to four digits. */
  unit_price: money('Unit Price'),
  amount: money('Amount'),
  description: text('Description'),
  /** Carries the key of our line, so that a line is added once. */
  note: text('Note'),
}

const sale = {
  number: text('Number'),
  /** Carries the key by which a create is found again: Tryton has no other, and takes the same one twice. */
  reference: text('Reference'),
  description: text('Description'),
  comment: text('Comment'),
  party: lookup('Party', 'Party'),
  shipment_party: lookup('Party', 'Shipment Party'),
  /** By its code. */
  warehouse: text('Warehouse'),
  /** By its name. */
  payment_term: text('Payment Term'),
  /** By its name. */
  price_list: text('Price List'),
  sale_date: day('Sale Date'),
  shipping_date: day('Shipping Date'),
  state: text('State'),
  shipment_state: text('Shipment State'),
  /** `waiting` as soon as there is an invoice, a draft too; then `paid`. */
  invoice_state: text('Invoice State'),
  /** Whether it has invoices, and each that was not cancelled is posted: Tryton tells that of the invoices alone. */
  invoices_posted: yesNo('Invoices Posted'),
  untaxed_amount: money('Untaxed'),
  tax_amount: money('Tax'),
  total_amount: money('Total'),
  lines: listOf('Lines', saleLine),
}

const shipment = {
  number: text('Number'),
  sale: lookup('Sale'),
  customer: lookup('Party', 'Customer'),
  reference: text('Reference'),
  state: text('State'),
  planned_date: day('Planned Date'),
  effective_date: day('Effective Date'),
}

const invoice = {
  number: text('Number'),
  sale: lookup('Sale'),
  party: lookup('Party', 'Party'),
  type: text('Type'),
  state: text('State'),
  invoice_date: day('Invoice Date'),
  untaxed_amount: money('Untaxed'),
  tax_amount: money('Tax'),
  total_amount: money('Total'),
  amount_to_pay: money('Amount to Pay'),
}

const payment = {
  /** Of the move that it was booked with. */
  number: text('Number'),
  invoice: lookup('Invoice'),
  party: lookup('Party', 'Party'),
  amount: money('Amount'),
  date: day('Date'),
  description: text('Description'),
}

/** Columns that are read as they are called. */
const texts = (row: Row, ...names: readonly string[]) =>
  Object.fromEntries(names.map(name => [name, textIn(row[name])]))
const amounts = (row: Row, currency: unknown, ...names: readonly string[]) =>
  Object.fromEntries(names.map(name => [name, moneyIn(row[name], currency)]))

const Party: Entity = {
  object: 'Party',
  model: 'party.party',
  fields: party,
  columns: [
    ...['code', 'name', 'active', 'credit_limit_amount', 'tax_identifier.code'],
    ...['customer_payment_term.name', 'sale_price_list.name', 'contact_mechanisms.type', 'contact_mechanisms.value'],
    ...['street', 'postal_code', 'city', 'active', 'country.code'].map(name => `addresses.${name}`),
  ],
  native(row, books) {
    const address = addressOf(row)
    return {
      ...texts(row, 'code', 'name'),
      active: row.active === true,
      tax_identifier: textIn(related(row, 'tax_identifier')?.code),
      ...texts(address ?? {}, 'street', 'postal_code', 'city'),
      country: textIn(address && related(address, 'country')?.code),
      email: textIn(emailOf(row)?.value),
      customer_payment_term: textIn(related(row, 'customer_payment_term')?.name),
      sale_price_list: textIn(related(row, 'sale_price_list')?.name),
      credit_limit_amount: moneyIn(row.credit_limit_amount, books.currency),
    }
  },
  only: [],
  parts: [
    { model: 'party.address', of: 'party', list: 'addresses' },
    { model: 'party.contact_mechanism', of: 'party', list: 'contact_mechanisms' },
  ],
  everyRounds: 5,
}

export const addressOf = (row: Row): Row | undefined =>
  listed(row, 'addresses').find(address => address.active !== false)
export const emailOf = (row: Row): Row | undefined =>
  listed(row, 'contact_mechanisms').find(mechanism => mechanism.type === 'email')

const Product: Entity = {
  object: 'Product',
  model: 'product.product',
  fields: product,
  columns: ['code', 'name', 'active', 'type', 'salable', 'list_price', 'default_uom.symbol', 'template'],
  native: (row, books) => ({
    ...texts(row, 'code', 'name', 'type'),
    active: row.active === true,
    salable: row.salable === true,
    unit: textIn(related(row, 'default_uom')?.symbol),
    list_price: moneyIn(row.list_price, books.currency),
  }),
  only: [],
  parts: [{ model: 'product.template', of: 'products', one: 'template' }],
  everyRounds: 5,
}

const Sale: Entity = {
  object: 'Sale',
  model: 'sale.sale',
  fields: sale,
  columns: [
    ...['number', 'reference', 'description', 'comment', 'party', 'shipment_party', 'sale_date', 'shipping_date'],
    ...['warehouse.code', 'payment_term.name', 'price_list.name', 'currency.code'],
    ...['state', 'shipment_state', 'invoice_state', 'untaxed_amount', 'tax_amount', 'total_amount'],
    'invoices.state',
    ...['type', 'product', 'quantity', 'unit.symbol', 'unit_price', 'amount', 'description', 'note'].map(
      name => `lines.${name}`,
    ),
  ],
  native(row) {
    const currency = related(row, 'currency')?.code
    return {
      ...texts(row, 'number', 'reference', 'description', 'comment', 'state', 'shipment_state', 'invoice_state'),
      party: idIn(row.party),
      shipment_party: idIn(row.shipment_party),
      warehouse: textIn(related(row, 'warehouse')?.code),
      payment_term: textIn(related(row, 'payment_term')?.name),
      price_list: textIn(related(row, 'price_list')?.name),
      invoices_posted: areAllPosted(listed(row, 'invoices')),
      sale_date: dayIn(row.sale_date),
      shipping_date: dayIn(row.shipping_date),
      ...amounts(row, currency, 'untaxed_amount', 'tax_amount', 'total_amount'),
      // Titles, subtotals and comments are lines as well, and nothing that is sold.
      lines: listed(row, 'lines')
        .filter(line => line.type === 'line')
        .map(line => ({
          id: idIn(line.id),
          product: idIn(line.product),
          quantity: line.quantity,
          unit: textIn(related(line, 'unit')?.symbol),
          ...amounts(line, currency, 'unit_price', 'amount'),
          ...texts(line, 'description', 'note'),
        })),
    }
  },
  only: [],
  parts: [
    { model: 'sale.line', of: 'sale', list: 'lines' },
    { model: 'account.invoice', of: 'sales', list: 'invoices' },
  ],
  everyRounds: 1,
}

/** One that was cancelled stays with its sale, beside the one that was made in its place. */
function areAllPosted(invoices: readonly Row[]): boolean {
  const standing = invoices.filter(({ state }) => state !== 'cancelled')
  return standing.length > 0 && standing.every(({ state }) => state === 'posted' || state === 'paid')
}

const Shipment: Entity = {
  object: 'Shipment',
  model: 'stock.shipment.out',
  fields: shipment,
  columns: ['number', 'customer', 'reference', 'state', 'planned_date', 'effective_date', 'outgoing_moves.sale'],
  native: row => ({
    ...texts(row, 'number', 'reference', 'state'),
    sale: idIn(listed(row, 'outgoing_moves').find(move => move.sale)?.sale),
    customer: idIn(row.customer),
    planned_date: dayIn(row.planned_date),
    effective_date: dayIn(row.effective_date),
  }),
  only: [],
  parts: [],
  everyRounds: 1,
}

const Invoice: Entity = {
  object: 'Invoice',
  model: 'account.invoice',
  fields: invoice,
  columns: [
    ...['number', 'party', 'type', 'state', 'invoice_date', 'currency.code', 'sales'],
    ...['untaxed_amount', 'tax_amount', 'total_amount', 'amount_to_pay'],
  ],
  native: row => ({
    ...texts(row, 'number', 'type', 'state'),
    sale: idIn(Array.isArray(row.sales) ? row.sales[0] : undefined),
    party: idIn(row.party),
    invoice_date: dayIn(row.invoice_date),
    ...amounts(
      row,
      related(row, 'currency')?.code,
      ...['untaxed_amount', 'tax_amount', 'total_amount', 'amount_to_pay'],
    ),
  }),
  only: [['type', '=', 'out']],
  parts: [],
  everyRounds: 1,
}

/** The line of the books that money for an invoice became: one for each payment, so that a part of it is one too. */
const Payment: Entity = {
  object: 'Payment',
  model: 'account.move.line',
  fields: payment,
  columns: [
    ...['move.number', 'date', 'party', 'invoice_payment', 'debit', 'credit', 'description'],
    ...['amount_second_currency', 'second_currency.code'],
  ],
  native: (row, books) => ({
    number: textIn(related(row, 'move')?.number),
    invoice: idIn(row.invoice_payment),
    party: idIn(row.party),
    amount: paid(row, books.currency),
    date: dayIn(row.date),
    ...texts(row, 'description'),
  }),
  only: [['invoice_payments.type', '=', 'out']],
  parts: [],
  everyRounds: 1,
}

/** What a customer pays is a credit; in another currency than the books' it stands beside, with a sign. */
function paid(row: Row, currency: string) {
  const foreign = decimalIn(row.amount_second_currency)
  const code = related(row, 'second_currency')?.code
  if (foreign !== undefined && typeof code === 'string') return exactly(negative(foreign), code)
  const credit = decimalIn(row.credit) ?? '0'
  return Number(credit) === 0 ? exactly(negative(decimalIn(row.debit) ?? '0'), currency) : exactly(credit, currency)
}

const negative = (digits: string): string =>
  digits.startsWith('-') ? digits.slice(1) : Number(digits) === 0 ? digits : `-${digits}`

export const entities = { Party, Product, Sale, Shipment, Invoice, Payment }
export const fields = {
  Party: party,
  Product: product,
  Sale: sale,
  Shipment: shipment,
  Invoice: invoice,
  Payment: payment,
}
