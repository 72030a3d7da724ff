// Quote to cash: the whole way of an order in one place.
import { becomes, workflow } from '@plumbline/sdk'
import { Invoice } from './contracts/fulfilment.ts'
import { CreditCheck } from './contracts/questions.ts'
import { Order, Quote } from './contracts/sale.ts'
import { erp } from './roles.ts'

export const quoteToCash = workflow('quote-to-cash', {
  says: 'An accepted quote becomes an order, is shipped, invoiced and paid',
  startsWhen: becomes(Quote, 'accepted'),
  checkpoints: ['Accepted', 'Credit cleared', 'Booked', 'Shipped', 'Invoiced', 'Paid'],
  within: { Booked: '1 minute', Shipped: '30 days', Paid: '60 days' },
  worth: 'total',

  async run(quote, { step, ask, open, until, untilAll, reach, stop }) {
    reach('Accepted')
    const { customer, total, number } = quote
    if (!customer) return stop(`Quote ${number} names no account`)

    const credit = await step('Check credit', () => erp.ask(CreditCheck, { customer, amount: total }))
    if (!credit.approved) {
      const answer = await ask(
        'credit desk',
        `Quote ${number} over ${total.amount} ${total.currency} exceeds the customer's credit limit. Let it through?`,
        {
          answers: ['yes', 'no'],
          within: '2 days',
          facts: { limit: credit.limit, open: credit.exposure, asked: total },
        },
      )
      if (answer !== 'yes') stop('Credit was refused')
    }
    reach('Credit cleared')

    const order = await step('Book the order', {
      do: () => open(Order, { from: quote, in: erp }),
      undo: order => order.cancel(),
    })
    reach('Booked')

    await until(order, order => order.status.reached('shipped'), { within: '30 days' })
    reach('Shipped')

    const invoiced = await until(order, order => order.status.reached('invoiced'), { within: '30 days' })
    reach('Invoiced')

    await untilAll(
      Invoice,
      invoiced,
      invoices => invoices.length > 0 && invoices.every(invoice => invoice.status.reached('paid')),
      { within: '60 days' },
    )
    reach('Paid')
  },
})
