// Order: what was sold. Sales owns what is ordered until it is booked; from then on the ERP does.

import type { Stage } from '@plumbline/sdk'
import { contract, count, derive, linesOf, money, ref, routed, stages, text, when } from '@plumbline/sdk'
import { Customer } from './customer.ts'
import { Product } from './product.ts'
import { Quote } from './quote.ts'

const untilBooked = { until: 'booked', then: 'erp', later: 'change request' } as const

export const Order = contract(
  'order',
  {
    number: text('Order number').ownedBy('erp').optional(),
    reference: text('Customer reference').ownedBy('crm'),
    quote: ref(Quote).ownedBy('crm'),
    customer: ref(Customer, 'Sold to').ownedBy('crm'),
    status: stages('Status', 'open', 'booked', 'shipped', 'invoiced').ownedBy('erp'),
    total: money('Net total').ownedBy('erp').optional(),
    lines: linesOf(
      'Products',
      { keyedBy: 'line', extras: 'erp' },
      {
        product: ref(Product).ownedBy('crm', untilBooked),
        quantity: count('Quantity').ownedBy('crm', untilBooked),
        price: money('Unit price').ownedBy('crm', untilBooked),
      },
    ),
  },
  {
    bornBy: 'quote-to-cash',
    from: derive(Quote, { reference: 'number', quote: 'ref', customer: 'customer', lines: 'lines' }),
    knownBy: ['number', 'reference'],
    livesIn: {
      erp: routed(),
      crm: when((order: { status: Stage<'open' | 'booked' | 'shipped' | 'invoiced'> }) =>
        order.status.reached('booked'),
      ),
    },
    gone: { erp: 'close', crm: 'ignore' },
  },
)
