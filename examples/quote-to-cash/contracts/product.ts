// Product: what is sold. The ERP's material is the truth.
import { contract, text, whereFound } from '@plumbline/sdk'

export const Product = contract(
  'product',
  {
    sku: text('SKU').ownedBy('erp').optional(),
    name: text('Name').ownedBy('crm'),
  },
  {
    match: 'sku',
    knownBy: ['name', 'sku'],
    livesIn: { crm: whereFound(), erp: whereFound() },
    // What was sold once stays on quotes and orders, whoever drops it from the list.
    gone: { crm: 'ignore', erp: 'ignore' },
  },
)
