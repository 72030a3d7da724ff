// A sale: what is offered (the quote) and what was sold (the order). Sales owns what is ordered until it is booked; from
// then on the ERP does.
import type { Stage } from '@plumbline/sdk'
import {
  contract,
  count,
  day,
  derive,
  line,
  linesOf,
  money,
  oneOf,
  ref,
  routed,
  stages,
  text,
  when,
  whereFound,
  yesNo,
} from '@plumbline/sdk'
import { Customer } from './customer.ts'
import { Product } from './product.ts'

/** Lives in the CRM alone; accepted, it gives birth to an order. */
export const Quote = contract(
  'quote',
  {
    number: text('Quote number').ownedBy('crm'),
    customer: ref(Customer, 'Account').ownedBy('crm').optional(),
    status: oneOf('Status', 'draft', 'in review', 'approved', 'rejected', 'presented', 'accepted', 'denied').ownedBy(
      'crm',
    ),
    total: money('Total').ownedBy('crm'),
    paymentTerms: text('Payment terms').ownedBy('crm').optional(),
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
    gone: { crm: 'ignore' },
  },
)

type Status = Stage<'open' | 'booked' | 'shipped' | 'invoiced'>

/** What was agreed: sales may wish for something else once the order is booked, and the order desk says yes or no. */
const untilBooked = { until: 'booked', then: 'erp', later: 'change request' } as const
/** What only the ERP can tell: whether the goods, or the order, are still there to be changed. Nobody else is asked. */
const ifPossible = { until: 'booked', then: 'erp', later: 'try' } as const

/** Opened in the ERP by the process; booked, it lives in the CRM as well. */
export const Order = contract(
  'order',
  {
    number: text('Order number').ownedBy('erp', { others: 'refuse' }).optional(),
    /** The customer's own number of the order. It stands on the invoice, so with that it is settled. */
    reference: text('Customer reference').ownedBy('crm', {
      when: (order: { status: Status; cancelled: boolean | undefined }) =>
        !order.status.reached('invoiced') && order.cancelled !== true,
      otherwise: 'erp',
      others: 'refuse',
    }),
    quote: ref(Quote).ownedBy('crm'),
    customer: ref(Customer, 'Sold to').ownedBy('crm'),
    /** Which of our companies sold it: its ERP books the order. */
    legalEntity: text('Legal entity').settledAtBirth().optional(),
    /** Who takes the goods: where they go is that customer's address. */
    shipTo: ref(Customer, 'Ship to').ownedBy('crm', ifPossible).optional(),
    status: stages('Status', 'open', 'booked', 'shipped', 'invoiced').ownedBy('erp'),
    total: money('Net total').ownedBy('erp').optional(),
    paymentTerms: text('Payment terms').ownedBy('crm', untilBooked).optional(),
    requestedDelivery: day('Requested delivery').ownedBy('crm', untilBooked).optional(),
    /** Why nothing of it is to leave the house for now. */
    hold: text('Hold').ownedBy('erp', { others: 'try' }).optional(),
    /** Why nothing more of it will: the ERP's code of the reason. */
    cancellation: text('Cancellation').ownedBy('erp', { others: 'try' }).optional(),
    /** Nobody wishes for this: it is so once the ERP has cancelled the last line. */
    cancelled: yesNo('Cancelled').ownedBy('erp').optional(),
    lines: linesOf(
      'Products',
      { keyedBy: 'line', standBy: 'product', extras: 'erp' },
      {
        product: ref(Product).ownedBy('crm', untilBooked),
        /** What the customer calls the product. */
        customerMaterial: text('Customer part number').ownedBy('crm').optional(),
        /** What has left the house, and what is still to. */
        shipped: count('Shipped').ownedBy('erp').optional(),
        open: count('Still to ship').ownedBy('erp').optional(),
        /** The line that the ERP split this one from. */
        splitFrom: line('Split from').ownedBy('erp').optional(),
        quantity: count('Quantity').ownedBy('crm', ifPossible),
        price: money('Unit price').ownedBy('crm', untilBooked),
        cancellation: text('Cancellation').ownedBy('erp', { others: 'try' }).optional(),
      },
    ),
  },
  {
    bornBy: 'quote-to-cash',
    from: derive(Quote, {
      reference: 'number',
      quote: 'ref',
      customer: 'customer',
      legalEntity: 'customer.legalEntity',
      paymentTerms: 'paymentTerms',
      lines: 'lines',
    }),
    knownBy: ['number', 'reference'],
    livesIn: {
      erp: routed(),
      crm: when((order: { status: Status }) => order.status.reached('booked')),
    },
    gone: { erp: 'close', crm: 'ignore' },
    desk: 'order desk',
  },
)
