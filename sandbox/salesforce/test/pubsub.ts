// The unmodified Pub/Sub client, connected, and what it heard.
import PubSubApiClient from 'salesforce-pubsub-api-client'
import { onTestFinished } from 'vitest'
import type { SalesforceSandbox } from '../src/index.ts'
import type { Json } from './support.ts'

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }

export async function connect(sandbox: SalesforceSandbox): Promise<Json> {
  const client = new PubSubApiClient(
    {
      authType: 'oauth-client-credentials',
      loginUrl: sandbox.url,
      clientId: 'sandbox-admin',
      clientSecret: 'sandbox-admin-secret',
      pubSubEndpoint: `localhost:${sandbox.pubsubPort}`,
      rejectUnauthorizedSsl: false,
    } as Json,
    QUIET as Json,
  )
  await client.connect()
  onTestFinished(() => client.close())
  return client
}

type Heard = { events: Json[]; errors: Json[]; kinds: string[] }

export function listener(): { heard: Heard; hear: (subscription: unknown, kind: string, data: Json) => void } {
  const heard: Heard = { events: [], errors: [], kinds: [] }
  return {
    heard,
    hear: (_subscription, kind, data) => {
      heard.kinds.push(kind)
      if (kind === 'event') heard.events.push(data)
      if (kind === 'error' || kind === 'lastEvent') heard.errors.push(data)
    },
  }
}
