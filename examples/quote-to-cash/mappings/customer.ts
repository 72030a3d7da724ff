// Customer: an account in Salesforce, a business partner in S/4HANA, a party in Tryton.
import { sapS4 } from '@plumbline/connector-sap-s4hana'
import { tryton } from '@plumbline/connector-tryton'
import { mapping, objectOf } from '@plumbline/sdk'
import { Customer } from '../contracts/customer.ts'
import { org } from '../systems/salesforce-org.ts'
import { PaymentTerms } from '../tables.ts'

export const customerInSalesforce = mapping(
  Customer,
  objectOf(org, 'Account'),
  {
    number: 'AccountNumber',
    legalEntity: 'Legal_Entity__c',
    name: 'Name',
    legalName: 'Legal_Name__c',
    billingStreet: 'BillingStreet',
    billingPostalCode: 'BillingPostalCode',
    billingCity: 'BillingCity',
    billingRegion: 'BillingState',
    billingCountry: 'BillingCountry',
    email: 'Invoice_Email__c',
    vatNumber: 'VAT_Number__c',
    shipTo: 'Ship_To__c',
    billTo: 'Bill_To__c',
    payer: 'Payer__c',
    paymentTerms: { field: 'Payment_Terms__c', table: PaymentTerms },
  },
  { says: 'Plumbline_Note__c' },
)

export const customerInS4 = mapping(Customer, objectOf(sapS4, 'BusinessPartner'), {
  number: 'Customer',
  legalEntity: { skip: 'each ERP has customers of its own company' },
  name: 'OrganizationBPName1',
  // Our ERP keeps the registered name in the second line of the name.
  legalName: 'OrganizationBPName2',
  billingStreet: 'StreetName',
  billingPostalCode: 'PostalCode',
  billingCity: 'CityName',
  billingRegion: 'Region',
  billingCountry: 'Country',
  email: 'EmailAddress',
  vatNumber: 'VATRegistration',
  shipTo: 'ShipToParty',
  billTo: 'BillToParty',
  payer: 'PayerParty',
  paymentTerms: { field: 'CustomerPaymentTerms', table: PaymentTerms },
})

export const customerInTryton = mapping(Customer, objectOf(tryton, 'Party'), {
  number: 'code',
  legalEntity: { skip: 'each ERP has customers of its own company' },
  name: 'name',
  legalName: { skip: 'Tryton has one name for a party' },
  billingStreet: 'street',
  billingPostalCode: 'postal_code',
  billingCity: 'city',
  billingRegion: { skip: 'Tryton has its own list of subdivisions' },
  billingCountry: 'country',
  email: 'email',
  vatNumber: { skip: 'our American customers have none' },
  shipTo: { skip: 'said on each order' },
  billTo: { skip: 'Tryton invoices who ordered' },
  payer: { skip: 'Tryton invoices who ordered' },
  paymentTerms: { field: 'customer_payment_term', table: PaymentTerms },
})
