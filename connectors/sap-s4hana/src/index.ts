// The connector for SAP S/4HANA, over its OData V2 interfaces.
import { connector, type Fields, type ObjectSpec } from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import type { Entity } from './entity.ts'
import { follow } from './follow.ts'
import { Http } from './http.ts'
import { limits } from './limits.ts'
import { entities } from './objects.ts'
import { findOrders, writeOrder } from './order.ts'
import { partnerFields, partnerOf, writePartner } from './partner.ts'
import { creditCheck, price, stock } from './questions.ts'
import { listAll, listChanged, readByIds } from './read.ts'
import { settings } from './settings.ts'

export type { S4Api } from './api.ts'
export type { Settings } from './settings.ts'

const readable = <F extends Fields>(entity: Omit<Entity, 'fields'> & { readonly fields: F }) =>
  readableAs(entity.fields, () => entity)

const readableAs = <F extends Fields>(fields: F, entityOf: (api: S4Api) => Entity) =>
  ({
    fields,
    read: (api, ids) => readByIds(api, entityOf(api), ids),
    list: (api, page) => listAll(api, entityOf(api), page),
    changed: (api, since, page) => listChanged(api, entityOf(api), since, page),
    batch: 1,
  }) satisfies ObjectSpec<S4Api, F>

/** The smallest thing that is there, asked for its Date. */
const clock = async (api: S4Api) => (await api.http.get('API_SALES_ORDER_SRV', '', 'the clock')).date

/** SAP S/4HANA: sales and what follows from it, and the customers and products it is about. */
export const sapS4 = connector(
  'sap-s4hana',
  {
    settings,
    connect: (given, host): S4Api => ({ settings: given, host, http: new Http(given, host) }),
    test: clock,
    clock: async api => new Date(await clock(api)).toISOString(),
    follow: (api, from) =>
      follow(api, from, Object.values({ ...entities, BusinessPartner: partnerOf(api) }), () => clock(api)),
    changeFeed: { by: 'polling', tellsDeleted: false },
    priceMode: 'simulate',
  },
  limits,
)
  .object('BusinessPartner', {
    ...readableAs(partnerFields, partnerOf),
    write: (api, writes) => Promise.all(writes.map(write => writePartner(api, write))),
  })
  .object('Product', readable(entities.Product))
  .object('SalesOrder', {
    ...readable(entities.SalesOrder),
    write: (api, writes) => Promise.all(writes.map(write => writeOrder(api, write))),
    find: findOrders,
    createIdempotency: 'searchThenCreate',
    isVersioned: true,
  })
  .object('OutboundDelivery', readable(entities.OutboundDelivery))
  .object('BillingDocument', readable(entities.BillingDocument))
  .object('CustomerPayment', readable(entities.CustomerPayment))
  .question('creditCheck', creditCheck)
  .question('price', price)
  .question('stock', stock)
