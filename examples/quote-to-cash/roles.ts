// What each system is to the business.
import { role } from '@plumbline/sdk'
import { Consent } from './contracts/consent.ts'
import { Contact } from './contracts/contact.ts'
import { Customer } from './contracts/customer.ts'
import { Invoice, Payment, Shipment } from './contracts/fulfilment.ts'
import { Product } from './contracts/product.ts'
import { CreditCheck, PriceCheck, StockCheck } from './contracts/questions.ts'
import { Order, Quote } from './contracts/sale.ts'

export const crm = role('crm', {
  holds: [Customer, Contact, Consent, Product, Quote, Order, Shipment, Invoice, Payment],
})
export const erp = role('erp', {
  holds: [Customer, Product, Order, Shipment, Invoice, Payment],
  answers: [CreditCheck, PriceCheck, StockCheck],
})
export const consent = role('consent', { holds: [Contact, Consent] })
