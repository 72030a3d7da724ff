// The connector for Salesforce. A project declares its org's objects on it: `salesforce.object('Quote', sobject('Quote', { … }))`.
import { connector, Unavailable } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { follow } from './follow.ts'
import { limits } from './limits.ts'
import { PriceBook } from './prices.ts'
import { openPubSub } from './pubsub.ts'
import { get } from './rest.ts'
import { openSessions } from './session.ts'
import { checked, settings } from './settings.ts'
import { Usage } from './usage.ts'

export type { SalesforceApi } from './api.ts'
export type { Settings } from './settings.ts'
export { type SObjectOptions, sobject } from './sobject.ts'

/** Salesforce, with no objects yet. */
export const salesforce = connector(
  'salesforce',
  {
    settings,
    connect: (given, host): SalesforceApi => ({
      settings: checked(given),
      host,
      sessions: openSessions(given, host),
      prices: new PriceBook(),
      pubsub: openPubSub(given, host),
      usage: new Usage(),
    }),
    test: api => get(api, '/limits', 'the test of the connection').then(() => undefined),
    /** Salesforce tells its time to the second, in the Date of any answer. */
    clock: async api => {
      const { date } = await get(api, '', 'the clock')
      if (!date) throw new Unavailable('Salesforce did not say what time it is')
      return new Date(date).toISOString()
    },
    follow,
    changeFeed: { by: 'events', tellsDeleted: true },
    allowance: api => api.usage.last,
    close: api => api.pubsub.close(),
  },
  limits,
)
