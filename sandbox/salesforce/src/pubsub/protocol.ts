// The Pub/Sub API's protocol (proto3, package eventbus.v1), as the descriptor that grpc loads.
import type { fromJSON } from '@grpc/proto-loader'

const field = (type: string, id: number) => ({ type, id })
const list = (type: string, id: number) => ({ rule: 'repeated', type, id })
const message = (fields: Record<string, { type: string; id: number }>) => ({ fields })
const rpc = (requestType: string, responseType: string, streams: boolean) => ({
  comment: '',
  requestType,
  responseType,
  ...(streams ? { requestStream: true, responseStream: true } : {}),
})

export const PUBSUB_PROTOCOL: Parameters<typeof fromJSON>[0] = {
  options: { syntax: 'proto3' },
  nested: {
    eventbus: {
      nested: {
        v1: {
          nested: {
            PubSub: {
              methods: {
                Subscribe: rpc('FetchRequest', 'FetchResponse', true),
                GetSchema: rpc('SchemaRequest', 'SchemaInfo', false),
                GetTopic: rpc('TopicRequest', 'TopicInfo', false),
                Publish: rpc('PublishRequest', 'PublishResponse', false),
                PublishStream: rpc('PublishRequest', 'PublishResponse', true),
                ManagedSubscribe: rpc('ManagedFetchRequest', 'ManagedFetchResponse', true),
              },
            },
            ReplayPreset: { values: { LATEST: 0, EARLIEST: 1, CUSTOM: 2 } },
            ErrorCode: { values: { UNKNOWN: 0, PUBLISH: 1, COMMIT: 2 } },
            TopicRequest: message({ topicName: field('string', 1) }),
            TopicInfo: message({
              topicName: field('string', 1),
              tenantGuid: field('string', 2),
              canPublish: field('bool', 3),
              canSubscribe: field('bool', 4),
              schemaId: field('string', 5),
              rpcId: field('string', 6),
            }),
            SchemaRequest: message({ schemaId: field('string', 1) }),
            SchemaInfo: message({
              schemaJson: field('string', 1),
              schemaId: field('string', 2),
              rpcId: field('string', 3),
            }),
            EventHeader: message({ key: field('string', 1), value: field('bytes', 2) }),
            ProducerEvent: message({
              id: field('string', 1),
              schemaId: field('string', 2),
              payload: field('bytes', 3),
              headers: list('EventHeader', 4),
            }),
            ConsumerEvent: message({ event: field('ProducerEvent', 1), replayId: field('bytes', 2) }),
            FetchRequest: message({
              topicName: field('string', 1),
              replayPreset: field('ReplayPreset', 2),
              replayId: field('bytes', 3),
              numRequested: field('int32', 4),
              authRefresh: field('string', 5),
            }),
            FetchResponse: message({
              events: list('ConsumerEvent', 1),
              latestReplayId: field('bytes', 2),
              rpcId: field('string', 3),
              pendingNumRequested: field('int32', 4),
            }),
            PublishRequest: message({
              topicName: field('string', 1),
              events: list('ProducerEvent', 2),
              authRefresh: field('string', 3),
            }),
            PublishResult: message({
              replayId: field('bytes', 1),
              error: field('Error', 2),
              correlationKey: field('string', 3),
            }),
            PublishResponse: message({
              results: list('PublishResult', 1),
              schemaId: field('string', 2),
              rpcId: field('string', 3),
            }),
            Error: message({ code: field('ErrorCode', 1), msg: field('string', 2) }),
            ManagedFetchRequest: message({
              subscriptionId: field('string', 1),
              developerName: field('string', 2),
              numRequested: field('int32', 3),
              authRefresh: field('string', 4),
              commitReplayIdRequest: field('CommitReplayRequest', 5),
            }),
            ManagedFetchResponse: message({
              events: list('ConsumerEvent', 1),
              latestReplayId: field('bytes', 2),
              rpcId: field('string', 3),
              pendingNumRequested: field('int32', 4),
              commitResponse: field('CommitReplayResponse', 5),
            }),
            CommitReplayRequest: message({ commitRequestId: field('string', 1), replayId: field('bytes', 2) }),
            CommitReplayResponse: message({
              commitRequestId: field('string', 1),
              replayId: field('bytes', 2),
              error: field('Error', 3),
              processTime: field('int64', 4),
            }),
          },
        },
      },
    },
  },
}
