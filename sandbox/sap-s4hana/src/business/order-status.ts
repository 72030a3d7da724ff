// The statuses and totals of an order, worked out from its items; nobody sets them.
import Big from 'big.js'
import type { Order, OrderItem, ScheduleLine } from '../documents/order.ts'
import { headerPriceElement } from '../documents/order.ts'
import { blank } from '../odata/model.ts'
import { count, sumOf } from './money.ts'
import { isDelivered } from './world.ts'

type Progress = 'A' | 'B' | 'C'

export function withStatuses(order: Order): Order {
  const items = order.to_Item.map(itemWithStatuses)
  const currency = order.TransactionCurrency
  // A rejected item no longer counts in the value of the order.
  const living = items.filter(item => item.SalesDocumentRjcnReason === '')
  const net = sumOf(
    living.map(item => item.NetAmount),
    currency,
  )
  const tax = sumOf(
    living.map(item => item.TaxAmount),
    currency,
  )
  const delivery = overall(items.map(item => item.DeliveryStatus))
  return {
    ...order,
    to_Item: items,
    TotalNetAmount: net,
    to_PricingElement: headerElements(order, living, tax),
    OverallSDProcessStatus: overall(items.map(item => item.SDProcessStatus)),
    OverallDeliveryStatus: delivery,
    OverallTotalDeliveryStatus: delivery,
    OverallOrdReltdBillgStatus: overall(items.map(item => item.OrderRelatedBillingStatus)),
    OverallSDDocumentRejectionSts: overall(items.map(item => item.SDDocumentRejectionStatus)),
  }
}

function itemWithStatuses(item: OrderItem): OrderItem {
  const rejected = item.SalesDocumentRjcnReason !== ''
  const due = rejected ? item.DeliveredQuantity : item.RequestedQuantity
  const delivery = !isDelivered(item) ? '' : rejected ? 'C' : progress(item.DeliveredQuantity, due)
  const billing = rejected && new Big(due).eq(0) ? 'C' : progress(item.BilledQuantity, due)
  return {
    ...item,
    DeliveryStatus: delivery,
    OrderRelatedBillingStatus: billing,
    SDDocumentRejectionStatus: rejected ? 'C' : 'A',
    SDProcessStatus: overall([delivery, billing]),
    to_ScheduleLine: withDelivered(item),
  }
}

/** What has left the house, taken from the schedule lines in their order. */
function withDelivered({ to_ScheduleLine: lines, DeliveredQuantity }: OrderItem): ScheduleLine[] {
  let left = new Big(DeliveredQuantity)
  return lines.map((line, at) => {
    const room = new Big(line.ConfdOrderQtyByMatlAvailCheck)
    const delivered = at === lines.length - 1 || left.lt(room) ? left : room
    left = left.minus(delivered)
    const quantity = count(delivered)
    return line.DeliveredQtyInOrderQtyUnit === quantity ? line : { ...line, DeliveredQtyInOrderQtyUnit: quantity }
  })
}

const progress = (done: string, due: string): Progress =>
  new Big(done).lte(0) ? 'A' : new Big(done).lt(due) ? 'B' : 'C'

/** All alike: that one; else under way. What does not apply does not count; an order without items is open. */
function overall(all: readonly string[]): string {
  const statuses = all.filter(status => status !== '')
  const [first] = statuses
  if (first === undefined) return 'A'
  return statuses.every(status => status === first) ? first : 'B'
}

/** Each condition type of the items in sum; tax stands last, whether or not there is any. */
function headerElements(order: Order, items: readonly OrderItem[], tax: string) {
  const active = items.flatMap(item => item.to_PricingElement).filter(each => each.ConditionInactiveReason === '')
  const byStep = Map.groupBy(
    active.filter(each => each.ConditionType !== 'TTX1'),
    each => `${each.PricingProcedureStep.padStart(3)}/${each.ConditionType}`,
  )
  const sums = [...byStep]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, elements]) => {
      const [step = '', type = ''] = key.trim().split('/')
      const amounts = elements.map(each => each.ConditionAmount)
      return { step, type, amount: sumOf(amounts, order.TransactionCurrency) }
    })
  return [...sums, { step: '915', type: 'TTX1', amount: tax }].map(({ step, type, amount }) => ({
    ...blank(headerPriceElement),
    SalesOrder: order.SalesOrder,
    PricingProcedureStep: step,
    PricingProcedureCounter: '1',
    ConditionType: type,
    ConditionCurrency: order.TransactionCurrency,
    ConditionAmount: amount,
    TransactionCurrency: order.TransactionCurrency,
  }))
}
