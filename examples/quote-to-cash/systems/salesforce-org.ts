// What our Salesforce org has, as far as this integration sees it. Custom fields and objects (…__c) are declared in
// salesforce.metadata.json.
import { salesforce, sobject } from '@plumbline/connector-salesforce'
import { count, day, id, instant, listOf, lookup, money, oneOf, text, yesNo } from '@plumbline/sdk'

export const org = salesforce
  .object(
    'Account',
    sobject('Account', {
      Id: id(),
      Name: text('Name'),
      AccountNumber: text('Account Number'),
      Legal_Entity__c: text('Legal Entity'),
      Legal_Name__c: text('Legal Name'),
      BillingStreet: text('Billing Street'),
      BillingPostalCode: text('Billing Postal Code'),
      BillingCity: text('Billing City'),
      BillingState: text('Billing State'),
      BillingCountry: text('Billing Country'),
      Invoice_Email__c: text('Invoice E-mail'),
      VAT_Number__c: text('VAT Number'),
      Ship_To__c: lookup('Account', 'Ship To'),
      Bill_To__c: lookup('Account', 'Bill To'),
      Payer__c: lookup('Account', 'Payer'),
      Payment_Terms__c: text('Payment Terms'),
      Plumbline_Note__c: text('Plumbline Note'),
    }),
  )
  .object(
    'Contact',
    sobject('Contact', {
      Id: id(),
      FirstName: text('First Name'),
      LastName: text('Last Name'),
      Email: text('Email'),
      AccountId: lookup('Account'),
    }),
  )
  .object(
    'Consent__c',
    sobject('Consent__c', {
      Id: id(),
      Plumbline_Ref__c: text('Plumbline Ref'),
      Contact__c: lookup('Contact'),
      Purpose__c: oneOf('Purpose', 'Newsletter', 'Profiling', 'Phone'),
      Status__c: oneOf('Status', 'Pending', 'Granted', 'Withdrawn'),
      Legal_Basis__c: oneOf('Legal Basis', 'Consent', 'Contract', 'Legitimate Interest'),
      Source__c: text('Source'),
      Decided_At__c: instant('Decided At'),
      Plumbline_Note__c: text('Plumbline Note'),
    }),
  )
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
        Payment_Terms__c: text('Payment Terms'),
        Requested_Delivery_Date__c: day('Requested Delivery Date'),
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
        Plumbline_Note__c: text('Plumbline Note'),
        Status: oneOf('Status', 'Draft', 'Activated', 'Shipped', 'Invoiced'),
        Payment_Terms__c: text('Payment Terms'),
        Requested_Delivery_Date__c: day('Requested Delivery Date'),
        Ship_To__c: lookup('Account', 'Ship To'),
        Hold__c: text('Hold'),
        Cancellation_Reason__c: text('Cancellation Reason'),
        Cancelled__c: yesNo('Cancelled'),
        OrderItems: listOf('Order Products', {
          Id: id(),
          Plumbline_Line__c: text('Plumbline Line'),
          Customer_Material__c: text('Customer Part Number'),
          Shipped_Quantity__c: count('Shipped'),
          Open_Quantity__c: count('Still To Ship'),
          Split_From__c: text('Split From'),
          Product2Id: lookup('Product2'),
          Quantity: count('Quantity'),
          UnitPrice: money('Unit Price'),
          Cancellation_Reason__c: text('Cancellation Reason'),
        }),
      },
      { lists: { OrderItems: { object: 'OrderItem', parent: 'OrderId' } }, closed: { Cancelled__c: true } },
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
