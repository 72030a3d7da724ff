// The project: everything there is. What is not in here does not run.
import { instancesIn, project, route } from '@plumbline/sdk'
import { Consent } from './contracts/consent.ts'
import { Contact } from './contracts/contact.ts'
import { Customer } from './contracts/customer.ts'
import { Invoice, Payment, Shipment } from './contracts/fulfilment.ts'
import { Product } from './contracts/product.ts'
import { Order, Quote } from './contracts/sale.ts'
import { consent, crm, erp } from './roles.ts'
import { consents } from './systems/consents.ts'
import { sales } from './systems/salesforce.ts'
import { Holds, PaymentTerms } from './tables.ts'
import { quoteToCash } from './workflow.ts'

export default project('quote-to-cash', {
  contracts: [Customer, Contact, Consent, Product, Quote, Order, Shipment, Invoice, Payment],
  roles: [crm, erp, consent],
  // Each ERP is a file: whom it serves, and what is its own alone.
  systems: [sales, ...(await instancesIn(new URL('./instances/', import.meta.url))), consents],
  // A customer is served by the ERP of the company that sells to them; before there were two, that was the German one.
  routes: [route(erp, { by: 'legalEntity', whenEmpty: 's4' })],
  workflows: [quoteToCash],
  tables: [Holds, PaymentTerms],
})
