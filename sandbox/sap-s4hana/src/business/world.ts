// Everything the system knows: the tables, their indexes and the totals that are kept running.
import Big from 'big.js'
import { type AccountingItem, accountingItem, type BillingDocument, billingDocument } from '../documents/billing.ts'
import { type ConditionRecord, conditionRecord, type PlannedReceipt, plannedReceipt } from '../documents/condition.ts'
import { type Delivery, delivery } from '../documents/delivery.ts'
import { type Order, type OrderItem, order } from '../documents/order.ts'
import { type BusinessPartner, businessPartner } from '../documents/partner.ts'
import { type Product, product, type Stock, stock } from '../documents/product.ts'
import { type CreditAccount, creditAccount } from '../documents/terms.ts'
import { Store } from '../store/store.ts'
import type { Table } from '../store/table.ts'

export type World = ReturnType<typeof openWorld>

export function openWorld(dataFolder: string, now: () => number) {
  const store = new Store(dataFolder, now)
  const partners = store.table<BusinessPartner>(
    'partners',
    businessPartner,
    row => row.BusinessPartner,
    'A_BusinessPartner',
  )
  const products = store.table<Product>('products', product, row => row.Product, 'A_Product')
  const stocks = store.table<Stock>('stock', stock, row => stockKey(row.Material, row.Plant), 'A_MatlStkInAcctMod')
  const receipts = store.table<PlannedReceipt>('receipts', plannedReceipt, row => row.Receipt, 'PlannedReceipt')
  const conditions = store.table<ConditionRecord>(
    'conditions',
    conditionRecord,
    row => row.ConditionRecord,
    'A_SlsPrcgConditionRecord',
  )
  const credit = store.table<CreditAccount>(
    'credit',
    creditAccount,
    row => row.CreditMgmtBusinessPartner,
    'A_CreditMgmtAccount',
  )
  const orders = store.table<Order>('orders', order, row => row.SalesOrder, 'A_SalesOrder')
  const deliveries = store.table<Delivery>('deliveries', delivery, row => row.DeliveryDocument, 'A_OutbDeliveryHeader')
  const billing = store.table<BillingDocument>(
    'billing',
    billingDocument,
    row => row.BillingDocument,
    'A_BillingDocument',
  )
  const payments = store.table<AccountingItem>(
    'payments',
    accountingItem,
    row => `${row.CompanyCode}/${row.FiscalYear}/${row.AccountingDocument}/${row.AccountingDocumentItem}`,
    'A_OperationalAcctgDocItemCube',
  )
  const world = {
    store,
    partners,
    products,
    stocks,
    receipts,
    conditions,
    credit,
    orders,
    deliveries,
    billing,
    payments,
    indexes: {
      partnersByExternalId: partners.index(row => presentOnes(row.BusinessPartnerIDByExtSystem)),
      partnersByChangeDate: partners.timeline(row => momentOf(row.LastChangeDate, row.LastChangeTime)),
      partnersByCreationDate: partners.timeline(row => momentOf(row.CreationDate, row.CreationTime)),
      productTimeline: products.timeline(row => row.LastChangeDateTime),
      stockByMaterial: stocks.index(row => [row.Material]),
      receiptsByStock: receipts.index(row => [stockKey(row.Material, row.Plant)]),
      conditionsByKey: conditions.index(row =>
        row.to_SlsPrcgCndnRecdValidity.map(each => conditionKey(row.ConditionType, each.Customer, each.Material)),
      ),
      conditionsByMaterial: conditions.index(row => row.to_SlsPrcgCndnRecdValidity.map(each => each.Material)),
      conditionsByCustomer: conditions.index(row => row.to_SlsPrcgCndnRecdValidity.map(each => each.Customer)),
      ordersByReference: orders.index(row => presentOnes(row.PurchaseOrderByCustomer)),
      ordersByCustomer: orders.index(row => [row.SoldToParty]),
      orderTimeline: orders.timeline(row => row.LastChangeDateTime),
      deliveriesByOrder: deliveries.index(row =>
        distinct(row.to_DeliveryDocumentItem, each => each.ReferenceSDDocument),
      ),
      deliveriesByCustomer: deliveries.index(row => [row.SoldToParty]),
      deliveryTimeline: deliveries.timeline(row => row.LastChangeDateTime),
      billingByOrder: billing.index(row => distinct(row.to_Item, each => each.SalesDocument)),
      billingByDelivery: billing.index(row => distinct(row.to_Item, each => each.ReferenceSDDocument)),
      billingByCustomer: billing.index(row => [row.SoldToParty]),
      billingTimeline: billing.timeline(row => row.LastChangeDateTime),
      paymentsByInvoice: payments.index(row => presentOnes(row.InvoiceReference)),
      paymentsByCustomer: payments.index(row => [row.Customer]),
      paymentTimeline: payments.timeline(row => row.LastChangeDateTime),
      creditTimeline: credit.timeline(row => row.LastChangeDateTime),
    },
    exposure: runningTotal(),
    /** What somebody has open in a dialog, and who. As in the real system, a restart frees it all. */
    locks: new Map<string, string>(),
    /** What is promised of a material in a plant and has not left it. */
    reserved: runningTotal(),
  }
  orders.watch((before, after) => {
    if (before) tallyOrder(world, before, -1)
    if (after) tallyOrder(world, after, 1)
  })
  deliveries.watch((before, after) => {
    if (before) tallyDelivery(world, before, -1)
    if (after) tallyDelivery(world, after, 1)
  })
  billing.watch((before, after) => {
    if (before)
      world.exposure.add(exposureKey(before.PayerParty, before.TransactionCurrency), openInvoice(before).times(-1))
    if (after) world.exposure.add(exposureKey(after.PayerParty, after.TransactionCurrency), openInvoice(after))
  })
  return world
}

/** One instant out of the day and the time of day that SAP keeps apart. */
function momentOf(day: number | null, time: string): number | null {
  if (day === null) return null
  const [hours = 0, minutes = 0, seconds = 0] = (time.match(/\d+/g) ?? []).map(Number)
  return day + ((hours * 60 + minutes) * 60 + seconds) * 1000
}

const presentOnes = (value: string): readonly string[] => (value === '' ? [] : [value])

const distinct = <T>(rows: readonly T[], of: (row: T) => string): readonly string[] => [...new Set(rows.map(of))]

export const lockKey = (kind: 'salesOrder' | 'customer' | 'material', id: string) => `${kind}/${id}`

export const stockKey = (material: string, plant: string) => `${material}/${plant}`

export const conditionKey = (type: string, customer: string, material: string) => `${type}/${customer}/${material}`

export const exposureKey = (customer: string, currency: string) => `${customer}/${currency}`

function runningTotal() {
  const totals = new Map<string, Big>()
  return {
    of: (key: string): Big => totals.get(key) ?? new Big(0),
    add(key: string, value: Big): void {
      if (value.eq(0)) return
      totals.set(key, (totals.get(key) ?? new Big(0)).plus(value))
    },
  }
}

function tallyOrder(world: Pick<World, 'exposure' | 'reserved'>, order: Order, sign: 1 | -1): void {
  const open = order.to_Item.reduce((total, item) => total.plus(openValue(item)), new Big(0))
  world.exposure.add(exposureKey(order.SoldToParty, order.TransactionCurrency), open.times(sign))
  for (const item of order.to_Item)
    world.reserved.add(stockKey(item.Material, item.ProductionPlant), openQuantity(item).times(sign))
}

/** Goods of a delivery that is still in the house are promised like those of an order. */
function tallyDelivery(
  world: Pick<World, 'reserved'>,
  { to_DeliveryDocumentItem: items, ...delivery }: Delivery,
  sign: 1 | -1,
) {
  if (delivery.OverallGoodsMovementStatus === 'C') return
  for (const item of items)
    world.reserved.add(stockKey(item.Material, item.Plant), new Big(item.ActualDeliveryQuantity).times(sign))
}

/** What of an order item is not yet billed, with tax. Only what was delivered counts once the rest was rejected. */
export function openValue(item: OrderItem): Big {
  const open = new Big(item.NetAmount).plus(item.TaxAmount).minus(item.BilledNetAmount).minus(item.BilledTaxAmount)
  if (item.SalesDocumentRjcnReason === '') return open
  const left = new Big(item.DeliveredQuantity).minus(item.BilledQuantity)
  const total = new Big(item.RequestedQuantity).minus(item.BilledQuantity)
  return left.lte(0) || total.lte(0) ? new Big(0) : open.times(left).div(total)
}

/** What of an order item has not left the warehouse's promise yet. */
/** The category of an item that no delivery is made for. */
export const NOT_DELIVERED = 'TAX'
export const isDelivered = (item: OrderItem): boolean => item.SalesOrderItemCategory !== NOT_DELIVERED

export const openQuantity = (item: OrderItem): Big =>
  item.SalesDocumentRjcnReason === '' && isDelivered(item)
    ? new Big(item.RequestedQuantity).minus(item.DeliveredQuantity)
    : new Big(0)

export const openInvoice = (invoice: BillingDocument): Big =>
  invoice.BillingDocumentIsCancelled || invoice.CancelledBillingDocument !== ''
    ? new Big(0)
    : new Big(invoice.TotalGrossAmount).minus(invoice.PaidAmount)

export const tableSizes = (world: World): Record<string, number> =>
  Object.fromEntries(
    [
      world.partners,
      world.products,
      world.conditions,
      world.orders,
      world.deliveries,
      world.billing,
      world.payments,
    ].map((table: Pick<Table<never>, 'name' | 'size'>) => [table.name, table.size]),
  )
