// The ERP of our American company: a Tryton. It takes part where TRYTON_URL says where it is.
import { tryton } from '@plumbline/connector-tryton'
import { answers, fill } from '@plumbline/sdk'
import { CreditCheck, PriceCheck, StockCheck } from '../contracts/questions.ts'
import { customerInTryton } from '../mappings/customer.ts'
import { invoiceInTryton, paymentInTryton, shipmentInTryton } from '../mappings/fulfilment.ts'
import { productInTryton } from '../mappings/product.ts'
import { orderInTryton } from '../mappings/sale.ts'
import { erp } from '../roles.ts'
import { settings } from '../settings.ts'

const us = () =>
  fill(erp, 'us', tryton, settings.us, {
    serves: ['US01'],
    mappings: [customerInTryton, productInTryton, orderInTryton, shipmentInTryton, invoiceInTryton, paymentInTryton],
    answers: [
      answers(CreditCheck, tryton, 'creditCheck'),
      answers(PriceCheck, tryton, 'price'),
      answers(StockCheck, tryton, 'stock'),
    ],
    words: { 'payment terms': { 'due at once': 'Due on receipt', 'net 30': 'Net 30' } },
    calendar: {
      zone: 'America/New_York',
      // The federal holidays, on the days on which they are kept: before or after a weekend that they fall on.
      holidays: [
        '2026-01-01',
        '2026-01-19',
        '2026-02-16',
        '2026-05-25',
        '2026-06-19',
        '2026-07-03',
        '2026-09-07',
        '2026-10-12',
        '2026-11-11',
        '2026-11-26',
        '2026-12-25',
        '2027-01-01',
        '2027-01-18',
        '2027-02-15',
        '2027-05-31',
        '2027-06-18',
        '2027-07-05',
        '2027-09-06',
        '2027-10-11',
        '2027-11-11',
        '2027-11-25',
        '2027-12-24',
        '2027-12-31',
      ],
    },
  })

export default settings.us.url === '' ? undefined : us()
