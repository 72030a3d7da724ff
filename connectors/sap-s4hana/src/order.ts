// Sales orders: created in one piece with their items and prices, found again by their key, changed item by item.
import {
  type Native,
  type NativeId,
  type NotWritten,
  type Observation,
  Refused,
  Unavailable,
  type Write,
  type WriteEnd,
} from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import { observationOf, wholeOf } from './entity.ts'
import { entities, salesOrderItem } from './objects.ts'
import { amountOf, encodeValue, isRow, quoted, type Row, rowsIn } from './odata.ts'
import { entityIn, pages, queryOf } from './read.ts'
import { addressOf, encodeFields, patchHeader, refusedHere, writtenNow } from './write.ts'

const entity = entities.SalesOrder
const { service } = entity

/** The condition type of a price that was agreed: unlike a PPR0, no discount of the system comes on top of it. */
const manualPrice = 'PMP0'
/** Why an item was rejected when its order is closed. */
const closedReason = '00'
const keysPerCall = 20

export function writeOrder(api: S4Api, write: Write): Promise<WriteEnd> {
  if (write.close) return close(api, write)
  return write.id === undefined ? create(api, write) : change(api, write, write.id)
}

async function create(api: S4Api, write: Write): Promise<WriteEnd> {
  const { keyField } = api.settings
  if (typeof write.fields[keyField] !== 'string') {
    return refusedHere(
      entity,
      `without ${keyField} could not be found again if no answer came`,
      'Map the field, or name another as keyField.',
    )
  }
  const items = (write.lists.to_Item?.add ?? []).map(newItem)
  const currency = currencyOf(write)
  const header = {
    ...encodeFields(entity, write.fields, true),
    ...(currency && !write.fields.TransactionCurrency && { TransactionCurrency: currency }),
  }
  const body = { ...header, to_Item: items }
  const outcome = await api.http.send({
    method: 'POST',
    service,
    path: entity.set,
    body,
    of: entity.object,
    isCreate: true,
    mayStillSend: write.mayStillSend,
  })
  if (!outcome.ok) return outcome.end
  const row = isRow(outcome.json) && isRow(outcome.json.d) ? outcome.json.d : undefined
  if (!row || typeof row.SalesOrder !== 'string') {
    return { end: 'unknown', reason: 'S/4HANA, SalesOrder: the answer to the create does not name the order' }
  }
  const { id, position, fields, token = outcome.etag } = observationOf(entity, row)
  return { end: 'written', id, position, native: fields, ...(token && { token }) }
}

const currencyOf = (write: Write): string | undefined =>
  (write.lists.to_Item?.add ?? []).map(item => amountOf(item.NetPriceAmount)?.currency).find(Boolean)

function newItem(item: Native): Native {
  const { NetPriceAmount: price, ...rest } = item
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined || value === null || name === 'id' || name === 'SalesOrderItem' || name === 'NetAmount')
      continue
    fields[name] = encodeValue(fieldOf(name), value)
  }
  const amount = amountOf(price)
  return { ...fields, ...(amount && { to_PricingElement: [{ ConditionType: manualPrice, ...rateOf(amount) }] }) }
}

const fieldOf = (name: string) => Object.entries(salesOrderItem).find(([known]) => known === name)?.[1]
const rateOf = ({ amount, currency }: { amount: string; currency: string }) => ({
  ConditionRateValue: amount,
  ConditionCurrency: currency,
  ConditionQuantity: '1',
})

/** All orders that carry the key for the same customer. Two are for a person to look at. */
export async function findOrders(api: S4Api, writes: readonly Write[]): Promise<readonly (readonly Observation[])[]> {
  const { keyField } = api.settings
  const filters = writes.map(({ fields }) => {
    const key = typeof fields[keyField] === 'string' ? `${keyField} eq ${quoted(fields[keyField])}` : undefined
    const customer = typeof fields.SoldToParty === 'string' ? ` and SoldToParty eq ${quoted(fields.SoldToParty)}` : ''
    return key && `(${key}${customer})`
  })
  const distinct = [...new Set(filters.filter(filter => filter !== undefined))]
  const rows: Row[] = []
  for (let at = 0; at < distinct.length; at += keysPerCall) {
    const filter = distinct.slice(at, at + keysPerCall).join(' or ')
    rows.push(...(await pages(api, entity, queryOf(entity, filter, wholeOf(entity)))))
  }
  const found = rows.map(row => observationOf(entity, row))
  return writes.map(({ fields }) =>
    found.filter(
      order =>
        order.fields[keyField] === fields[keyField] &&
        (typeof fields.SoldToParty !== 'string' || order.fields.SoldToParty === fields.SoldToParty),
    ),
  )
}

/** An order as it stands, with its version and the price conditions of its items. */
async function current(api: S4Api, id: NativeId): Promise<{ etag: string | undefined; items: readonly Row[] }> {
  const expand = '$expand=to_Item,to_Item/to_PricingElement'
  const reply = await api.http.get(service, `${addressOf(entity.set, { SalesOrder: id })}?${expand}`, entity.object)
  const row = entityIn(reply.json, entity.object)
  return { etag: reply.etag, items: rowsIn(row.to_Item) }
}

async function change(api: S4Api, write: Write, id: NativeId): Promise<WriteEnd> {
  const { add, change: changed, remove } = write.lists.to_Item ?? { add: [], change: [], remove: [] }
  const header = encodeFields(entity, write.fields, false)
  if (add.length + changed.length + remove.length === 0) {
    return (await patchHeader(api, entity, id, header, write.token)) ?? writtenNow(api, entity, id)
  }
  return attempt(async () => {
    const { etag, items } = await current(api, id)
    // Items have no version of their own: the order's is compared before they are changed.
    if (write.token !== undefined && etag !== undefined && write.token !== etag) return changedMeanwhile
    // The same change sent again, after an answer was lost, neither adds an item twice nor misses one that is gone.
    const lineKeys = new Set(items.map(item => item.UnderlyingPurchaseOrderItem).filter(Boolean))
    const isMissing = (item: Native) => !lineKeys.has(item.UnderlyingPurchaseOrderItem)
    const isThere = (id: NativeId) => items.some(item => item.SalesOrderItem === id)
    const itemAt = (item: string) => ({ SalesOrder: id, SalesOrderItem: item })
    const steps: (() => Promise<NotWritten | undefined>)[] = [
      () => patchHeader(api, entity, id, header, etag),
      ...remove.filter(isThere).map(item => () => send(api, 'DELETE', addressOf('A_SalesOrderItem', itemAt(item)))),
      ...changed.map(item => () => changeItem(api, id, item, items)),
      ...add
        .filter(isMissing)
        .map(item => () => send(api, 'POST', `${addressOf(entity.set, { SalesOrder: id })}/to_Item`, newItem(item))),
    ]
    for (const step of steps) {
      const failed = await step()
      if (failed) return failed
    }
    return writtenNow(api, entity, id)
  })
}

const changedMeanwhile: NotWritten = {
  end: 'unavailable',
  reason: 'S/4HANA, SalesOrder: changed there meanwhile; it is read again first',
  retryAfterMs: 0,
}

async function changeItem(
  api: S4Api,
  order: NativeId,
  item: Native & { readonly id: NativeId },
  present: readonly Row[],
): Promise<NotWritten | undefined> {
  const { id, NetPriceAmount: price, SalesOrderItem: _number, NetAmount: _net, ...rest } = item
  const key = { SalesOrder: order, SalesOrderItem: id }
  const fields = Object.fromEntries(
    Object.entries(rest)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, encodeValue(fieldOf(name), value)]),
  )
  if (Object.keys(fields).length > 0) {
    const failed = await send(api, 'PATCH', addressOf('A_SalesOrderItem', key), fields)
    if (failed) return failed
  }
  const amount = amountOf(price)
  if (!amount) return undefined
  const prices = rowsIn(present.find(row => row.SalesOrderItem === id)?.to_PricingElement)
  const element = prices.find(row => row.ConditionType === manualPrice)
  if (!element) {
    return send(api, 'POST', `${addressOf('A_SalesOrderItem', key)}/to_PricingElement`, {
      ConditionType: manualPrice,
      ...rateOf(amount),
    })
  }
  const step = {
    PricingProcedureStep: String(element.PricingProcedureStep),
    PricingProcedureCounter: String(element.PricingProcedureCounter),
  }
  return send(api, 'PATCH', addressOf('A_SalesOrderItemPrElement', { ...key, ...step }), rateOf(amount))
}

async function send(
  api: S4Api,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: Native,
): Promise<NotWritten | undefined> {
  const outcome = await api.http.send({
    method,
    service,
    path,
    ...(body && { body }),
    ifMatch: '*',
    of: 'SalesOrder item',
    isCreate: method === 'POST',
  })
  return outcome.ok ? undefined : outcome.end
}

/** A cancelled order stays in the books: each item that is not yet rejected gets a reason for rejection. */
async function close(api: S4Api, write: Write): Promise<WriteEnd> {
  const { id } = write
  if (id === undefined) return refusedHere(entity, 'that was never created cannot be closed', 'Nothing is to be done.')
  return attempt(async () => {
    const { items } = await current(api, id)
    for (const item of items.filter(item => !item.SalesDocumentRjcnReason && item.DeliveryStatus !== 'C')) {
      const path = addressOf('A_SalesOrderItem', { SalesOrder: id, SalesOrderItem: String(item.SalesOrderItem) })
      const failed = await send(api, 'PATCH', path, { SalesDocumentRjcnReason: closedReason })
      if (failed) return failed
    }
    return writtenNow(api, entity, id)
  })
}

/** The reads within a write: nothing was written yet when the first of them fails. */
async function attempt(write: () => Promise<WriteEnd>): Promise<WriteEnd> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof Refused) return { end: 'refused', reason: error.message }
    if (!(error instanceof Unavailable)) throw error
    const { message: reason, retryAfterMs, systemIsDown } = error
    return { end: 'unavailable', reason, ...(retryAfterMs !== undefined && { retryAfterMs }), systemIsDown }
  }
}
