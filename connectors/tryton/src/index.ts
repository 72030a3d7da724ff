// The connector for Tryton 6.0, over its JSON-RPC.
import { connector, type Fields, type ObjectSpec } from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { Company } from './company.ts'
import type { Entity } from './entity.ts'
import { clock, follow } from './follow.ts'
import { limits } from './limits.ts'
import { entities, fields } from './objects.ts'
import { findParties, writeParty } from './party.ts'
import { creditCheck, price, stock } from './questions.ts'
import { listAll, listChanged, readByIds } from './read.ts'
import { Remembered } from './remembered.ts'
import { Rpc } from './rpc.ts'
import { findSales, writeSale } from './sale.ts'
import { settings } from './settings.ts'
import { Turns } from './turns.ts'

export type { TrytonApi } from './api.ts'
export type { Settings } from './settings.ts'

const readable = <F extends Fields>(entity: Entity, fields: F) =>
  ({
    fields,
    read: (api, ids) => readByIds(api, entity, ids),
    list: (api, page) => listAll(api, entity, page),
    changed: (api, since, page) => listChanged(api, entity, since, page),
    batch: 1,
  }) satisfies ObjectSpec<TrytonApi, F>

/** Tryton: sales and what follows from them, and the customers and products they are about. */
export const tryton = connector(
  'tryton',
  {
    settings,
    connect: (given, host): TrytonApi => {
      const rpc = new Rpc(given, host)
      const now = () => host.now()
      return {
        settings: given,
        host,
        rpc,
        company: new Company(rpc, given),
        names: new Remembered(now),
        lines: new Remembered(now),
        confirming: new Turns(),
      }
    },
    test: clock,
    clock: async api => new Date(await clock(api)).toISOString(),
    follow,
    changeFeed: { by: 'polling', tellsDeleted: false },
    priceMode: 'simulate',
  },
  limits,
)
  .object('Party', {
    ...readable(entities.Party, fields.Party),
    write: (api, writes) => Promise.all(writes.map(write => writeParty(api, write))),
    find: findParties,
    createIdempotency: 'searchThenCreate',
    isVersioned: true,
  })
  .object('Product', readable(entities.Product, fields.Product))
  .object('Sale', {
    ...readable(entities.Sale, fields.Sale),
    write: (api, writes) => Promise.all(writes.map(write => writeSale(api, write))),
    find: findSales,
    entries: { lines: 'SaleLine' },
    createIdempotency: 'searchThenCreate',
    isVersioned: true,
  })
  .object('Shipment', readable(entities.Shipment, fields.Shipment))
  .object('Invoice', readable(entities.Invoice, fields.Invoice))
  .object('Payment', readable(entities.Payment, fields.Payment))
  .question('creditCheck', creditCheck)
  .question('price', price)
  .question('stock', stock)
