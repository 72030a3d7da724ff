// A sale in each system, side by side: the quote and the order in Salesforce, the order in S/4HANA and in Tryton.
import { sapS4 } from '@plumbline/connector-sap-s4hana'
import { tryton } from '@plumbline/connector-tryton'
import { mapping, objectOf } from '@plumbline/sdk'
import { Order, Quote } from '../contracts/sale.ts'
import { org } from '../systems/salesforce-org.ts'
import { Holds, PaymentTerms } from '../tables.ts'

export const quoteInSalesforce = mapping(Quote, objectOf(org, 'Quote'), {
  number: 'QuoteNumber',
  customer: 'AccountId',
  status: {
    field: 'Status',
    values: {
      draft: 'Draft',
      'in review': ['In Review', 'Needs Review'],
      approved: 'Approved',
      rejected: 'Rejected',
      presented: 'Presented',
      accepted: 'Accepted',
      denied: 'Denied',
    },
  },
  total: 'TotalPrice',
  paymentTerms: { field: 'Payment_Terms__c', table: PaymentTerms },
  lines: {
    each: 'QuoteLineItems',
    id: 'Id',
    fields: { product: 'Product2Id', quantity: 'Quantity', price: 'UnitPrice' },
  },
})

export const orderInSalesforce = mapping(
  Order,
  objectOf(org, 'Order'),
  {
    number: 'ERP_Order_Number__c',
    reference: 'PoNumber',
    quote: 'QuoteId',
    customer: 'AccountId',
    legalEntity: { skip: 'the account shows it' },
    shipTo: 'Ship_To__c',
    status: {
      field: 'Status',
      values: { open: 'Draft', booked: 'Activated', shipped: 'Shipped', invoiced: 'Invoiced' },
    },
    total: 'ERP_Net_Total__c',
    paymentTerms: { field: 'Payment_Terms__c', table: PaymentTerms },
    requestedDelivery: 'Requested_Delivery_Date__c',
    hold: { field: 'Hold__c', table: Holds },
    cancellation: 'Cancellation_Reason__c',
    cancelled: 'Cancelled__c',
    lines: {
      each: 'OrderItems',
      id: 'Id',
      key: 'Plumbline_Line__c',
      fields: {
        product: 'Product2Id',
        customerMaterial: 'Customer_Material__c',
        shipped: 'Shipped_Quantity__c',
        open: 'Open_Quantity__c',
        splitFrom: 'Split_From__c',
        quantity: 'Quantity',
        price: 'UnitPrice',
        cancellation: 'Cancellation_Reason__c',
      },
    },
  },
  { key: 'Plumbline_Ref__c', says: 'Plumbline_Note__c' },
)

export const orderInS4 = mapping(
  Order,
  objectOf(sapS4, 'SalesOrder'),
  {
    number: 'SalesOrder',
    reference: 'PurchaseOrderByCustomer',
    quote: { skip: 'the quote lives in the CRM; its number is the reference' },
    customer: 'SoldToParty',
    legalEntity: { skip: 'each ERP books for its own company' },
    shipTo: 'ShipToParty',
    status: {
      from: ['SalesOrder', 'OverallDeliveryStatus', 'OverallOrdReltdBillgStatus', 'OverallSDDocumentRejectionSts'],
      // What is cancelled counts as delivered and billed in the ERP: it is neither.
      read: order =>
        !order.SalesOrder
          ? 'open'
          : order.OverallSDDocumentRejectionSts === 'C'
            ? 'booked'
            : order.OverallOrdReltdBillgStatus === 'C'
              ? 'invoiced'
              : order.OverallDeliveryStatus === 'C'
                ? 'shipped'
                : 'booked',
    },
    total: 'TotalNetAmount',
    paymentTerms: { field: 'CustomerPaymentTerms', table: PaymentTerms },
    requestedDelivery: 'RequestedDeliveryDate',
    hold: { field: 'DeliveryBlockReason', table: Holds },
    cancellation: 'SalesDocumentRjcnReason',
    cancelled: { from: ['OverallSDDocumentRejectionSts'], read: order => order.OverallSDDocumentRejectionSts === 'C' },
    lines: {
      each: 'to_Item',
      id: 'SalesOrderItem',
      key: 'UnderlyingPurchaseOrderItem',
      fields: {
        product: 'Material',
        customerMaterial: 'MaterialByCustomer',
        shipped: 'DeliveredQtyInOrderQtyUnit',
        open: {
          from: [
            'RequestedQuantity',
            'DeliveredQtyInOrderQtyUnit',
            'SalesDocumentRjcnReason',
            'SalesOrderItemCategory',
          ],
          read: openIn,
        },
        splitFrom: 'HigherLevelItem',
        quantity: 'RequestedQuantity',
        price: 'NetPriceAmount',
        cancellation: 'SalesDocumentRjcnReason',
      },
    },
  },
  {
    onCreate: {
      SalesOrderType: 'OR',
      SalesOrganization: '1010',
      DistributionChannel: '10',
      OrganizationDivision: '00',
    },
  },
)

type Item = {
  readonly RequestedQuantity?: number
  readonly DeliveredQtyInOrderQtyUnit?: number
  readonly SalesDocumentRjcnReason?: string
  readonly SalesOrderItemCategory?: string
}
/** Nothing more is to come of what was rejected, and nothing ever of what is not delivered, such as freight. */
function openIn(item: Item): number | undefined {
  const { RequestedQuantity: wanted, DeliveredQtyInOrderQtyUnit: delivered } = item
  if (wanted === undefined || delivered === undefined) return undefined
  const isOver = Boolean(item.SalesDocumentRjcnReason) || item.SalesOrderItemCategory === 'TAX'
  return isOver ? 0 : Number((wanted - delivered).toPrecision(15))
}

export const orderInTryton = mapping(Order, objectOf(tryton, 'Sale'), {
  number: 'number',
  reference: 'reference',
  quote: { skip: 'the quote lives in the CRM; its number is the reference' },
  customer: 'party',
  legalEntity: { skip: 'each ERP books for its own company' },
  shipTo: 'shipment_party',
  status: {
    from: ['state', 'shipment_state', 'invoices_posted'],
    // Services are never shipped: an order of them alone is over once it is paid.
    read: sale =>
      sale.state !== 'processing' && sale.state !== 'done'
        ? 'open'
        : sale.state !== 'done' && sale.shipment_state !== 'sent'
          ? 'booked'
          : sale.invoices_posted
            ? 'invoiced'
            : 'shipped',
  },
  total: 'untaxed_amount',
  paymentTerms: { field: 'payment_term', table: PaymentTerms },
  requestedDelivery: 'shipping_date',
  hold: { skip: 'Tryton holds nothing back' },
  cancellation: { skip: 'Tryton keeps no reasons' },
  cancelled: { from: ['state'], read: (sale: { state?: string }) => sale.state === 'cancelled' },
  lines: {
    each: 'lines',
    id: 'id',
    key: 'note',
    fields: {
      product: 'product',
      customerMaterial: { skip: 'Tryton has no numbers of customers' },
      shipped: { skip: 'Tryton says it of the whole order' },
      open: { skip: 'Tryton says it of the whole order' },
      splitFrom: { skip: 'Tryton splits no lines' },
      quantity: 'quantity',
      price: 'unit_price',
      cancellation: { skip: 'Tryton cancels whole orders' },
    },
  },
})
