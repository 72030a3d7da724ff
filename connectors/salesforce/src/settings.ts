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
  /** The org's currency; all its amounts are in it. */
  currency: text('Currency'),
  apiVersion: text('API version'),
}

export type Settings = RecordOf<typeof settings>
