// Quote: what sales offers. Lives in the CRM alone; accepted, it gives birth to an order.
import { contract, count, linesOf, money, oneOf, ref, text, whereFound } from '@plumbline/sdk'
import { Customer } from './customer.ts'
import { Product } from './product.ts'

export const Quote = contract(
  'quote',
  {
    number: text('Quote number').ownedBy('crm'),
    customer: ref(Customer, 'Account').ownedBy('crm').optional(),
    status: oneOf('Status', 'draft', 'in review', 'approved', 'rejected', 'presented', 'accepted', 'denied').ownedBy(
      'crm',
    ),
    total: money('Total').ownedBy('crm'),
    lines: linesOf(
      'Products',
      { keyedBy: 'line' },
      {
        product: ref(Product).ownedBy('crm'),
        quantity: count('Quantity').ownedBy('crm'),
        price: money('Unit price').ownedBy('crm'),
      },
    ),
  },
  {
    knownBy: ['number'],
    livesIn: { crm: whereFound() },
  },
)
