// The errors of the Pub/Sub API: a gRPC status, and the trailers error-code and rpc-id.
import { Metadata, type ServiceError, status } from '@grpc/grpc-js'

const PREFIX = 'sfdc.platform.eventbus.grpc.'

const ERRORS = {
  replayIdCorrupted: [status.INVALID_ARGUMENT, 'subscription.fetch.replayid.corrupted'],
  replayIdInvalid: [status.INVALID_ARGUMENT, 'subscription.fetch.replayid.validation.failed'],
  requestedEvents: [status.INVALID_ARGUMENT, 'subscription.fetch.requested.events.invalid'],
  topicChanged: [status.INVALID_ARGUMENT, 'subscription.fetch.topic.name.invalid'],
  topicMissing: [status.NOT_FOUND, 'topic.not.found'],
  schemaMissing: [status.NOT_FOUND, 'schema.not.found'],
  auth: [status.UNAUTHENTICATED, 'service.auth.error'],
  unavailable: [status.UNAVAILABLE, 'service.unavailable'],
  publishNotAllowed: [status.PERMISSION_DENIED, 'publish.topic.permission.denied'],
} as const

export type PubSubError = ServiceError

export function pubSubError(kind: keyof typeof ERRORS, message: string, rpcId: string): PubSubError {
  const [code, name] = ERRORS[kind]
  const metadata = new Metadata()
  metadata.set('error-code', PREFIX + name)
  metadata.set('rpc-id', rpcId)
  const details = `${message} rpcId: ${rpcId}`
  return Object.assign(new Error(details), { code, details, metadata })
}
