// API_SALES_ORDER_SRV: sales orders, their items, prices, schedule lines and partners.
import {
  addItem,
  changeItem,
  changeOrder,
  changePartner,
  changePrice,
  createOrder,
  removeItem,
  removeOrder,
} from '../business/orders.ts'
import type { World } from '../business/world.ts'
import {
  headerPriceElement,
  itemPriceElement,
  order,
  orderItem,
  orderPartner,
  scheduleLine,
  subsequentDocument,
} from '../documents/order.ts'
import { notFound } from '../odata/errors.ts'
import { entitySet, type Service, service } from '../odata/service.ts'
import { flowOf } from './document-flow.ts'
import { byId, present, rowsWithin, within } from './rows.ts'

export function salesOrderService(world: World): Service {
  const orderOf = (number: string | undefined) => world.orders.get(number ?? '')
  const items = () => rowsWithin(world.orders.values(), each => each.to_Item)
  const orders = entitySet({
    type: order,
    source: {
      byKey: key => orderOf(key.SalesOrder),
      all: () => world.orders.values(),
      equals: {
        PurchaseOrderByCustomer: world.indexes.ordersByReference,
        SoldToParty: world.indexes.ordersByCustomer,
        SalesOrder: byId(orderOf),
      },
      ranges: [{ field: 'LastChangeDateTime', timeline: world.indexes.orderTimeline, complete: true }],
    },
    links: {
      to_SubsequentProcFlowDoc: {
        many: true,
        to: 'A_SalesOrderSubsqntProcFlow',
        find: row => flowOf(world, String(row.SalesOrder)),
      },
    },
    create: (input, call) => createOrder(world, input, call),
    update: (row, input, call) => changeOrder(world, row.SalesOrder, input, call),
    remove: row => removeOrder(world, row.SalesOrder),
  })
  return service('API_SALES_ORDER_SRV', 'SD-SLS-API', [
    orders,
    entitySet({
      type: orderItem,
      source: {
        byKey: key => orderOf(key.SalesOrder)?.to_Item.find(item => item.SalesOrderItem === key.SalesOrderItem),
        all: items,
        equals: { SalesOrder: within(number => orderOf(number)?.to_Item ?? []) },
      },
      links: {
        to_SalesOrder: { many: false, to: 'A_SalesOrder', find: row => present(orderOf(String(row.SalesOrder))) },
      },
      create: (input, call) => addItem(world, input.SalesOrder ?? '', input, call),
      update: (row, input, call) => changeItem(world, row.SalesOrder, row.SalesOrderItem, input, call),
      remove: (row, call) => removeItem(world, row.SalesOrder, row.SalesOrderItem, call),
    }),
    entitySet({
      type: itemPriceElement,
      source: {
        byKey: key =>
          orderOf(key.SalesOrder)
            ?.to_Item.find(item => item.SalesOrderItem === key.SalesOrderItem)
            ?.to_PricingElement.find(
              each =>
                each.PricingProcedureStep === key.PricingProcedureStep &&
                each.PricingProcedureCounter === key.PricingProcedureCounter,
            ),
        all: () => rowsWithin(items(), each => each.to_PricingElement),
        equals: {
          SalesOrder: within(number => orderOf(number)?.to_Item.flatMap(item => item.to_PricingElement) ?? []),
        },
      },
      create: (input, call) => {
        const item = changePrice(world, input.SalesOrder ?? '', input.SalesOrderItem ?? '', input, call)
        const [element] = item.to_PricingElement
        if (!element) throw notFound('The item has no price')
        return element
      },
      update: (row, input, call) => {
        changePrice(world, row.SalesOrder, row.SalesOrderItem, { ...row, ...input }, call)
      },
    }),
    entitySet({
      type: subsequentDocument,
      source: {
        byKey: key =>
          flowOf(world, key.SalesOrder ?? '').find(each => each.SubsequentDocument === key.SubsequentDocument),
        all: () => rowsWithin(world.orders.values(), each => flowOf(world, each.SalesOrder)),
        equals: { SalesOrder: within(number => flowOf(world, number)) },
      },
    }),
    entitySet({
      type: scheduleLine,
      source: {
        byKey: key =>
          orderOf(key.SalesOrder)
            ?.to_Item.find(item => item.SalesOrderItem === key.SalesOrderItem)
            ?.to_ScheduleLine.find(line => line.ScheduleLine === key.ScheduleLine),
        all: () => rowsWithin(items(), each => each.to_ScheduleLine),
        equals: { SalesOrder: within(number => orderOf(number)?.to_Item.flatMap(item => item.to_ScheduleLine) ?? []) },
      },
    }),
    entitySet({
      type: orderPartner,
      source: {
        byKey: key => orderOf(key.SalesOrder)?.to_Partner.find(each => each.PartnerFunction === key.PartnerFunction),
        all: () => rowsWithin(world.orders.values(), each => each.to_Partner),
        equals: { SalesOrder: within(number => orderOf(number)?.to_Partner ?? []) },
      },
      update: (row, input, call) =>
        changePartner(world, row.SalesOrder, row.PartnerFunction, input.Customer ?? row.Customer, call),
    }),
    entitySet({
      type: headerPriceElement,
      source: {
        byKey: key =>
          orderOf(key.SalesOrder)?.to_PricingElement.find(
            each => each.PricingProcedureStep === key.PricingProcedureStep,
          ),
        all: () => rowsWithin(world.orders.values(), each => each.to_PricingElement),
        equals: { SalesOrder: within(number => orderOf(number)?.to_PricingElement ?? []) },
      },
    }),
  ])
}
