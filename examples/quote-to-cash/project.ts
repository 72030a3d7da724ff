// The project: everything there is. What is not in here does not run.
import { project } from '@plumbline/sdk'
import { Consent } from './contracts/consent.ts'
import { Contact } from './contracts/contact.ts'
import { Customer } from './contracts/customer.ts'
import { Invoice, Payment, Shipment } from './contracts/fulfilment.ts'
import { Product } from './contracts/product.ts'
import { Order, Quote } from './contracts/sale.ts'
import { consent, crm, erp } from './roles.ts'
import { consents } from './systems/consents.ts'
import { s4 } from './systems/s4.ts'
import { sales } from './systems/salesforce.ts'
import { Holds, PaymentTerms } from './tables.ts'
import { quoteToCash } from './workflow.ts'

export default project('quote-to-cash', {
  contracts: [Customer, Contact, Consent, Product, Quote, Order, Shipment, Invoice, Payment],
  roles: [crm, erp, consent],
  systems: [sales, s4, consents],
  workflows: [quoteToCash],
  tables: [Holds, PaymentTerms],
})
