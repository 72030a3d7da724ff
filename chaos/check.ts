// The history checker: compares what the two systems' own journals say. It never asks the engine what is true.
// Every check is a pass over documents or entries: its cost grows with their number and no faster.
import { exact, times } from '../test/support/exact.ts'
import { type Document, type Entry, rowsIn, statesOf } from './journal.ts'

export type History = {
  /** The ids of the quotes whose acceptance Salesforce acknowledged. */
  readonly accepted: ReadonlySet<string>
  /** Numbers of quotes about which a person is being asked. */
  readonly asked: ReadonlySet<string>
  readonly salesforce: readonly Entry[]
  readonly s4: readonly Entry[]
}

export type Verdict = {
  readonly accepted: number
  /** Accepted quotes that are exactly one order in the ERP. */
  readonly succeeded: number
  /** Accepted quotes without an order that nobody is asked about, and ERP documents that Salesforce does not show. */
  readonly lost: number
  readonly doubled: number
  readonly stale: number
  /** Documents of ours that no accepted quote asked for. */
  readonly phantom: number
  /** Updates by our client that changed nothing. */
  readonly echo: number
  /** The first few findings, as sentences. */
  readonly findings: readonly string[]
}

/** Who we are in each system's journal. */
const ours = { salesforce: 'plumbline', s4: 'sandbox' } as const
const most = 12

type Kind = 'lost' | 'doubled' | 'stale' | 'phantom' | 'echo'
type Find = (kind: Kind, sentence: string) => void
type States = ReturnType<typeof statesOf>

export function check({ accepted, asked, salesforce, s4 }: History): Verdict {
  const counts: Record<Kind, number> = { lost: 0, doubled: 0, stale: 0, phantom: 0, echo: 0 }
  const findings: string[] = []
  const find: Find = (kind, sentence) => {
    if (++counts[kind] <= most) findings.push(`${kind}: ${sentence}`)
  }
  const crm = statesOf(salesforce)
  const erp = statesOf(s4)
  const books: Books = { crm, erp, orders: [...erp('A_SalesOrder').values()].filter(order => order.by === ours.s4) }
  const succeeded = checkOrders(books, accepted, asked, find)
  checkOrdersInSalesforce(books, find)
  checkDocuments(books, find)
  checkCustomers(books, salesforce, find)
  checkWrites(salesforce, s4, find)
  return { accepted: accepted.size, succeeded, ...counts, findings }
}

type Books = { readonly crm: States; readonly erp: States; readonly orders: readonly Document[] }

/** Each accepted quote is exactly one order in the ERP, with its lines and its total; no other order is ours. */
function checkOrders(
  { crm, orders }: Books,
  accepted: ReadonlySet<string>,
  asked: ReadonlySet<string>,
  find: Find,
): number {
  const byReference = groups(orders, order => String(order.fields.PurchaseOrderByCustomer))
  const lines = groups([...crm('QuoteLineItem').values()], line => String(line.fields.QuoteId))
  const wanted = new Set<string>()
  let succeeded = 0
  for (const id of accepted) {
    const number = String(crm('Quote').get(id)?.fields.QuoteNumber)
    wanted.add(number)
    const [order, ...more] = byReference.get(number) ?? []
    if (!order) {
      if (!asked.has(number)) find('lost', `quote ${number} was accepted and is no order in the ERP`)
      continue
    }
    if (more.length > 0) find('doubled', `quote ${number} is orders ${idsOf([order, ...more])} in the ERP`)
    else succeeded++
    const offered = (lines.get(id) ?? []).map(line => offeredLine(crm, line))
    const ordered = rowsIn(order.fields.items).map(orderedLine)
    if (!sameSet(offered, ordered))
      find('stale', `quote ${number} offers ${offered.join(', ')}; order ${order.id} has ${ordered.join(', ')}`)
    const total = sum(rowsIn(order.fields.items).map(item => exact(item.NetAmount)))
    if (total !== exact(order.fields.TotalNetAmount))
      find('stale', `order ${order.id} totals ${order.fields.TotalNetAmount}, its lines do not`)
  }
  for (const order of orders) {
    const reference = String(order.fields.PurchaseOrderByCustomer)
    if (!wanted.has(reference)) find('phantom', `nobody accepted ${reference}, and it is order ${order.id} in the ERP`)
  }
  return succeeded
}

const offeredLine = (crm: States, { fields }: Document): string => {
  const material = crm('Product2').get(String(fields.Product2Id))?.fields.ProductCode
  return lineOf(material, exact(fields.Quantity), times(exact(fields.Quantity), exact(fields.UnitPrice)))
}
const orderedLine = (item: Record<string, unknown>): string =>
  lineOf(item.Material, exact(item.RequestedQuantity), exact(item.NetAmount))
const lineOf = (material: unknown, quantity: bigint, net: bigint): string =>
  `${material}×${Number(quantity) / 1e5} for ${Number(net) / 1e5}`

/** Each order of ours is one Order in Salesforce, equal in number, total, status and lines. */
function checkOrdersInSalesforce({ crm, orders }: Books, find: Find): void {
  const shown = [...crm('Order').values()]
  const byNumber = groups(shown, order => String(order.fields.ERP_Order_Number__c))
  const items = groups([...crm('OrderItem').values()], item => String(item.fields.OrderId))
  for (const [ref, same] of groups(shown, order => String(order.fields.Plumbline_Ref__c)))
    if (same.length > 1) find('doubled', `${ref} is Orders ${idsOf(same)} in Salesforce`)
  for (const order of orders) {
    const [there, ...more] = byNumber.get(order.id) ?? []
    if (!there) {
      find('lost', `order ${order.id} of the ERP is not in Salesforce`)
      continue
    }
    if (more.length > 0) find('doubled', `order ${order.id} is Orders ${idsOf([there, ...more])} in Salesforce`)
    const lines = items.get(there.id) ?? []
    const shouldBe = {
      PoNumber: order.fields.PurchaseOrderByCustomer,
      Status: statusOf(order.fields),
      ERP_Net_Total__c: exact(order.fields.TotalNetAmount),
    }
    const is = {
      PoNumber: there.fields.PoNumber,
      Status: there.fields.Status,
      ERP_Net_Total__c: exact(there.fields.ERP_Net_Total__c),
    }
    compare(`Order ${there.id} (${order.id} in the ERP)`, is, shouldBe, find)
    const total = sum(lines.map(({ fields }) => times(exact(fields.Quantity), exact(fields.UnitPrice))))
    if (total !== shouldBe.ERP_Net_Total__c)
      find('stale', `the lines of Order ${there.id} do not sum up to the ERP's ${order.fields.TotalNetAmount}`)
    if (lines.length !== rowsIn(order.fields.items).length)
      find('stale', `Order ${there.id} has ${lines.length} lines, order ${order.id} another number`)
  }
}

const statusOf = (order: Readonly<Record<string, unknown>>): string =>
  order.OverallOrdReltdBillgStatus === 'C' ? 'Invoiced' : order.OverallDeliveryStatus === 'C' ? 'Shipped' : 'Activated'

/** Each shipment, invoice and payment of the ERP is one row in Salesforce, with the same values. */
function checkDocuments({ crm, erp }: Books, find: Find): void {
  mirrored(find, [...erp('A_OutbDeliveryHeader').values()], crm('Shipment__c'), {
    number: 'Delivery_Number__c',
    id: shipment => shipment.id,
    values: ({ fields }) => ({ Tracking_Number__c: fields.BillOfLading }),
  })
  mirrored(find, [...erp('A_BillingDocument').values()], crm('Invoice__c'), {
    number: 'Invoice_Number__c',
    id: invoice => invoice.id,
    values: ({ fields }) => ({
      Status__c: fields.InvoiceClearingStatus === 'C' ? 'Paid' : 'Open',
      Net_Amount__c: exact(fields.TotalNetAmount),
      Tax_Amount__c: exact(fields.TaxAmount ?? '0'),
      Gross_Amount__c: exact(fields.TotalGrossAmount),
    }),
  })
  mirrored(find, [...erp('A_OperationalAcctgDocItemCube').values()], crm('Payment__c'), {
    number: 'Payment_Number__c',
    id: payment => String(payment.fields.AccountingDocument),
    values: ({ fields }) => ({ Amount__c: -exact(fields.AmountInTransactionCurrency) }),
  })
}

/** The ERP calls each customer that sales renamed by its last name. */
function checkCustomers({ crm, erp }: Books, salesforce: readonly Entry[], find: Find): void {
  const renamed = new Set(
    salesforce
      .filter(({ kind, object, fields }) => kind === 'update' && object === 'Account' && 'Name' in fields)
      .map(({ id }) => id),
  )
  const partners = groups([...erp('A_BusinessPartner').values()], partner => String(partner.fields.Customer))
  for (const { id, fields } of crm('Account').values())
    for (const partner of renamed.has(id) ? (partners.get(String(fields.AccountNumber)) ?? []) : [])
      compare(
        `customer ${fields.AccountNumber}`,
        { name: partner.fields.OrganizationBPName1 },
        { name: fields.Name },
        find,
      )
}

type Mirror = {
  readonly number: string
  readonly id: (document: Document) => string
  readonly values: (document: Document) => Readonly<Record<string, unknown>>
}

function mirrored(find: Find, documents: readonly Document[], rows: ReadonlyMap<string, Document>, how: Mirror): void {
  const byNumber = groups([...rows.values()], row => String(row.fields[how.number]))
  for (const document of documents) {
    const id = how.id(document)
    const [row, ...more] = byNumber.get(id) ?? []
    if (!row) {
      find('lost', `${how.number} ${id} of the ERP is not in Salesforce`)
      continue
    }
    if (more.length > 0) find('doubled', `${how.number} ${id} is ${idsOf([row, ...more])} in Salesforce`)
    const shouldBe = how.values(document)
    const is = Object.fromEntries(
      Object.entries(shouldBe).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? exact(row.fields[name] ?? '0') : row.fields[name],
      ]),
    )
    compare(`${how.number} ${id}`, is, shouldBe, find)
  }
}

/** Our writes one after the other: none changes nothing, and no status goes back. */
function checkWrites(salesforce: readonly Entry[], s4: readonly Entry[], find: Find): void {
  const stages = ['Draft', 'Activated', 'Shipped', 'Invoiced', 'Open', 'Paid']
  const reached = new Map<string, number>()
  for (const { kind, by, object, id, fields, n } of salesforce) {
    if (by !== ours.salesforce) continue
    if (kind === 'update' && isEmpty(fields))
      find('echo', `entry ${n}: ${object} ${id} was written and nothing changed`)
    const status = fields.Status ?? fields.Status__c
    if (typeof status !== 'string') continue
    const stage = stages.indexOf(status)
    if (stage < (reached.get(id) ?? 0)) find('stale', `entry ${n}: ${object} ${id} went back to ${status}`)
    reached.set(id, Math.max(stage, reached.get(id) ?? 0))
  }
  for (const { kind, by, object, id, fields, n } of s4)
    if (by === ours.s4 && kind === 'update' && isEmpty(fields))
      find('echo', `entry ${n}: ${object} ${id} was written and nothing changed`)
}

const stamps = new Set([
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
  'LastChangeDate',
  'LastChangeDateTime',
])
const isEmpty = (fields: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(fields).every(name => stamps.has(name))

function compare(
  what: string,
  is: Readonly<Record<string, unknown>>,
  shouldBe: Readonly<Record<string, unknown>>,
  find: Find,
): void {
  for (const [name, value] of Object.entries(shouldBe))
    if (is[name] !== value) find('stale', `${name} of ${what} is ${is[name]}, and should be ${value}`)
}

const groups = <T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> => Map.groupBy(all, key)
const idsOf = (documents: readonly Document[]): string => documents.map(({ id }) => id).join(' and ')
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && [...a].sort().join() === [...b].sort().join()

/** The checkpoint that each quote's journey must have come to, as far as the ERP has come. By quote number. */
export function checkpointsDue(s4: readonly Entry[]): ReadonlyMap<string, string> {
  const erp = statesOf(s4)
  const invoices = groups([...erp('A_BillingDocument').values()], invoice =>
    String(rowsIn(invoice.fields.items)[0]?.SalesDocument),
  )
  return new Map(
    [...erp('A_SalesOrder').values()].map(({ id, fields }) => {
      const billed = invoices.get(id) ?? []
      const isPaid = billed.length > 0 && billed.every(invoice => invoice.fields.InvoiceClearingStatus === 'C')
      const status = statusOf(fields)
      return [
        String(fields.PurchaseOrderByCustomer),
        status === 'Invoiced' && isPaid ? 'Paid' : status === 'Activated' ? 'Booked' : status,
      ]
    }),
  )
}
