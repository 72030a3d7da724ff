// The connector for a consent management service, over its REST interface.
import { connector, type Fields, type ObjectSpec } from '@plumbline/sdk'
import type { ConsentApi } from './api.ts'
import { clock, follow } from './follow.ts'
import { limits } from './limits.ts'
import { type Collection, collections } from './objects.ts'
import { listAll, listChanged, readByIds } from './records.ts'
import { settings } from './settings.ts'
import { find, writeRecord } from './write.ts'

export type { ConsentApi } from './api.ts'
export type { Settings } from './settings.ts'

/** The service takes a key with each create and does the same one once; past a day, its ids refuse a second. */
const records = <F extends Fields>(collection: Omit<Collection, 'fields'> & { readonly fields: F }) =>
  ({
    fields: collection.fields,
    read: (api, ids) => readByIds(api, collection, ids),
    list: (api, page) => listAll(api, collection, page),
    changed: (api, since, page) => listChanged(api, collection, since, page),
    write: (api, writes) => Promise.all(writes.map(write => writeRecord(api, collection, write))),
    find: (api, writes) => find(api, collection, writes),
    batch: 1,
    createIdempotency: 'native',
    isVersioned: true,
  }) satisfies ObjectSpec<ConsentApi, F>

/** A consent service: the people it knows, and what they agreed to. */
export const consents = connector(
  'consent',
  {
    settings,
    connect: (given, host): ConsentApi => ({ settings: given, host }),
    test: clock,
    clock,
    follow,
    changeFeed: { by: 'polling', tellsDeleted: true },
  },
  limits,
)
  .object('Subject', records(collections.Subject))
  .object('Consent', records(collections.Consent))
