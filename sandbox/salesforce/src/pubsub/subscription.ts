// One subscriber: asks for a number of events, gets at most that many, and a keep-alive when nothing happens.
import { randomUUID } from 'node:crypto'
import type { ServerDuplexStream } from '@grpc/grpc-js'
import type { Faults } from '../faults.ts'
import { type PubSubError, pubSubError } from './errors.ts'
import type { ChangeEvent, EventStream } from './stream.ts'
import type { Topic, Topics } from './topics.ts'

export type FetchRequest = { topicName: string; replayPreset: string; replayId: Buffer; numRequested: number }
export type FetchResponse = {
  events: { event: { id: string; schemaId: string; payload: Buffer }; replayId: Buffer }[]
  latestReplayId: Buffer
  rpcId: string
  pendingNumRequested: number
}

type Options = {
  stream: EventStream
  topics: Topics
  faults: Faults
  keepAliveMs: number
  /** After each batch of events: the session may have ended meanwhile. */
  onDelivered: () => void
}

const MAX_OUTSTANDING = 100

export class Subscription {
  readonly #call: ServerDuplexStream<FetchRequest, FetchResponse>
  readonly #options: Options
  readonly #rpcId = randomUUID()
  readonly #stopListening: () => void
  #topic: Topic | undefined
  #position = 0
  #outstanding = 0
  #keepAlive: NodeJS.Timeout | undefined
  #blocked = false
  #ended = false

  constructor(call: ServerDuplexStream<FetchRequest, FetchResponse>, options: Options) {
    this.#call = call
    this.#options = options
    this.#stopListening = options.stream.onEvent(() => this.#deliver())
    call.on('data', (request: FetchRequest) => this.#fetch(request))
    call.on('end', () => this.close())
    call.on('cancelled', () => this.close())
    call.on('error', () => this.close())
    call.on('drain', () => {
      this.#blocked = false
      this.#deliver()
    })
  }

  /** Ends the stream with an error, as an outage or a fault would. */
  fail(error: PubSubError): void {
    if (this.#ended) return
    this.#stop()
    this.#call.emit('error', error)
  }

  close(): void {
    if (this.#ended) return
    this.#stop()
    this.#call.end()
  }

  #stop(): void {
    this.#ended = true
    clearTimeout(this.#keepAlive)
    this.#stopListening()
  }

  #fetch(request: FetchRequest): void {
    if (this.#ended) return
    const refusal = this.#topic ? this.#checkTopic(request) : this.#start(request)
    const problem = refusal ?? this.#checkCount(request)
    if (problem) {
      this.fail(problem)
      return
    }
    this.#outstanding = Math.min(MAX_OUTSTANDING, this.#outstanding + request.numRequested)
    this.#armKeepAlive()
    this.#deliver()
  }

  #checkCount(request: FetchRequest): PubSubError | undefined {
    if (request.numRequested > 0) return undefined
    return pubSubError('requestedEvents', `num_requested must be at least 1, not ${request.numRequested}`, this.#rpcId)
  }

  #checkTopic(request: FetchRequest): PubSubError | undefined {
    if (!request.topicName || request.topicName === this.#topic?.name) return undefined
    return pubSubError(
      'topicChanged',
      `The topic of a subscription cannot change from ${this.#topic?.name} to ${request.topicName}`,
      this.#rpcId,
    )
  }

  #start(request: FetchRequest): PubSubError | undefined {
    const { stream, topics } = this.#options
    const topic = topics.find(request.topicName)
    if (!topic)
      return pubSubError(
        'topicMissing',
        `The topic ${request.topicName} does not exist or is not enabled for change events`,
        this.#rpcId,
      )
    this.#topic = topic
    if (request.replayPreset === 'EARLIEST') this.#position = stream.earliestPosition()
    else if (request.replayPreset !== 'CUSTOM') this.#position = stream.items.length
    else {
      if (request.replayId.length !== 8)
        return pubSubError('replayIdInvalid', 'The replay id must have 8 bytes', this.#rpcId)
      const position = stream.positionAfter(Number(request.replayId.readBigUInt64BE()))
      if (position === undefined)
        return pubSubError(
          'replayIdCorrupted',
          `The replay id ${request.replayId.readBigUInt64BE()} is not valid or is older than the retention of 72 hours`,
          this.#rpcId,
        )
      this.#position = position
    }
    return undefined
  }

  #deliver(): void {
    while (!this.#ended && !this.#blocked && this.#outstanding > 0 && this.#topic) {
      const events = this.#nextEvents(this.#topic)
      if (events.length === 0) return
      this.#outstanding -= events.length
      this.#send(events)
      if (this.#options.faults.disconnects())
        this.fail(pubSubError('unavailable', 'RST_STREAM closed stream', this.#rpcId))
      this.#options.onDelivered()
    }
  }

  #nextEvents(topic: Topic): FetchResponse['events'] {
    const { items } = this.#options.stream
    const events: FetchResponse['events'] = []
    for (; this.#position < items.length && events.length < this.#outstanding; this.#position++) {
      const item = items[this.#position]
      const wire = item?.event && topic.carries(item.event.object) ? this.#encode(item.event) : undefined
      if (item && wire) events.push({ event: wire, replayId: replayIdBytes(item.replayId) })
    }
    return events
  }

  #encode(event: ChangeEvent): { id: string; schemaId: string; payload: Buffer } | undefined {
    const codec = this.#options.topics.codec(event.object)
    if (!codec) return undefined
    const payload = this.#options.faults.malformsEvent() ? this.#options.faults.randomBytes(48) : codec.encode(event)
    return { id: event.id, schemaId: codec.schemaId, payload }
  }

  #send(events: FetchResponse['events']): void {
    const latestReplayId = events.at(-1)?.replayId ?? replayIdBytes(this.#options.stream.latestReplayId())
    const free = this.#call.write({
      events,
      latestReplayId,
      rpcId: this.#rpcId,
      pendingNumRequested: this.#outstanding,
    })
    this.#blocked = !free
    this.#armKeepAlive()
  }

  #armKeepAlive(): void {
    clearTimeout(this.#keepAlive)
    if (this.#ended) return
    this.#keepAlive = setTimeout(() => this.#send([]), this.#options.keepAliveMs)
    this.#keepAlive.unref()
  }
}

function replayIdBytes(replayId: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(replayId))
  return bytes
}
