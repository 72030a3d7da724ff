// Billing: invoices for what was delivered, their cancellation, and the payments that clear them.
import Big from 'big.js'
import {
  type AccountingItem,
  accountingItem,
  type BillingDocument,
  type BillingItem,
  billingDocument,
  billingItem,
} from '../documents/billing.ts'
import type { Delivery } from '../documents/delivery.ts'
import type { Order, OrderItem } from '../documents/order.ts'
import { notFound, refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { type Call, dayOf, stamped } from './call.ts'
import { saveDelivery, withItem } from './deliveries.ts'
import { count, digitsOf, money, sumOf } from './money.ts'
import { itemOf, orderOf, saveOrder, shareOf } from './orders.ts'
import { salesAreaOfOrganisation } from './organisation.ts'
import { isDelivered, openInvoice, type World } from './world.ts'

/** Bills what of an order has left the house and is not billed yet. */
export function invoiceOrder(world: World, number: string, call: Call): BillingDocument {
  const former = orderOf(world, number)
  if (former.HeaderBillingBlockReason !== '') {
    throw refused('VF/130', `Sales order ${number} is blocked for billing, reason ${former.HeaderBillingBlockReason}`)
  }
  const deliveries = world.indexes.deliveriesByOrder
    .rows(number)
    .filter(each => each.OverallGoodsMovementStatus === 'C')
  const id = world.store.next('billing', 90000000)
  const items: BillingItem[] = []
  let order = former
  for (const delivery of deliveries) {
    const goods = billableItems(delivery, number)
    if (goods.length === 0) continue
    for (const each of goods) {
      const quantity = new Big(each.ActualDeliveryQuantity)
      const item = itemOf(order, each.ReferenceSDDocumentItem)
      const share = shareOf(item, quantity)
      items.push({
        ...billed(id, items.length, number, item, quantity, share),
        ReferenceSDDocument: delivery.DeliveryDocument,
        ReferenceSDDocumentItem: each.DeliveryDocumentItem,
        ReferenceSDDocumentCategory: 'J',
      })
      order = withBilled(order, item.SalesOrderItem, quantity, share, 1)
    }
    markBilled(world, delivery, number, 'C', call)
  }
  // What is not delivered (freight) goes with the first goods.
  const others = items.length === 0 ? [] : order.to_Item.filter(isBilledWithGoods)
  for (const item of others) {
    const quantity = new Big(item.RequestedQuantity).minus(item.BilledQuantity)
    const share = shareOf(item, quantity)
    items.push({ ...billed(id, items.length, number, item, quantity, share), ReferenceSDDocumentCategory: 'C' })
    order = withBilled(order, item.SalesOrderItem, quantity, share, 1)
  }
  if (items.length === 0) throw refused('VF/016', `Sales order ${number}: nothing is delivered that is not billed yet`)
  saveOrder(world, former, order, call)
  return post(world, order, id, items, { type: 'F2', category: 'M', cancels: '' }, call)
}

const isBilledWithGoods = (item: OrderItem): boolean =>
  !isDelivered(item) && item.SalesDocumentRjcnReason === '' && new Big(item.BilledQuantity).lt(item.RequestedQuantity)

const billed = (
  id: string,
  at: number,
  order: string,
  item: OrderItem,
  quantity: Big,
  share: { readonly net: string; readonly tax: string },
): BillingItem => ({
  ...blank(billingItem),
  BillingDocument: id,
  BillingDocumentItem: String((at + 1) * 10),
  BillingDocumentItemText: item.SalesOrderItemText,
  Material: item.Material,
  BillingQuantity: count(quantity),
  BillingQuantityUnit: item.RequestedQuantityUnit,
  NetAmount: share.net,
  TaxAmount: share.tax,
  GrossAmount: sumOf([share.net, share.tax], item.TransactionCurrency),
  TransactionCurrency: item.TransactionCurrency,
  SalesDocument: order,
  SalesDocumentItem: item.SalesOrderItem,
})

const billableItems = (delivery: Delivery, order: string) =>
  delivery.to_DeliveryDocumentItem.filter(
    item => item.ReferenceSDDocument === order && item.DeliveryRelatedBillingStatus !== 'C',
  )

function withBilled(
  order: Order,
  number: string,
  quantity: Big,
  share: { net: string; tax: string },
  sign: 1 | -1,
): Order {
  const item = itemOf(order, number)
  const currency = item.TransactionCurrency
  const moved = (sum: string, by: Big | string) => new Big(sum).plus(new Big(by).times(sign))
  return withItem(order, {
    ...item,
    BilledQuantity: count(moved(item.BilledQuantity, quantity)),
    BilledNetAmount: money(moved(item.BilledNetAmount, share.net), currency),
    BilledTaxAmount: money(moved(item.BilledTaxAmount, share.tax), currency),
  })
}

function markBilled(world: World, delivery: Delivery, order: string, status: 'A' | 'C', call: Call): void {
  const items = delivery.to_DeliveryDocumentItem.map(item =>
    item.ReferenceSDDocument === order ? { ...item, DeliveryRelatedBillingStatus: status } : item,
  )
  const complete = items.every(item => item.DeliveryRelatedBillingStatus === 'C')
  const none = items.every(item => item.DeliveryRelatedBillingStatus === 'A')
  saveDelivery(
    world,
    delivery,
    {
      ...delivery,
      to_DeliveryDocumentItem: items,
      OverallDelivReltdBillgStatus: complete ? 'C' : none ? 'A' : 'B',
      OverallSDProcessStatus: complete ? 'C' : 'B',
    },
    call,
  )
}

function post(
  world: World,
  order: Order,
  id: string,
  items: readonly BillingItem[],
  kind: { readonly type: string; readonly category: string; readonly cancels: string },
  call: Call,
): BillingDocument {
  const currency = order.TransactionCurrency
  const net = sumOf(
    items.map(item => item.NetAmount),
    currency,
  )
  const tax = sumOf(
    items.map(item => item.TaxAmount),
    currency,
  )
  const document: BillingDocument = {
    ...blank(billingDocument),
    BillingDocument: id,
    BillingDocumentType: kind.type,
    SDDocumentCategory: kind.category,
    CancelledBillingDocument: kind.cancels,
    SalesOrganization: order.SalesOrganization,
    DistributionChannel: order.DistributionChannel,
    Division: order.OrganizationDivision,
    SoldToParty: order.SoldToParty,
    PayerParty: order.to_Partner.find(each => each.PartnerFunction === 'PY')?.Customer ?? order.SoldToParty,
    PurchaseOrderByCustomer: order.PurchaseOrderByCustomer,
    BillingDocumentDate: dayOf(call.at),
    TotalNetAmount: net,
    TaxAmount: tax,
    TotalGrossAmount: sumOf([net, tax], currency),
    TransactionCurrency: currency,
    CustomerPaymentTerms: order.CustomerPaymentTerms,
    PaymentReference: id.padStart(10, '0'),
    CompanyCode: salesAreaOfOrganisation(order.SalesOrganization).companyCode,
    FiscalYear: yearOf(call.at),
    AccountingDocument: world.store.next('accounting', 9400000000),
    AccountingPostingStatus: 'C',
    AccountingTransferStatus: 'D',
    InvoiceClearingStatus: kind.cancels === '' ? 'A' : 'C',
    OverallBillingStatus: 'C',
    CreatedByUser: call.by,
    CreationDate: dayOf(call.at),
    LastChangeDateTime: call.at,
    PaidAmount: money('0', currency),
    to_Item: [...items],
  }
  world.billing.put(document)
  return document
}

const yearOf = (at: number): string => new Date(at).toISOString().slice(0, 4)

function billingDocumentOf(world: World, id: string): BillingDocument {
  const found = world.billing.get(id)
  if (!found) throw notFound(`Billing document ${id} does not exist`)
  return found
}

/** Cancels an invoice: a cancellation document, and the deliveries are open for billing again. */
export function cancelInvoice(world: World, id: string, call: Call): readonly BillingDocument[] {
  const former = billingDocumentOf(world, id)
  if (former.BillingDocumentIsCancelled) throw refused('VF/040', `Billing document ${id} is already cancelled`)
  if (former.CancelledBillingDocument !== '') throw refused('VF/041', `Billing document ${id} is itself a cancellation`)
  if (new Big(former.PaidAmount).gt(0))
    throw refused('VF/042', `Billing document ${id} is paid: reset the clearing first`)
  const [first] = former.to_Item
  if (!first) throw new Error(`Billing document ${id} has no items`)
  const number = first.SalesDocument
  const order = orderOf(world, number)
  const reopened = former.to_Item.reduce(
    (open, item) =>
      withBilled(
        open,
        item.SalesDocumentItem,
        new Big(item.BillingQuantity),
        { net: item.NetAmount, tax: item.TaxAmount },
        -1,
      ),
    order,
  )
  saveOrder(world, order, reopened, call)
  for (const delivery of new Set(former.to_Item.map(item => item.ReferenceSDDocument))) {
    const found = world.deliveries.get(delivery)
    if (found) markBilled(world, found, number, 'A', call)
  }
  const cancelled = saveInvoice(world, former, { BillingDocumentIsCancelled: true, InvoiceClearingStatus: 'C' }, call)
  const cancellation = world.store.next('billing', 90000000)
  const items = former.to_Item.map(item => ({ ...item, BillingDocument: cancellation }))
  return [cancelled, post(world, order, cancellation, items, { type: 'S1', category: 'N', cancels: id }, call)]
}

function saveInvoice(
  world: World,
  former: BillingDocument,
  fields: Partial<BillingDocument>,
  call: Call,
): BillingDocument {
  const saved = {
    ...former,
    ...fields,
    LastChangeDate: dayOf(call.at),
    LastChangeDateTime: stamped(call, former.LastChangeDateTime),
  }
  world.billing.put(saved)
  return saved
}

/** Posts an incoming payment for an invoice; without an amount it pays what is open. */
export function payInvoice(world: World, id: string, asked: string | undefined, call: Call) {
  const former = billingDocumentOf(world, id)
  const currency = former.TransactionCurrency
  const open = openInvoice(former)
  const amount = new Big(asked ?? open)
  const text = `${money(open, currency)} ${currency}`
  if (open.lte(0)) throw refused('F5/350', `Billing document ${id} has nothing open to pay`)
  if (amount.lte(0) || amount.gt(open))
    throw refused('F5/351', `Billing document ${id} has ${text} open: ${amount.toFixed()} cannot be paid`)
  if (!amount.round(digitsOf(currency)).eq(amount))
    throw refused('F5/352', `${amount.toFixed()} has too many decimals for ${currency}`)
  const payment = paymentOf(world, former, amount, call)
  world.payments.put(payment)
  const paid = amount.plus(former.PaidAmount)
  const billingDocument = saveInvoice(
    world,
    former,
    { PaidAmount: money(paid, currency), InvoiceClearingStatus: paid.eq(former.TotalGrossAmount) ? 'C' : 'B' },
    call,
  )
  return { payment, billingDocument }
}

/** The customer's line of the payment document. It is a credit, so its amount is negative. */
function paymentOf(world: World, invoice: BillingDocument, amount: Big, call: Call): AccountingItem {
  const currency = invoice.TransactionCurrency
  const credit = money(amount.times(-1), currency)
  return {
    ...blank(accountingItem),
    CompanyCode: invoice.CompanyCode,
    FiscalYear: yearOf(call.at),
    AccountingDocument: world.store.next('payment', 1400000000),
    AccountingDocumentItem: '2',
    AccountingDocumentType: 'DZ',
    FinancialAccountType: 'D',
    Customer: invoice.PayerParty,
    DebitCreditCode: 'H',
    AmountInTransactionCurrency: credit,
    TransactionCurrency: currency,
    AmountInCompanyCodeCurrency: credit,
    CompanyCodeCurrency: currency,
    PostingDate: dayOf(call.at),
    DocumentDate: dayOf(call.at),
    InvoiceReference: invoice.BillingDocument,
    InvoiceReferenceFiscalYear: invoice.FiscalYear,
    AssignmentReference: invoice.PaymentReference,
    CreationDate: dayOf(call.at),
    LastChangeDateTime: call.at,
  }
}
