// The connection to Salesforce's Pub/Sub API: the stream of change events, and the schemas they are written in.
import { ChannelCredentials, Client, type ClientDuplexStream, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { CursorLost, type Host, Unavailable } from '@plumbline/sdk'
import { EventSchema } from './avro.ts'
import { eventsOutstanding, limits, silenceMs } from './limits.ts'
import { type Event, type Fetched, type FetchRequest, getSchema, subscribe } from './protocol.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'

/** The session is no longer good: log in again and subscribe anew. */
export class TurnedAway extends Error {}

export type Arrived = { readonly events: readonly Event[]; readonly replayId: Buffer }

export type PubSub = {
  subscribe(session: Session, replayId: Buffer | undefined, signal: AbortSignal): Subscription
  schema(session: Session, id: string): Promise<EventSchema>
  close(): void
}

const schemasKept = 500

export function openPubSub(settings: Settings, host: Host): PubSub {
  let client: Client | undefined
  const connected = () => {
    client ??= new Client(settings.pubsub, credentialsFor(settings), {
      'grpc.max_receive_message_length': 16 * 1024 * 1024,
      // The engine waits between its attempts; gRPC is not to wait longer on top of that.
      'grpc.initial_reconnect_backoff_ms': 250,
      'grpc.max_reconnect_backoff_ms': 2_000,
    })
    return client
  }
  const schemas = new Map<string, Promise<EventSchema>>()
  return {
    subscribe: (session, replayId, signal) => {
      const stream = connected().makeBidiStreamRequest(
        subscribe.path,
        subscribe.encode,
        subscribe.decode,
        signed(session),
      )
      return new Subscription(stream, settings.channel, replayId, host, signal)
    },
    schema: (session, id) => {
      const known = schemas.get(id)
      if (known) return known
      const asked = askSchema(connected(), session, id, host)
      schemas.set(id, asked)
      asked.catch(() => schemas.delete(id))
      const oldest = schemas.keys().next().value
      if (schemas.size > schemasKept && oldest !== undefined) schemas.delete(oldest)
      return asked
    },
    close: () => client?.close(),
  }
}

function credentialsFor({ pubsub, pubsubTls }: Settings): ChannelCredentials {
  if (pubsubTls !== 'self-signed') return ChannelCredentials.createSsl()
  if (!/^(localhost|127\.[\d.]+|\[?::1\]?):\d+$/.test(pubsub)) {
    throw new TypeError(`A self-signed certificate is taken from this machine only, not from ${pubsub}`)
  }
  return ChannelCredentials.createSsl(null, null, null, { rejectUnauthorized: false })
}

function signed({ token, instanceUrl, organization }: Session): Metadata {
  const metadata = new Metadata()
  metadata.set('accesstoken', token)
  metadata.set('instanceurl', instanceUrl)
  metadata.set('tenantid', organization)
  return metadata
}

function askSchema(client: Client, session: Session, id: string, host: Host): Promise<EventSchema> {
  return new Promise((resolve, reject) => {
    const deadline = host.now() + limits.longestCallMs
    client.makeUnaryRequest(
      getSchema.path,
      getSchema.encode,
      getSchema.decode,
      id,
      signed(session),
      { deadline },
      (error, json) => {
        if (error) return reject(meaningOf(error))
        try {
          resolve(new EventSchema(json ?? ''))
        } catch (cause) {
          reject(new TypeError(`Schema ${id} cannot be read: ${String(cause)}`))
        }
      },
    )
  })
}

/** What a gRPC error means for the feed. */
function meaningOf(error: ServiceError): Error {
  const code = String(error.metadata?.get('error-code')[0] ?? '')
  const words = `${code || (status[error.code] ?? error.code)}: ${error.details || error.message}`
  if (/replayid\.(corrupted|validation\.failed)/.test(`${code} ${error.details}`)) {
    return new CursorLost(`Salesforce no longer knows where we stopped listening (${words})`)
  }
  if (error.code === status.UNAUTHENTICATED || /auth\.(error|refresh)/.test(code)) return new TurnedAway(words)
  return new Unavailable(`The event stream of Salesforce broke off (${words})`)
}

/**
 * One stream of events. It asks for more only when what has arrived is taken, so at most twice the outstanding events are
 * ever held: those delivered and not yet taken, and those on their way.
 */
export class Subscription {
  readonly #stream: ClientDuplexStream<FetchRequest, Fetched>
  readonly #topic: string
  readonly #stop: () => void
  readonly #finished = new AbortController()
  #arrived: Fetched[] = []
  #outstanding = eventsOutstanding
  #failure: Error | undefined
  #wake: (() => void) | undefined
  #heardAt: number

  constructor(
    stream: ClientDuplexStream<FetchRequest, Fetched>,
    topic: string,
    replayId: Buffer | undefined,
    host: Host,
    signal: AbortSignal,
  ) {
    this.#stream = stream
    this.#topic = topic
    this.#heardAt = host.now()
    stream.on('data', (fetched: Fetched) => {
      this.#heardAt = host.now()
      this.#outstanding -= fetched.events.length
      if (fetched.events.length > 0 || fetched.latest.length > 0) this.#arrived.push(fetched)
      this.#awake()
    })
    stream.on('error', (error: ServiceError) => this.#fail(meaningOf(error)))
    stream.on('end', () => this.#fail(new Unavailable('Salesforce ended the event stream')))
    this.#stop = () => this.close()
    signal.addEventListener('abort', this.#stop, { once: true })
    this.#finished.signal.addEventListener('abort', () => signal.removeEventListener('abort', this.#stop), {
      once: true,
    })
    stream.write({
      topic_name: topic,
      // Without a replay id: all that Salesforce still remembers. Nothing is then missed however long the stream takes
      // to open; what is history is told by the times of the changes.
      replay_preset: replayId ? 'CUSTOM' : 'EARLIEST',
      ...(replayId && { replay_id: replayId }),
      num_requested: eventsOutstanding,
    })
    void this.#watch(host)
  }

  /** What has arrived, at most a hundred events; waits for the first. Undefined once the stream is closed by us. */
  async next(): Promise<Arrived | undefined> {
    this.#askForMore()
    while (this.#arrived.length === 0) {
      if (this.#finished.signal.aborted) return undefined
      if (this.#failure) throw this.#failure
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    if (this.#finished.signal.aborted) return undefined
    return this.#take()
  }

  close(): void {
    this.#finished.abort()
    this.#stream.cancel()
    this.#awake()
  }

  #take(): Arrived | undefined {
    const events: Event[] = []
    let replayId: Buffer | undefined
    while (
      this.#arrived[0] &&
      (replayId === undefined || events.length + this.#arrived[0].events.length <= eventsOutstanding)
    ) {
      const fetched = this.#arrived.shift()
      events.push(...(fetched?.events ?? []))
      replayId = fetched?.events.at(-1)?.replayId ?? fetched?.latest
    }
    return replayId && { events, replayId }
  }

  #askForMore(): void {
    if (this.#failure || this.#finished.signal.aborted || this.#outstanding > eventsOutstanding / 2) return
    this.#stream.write({ topic_name: this.#topic, num_requested: eventsOutstanding - this.#outstanding })
    this.#outstanding = eventsOutstanding
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#awake()
  }

  #awake(): void {
    this.#wake?.()
    this.#wake = undefined
  }

  async #watch(host: Host): Promise<void> {
    while (!this.#finished.signal.aborted && !this.#failure) {
      await host.sleep(silenceMs / 5, this.#finished.signal).catch(() => {})
      if (host.now() - this.#heardAt > silenceMs) {
        this.#fail(
          new Unavailable(
            `The event stream of Salesforce said nothing for ${silenceMs / 1000} s, not even that it lives`,
          ),
        )
        this.#stream.cancel()
      }
    }
  }
}
