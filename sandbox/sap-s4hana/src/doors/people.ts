// What people do in the system, as users warehouse and clerk: the world outside any interface.
import { planReceipt, receiveGoods } from '../business/arrivals.ts'
import { cancelInvoice, invoiceOrder, payInvoice } from '../business/billing.ts'
import type { Call } from '../business/call.ts'
import type { Scale } from '../business/conditions.ts'
import { type NewCustomer, setCreditLimit, setUpCustomer } from '../business/customers.ts'
import { ship } from '../business/deliveries.ts'
import { addItem, orderOf, rejectOrder, releaseCredit, sortItems, splitOrderItem } from '../business/orders.ts'
import { createProduct, listProduct, setStock } from '../business/products.ts'
import { lockKey, type World } from '../business/world.ts'
import { malformed } from '../odata/errors.ts'
import type { Row } from '../odata/model.ts'
import { told } from '../store/telling.ts'
import {
  type Door,
  dayIn,
  decimalIn,
  fieldsOf,
  flagIn,
  listIn,
  optionalDecimal,
  optionalText,
  textIn,
} from './input.ts'
import { pricingDoors } from './prices.ts'

export function peopleDoors(world: World): Readonly<Record<string, Door>> {
  return {
    'warehouse/ship': {
      by: 'warehouse',
      act(body, call) {
        const fields = fieldsOf(body, ['salesOrder', 'items'])
        const wanted =
          fields.items === undefined
            ? undefined
            : listIn(fields, 'items').map(each => ({
                item: textIn(each, 'item'),
                quantity: optionalDecimal(each, 'quantity'),
              }))
        const number = textIn(fields, 'salesOrder')
        const shipped = ship(world, number, wanted, call)
        return { delivery: plain(world.deliveries, shipped), salesOrder: plain(world.orders, orderOf(world, number)) }
      },
    },
    'warehouse/stock': {
      by: 'warehouse',
      act(body) {
        const fields = fieldsOf(body, ['material', 'plant', 'quantity'])
        const [material, plant] = [textIn(fields, 'material'), optionalText(fields, 'plant')]
        return { stock: plain(world.stocks, setStock(world, material, decimalIn(fields, 'quantity'), plant)) }
      },
    },
    'warehouse/receipt': {
      by: 'warehouse',
      act(body, call) {
        const fields = fieldsOf(body, ['material', 'plant', 'quantity', 'date'])
        const arrival = {
          material: textIn(fields, 'material'),
          plant: optionalText(fields, 'plant'),
          quantity: decimalIn(fields, 'quantity'),
        }
        return fields.date === undefined
          ? { stock: plain(world.stocks, receiveGoods(world, arrival)) }
          : { receipt: plain(world.receipts, planReceipt(world, { ...arrival, day: dayIn(fields, 'date') }, call)) }
      },
    },
    ...pricingDoors(world),
    'clerk/lock': {
      by: 'clerk',
      act(body) {
        const fields = fieldsOf(body, ['salesOrder', 'customer', 'material', 'by', 'free'])
        const [kind] = (['salesOrder', 'customer', 'material'] as const).filter(name => fields[name] !== undefined)
        if (!kind) throw malformed("Name a 'salesOrder', a 'customer' or a 'material'")
        const key = lockKey(kind, textIn(fields, kind))
        if (flagIn(fields, 'free')) world.locks.delete(key)
        else world.locks.set(key, optionalText(fields, 'by') ?? 'CLERK')
        return { locks: Object.fromEntries(world.locks) }
      },
    },
    'clerk/invoice': {
      by: 'clerk',
      act(body, call) {
        const number = textIn(fieldsOf(body, ['salesOrder']), 'salesOrder')
        const invoice = invoiceOrder(world, number, call)
        return {
          billingDocument: plain(world.billing, invoice),
          salesOrder: plain(world.orders, orderOf(world, number)),
        }
      },
    },
    'clerk/pay': {
      by: 'clerk',
      act(body, call) {
        const fields = fieldsOf(body, ['billingDocument', 'amount'])
        const paid = payInvoice(world, textIn(fields, 'billingDocument'), optionalDecimal(fields, 'amount'), call)
        return {
          payment: plain(world.payments, paid.payment),
          billingDocument: plain(world.billing, paid.billingDocument),
        }
      },
    },
    'clerk/cancel-invoice': {
      by: 'clerk',
      act(body, call) {
        const id = textIn(fieldsOf(body, ['billingDocument']), 'billingDocument')
        const documents = cancelInvoice(world, id, call)
        return { billingDocuments: documents.map(document => plain(world.billing, document)) }
      },
    },
    'clerk/credit-limit': {
      by: 'clerk',
      act(body, call) {
        const fields = fieldsOf(body, ['customer', 'limit'])
        const customer = existingCustomer(world, textIn(fields, 'customer'))
        return { creditAccount: plain(world.credit, setCreditLimit(world, customer, decimalIn(fields, 'limit'), call)) }
      },
    },
    'clerk/release-credit': {
      by: 'clerk',
      act: (body, call) => ({
        salesOrder: plain(
          world.orders,
          releaseCredit(world, textIn(fieldsOf(body, ['salesOrder']), 'salesOrder'), call),
        ),
      }),
    },
    'clerk/reject': {
      by: 'clerk',
      act(body, call) {
        const fields = fieldsOf(body, ['salesOrder', 'reason'])
        const reason = (optionalText(fields, 'reason') ?? '00').slice(0, 2)
        return { salesOrder: plain(world.orders, rejectOrder(world, textIn(fields, 'salesOrder'), reason, call)) }
      },
    },
    'clerk/freight': {
      by: 'clerk',
      act(body, call) {
        const fields = fieldsOf(body, ['salesOrder', 'amount', 'material'])
        const number = textIn(fields, 'salesOrder')
        const price = { ConditionType: 'PMP0', ConditionRateValue: decimalIn(fields, 'amount') }
        const input = {
          SalesOrder: number,
          Material: optionalText(fields, 'material') ?? 'FREIGHT',
          RequestedQuantity: '1',
          to_PricingElement: [price],
        }
        addItem(world, number, input, call)
        return { salesOrder: plain(world.orders, orderOf(world, number)) }
      },
    },
    'clerk/split': {
      by: 'clerk',
      act(body, call) {
        const fields = fieldsOf(body, ['salesOrder', 'item', 'quantity', 'keepsReference'])
        const part = { quantity: decimalIn(fields, 'quantity'), keepsReference: flagIn(fields, 'keepsReference') }
        const order = splitOrderItem(world, textIn(fields, 'salesOrder'), textIn(fields, 'item'), part, call)
        return { salesOrder: plain(world.orders, order) }
      },
    },
    'clerk/sort': {
      by: 'clerk',
      act(body, call) {
        const fields = fieldsOf(body, ['salesOrder', 'items'])
        const wanted = Array.isArray(fields.items) ? fields.items.map(String) : []
        return { salesOrder: plain(world.orders, sortItems(world, textIn(fields, 'salesOrder'), wanted, call)) }
      },
    },
    'clerk/archive': {
      by: 'clerk',
      act(body) {
        const fields = fieldsOf(body, ['salesOrder', 'customer', 'material', 'billingDocument', 'delivery'])
        const archived = archivable(world).filter(({ name }) => fields[name] !== undefined)
        if (archived.length === 0) throw malformed("Name what the archiving run takes: a 'salesOrder', a 'customer' …")
        for (const { name, table } of archived) {
          const id = textIn(fields, name)
          if (!table.get(id)) throw malformed(`There is no ${name} ${id}`)
          table.remove(id)
        }
        return { archived: Object.fromEntries(archived.map(({ name }) => [name, fields[name]])) }
      },
    },
    customers: {
      by: 'clerk',
      act: (body, call) => ({ customer: plain(world.partners, setUpCustomer(world, customerIn(body), call)) }),
    },
    materials: { by: 'clerk', act: (body, call) => newMaterial(world, body, call) },
  }
}

/** What an archiving run can take away; no interface tells that it did. */
const archivable = (world: World) => [
  { name: 'salesOrder', table: world.orders },
  { name: 'customer', table: world.partners },
  { name: 'material', table: world.products },
  { name: 'billingDocument', table: world.billing },
  { name: 'delivery', table: world.deliveries },
]

/** A document as plain JSON, with the fields that differ from their defaults. */
const plain = (table: { readonly type: Parameters<typeof told>[0] }, row: Row) => told(table.type, row)

function existingCustomer(world: World, id: string): string {
  if (world.partners.get(id)?.to_Customer) return id
  throw malformed(`Customer ${id} does not exist`)
}

function customerIn(body: unknown): NewCustomer {
  const fields = fieldsOf(body, [
    'name',
    'country',
    'city',
    'currency',
    'creditLimit',
    'creditRefuses',
    'taxRatePercent',
    'taxClass',
    'specialPrices',
    'extKey',
    'id',
  ])
  return {
    id: optionalText(fields, 'id'),
    name: textIn(fields, 'name'),
    country: textIn(fields, 'country'),
    city: optionalText(fields, 'city'),
    currency: optionalText(fields, 'currency'),
    creditLimit: optionalDecimal(fields, 'creditLimit'),
    creditRefuses: flagIn(fields, 'creditRefuses'),
    taxRatePercent: optionalDecimal(fields, 'taxRatePercent'),
    taxClass: optionalText(fields, 'taxClass'),
    specialPrices: listIn(fields, 'specialPrices').map(each => ({
      material: textIn(each, 'material'),
      scales: scalesIn(each),
    })),
    extKey: optionalText(fields, 'extKey'),
  }
}

/** A price is one rate, or scales of rates by quantity. */
const scalesIn = (fields: Row): readonly Scale[] =>
  fields.scales === undefined
    ? [{ from: '1', rate: decimalIn(fields, 'price') }]
    : listIn(fields, 'scales').map(scale => ({ from: decimalIn(scale, 'from'), rate: decimalIn(scale, 'rate') }))

function newMaterial(world: World, body: unknown, call: Call) {
  const fields = fieldsOf(body, ['material', 'description', 'unit', 'price', 'scales', 'currency', 'taxClass', 'stock'])
  const id = textIn(fields, 'material')
  const description = optionalText(fields, 'description') ?? id
  const input = {
    Product: id,
    BaseUnit: optionalText(fields, 'unit') ?? 'PC',
    to_Description: [{ Language: 'EN', ProductDescription: description }],
  }
  createProduct(world, input, call)
  const listed = listProduct(
    world,
    id,
    {
      currency: optionalText(fields, 'currency') ?? 'EUR',
      scales: scalesIn(fields),
      taxClass: optionalText(fields, 'taxClass') ?? '1',
    },
    call,
  )
  setStock(world, id, optionalDecimal(fields, 'stock') ?? '1000000')
  return { material: plain(world.products, listed) }
}
