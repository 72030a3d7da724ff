// What is asked of the ERP while somebody waits: by a journey, or by anybody who asks Plumbline.
import { count, day, listOf, money, question, ref, text, yesNo } from '@plumbline/sdk'
import { Customer } from './customer.ts'
import { Product } from './product.ts'

export const CreditCheck = question(
  'credit check',
  { customer: ref(Customer), amount: money('Amount') },
  {
    approved: yesNo('Approved'),
    limit: money('Credit limit'),
    exposure: money('Open already'),
    says: text('What the ERP says').optional(),
  },
  { within: '5 seconds' },
)

/** What several lines cost a customer, as one order would be priced. */
export const PriceCheck = question(
  'price',
  {
    customer: ref(Customer),
    currency: text('Currency').optional(),
    validity: yesNo('Say until when the prices hold').optional(),
    lines: listOf('Lines', {
      line: text('Line').optional(),
      product: ref(Product),
      quantity: count('Quantity'),
      date: day('Priced for').optional(),
    }),
  },
  {
    net: money('Net'),
    tax: money('Tax'),
    lines: listOf('Lines', {
      line: text('Line'),
      product: text('Product'),
      quantity: count('Quantity'),
      unit: money('Unit price'),
      net: money('Net'),
      tax: money('Tax'),
      conditions: text('How it comes about'),
      until: day('Valid until').optional(),
    }),
  },
  { within: '5 seconds', cache: '30 seconds' },
)

/** When a quantity can be had. */
export const StockCheck = question(
  'stock',
  {
    product: ref(Product),
    quantity: count('Quantity'),
    date: day('Wanted on').optional(),
    plant: text('Plant').optional(),
    legalEntity: text('Legal entity').optional(),
  },
  {
    now: count('Available now'),
    schedule: listOf('Schedule', { date: day('Date'), quantity: count('Quantity') }),
    by: day('Complete by').optional(),
    plant: text('Plant'),
  },
  { within: '5 seconds', cache: '30 seconds' },
)
