// The objects of S/4HANA that a project can map, with the columns that are read of each.
import { count, day, id, listOf, lookup, money, text, yesNo } from '@plumbline/sdk'
import { type Entity, lastChange, lastChangeOrCreation } from './entity.ts'
import { type Row, rowsIn } from './odata.ts'

const businessPartner = {
  BusinessPartner: id('Business Partner'),
  Customer: text('Customer'),
  BusinessPartnerCategory: text('Category'),
  OrganizationBPName1: text('Name'),
  OrganizationBPName2: text('Name 2'),
  SearchTerm1: text('Search Term'),
  BusinessPartnerIDByExtSystem: text('External ID'),
  BusinessPartnerIsBlocked: yesNo('Blocked'),
}

const product = {
  Product: text('Product'),
  ProductType: text('Product Type'),
  ProductGroup: text('Product Group'),
  BaseUnit: text('Base Unit'),
}

export const salesOrderItem = {
  SalesOrderItem: id('Item'),
  UnderlyingPurchaseOrderItem: text('Purchase Order Item'),
  Material: lookup('Product'),
  RequestedQuantity: count('Quantity'),
  /** The price of one unit; written as a price condition. */
  NetPriceAmount: money('Net Price'),
  NetAmount: money('Net Amount'),
  SalesDocumentRjcnReason: text('Reason for Rejection'),
  MaterialByCustomer: text('Customer Material'),
  /** The item that this one is a part of. */
  HigherLevelItem: text('Higher-Level Item'),
  /** `TAN` for goods; no delivery is made for a `TAX`, such as freight. */
  SalesOrderItemCategory: text('Item Category'),
  /** What of it has left the house, in all its schedule lines. */
  DeliveredQtyInOrderQtyUnit: count('Delivered'),
}

/** What SAP says of an item and nobody tells it. */
export const toldOfItem: readonly (keyof typeof salesOrderItem)[] = [
  'SalesOrderItem',
  'NetAmount',
  'HigherLevelItem',
  'SalesOrderItemCategory',
  'DeliveredQtyInOrderQtyUnit',
]
/** SAP keeps it for each schedule line. The answer to a create tells none: nothing has left yet. */
const delivered = (item: Row): number =>
  rowsIn(item.to_ScheduleLine).reduce(
    (sum, { DeliveredQtyInOrderQtyUnit: part }) => Number((sum + Number(part ?? 0)).toPrecision(15)),
    0,
  )

const salesOrder = {
  SalesOrder: text('Sales Order'),
  SalesOrderType: text('Order Type'),
  SalesOrganization: text('Sales Organisation'),
  DistributionChannel: text('Distribution Channel'),
  OrganizationDivision: text('Division'),
  SoldToParty: lookup('BusinessPartner', 'Sold-to Party'),
  /** Who takes the goods: one of the order's partners. */
  ShipToParty: lookup('BusinessPartner', 'Ship-to Party'),
  PurchaseOrderByCustomer: text('Customer Reference'),
  RequestedDeliveryDate: day('Requested Delivery Date'),
  DeliveryBlockReason: text('Delivery Block'),
  /** Of the whole order, once each of its items is rejected; written, it rejects those that are not yet. */
  SalesDocumentRjcnReason: text('Reason for Rejection'),
  CustomerPaymentTerms: text('Payment Terms'),
  IncotermsClassification: text('Incoterms'),
  TotalNetAmount: money('Net Value'),
  OverallSDProcessStatus: text('Overall Status'),
  OverallDeliveryStatus: text('Delivery Status'),
  OverallOrdReltdBillgStatus: text('Billing Status'),
  OverallSDDocumentRejectionSts: text('Rejection Status'),
  TotalCreditCheckStatus: text('Credit Status'),
  to_Item: listOf('Items', salesOrderItem),
}

const outboundDelivery = {
  OutboundDelivery: text('Outbound Delivery'),
  SalesOrder: lookup('SalesOrder', 'Sales Order'),
  ShipToParty: lookup('BusinessPartner', 'Ship-to Party'),
  BillOfLading: text('Bill of Lading'),
  ActualGoodsMovementDate: day('Goods Issue Date'),
  OverallGoodsMovementStatus: text('Goods Movement Status'),
  OverallPickingStatus: text('Picking Status'),
}

const billingDocument = {
  BillingDocument: text('Billing Document'),
  SalesOrder: lookup('SalesOrder', 'Sales Order'),
  SoldToParty: lookup('BusinessPartner', 'Sold-to Party'),
  BillingDocumentDate: day('Billing Date'),
  TotalNetAmount: money('Net Value'),
  TaxAmount: money('Tax'),
  TotalGrossAmount: money('Gross Value'),
  InvoiceClearingStatus: text('Clearing Status'),
  BillingDocumentIsCancelled: yesNo('Cancelled'),
  CancelledBillingDocument: text('Cancels'),
}

const customerPayment = {
  AccountingDocument: text('Accounting Document'),
  InvoiceReference: lookup('BillingDocument', 'Invoice'),
  Customer: lookup('BusinessPartner', 'Customer'),
  AmountInTransactionCurrency: money('Amount'),
  PostingDate: day('Posting Date'),
}

/** The document that the first item goes back to. */
const from = (items: string, column: string) => (row: Row) =>
  rowsIn(row[items])
    .map(item => item[column])
    .find(Boolean)

/** The partner function of who takes the goods. */
export const shipTo = 'SH'

const rejectionOf = (row: Row): unknown => {
  const reasons = rowsIn(row.to_Item).map(item => item.SalesDocumentRjcnReason)
  return reasons.every(Boolean) ? reasons[0] : undefined
}

export const entities = {
  BusinessPartner: {
    object: 'BusinessPartner',
    fields: businessPartner,
    service: 'API_BUSINESS_PARTNER',
    set: 'A_BusinessPartner',
    keys: ['BusinessPartner'],
    stamp: lastChangeOrCreation,
    everyRounds: 10,
  },
  Product: {
    object: 'Product',
    fields: product,
    service: 'API_PRODUCT_SRV',
    set: 'A_Product',
    keys: ['Product'],
    stamp: lastChange,
    everyRounds: 10,
  },
  SalesOrder: {
    object: 'SalesOrder',
    fields: salesOrder,
    service: 'API_SALES_ORDER_SRV',
    set: 'A_SalesOrder',
    keys: ['SalesOrder'],
    items: {
      name: 'to_Item',
      columns: [
        ...Object.keys(salesOrderItem).filter(name => name !== 'DeliveredQtyInOrderQtyUnit'),
        'TransactionCurrency',
        'to_ScheduleLine/DeliveredQtyInOrderQtyUnit',
      ],
      read: { DeliveredQtyInOrderQtyUnit: delivered },
    },
    expand: ['to_Partner', 'to_Item/to_ScheduleLine'],
    read: {
      ShipToParty: {
        columns: ['to_Partner/PartnerFunction', 'to_Partner/Customer'],
        of: row => rowsIn(row.to_Partner).find(partner => partner.PartnerFunction === shipTo)?.Customer,
      },
      SalesDocumentRjcnReason: { columns: [], of: rejectionOf },
    },
    stamp: lastChange,
    everyRounds: 1,
  },
  OutboundDelivery: {
    object: 'OutboundDelivery',
    fields: outboundDelivery,
    service: 'API_OUTBOUND_DELIVERY_SRV;v=0002',
    set: 'A_OutbDeliveryHeader',
    keys: ['DeliveryDocument'],
    items: { name: 'to_DeliveryDocumentItem', columns: ['ReferenceSDDocument'] },
    read: {
      OutboundDelivery: { columns: ['DeliveryDocument'], of: row => row.DeliveryDocument },
      SalesOrder: { columns: [], of: from('to_DeliveryDocumentItem', 'ReferenceSDDocument') },
    },
    stamp: lastChange,
    everyRounds: 1,
  },
  BillingDocument: {
    object: 'BillingDocument',
    fields: billingDocument,
    service: 'API_BILLING_DOCUMENT_SRV',
    set: 'A_BillingDocument',
    keys: ['BillingDocument'],
    items: { name: 'to_Item', columns: ['SalesDocument'] },
    read: { SalesOrder: { columns: [], of: from('to_Item', 'SalesDocument') } },
    stamp: lastChange,
    everyRounds: 1,
  },
  /** A customer's line of a payment document: one for each invoice that is paid. */
  CustomerPayment: {
    object: 'CustomerPayment',
    fields: customerPayment,
    service: 'API_OPLACCTGDOCITEMCUBE_SRV',
    set: 'A_OperationalAcctgDocItemCube',
    keys: ['CompanyCode', 'FiscalYear', 'AccountingDocument', 'AccountingDocumentItem'],
    only: "AccountingDocumentType eq 'DZ' and FinancialAccountType eq 'D'",
    // What a customer pays is a credit, which SAP may write as a negative amount.
    read: {
      AmountInTransactionCurrency: {
        columns: ['AmountInTransactionCurrency'],
        of: row => String(row.AmountInTransactionCurrency).replace('-', ''),
      },
    },
    stamp: lastChange,
    everyRounds: 1,
  },
} satisfies Record<string, Entity>
