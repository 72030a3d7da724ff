// The example with Tryton as its ERP: the same contracts, roles and workflow, with mappings onto Tryton's objects.
import { tryton } from '@plumbline/connector-tryton'
import { answers, type Fields, fill, type Instance, mapping, objectOf, type Project, type Role } from '@plumbline/sdk'

type AnyContract = Project['contracts'][number]

/** Where it listens, and what the user "integration" types. */
type Door = { readonly url: string; readonly database: string; readonly password: string }
/** How often it is asked for changes, and how far back, in milliseconds. */
type Polling = { readonly pollEvery?: string; readonly overlap?: string }
const quick: Polling = { pollEvery: '250', overlap: '15000' }

export function withTryton(example: Project, erp: Door, polling: Polling = quick): Project {
  const [sales] = example.systems.filter(({ role }) => role === 'crm')
  const role = example.roles.find(one => one.role === 'erp')
  if (!sales || !role) throw new Error('The example has no crm or no erp')
  const inTryton = fill(
    role,
    'tryton',
    tryton,
    {
      url: erp.url,
      database: erp.database,
      user: 'integration',
      password: erp.password,
      warehouse: 'WH',
      ...polling,
    },
    { mappings: mappingsOnto(example), answers: answersOf(role) },
  )
  return {
    ...example,
    systems: [{ ...sales, settings: { ...sales.settings, currency: 'USD' } }, inTryton],
    routes: [],
    tables: (example.tables ?? []).map(table => ({
      ...table,
      starts: { sales: table.starts.sales ?? {}, ...(table.table === 'payment terms' && { tryton: terms }) },
    })),
  }
}

/** As Tryton calls them. */
const terms = { 'due at once': 'Due on receipt', 'net 30': 'Net 30' }

const answersOf = (role: Role<string>): Instance['answers'] =>
  role.answers.flatMap(question => {
    const native = { 'credit check': 'creditCheck', price: 'price', stock: 'stock' }[question.question]
    return native ? [answers(question, tryton, native as never)] : []
  })

function mappingsOnto(example: Project): Instance['mappings'] {
  const of = (name: string): AnyContract => {
    const found = example.contracts.find(({ contract }) => contract === name)
    if (!found) throw new Error(`The example has no contract ${name}`)
    return found
  }
  const paymentTerms = example.tables?.find(({ table }) => table === 'payment terms')
  const mapped = (
    name: string,
    object: keyof typeof tryton.objects,
    rules: Record<string, unknown>,
    options?: object,
  ) => mapping(of(name), objectOf(tryton, object), { ...skipped(of(name)), ...rules } as never, options as never)
  return [
    mapped('customer', 'Party', {
      number: 'code',
      name: 'name',
      email: 'email',
      paymentTerms: { field: 'customer_payment_term', table: paymentTerms },
    }),
    mapped('product', 'Product', { sku: 'code' }),
    mapped('order', 'Sale', {
      number: 'number',
      reference: 'reference',
      customer: 'party',
      shipTo: 'shipment_party',
      status: { from: ['state', 'shipment_state', 'invoices_posted'], read: stageOf },
      total: 'untaxed_amount',
      paymentTerms: { field: 'payment_term', table: paymentTerms },
      requestedDelivery: 'shipping_date',
      lines: {
        each: 'lines',
        id: 'id',
        key: 'note',
        fields: {
          ...skipped({ fields: of('order').fields.lines?.of ?? {} }),
          product: 'product',
          quantity: 'quantity',
          price: 'unit_price',
        },
      },
    }),
    mapped(
      'shipment',
      'Shipment',
      { number: 'number', order: 'sale', shipped: 'effective_date' },
      { only: { from: ['state'], test: (shipment: { state?: string }) => shipment.state === 'done' } },
    ),
    mapped(
      'invoice',
      'Invoice',
      {
        number: 'number',
        order: 'sale',
        status: {
          from: ['state'],
          read: (invoice: { state?: string }) => (invoice.state === 'paid' ? 'paid' : 'open'),
        },
        net: 'untaxed_amount',
        tax: 'tax_amount',
        gross: 'total_amount',
        date: 'invoice_date',
      },
      // A draft has no number, and is nobody's business yet.
      {
        only: {
          from: ['state'],
          test: (invoice: { state?: string }) => ['posted', 'paid'].includes(invoice.state ?? ''),
        },
      },
    ),
    mapped('payment', 'Payment', { number: 'number', invoice: 'invoice', amount: 'amount', date: 'date' }),
  ]
}

const skipped = ({ fields }: { readonly fields: Fields }) =>
  Object.fromEntries(Object.keys(fields).map(name => [name, { skip: 'Tryton has nothing like it' }]))

function stageOf(sale: { state?: string; shipment_state?: string; invoices_posted?: boolean }): string {
  if (sale.state !== 'processing' && sale.state !== 'done') return 'open'
  if (sale.state !== 'done' && sale.shipment_state !== 'sent') return 'booked'
  return sale.invoices_posted ? 'invoiced' : 'shipped'
}
