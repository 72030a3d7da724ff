// The part of Salesforce's Pub/Sub protocol (package eventbus.v1) that a subscriber speaks, as data: nothing is read from disk.
// After https://github.com/forcedotcom/pub-sub-api, which is in the public domain (CC0-1.0).
import { fromJSON } from '@grpc/proto-loader'

const field = (id: number, type: string) => ({ id, type })
const repeated = (id: number, type: string) => ({ id, type, rule: 'repeated' as const })
const method = (requestType: string, responseType: string, streams: boolean) => ({
  requestType,
  responseType,
  requestStream: streams,
  responseStream: streams,
  comment: '',
})

const messages = {
  SchemaRequest: { fields: { schema_id: field(1, 'string') } },
  SchemaInfo: {
    fields: { schema_json: field(1, 'string'), schema_id: field(2, 'string'), rpc_id: field(3, 'string') },
  },
  EventHeader: { fields: { key: field(1, 'string'), value: field(2, 'bytes') } },
  ProducerEvent: {
    fields: {
      id: field(1, 'string'),
      schema_id: field(2, 'string'),
      payload: field(3, 'bytes'),
      headers: repeated(4, 'EventHeader'),
    },
  },
  ConsumerEvent: { fields: { event: field(1, 'ProducerEvent'), replay_id: field(2, 'bytes') } },
  ReplayPreset: { values: { LATEST: 0, EARLIEST: 1, CUSTOM: 2 } },
  FetchRequest: {
    fields: {
      topic_name: field(1, 'string'),
      replay_preset: field(2, 'ReplayPreset'),
      replay_id: field(3, 'bytes'),
      num_requested: field(4, 'int32'),
      auth_refresh: field(5, 'string'),
    },
  },
  FetchResponse: {
    fields: {
      events: repeated(1, 'ConsumerEvent'),
      latest_replay_id: field(2, 'bytes'),
      rpc_id: field(3, 'string'),
      pending_num_requested: field(4, 'int32'),
    },
  },
  PubSub: {
    methods: {
      Subscribe: method('FetchRequest', 'FetchResponse', true),
      GetSchema: method('SchemaRequest', 'SchemaInfo', false),
    },
  },
}

const loaded = fromJSON(
  { nested: { eventbus: { nested: { v1: { nested: messages } } } } },
  { keepCase: true, defaults: true, arrays: true, longs: String, enums: String },
)

export type Event = { readonly schema: string; readonly payload: Buffer; readonly replayId: Buffer }
export type Fetched = { readonly events: readonly Event[]; readonly latest: Buffer }
export type FetchRequest = {
  readonly topic_name: string
  readonly replay_preset?: 'EARLIEST' | 'CUSTOM'
  readonly replay_id?: Buffer
  readonly num_requested: number
}

function rpc(name: 'Subscribe' | 'GetSchema') {
  const service = loaded['eventbus.v1.PubSub']
  const found = service && !('format' in service) ? service[name] : undefined
  if (!found) throw new TypeError(`The Pub/Sub protocol has no ${name}`)
  return found
}

export const subscribe = {
  path: rpc('Subscribe').path,
  encode: (request: FetchRequest): Buffer => rpc('Subscribe').requestSerialize(request),
  decode: (bytes: Buffer): Fetched => fetched(rpc('Subscribe').responseDeserialize(bytes)),
}

export const getSchema = {
  path: rpc('GetSchema').path,
  encode: (id: string): Buffer => rpc('GetSchema').requestSerialize({ schema_id: id }),
  decode: (bytes: Buffer): string => String(property(rpc('GetSchema').responseDeserialize(bytes), 'schema_json')),
}

function fetched(response: object): Fetched {
  const events: unknown = property(response, 'events')
  return {
    events: (Array.isArray(events) ? events : []).map((consumed: unknown) => {
      const event = property(consumed, 'event')
      return {
        schema: String(property(event, 'schema_id') ?? ''),
        payload: bytes(property(event, 'payload')),
        replayId: bytes(property(consumed, 'replay_id')),
      }
    }),
    latest: bytes(property(response, 'latest_replay_id')),
  }
}

const property = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? Object.entries(of).find(([key]) => key === name)?.[1] : undefined

const bytes = (value: unknown): Buffer =>
  Buffer.isBuffer(value) ? value : value instanceof Uint8Array ? Buffer.from(value) : Buffer.alloc(0)
