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
})
