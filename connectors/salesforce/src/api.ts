// What every part of the connector works with: settings, host, session and the price book entries already known.
import type { Host } from '@plumbline/sdk'
import type { PriceBook } from './prices.ts'
import type { PubSub } from './pubsub.ts'
import type { Sessions } from './session.ts'
import type { Settings } from './settings.ts'
import type { Usage } from './usage.ts'

export type SalesforceApi = {
  readonly settings: Settings
  readonly host: Host
  readonly sessions: Sessions
  readonly prices: PriceBook
  readonly pubsub: PubSub
  readonly usage: Usage
}
