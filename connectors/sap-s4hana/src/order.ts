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
import type { Step } from './changeset.ts'
import { observationOf, wholeOf } from './entity.ts'
import { entities, salesOrderItem, shipTo, toldOfItem } from './objects.ts'
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
  const { header: own, party } = partsOf(write)
  const header = {
    ...encodeFields(entity, own, true),
    ...(currency && !write.fields.TransactionCurrency && { TransactionCurrency: currency }),
    // SAP answers a deep create with what it was sent: an empty list asks for the partners that it finds by itself.
    to_Partner: typeof party === 'string' ? [{ PartnerFunction: shipTo, Customer: party }] : [],
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
  // Where no partners come with the answer they are not told, which is not the same as none.
  const { ShipToParty: takes, ...told } = fields
  const native = rowsIn(row.to_Partner).length === 0 ? told : { ...told, ShipToParty: takes }
  return { end: 'written', id, position, native, ...(token && { token }) }
}

const currencyOf = (write: Write): string | undefined =>
  (write.lists.to_Item?.add ?? []).map(item => amountOf(item.NetPriceAmount)?.currency).find(Boolean)

function newItem(item: Native): Native {
  const { NetPriceAmount: price, ...rest } = item
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined || value === null || name === 'id' || isTold(name)) continue
    fields[name] = encodeValue(fieldOf(name), value)
  }
  const amount = amountOf(price)
  return { ...fields, ...(amount && { to_PricingElement: [{ ConditionType: manualPrice, ...rateOf(amount) }] }) }
}

const isTold = (name: string): boolean => toldOfItem.some(told => told === name)
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

/** What of a write is in the header, and what SAP keeps beside or below it: the partner who takes the goods, and rejections. */
function partsOf({ fields }: Write): { header: Native; party: unknown; rejection: unknown } {
  const { ShipToParty: party, SalesDocumentRjcnReason: rejection, ...header } = fields
  return { header, party, rejection }
}

/** An order as it stands, with its version and the price conditions of its items. */
async function current(api: S4Api, id: NativeId): Promise<{ etag: string | undefined; items: readonly Row[] }> {
  const expand = '$expand=to_Item,to_Item/to_PricingElement'
  const reply = await api.http.get(service, `${addressOf(entity.set, { SalesOrder: id })}?${expand}`, entity.object)
  const row = entityIn(reply.json, entity.object)
  return { etag: reply.etag, items: rowsIn(row.to_Item) }
}

async function change(api: S4Api, write: Write, id: NativeId): Promise<WriteEnd> {
  const lines = write.lists.to_Item
  const { header, party, rejection } = partsOf(write)
  const body = encodeFields(entity, header, false)
  const hasLines = lines !== undefined && lines.add.length + lines.change.length + lines.remove.length > 0
  if (!hasLines && party === undefined && rejection === undefined)
    return (await patchHeader(api, entity, id, body, write.token, write.mayStillSend)) ?? writtenNow(api, entity, id)
  return attempt(async () => {
    const { etag, items } = await current(api, id)
    // Items and partners have no version of their own: the order's is compared before they are changed.
    if (write.token !== undefined && etag !== undefined && write.token !== etag) return changedMeanwhile
    if (rejection && hasNothingToReject(items, rejection))
      return refusedHere(
        entity,
        'that is delivered or cancelled to the last item has nothing left to cancel',
        'Nothing is to be done.',
      )
    const steps = [
      ...(Object.keys(body).length > 0 ? [headerStep(id, body, etag)] : []),
      ...(party === undefined ? [] : [partnerStep(id, party)]),
      ...(rejection === undefined ? [] : rejectionSteps(id, items, rejection)),
      ...(lines ? lineSteps(id, lines, items) : []),
    ]
    return (await carryOut(api, steps, write)) ?? writtenNow(api, entity, id)
  })
}

/** All steps of a change are one transaction: what SAP refuses of it leaves nothing half done. */
async function carryOut(api: S4Api, steps: readonly Step[], write: Write): Promise<NotWritten | undefined> {
  const [only] = steps
  if (!only) return undefined
  const call = { service, of: entity.object, mayStillSend: write.mayStillSend }
  const isCreate = only.method === 'POST'
  const outcome = await (steps.length === 1
    ? api.http.send({ ...call, ...only, isCreate })
    : api.http.sendTogether(steps, call))
  return outcome.ok ? undefined : outcome.end
}

const headerStep = (id: NativeId, body: Native, etag: string | undefined): Step => ({
  method: 'PATCH',
  path: addressOf(entity.set, { SalesOrder: id }),
  body,
  ifMatch: etag ?? '*',
})

const partnerStep = (id: NativeId, party: unknown): Step => ({
  method: 'PATCH',
  path: addressOf('A_SalesOrderHeaderPartner', { SalesOrder: id, PartnerFunction: shipTo }),
  body: { Customer: encodeValue(entity.fields.ShipToParty, party) },
})

const itemAt = (order: NativeId, item: unknown): string =>
  addressOf('A_SalesOrderItem', { SalesOrder: order, SalesOrderItem: String(item) })

/** A cancelled order stays in the books: each item that is not yet rejected, or delivered, gets the reason; without one all live again. */
const rejectionSteps = (id: NativeId, items: readonly Row[], reason: unknown): Step[] =>
  items
    .filter(item =>
      reason ? !item.SalesDocumentRjcnReason && item.DeliveryStatus !== 'C' : item.SalesDocumentRjcnReason,
    )
    .map(item => ({
      method: 'PATCH',
      path: itemAt(id, item.SalesOrderItem),
      body: { SalesDocumentRjcnReason: encodeValue(entity.fields.SalesDocumentRjcnReason, reason) },
      ifMatch: '*',
    }))

/** Sent again, after an answer was lost, the same reason finds nothing either, and is no refusal. */
const hasNothingToReject = (items: readonly Row[], reason: unknown): boolean =>
  items.every(item => item.SalesDocumentRjcnReason || item.DeliveryStatus === 'C') &&
  !items.some(item => item.SalesDocumentRjcnReason === reason)

/** The same change sent again, after an answer was lost, neither adds an item twice nor misses one that is gone. */
function lineSteps(id: NativeId, { add, change, remove }: Write['lists'][string], items: readonly Row[]): Step[] {
  const lineKeys = new Set(items.map(item => item.UnderlyingPurchaseOrderItem).filter(Boolean))
  const isThere = (item: NativeId) => items.some(one => one.SalesOrderItem === item)
  return [
    ...remove.filter(isThere).map((item): Step => ({ method: 'DELETE', path: itemAt(id, item), ifMatch: '*' })),
    ...change.flatMap(item => itemSteps(id, item, items)),
    ...add
      .filter(item => !lineKeys.has(item.UnderlyingPurchaseOrderItem))
      .map(
        (item): Step => ({
          method: 'POST',
          path: `${addressOf(entity.set, { SalesOrder: id })}/to_Item`,
          body: newItem(item),
        }),
      ),
  ]
}

const changedMeanwhile: NotWritten = {
  end: 'unavailable',
  reason: 'S/4HANA, SalesOrder: changed there meanwhile; it is read again first',
  retryAfterMs: 0,
}

/** A change of an item, and of its price, which SAP keeps as a condition below it. */
function itemSteps(order: NativeId, item: Native & { readonly id: NativeId }, present: readonly Row[]): Step[] {
  const { id, NetPriceAmount: price, ...rest } = item
  const key = { SalesOrder: order, SalesOrderItem: id }
  const fields = Object.fromEntries(
    Object.entries(rest)
      .filter(([name, value]) => value !== undefined && !isTold(name))
      .map(([name, value]) => [name, encodeValue(fieldOf(name), value)]),
  )
  const amount = amountOf(price)
  const changed: Step[] =
    Object.keys(fields).length > 0 ? [{ method: 'PATCH', path: itemAt(order, id), body: fields, ifMatch: '*' }] : []
  return amount
    ? [
        ...changed,
        priceStep(
          key,
          amount,
          present.find(row => row.SalesOrderItem === id),
        ),
      ]
    : changed
}

function priceStep(
  key: Readonly<Record<string, string>>,
  amount: { readonly amount: string; readonly currency: string },
  item: Row | undefined,
): Step {
  const element = rowsIn(item?.to_PricingElement).find(row => row.ConditionType === manualPrice)
  if (!element) {
    const path = `${addressOf('A_SalesOrderItem', key)}/to_PricingElement`
    return { method: 'POST', path, body: { ConditionType: manualPrice, ...rateOf(amount) } }
  }
  const step = {
    PricingProcedureStep: String(element.PricingProcedureStep),
    PricingProcedureCounter: String(element.PricingProcedureCounter),
  }
  const path = addressOf('A_SalesOrderItemPrElement', { ...key, ...step })
  return { method: 'PATCH', path, body: rateOf(amount), ifMatch: '*' }
}

async function close(api: S4Api, write: Write): Promise<WriteEnd> {
  const { id } = write
  if (id === undefined) return refusedHere(entity, 'that was never created cannot be closed', 'Nothing is to be done.')
  return attempt(async () => {
    const { items } = await current(api, id)
    return (await carryOut(api, rejectionSteps(id, items, closedReason), write)) ?? writtenNow(api, entity, id)
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
