// Shipment, invoice and payment: what the ERP did about an order. Facts, shown in the CRM.
import { always, contract, day, fact, money, ref, stages, text, whereFound } from '@plumbline/sdk'
import { Order } from './sale.ts'

/** A document of the ERP's books stays, whoever deletes what shows it. */
const stays = { erp: 'ignore', crm: 'ignore' } as const

export const Shipment = fact(
  'shipment',
  {
    number: text('Delivery number').ownedBy('erp'),
    order: ref(Order).ownedBy('erp'),
    tracking: text('Tracking number').ownedBy('erp').optional(),
    shipped: day('Shipped on').ownedBy('erp').optional(),
  },
  { knownBy: ['number'], livesIn: { erp: whereFound(), crm: always() }, gone: stays },
)

export const Invoice = contract(
  'invoice',
  {
    number: text('Invoice number').ownedBy('erp'),
    order: ref(Order).ownedBy('erp'),
    status: stages('Status', 'open', 'paid').ownedBy('erp'),
    net: money('Net amount').ownedBy('erp'),
    tax: money('Tax').ownedBy('erp'),
    gross: money('Gross amount').ownedBy('erp'),
    date: day('Invoice date').ownedBy('erp').optional(),
  },
  {
    knownBy: ['number'],
    livesIn: { erp: whereFound(), crm: always() },
    gone: stays,
    standards: {
      number: { ubl: 'Invoice/ID' },
      order: { ubl: 'Invoice/OrderReference/ID' },
      net: { ubl: 'Invoice/LegalMonetaryTotal/TaxExclusiveAmount' },
      tax: { ubl: 'Invoice/TaxTotal/TaxAmount' },
      gross: { ubl: 'Invoice/LegalMonetaryTotal/TaxInclusiveAmount' },
      date: { ubl: 'Invoice/IssueDate' },
    },
  },
)

export const Payment = fact(
  'payment',
  {
    number: text('Payment number').ownedBy('erp'),
    invoice: ref(Invoice).ownedBy('erp'),
    amount: money('Amount').ownedBy('erp'),
    date: day('Paid on').ownedBy('erp').optional(),
  },
  { knownBy: ['number'], livesIn: { erp: whereFound(), crm: always() }, gone: stays },
)
