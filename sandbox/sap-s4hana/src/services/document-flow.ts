// The document flow of an order: the deliveries and billing documents that refer to it.
import type { World } from '../business/world.ts'
import { subsequentDocument } from '../documents/order.ts'
import { blank, type RowOf } from '../odata/model.ts'

export function flowOf(world: World, order: string): readonly RowOf<typeof subsequentDocument>[] {
  const step = (id: string, category: string, level: string, created: number | null) => ({
    ...blank(subsequentDocument),
    SalesOrder: order,
    SubsequentDocument: id,
    SubsequentDocumentCategory: category,
    ProcessFlowLevel: level,
    CreationDate: created,
  })
  return [
    ...world.indexes.deliveriesByOrder
      .rows(order)
      .map(each => step(each.DeliveryDocument, 'J', '00', each.CreationDate)),
    ...world.indexes.billingByOrder
      .rows(order)
      .map(each => step(each.BillingDocument, each.SDDocumentCategory, '01', each.CreationDate)),
  ]
}
