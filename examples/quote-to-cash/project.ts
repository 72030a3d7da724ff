// The project: everything there is. What is not in here does not run.
import { project, route } from '@plumbline/sdk'
import { Customer } from './contracts/customer.ts'
import { Invoice, Payment, Shipment } from './contracts/fulfilment.ts'
import { Product } from './contracts/product.ts'
import { Order, Quote } from './contracts/sale.ts'
import { crm, erp } from './roles.ts'
import { s4 } from './systems/s4.ts'
import { sales } from './systems/salesforce.ts'
import { quoteToCash } from './workflow.ts'

export default project('quote-to-cash', {
  contracts: [Customer, Product, Quote, Order, Shipment, Invoice, Payment],
  roles: [crm, erp],
  systems: [sales, s4],
  routes: [route(erp, { by: () => 'everywhere', to: { everywhere: s4 } })],
  workflows: [quoteToCash],
})
