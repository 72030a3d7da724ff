// API_OUTBOUND_DELIVERY_SRV: outbound deliveries, their items, and posting their goods issue.
import { changeDelivery, createDelivery, deliveryOf, postGoodsIssue, removeDelivery } from '../business/deliveries.ts'
import type { World } from '../business/world.ts'
import { delivery, deliveryItem } from '../documents/delivery.ts'
import { entitySet, type Service, service } from '../odata/service.ts'
import { byId, present, rowsWithin, through, within } from './rows.ts'

export function deliveryService(world: World): Service {
  const found = (id: string | undefined) => world.deliveries.get(id ?? '')
  return service(
    'API_OUTBOUND_DELIVERY_SRV',
    'LE-SHP-API',
    [
      entitySet({
        type: delivery,
        source: {
          byKey: key => found(key.DeliveryDocument),
          all: () => world.deliveries.values(),
          equals: { DeliveryDocument: byId(found), SoldToParty: world.indexes.deliveriesByCustomer },
          ranges: [{ field: 'LastChangeDateTime', timeline: world.indexes.deliveryTimeline, complete: true }],
        },
        create: (input, call) => createDelivery(world, input, call),
        update: (row, input, call) => changeDelivery(world, row, input, call),
        remove: (row, call) => removeDelivery(world, row, call),
      }),
      entitySet({
        type: deliveryItem,
        source: {
          byKey: key =>
            found(key.DeliveryDocument)?.to_DeliveryDocumentItem.find(
              item => item.DeliveryDocumentItem === key.DeliveryDocumentItem,
            ),
          all: () => rowsWithin(world.deliveries.values(), each => each.to_DeliveryDocumentItem),
          equals: {
            DeliveryDocument: within(id => found(id)?.to_DeliveryDocumentItem ?? []),
            ReferenceSDDocument: through(world.indexes.deliveriesByOrder, each => each.to_DeliveryDocumentItem),
          },
        },
        links: {
          to_DeliveryDocument: {
            many: false,
            to: 'A_OutbDeliveryHeader',
            find: row => present(found(String(row.DeliveryDocument))),
          },
        },
      }),
    ],
    {
      versions: ['0001', '0002'],
      operations: [
        {
          name: 'PostGoodsIssue',
          method: 'POST',
          parameters: ['DeliveryDocument'],
          returns: 'A_OutbDeliveryHeader',
          many: false,
          subject: key => found(key.DeliveryDocument),
          run: (key, call) => [
            postGoodsIssue(world, deliveryOf(world, key.DeliveryDocument ?? '').DeliveryDocument, call),
          ],
        },
      ],
    },
  )
}
