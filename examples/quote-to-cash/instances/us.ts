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
  })

export default settings.us.url === '' ? undefined : us()
