// What the conformance kit needs to try this connector: a sandbox of S/4HANA, with orders to book, a customer and a product.
import { absent, inField, type NewRecord, type Subject, type System } from '@plumbline/conformance'
import type { Native } from '@plumbline/sdk'
import { sapS4 } from '../src/index.ts'
import { eur, native, newOrder, startSystem } from './support.ts'

const asOrder = (ref: string, product = 'TG11'): NewRecord =>
  newOrder(ref, ref, [{ product, quantity: 5, price: '350.10' }])
const firstItem = (fields: Native): Native => {
  const items: unknown = fields.to_Item
  return (Array.isArray(items) ? items : [])[0] ?? {}
}
const readOnly = {
  create: absent('Customers and products are created in S/4HANA'),
  refused: absent('Nothing of it is created'),
  perPage: absent('The code of all objects is the same, and orders try it'),
  money: absent('No amount of it is mapped'),
  day: absent('No day of it is mapped'),
  instant: absent('No point in time of it is mapped'),
  remove: absent('S/4HANA deletes nothing that was used'),
  text: absent('Texts are tried with orders'),
}

async function start(): Promise<System> {
  const system = await startSystem()
  return {
    url: system.sandbox.url,
    settings: url => ({ ...system.settings, url }),
    samples: [
      {
        ...readOnly,
        object: 'SalesOrder',
        create: asOrder,
        refOf: fields => fields.PurchaseOrderByCustomer,
        refused: ref => asOrder(ref, 'NONE'),
        change: number => ({ CustomerPaymentTerms: `000${1 + (number % 4)}` }),
        perPage: 1_000,
        text: { ...inField('PurchaseOrderByCustomer'), longest: 35 },
        optional: { field: 'DeliveryBlockReason', value: '01' },
        money: {
          currency: 'EUR',
          largest: '99999999999.99',
          put: ({ fields, lists }, NetPriceAmount) => ({
            fields,
            lists: {
              to_Item: {
                change: [],
                remove: [],
                add: (lists?.to_Item?.add ?? []).map(item => ({ ...item, NetPriceAmount })),
              },
            },
          }),
          get: fields => firstItem(fields).NetPriceAmount,
        },
        day: inField('RequestedDeliveryDate'),
      },
      {
        ...readOnly,
        object: 'BusinessPartner',
        there: native('10100001'),
        change: number => ({ SearchTerm1: `TERM ${number}` }),
        optional: { field: 'OrganizationBPName2', value: 'for now' },
        lacks: { 'change-stale': 'A business partner of S/4HANA has no ETag: the last change wins' },
      },
      {
        ...readOnly,
        object: 'Product',
        there: native('TG11'),
        change: absent('The connector changes no products'),
        optional: absent('The connector changes no products'),
      },
    ],
    sessionExpired: {
      answer: { status: 403, headers: { 'x-csrf-token': 'Required' }, body: 'CSRF token validation failed' },
      on: ({ method }) => method !== 'GET',
    },
    lateMs: 5_000,
    price: {
      question: 'price',
      asks: { customer: '10100001', lines: [{ line: 'l1', product: 'TG11', quantity: 2 }] },
      answers: { net: eur('35.10'), lines: [{ line: 'l1', unit: eur('17.55'), net: eur('35.10') }] },
    },
    stop: system.close,
  }
}

export const subject: Subject = {
  connector: sapS4,
  start,
  lacks: { 'feed-deleted': 'S/4HANA keeps no trace of what is archived: the sweep finds it' },
}
