// The ERP of our German company: an SAP S/4HANA.
import { sapS4 } from '@plumbline/connector-sap-s4hana'
import { answers, fill } from '@plumbline/sdk'
import { CreditCheck, PriceCheck, StockCheck } from '../contracts/questions.ts'
import { customerInS4 } from '../mappings/customer.ts'
import { invoiceInS4, paymentInS4, shipmentInS4 } from '../mappings/fulfilment.ts'
import { productInS4 } from '../mappings/product.ts'
import { orderInS4 } from '../mappings/sale.ts'
import { erp } from '../roles.ts'
import { settings } from '../settings.ts'

export default fill(erp, 's4', sapS4, settings.s4, {
  serves: ['DE01'],
  mappings: [customerInS4, productInS4, orderInS4, shipmentInS4, invoiceInS4, paymentInS4],
  answers: [
    answers(CreditCheck, sapS4, 'creditCheck'),
    answers(PriceCheck, sapS4, 'price'),
    answers(StockCheck, sapS4, 'stock'),
  ],
  calendar: {
    zone: 'Europe/Berlin',
    // The holidays of all of Germany.
    holidays: [
      '2026-01-01',
      '2026-04-03',
      '2026-04-06',
      '2026-05-01',
      '2026-05-14',
      '2026-05-25',
      '2026-10-03',
      '2026-12-25',
      '2026-12-26',
      '2027-01-01',
      '2027-03-26',
      '2027-03-29',
      '2027-05-01',
      '2027-05-06',
      '2027-05-17',
      '2027-10-03',
      '2027-12-25',
      '2027-12-26',
    ],
  },
})
