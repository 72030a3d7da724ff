// The SAP S/4HANA that fills the role erp.
import { sapS4 } from '@plumbline/connector-sap-s4hana'
import { answers, fill, mapping, objectOf } from '@plumbline/sdk'
import { Customer } from '../contracts/customer.ts'
import { Invoice, Payment, Shipment } from '../contracts/fulfilment.ts'
import { Order } from '../contracts/order.ts'
import { Product } from '../contracts/product.ts'
import { CreditCheck } from '../contracts/questions.ts'
import { erp } from '../roles.ts'
import { settings } from '../settings.ts'

const customer = mapping(Customer, objectOf(sapS4, 'BusinessPartner'), {
  number: 'Customer',
  name: 'OrganizationBPName1',
})

const product = mapping(Product, objectOf(sapS4, 'Product'), {
  sku: 'Product',
  name: { skip: 'sales names its products itself' },
})

const order = mapping(
  Order,
  objectOf(sapS4, 'SalesOrder'),
  {
    number: 'SalesOrder',
    reference: 'PurchaseOrderByCustomer',
    quote: { skip: 'the quote lives in the CRM; its number is the reference' },
    customer: 'SoldToParty',
    status: {
      from: ['SalesOrder', 'OverallDeliveryStatus', 'OverallOrdReltdBillgStatus'],
      read: order =>
        order.OverallOrdReltdBillgStatus === 'C'
          ? 'invoiced'
          : order.OverallDeliveryStatus === 'C'
            ? 'shipped'
            : order.SalesOrder
              ? 'booked'
              : 'open',
    },
    total: 'TotalNetAmount',
    lines: {
      each: 'to_Item',
      id: 'SalesOrderItem',
      key: 'UnderlyingPurchaseOrderItem',
      fields: { product: 'Material', quantity: 'RequestedQuantity', price: 'NetPriceAmount' },
    },
  },
  {
    onCreate: {
      SalesOrderType: 'OR',
      SalesOrganization: '1010',
      DistributionChannel: '10',
      OrganizationDivision: '00',
    },
  },
)

const shipment = mapping(
  Shipment,
  objectOf(sapS4, 'OutboundDelivery'),
  {
    number: 'OutboundDelivery',
    order: 'SalesOrder',
    tracking: 'BillOfLading',
    shipped: 'ActualGoodsMovementDate',
  },
  { only: { from: ['OverallGoodsMovementStatus'], test: delivery => delivery.OverallGoodsMovementStatus === 'C' } },
)

const invoice = mapping(Invoice, objectOf(sapS4, 'BillingDocument'), {
  number: 'BillingDocument',
  order: 'SalesOrder',
  status: {
    from: ['InvoiceClearingStatus'],
    read: invoice => (invoice.InvoiceClearingStatus === 'C' ? 'paid' : 'open'),
  },
  net: 'TotalNetAmount',
  tax: 'TaxAmount',
  gross: 'TotalGrossAmount',
  date: 'BillingDocumentDate',
})

const payment = mapping(Payment, objectOf(sapS4, 'CustomerPayment'), {
  number: 'AccountingDocument',
  invoice: 'InvoiceReference',
  amount: 'AmountInTransactionCurrency',
  date: 'PostingDate',
})

export const s4 = fill(erp, 's4', sapS4, settings.s4, {
  mappings: [customer, product, order, shipment, invoice, payment],
  answers: [answers(CreditCheck, sapS4, 'creditCheck')],
})
