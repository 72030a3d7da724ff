// API_BILLING_DOCUMENT_SRV and the accounting items that tell of payments.
import { cancelInvoice } from '../business/billing.ts'
import type { World } from '../business/world.ts'
import { accountingItem, billingDocument, billingItem } from '../documents/billing.ts'
import { entitySet, type Service, service } from '../odata/service.ts'
import { byId, present, rowsWithin, through, within } from './rows.ts'

export function billingService(world: World): Service {
  const found = (id: string | undefined) => world.billing.get(id ?? '')
  return service(
    'API_BILLING_DOCUMENT_SRV',
    'SD-BIL-API',
    [
      entitySet({
        type: billingDocument,
        source: {
          byKey: key => found(key.BillingDocument),
          all: () => world.billing.values(),
          equals: { BillingDocument: byId(found), SoldToParty: world.indexes.billingByCustomer },
          ranges: [{ field: 'LastChangeDateTime', timeline: world.indexes.billingTimeline, complete: true }],
        },
      }),
      entitySet({
        type: billingItem,
        source: {
          byKey: key =>
            found(key.BillingDocument)?.to_Item.find(item => item.BillingDocumentItem === key.BillingDocumentItem),
          all: () => rowsWithin(world.billing.values(), each => each.to_Item),
          equals: {
            BillingDocument: within(id => found(id)?.to_Item ?? []),
            SalesDocument: through(world.indexes.billingByOrder, each => each.to_Item),
            ReferenceSDDocument: through(world.indexes.billingByDelivery, each => each.to_Item),
          },
        },
        links: {
          to_BillingDocument: {
            many: false,
            to: 'A_BillingDocument',
            find: row => present(found(String(row.BillingDocument))),
          },
        },
      }),
    ],
    {
      operations: [
        {
          name: 'Cancel',
          method: 'POST',
          parameters: ['BillingDocument'],
          returns: 'A_BillingDocument',
          many: true,
          subject: key => found(key.BillingDocument),
          run: (key, call) => cancelInvoice(world, key.BillingDocument ?? '', call),
        },
      ],
    },
  )
}

export function accountingService(world: World): Service {
  return service('API_OPLACCTGDOCITEMCUBE_SRV', 'FI-GL-IS', [
    entitySet({
      type: accountingItem,
      source: {
        byKey: key =>
          world.payments.get(
            [key.CompanyCode, key.FiscalYear, key.AccountingDocument, key.AccountingDocumentItem].join('/'),
          ),
        all: () => world.payments.values(),
        equals: { InvoiceReference: world.indexes.paymentsByInvoice, Customer: world.indexes.paymentsByCustomer },
        ranges: [{ field: 'LastChangeDateTime', timeline: world.indexes.paymentTimeline, complete: true }],
      },
    }),
  ])
}
