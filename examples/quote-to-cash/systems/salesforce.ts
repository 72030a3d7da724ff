// The Salesforce org that fills the role crm.
import { fill } from '@plumbline/sdk'
import { consentInSalesforce } from '../mappings/consent.ts'
import { contactInSalesforce } from '../mappings/contact.ts'
import { customerInSalesforce } from '../mappings/customer.ts'
import { invoiceInSalesforce, paymentInSalesforce, shipmentInSalesforce } from '../mappings/fulfilment.ts'
import { productInSalesforce } from '../mappings/product.ts'
import { orderInSalesforce, quoteInSalesforce } from '../mappings/sale.ts'
import { crm } from '../roles.ts'
import { settings } from '../settings.ts'
import { org } from './salesforce-org.ts'

export const sales = fill(crm, 'sales', org, settings.salesforce, {
  mappings: [
    customerInSalesforce,
    contactInSalesforce,
    consentInSalesforce,
    productInSalesforce,
    quoteInSalesforce,
    orderInSalesforce,
    shipmentInSalesforce,
    invoiceInSalesforce,
    paymentInSalesforce,
  ],
})
