// What the connector must be told.
import { type RecordOf, secret, text } from '@plumbline/sdk'

export const settings = {
  /** The org's login address: `https://acme.my.salesforce.com`. */
  loginUrl: text('Login address'),
  clientId: text('Client ID'),
  clientSecret: secret('Client secret'),
  /** Address of the Pub/Sub API: `api.pubsub.salesforce.com:7443`. */
  pubsub: text('Pub/Sub API'),
  /** `system` checks certificates; `self-signed` takes any, on loopback only. */
  pubsubTls: text('Certificates of the Pub/Sub API'),
  /** What is listened to: `/data/ChangeEvents`, or a channel of our own, `/data/Plumbline__chn`. */
  channel: text('Change event channel'),
  /** How our own calls are signed. */
  client: text('Client name'),
  /** The org's currency; all its amounts are in it. Of several: what a new record without amounts is in. */
  currency: text('Currency'),
  /** `one`, which is also what nothing said means; `several`: each record's amounts are in its own CurrencyIsoCode. */
  currencies: text('Currencies').optional(),
  apiVersion: text('API version'),
}

export type Settings = RecordOf<typeof settings>

/** A word that is neither would have every amount read in the wrong currency. */
export function checked(given: Settings): Settings {
  const { currencies = 'one' } = given
  if (currencies === 'one' || currencies === 'several') return given
  throw new TypeError(`Salesforce keeps amounts in "one" currency or in "several", and the setting is "${currencies}"`)
}
