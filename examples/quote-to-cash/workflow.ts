// Quote to cash: the whole way of an order in one place.
import { becomes, minus, workflow } from '@plumbline/sdk'
import { Invoice } from './contracts/fulfilment.ts'
import { CreditCheck, PriceCheck } from './contracts/questions.ts'
import { Order, Quote } from './contracts/sale.ts'
import { beyondTolerance, currenciesIn } from './prices.ts'
import { erp } from './roles.ts'
import { priceTolerance } from './settings.ts'

export const quoteToCash = workflow('quote-to-cash', {
  says: 'An accepted quote becomes an order, is shipped, invoiced and paid',
  startsWhen: becomes(Quote, 'accepted'),
  checkpoints: ['Accepted', 'Prices cleared', 'Credit cleared', 'Booked', 'Shipped', 'Invoiced', 'Paid'],
  within: { Booked: '1 minute', Shipped: '30 days', Paid: '60 days' },
  worth: 'total',

  async run(quote, { step, ask, open, until, untilAll, reach, stop }) {
    reach('Accepted')
    const { customer, total, number } = quote
    if (!customer) return stop(`Quote ${number} names no account`)
    if (quote.lines.length === 0) return stop(`Quote ${number} offers no product`)

    const lines = quote.lines.map(({ line, product, quantity }) => ({ line, product, quantity }))
    const prices = await step('Check prices', () => erp.ask(PriceCheck, { customer, currency: total.currency, lines }))
    const currencies = currenciesIn(prices.lines).filter(currency => currency !== total.currency)
    if (currencies.length > 0)
      return stop(`Quote ${number} is in ${total.currency}, and the ERP prices it in ${currencies.join(' and ')}`)
    const differences = beyondTolerance(quote.lines, prices.lines, priceTolerance)
    if (differences.length > 0) {
      const answer = await ask(
        'price desk',
        `Quote ${number} differs from the ERP's prices on ${differences.length} of ${lines.length} lines. Book it at the quoted prices?`,
        {
          answers: ['yes', 'no'],
          within: '2 working days',
          facts: { quoted: total, erp: prices.net, difference: minus(total, prices.net), lines: differences },
        },
      )
      if (answer !== 'yes')
        stop(answer === 'no' ? 'The quoted prices were refused' : 'Nobody decided on the quoted prices in time')
    }
    reach('Prices cleared')

    const credit = await step('Check credit', () => erp.ask(CreditCheck, { customer, amount: total }))
    if (!credit.approved) {
      const answer = await ask(
        'credit desk',
        `Quote ${number} over ${total.amount} ${total.currency} exceeds the customer's credit limit. Let it through?`,
        {
          answers: ['yes', 'no'],
          within: '2 working days',
          escalate: { to: 'head of credit', after: '1 working day' },
          facts: { limit: credit.limit, open: credit.exposure, asked: total, says: credit.says },
        },
      )
      if (answer !== 'yes') stop(answer === 'no' ? 'Credit was refused' : 'Nobody decided on the credit in time')
    }
    reach('Credit cleared')

    const order = await step('Book the order', {
      do: () => open(Order, { from: quote, in: erp }),
      undo: order => order.cancel(),
    })
    reach('Booked')

    const shipped = await until(order, order => order.status.reached('shipped') || order.cancelled === true, {
      within: '30 days',
    })
    if (!shipped.status.reached('shipped')) return stop('The order was cancelled')
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
