// The Salesforce org that fills the role crm.
import { salesforce, sobject } from '@plumbline/connector-salesforce'
import { count, day, fill, id, listOf, lookup, mapping, money, objectOf, oneOf, text } from '@plumbline/sdk'
import { Customer } from '../contracts/customer.ts'
import { Invoice, Payment, Shipment } from '../contracts/fulfilment.ts'
import { Order } from '../contracts/order.ts'
import { Product } from '../contracts/product.ts'
import { Quote } from '../contracts/quote.ts'
import { crm } from '../roles.ts'
import { settings } from '../settings.ts'

// Our org's objects as this integration sees them. Custom ones (…__c) are declared in salesforce.metadata.json.
const org = salesforce
  .object('Account', sobject('Account', { Id: id(), Name: text('Name'), AccountNumber: text('Account Number') }))
  .object('Product2', sobject('Product2', { Id: id(), Name: text('Name'), ProductCode: text('Product Code') }))
  .object(
    'Quote',
    sobject(
      'Quote',
      {
        Id: id(),
        QuoteNumber: text('Quote Number'),
        AccountId: lookup('Account'),
        TotalPrice: money('Total Price'),
        Status: oneOf(
          'Status',
          'Draft',
          'Needs Review',
          'In Review',
          'Approved',
          'Rejected',
          'Presented',
          'Accepted',
          'Denied',
        ),
        QuoteLineItems: listOf('Quote Line Items', {
          Id: id(),
          Product2Id: lookup('Product2'),
          Quantity: count('Quantity'),
          UnitPrice: money('Sales Price'),
        }),
      },
      { lists: { QuoteLineItems: { object: 'QuoteLineItem', parent: 'QuoteId' } } },
    ),
  )
  .object(
    'Order',
    sobject(
      'Order',
      {
        Id: id(),
        Plumbline_Ref__c: text('Plumbline Ref'),
        AccountId: lookup('Account'),
        QuoteId: lookup('Quote'),
        ERP_Order_Number__c: text('ERP Order Number'),
        PoNumber: text('PO Number'),
        ERP_Net_Total__c: money('ERP Net Total'),
        Status: oneOf('Status', 'Draft', 'Activated', 'Shipped', 'Invoiced'),
        OrderItems: listOf('Order Products', {
          Id: id(),
          Plumbline_Line__c: text('Plumbline Line'),
          Product2Id: lookup('Product2'),
          Quantity: count('Quantity'),
          UnitPrice: money('Unit Price'),
        }),
      },
      { lists: { OrderItems: { object: 'OrderItem', parent: 'OrderId' } } },
    ),
  )
  .object(
    'Shipment__c',
    sobject('Shipment__c', {
      Id: id(),
      Plumbline_Ref__c: text('Plumbline Ref'),
      Order__c: lookup('Order'),
      Delivery_Number__c: text('Delivery Number'),
      Tracking_Number__c: text('Tracking Number'),
      Shipped_On__c: day('Shipped On'),
    }),
  )
  .object(
    'Invoice__c',
    sobject('Invoice__c', {
      Id: id(),
      Plumbline_Ref__c: text('Plumbline Ref'),
      Order__c: lookup('Order'),
      Invoice_Number__c: text('Invoice Number'),
      Status__c: oneOf('Status', 'Open', 'Paid'),
      Net_Amount__c: money('Net Amount'),
      Tax_Amount__c: money('Tax Amount'),
      Gross_Amount__c: money('Gross Amount'),
      Invoice_Date__c: day('Invoice Date'),
    }),
  )
  .object(
    'Payment__c',
    sobject('Payment__c', {
      Id: id(),
      Plumbline_Ref__c: text('Plumbline Ref'),
      Invoice__c: lookup('Invoice__c'),
      Payment_Number__c: text('Payment Number'),
      Amount__c: money('Amount'),
      Paid_On__c: day('Paid On'),
    }),
  )

const customer = mapping(Customer, objectOf(org, 'Account'), { number: 'AccountNumber', name: 'Name' })

const product = mapping(Product, objectOf(org, 'Product2'), { sku: 'ProductCode', name: 'Name' })

const quote = mapping(Quote, objectOf(org, 'Quote'), {
  number: 'QuoteNumber',
  customer: 'AccountId',
  status: {
    field: 'Status',
    read: status =>
      (
        ({
          Draft: 'draft',
          'Needs Review': 'in review',
          'In Review': 'in review',
          Approved: 'approved',
          Rejected: 'rejected',
          Presented: 'presented',
          Accepted: 'accepted',
          Denied: 'denied',
        }) as const
      )[status],
  },
  total: 'TotalPrice',
  lines: {
    each: 'QuoteLineItems',
    id: 'Id',
    fields: { product: 'Product2Id', quantity: 'Quantity', price: 'UnitPrice' },
  },
})

const order = mapping(
  Order,
  objectOf(org, 'Order'),
  {
    number: 'ERP_Order_Number__c',
    reference: 'PoNumber',
    quote: 'QuoteId',
    customer: 'AccountId',
    status: {
      field: 'Status',
      values: { open: 'Draft', booked: 'Activated', shipped: 'Shipped', invoiced: 'Invoiced' },
    },
    total: 'ERP_Net_Total__c',
    lines: {
      each: 'OrderItems',
      id: 'Id',
      key: 'Plumbline_Line__c',
      fields: { product: 'Product2Id', quantity: 'Quantity', price: 'UnitPrice' },
    },
  },
  { key: 'Plumbline_Ref__c' },
)

const shipment = mapping(
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

const invoice = mapping(
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

const payment = mapping(
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

export const sales = fill(crm, 'sales', org, settings.salesforce, {
  mappings: [customer, product, quote, order, shipment, invoice, payment],
})
