// The feed: change events from a cursor on, as observations, in batches of what has arrived.
import {
  CursorLost,
  type Fields,
  type Heard,
  type ObjectSpec,
  type Observation,
  Unavailable,
  type Unreadable,
} from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { observationsOf, type Target, targetsOf } from './changes.ts'
import { oneCurrency } from './currency.ts'
import type { Event } from './protocol.ts'
import { type Subscription, TurnedAway } from './pubsub.ts'
import type { Session } from './session.ts'

export type From = {
  readonly cursor?: string
  readonly objects: readonly string[]
  readonly specs: Readonly<Record<string, ObjectSpec<SalesforceApi, Fields>>>
  readonly signal: AbortSignal
}

export async function* follow(api: SalesforceApi, from: From): AsyncIterable<Heard> {
  const targets = targetsOf(from.objects, from.specs)
  let cursor = from.cursor
  let session = await api.sessions.current()
  let isFresh = false
  while (!from.signal.aborted) {
    const subscription = api.pubsub.subscribe(
      session,
      cursor === undefined ? undefined : Buffer.from(cursor, 'base64'),
      from.signal,
    )
    const began = api.host.now()
    try {
      for await (const heard of hear(api, session, subscription, targets)) {
        cursor = heard.cursor
        api.sessions.accepted(session)
        isFresh = false
        yield heard
      }
    } catch (error) {
      if (!(error instanceof TurnedAway)) throw error
      const lastedMs = api.host.now() - began
      // A stream that stood for a while was let in, even if it had nothing to tell.
      if (lastedMs > briefly) api.sessions.accepted(session)
      else if (isFresh) throw api.sessions.refused(session, error.message)
      if (cursor === undefined && lastedMs > briefly) {
        throw new CursorLost(
          'The session ended before Salesforce said where its events stand; what was missed must be loaded',
        )
      }
      session = await api.sessions.renew(session, error.message)
      isFresh = true
    } finally {
      subscription.close()
    }
  }
}

const briefly = 5_000

async function* hear(
  api: SalesforceApi,
  session: Session,
  subscription: Subscription,
  targets: ReadonlyMap<string, readonly Target[]>,
): AsyncGenerator<Heard> {
  for (;;) {
    const arrived = await subscription.next()
    if (!arrived) return
    const heard: (Observation | Unreadable)[] = []
    for (const event of arrived.events) heard.push(...(await understand(api, session, event, targets)))
    yield { heard, cursor: arrived.replayId.toString('base64') }
  }
}

/** One event that cannot be understood is kept and shown; it holds no other up. */
async function understand(
  api: SalesforceApi,
  session: Session,
  event: Event,
  targets: ReadonlyMap<string, readonly Target[]>,
): Promise<(Observation | Unreadable)[]> {
  try {
    const schema = await api.pubsub.schema(session, event.schema)
    const change = schema.decode(event.payload)
    const wanted = targets.get(change.header.entity) ?? []
    return wanted.flatMap(target => observationsOf(change, schema, target, oneCurrency(api.settings)))
  } catch (error) {
    if (error instanceof TurnedAway || error instanceof Unavailable) throw error
    const why = error instanceof Error ? error.message : String(error)
    return [
      {
        unreadable: `A change event could not be read: ${why}`,
        raw: { schema: event.schema, payload: event.payload.toString('base64') },
      },
    ]
  }
}
