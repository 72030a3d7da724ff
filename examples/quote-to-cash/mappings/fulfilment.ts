// Shipment, invoice and payment: documents of the ERPs, custom objects in Salesforce.
import { sapS4 } from '@plumbline/connector-sap-s4hana'
import { tryton } from '@plumbline/connector-tryton'
import { mapping, objectOf } from '@plumbline/sdk'
import { Invoice, Payment, Shipment } from '../contracts/fulfilment.ts'
import { org } from '../systems/salesforce-org.ts'

export const shipmentInSalesforce = mapping(
  Shipment,
  objectOf(org, 'Shipment__c'),
  {
    number: 'Delivery_Number__c',
    order: 'Order__c',
    tracking: 'Tracking_Number__c',
    shipped: 'Shipped_On__c',
  },
  { key: 'Plumbline_Ref__c' },
)

export const shipmentInS4 = mapping(
  Shipment,
  objectOf(sapS4, 'OutboundDelivery'),
  {
    number: 'OutboundDelivery',
    order: 'SalesOrder',
    tracking: 'BillOfLading',
    shipped: 'ActualGoodsMovementDate',
  },
  { only: { from: ['OverallGoodsMovementStatus'], test: delivery => delivery.OverallGoodsMovementStatus === 'C' } },
)

export const invoiceInSalesforce = mapping(
  Invoice,
  objectOf(org, 'Invoice__c'),
  {
    number: 'Invoice_Number__c',
    order: 'Order__c',
    status: { field: 'Status__c', values: { open: 'Open', paid: 'Paid' } },
    net: 'Net_Amount__c',
    tax: 'Tax_Amount__c',
    gross: 'Gross_Amount__c',
    date: 'Invoice_Date__c',
  },
  { key: 'Plumbline_Ref__c' },
)

export const invoiceInS4 = mapping(Invoice, objectOf(sapS4, 'BillingDocument'), {
  number: 'BillingDocument',
  order: 'SalesOrder',
  status: {
    from: ['InvoiceClearingStatus'],
    read: invoice => (invoice.InvoiceClearingStatus === 'C' ? 'paid' : 'open'),
  },
  net: 'TotalNetAmount',
  tax: 'TaxAmount',
  gross: 'TotalGrossAmount',
  date: 'BillingDocumentDate',
})

export const paymentInSalesforce = mapping(
  Payment,
  objectOf(org, 'Payment__c'),
  {
    number: 'Payment_Number__c',
    invoice: 'Invoice__c',
    amount: 'Amount__c',
    date: 'Paid_On__c',
  },
  { key: 'Plumbline_Ref__c' },
)

export const paymentInS4 = mapping(Payment, objectOf(sapS4, 'CustomerPayment'), {
  number: 'AccountingDocument',
  invoice: 'InvoiceReference',
  amount: 'AmountInTransactionCurrency',
  date: 'PostingDate',
})

export const shipmentInTryton = mapping(
  Shipment,
  objectOf(tryton, 'Shipment'),
  { number: 'number', order: 'sale', tracking: { skip: 'Tryton keeps none' }, shipped: 'effective_date' },
  { only: { from: ['state'], test: shipment => shipment.state === 'done' } },
)

export const invoiceInTryton = mapping(
  Invoice,
  objectOf(tryton, 'Invoice'),
  {
    number: 'number',
    order: 'sale',
    status: { from: ['state'], read: invoice => (invoice.state === 'paid' ? 'paid' : 'open') },
    net: 'untaxed_amount',
    tax: 'tax_amount',
    gross: 'total_amount',
    date: 'invoice_date',
  },
  // A draft has no number, and is nobody's business yet.
  { only: { from: ['state'], test: invoice => invoice.state === 'posted' || invoice.state === 'paid' } },
)

export const paymentInTryton = mapping(Payment, objectOf(tryton, 'Payment'), {
  number: 'number',
  invoice: 'invoice',
  amount: 'amount',
  date: 'date',
})
