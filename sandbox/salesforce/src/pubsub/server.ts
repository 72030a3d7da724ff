// The Pub/Sub door: gRPC over TLS with a certificate of its own, kept in the data folder.
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  loadPackageDefinition,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'
import { generate } from 'selfsigned'
import type { Faults } from '../faults.ts'
import { callerOf, type Session, type Sessions } from '../oauth.ts'
import { ORG_ID, type Org } from '../org.ts'
import { type PubSubError, pubSubError } from './errors.ts'
import { PUBSUB_PROTOCOL } from './protocol.ts'
import { type FetchRequest, type FetchResponse, Subscription } from './subscription.ts'
import { Topics } from './topics.ts'

export type PubSubDoor = {
  readonly port: number
  /** Breaks all streams off. */
  interrupt(): void
  /** Ends the streams whose session no longer counts. */
  turnAway(): void
  close(): Promise<void>
}

type Options = {
  org: Org
  sessions: Sessions
  faults: Faults
  folder: string
  host: string
  port: number
  keepAliveMs: number
  onCall: (kind: string) => void
  onTurnedAway: () => void
}

const TARGET = 'GRPC /eventbus.v1.PubSub'

export async function openPubSub(options: Options): Promise<PubSubDoor> {
  const { org, sessions, faults, folder, host } = options
  const topics = new Topics(org, folder)
  const subscriptions = new Map<Subscription, Session>()

  const sessionIn = (metadata: Metadata): Session | undefined => {
    const tenant = String(metadata.get('tenantid')[0] ?? '')
    if (tenant.slice(0, 15) !== ORG_ID.slice(0, 15)) return undefined
    return sessions.find(String(metadata.get('accesstoken')[0] ?? ''))
  }
  const isRefused = (method: string, session: Session): boolean => {
    const struck = { target: `${TARGET}/${method}`, by: callerOf(session) }
    if (faults.sessionExpires(struck)) sessions.revoke(session)
    return sessions.isRevoked(session) || faults.refuses('sessions', struck)
  }

  /** What stands against a call: an outage, or no valid session. */
  const refusal = (method: string, metadata: Metadata): PubSubError | undefined => {
    options.onCall(`pubsub.${method}`)
    const session = sessionIn(metadata)
    if (faults.isUnavailable({ target: `${TARGET}/${method}`, by: session ? callerOf(session) : '' }))
      return pubSubError('unavailable', 'The service is temporarily unavailable', randomUUID())
    if (session && !isRefused(method, session)) return undefined
    options.onTurnedAway()
    return pubSubError('auth', 'A valid accesstoken, instanceurl and tenantid are needed in the metadata', randomUUID())
  }

  const turnAway = () => {
    for (const [subscription, session] of subscriptions)
      if (
        sessions.isRevoked(session) ||
        faults.refuses('sessions', { target: `${TARGET}/Subscribe`, by: callerOf(session) })
      )
        subscription.fail(pubSubError('auth', 'Session expired or invalid', randomUUID()))
  }

  const server = new Server({ 'grpc.max_receive_message_length': 4 * 1024 * 1024 })
  server.addService(pubSubService(), {
    Subscribe(call: ServerDuplexStream<FetchRequest, FetchResponse>) {
      const refused = refusal('Subscribe', call.metadata)
      if (refused) {
        call.emit('error', refused)
        return
      }
      const session = sessionIn(call.metadata)
      const subscription = new Subscription(call, {
        stream: org.stream,
        topics,
        faults,
        keepAliveMs: options.keepAliveMs,
        onDelivered: () => void (session && isRefused('Deliver', session) && turnAway()),
      })
      if (session) subscriptions.set(subscription, session)
      call.on('close', () => subscriptions.delete(subscription))
    },
    GetSchema(call: ServerUnaryCall<{ schemaId: string }, unknown>, reply: sendUnaryData<unknown>) {
      const refused = refusal('GetSchema', call.metadata)
      const rpcId = randomUUID()
      const schemaJson = topics.schemaJson(call.request.schemaId)
      if (refused) reply(refused)
      else if (schemaJson === undefined)
        reply(pubSubError('schemaMissing', `There is no schema ${call.request.schemaId}`, rpcId))
      else reply(null, { schemaJson, schemaId: call.request.schemaId, rpcId })
    },
    GetTopic(call: ServerUnaryCall<{ topicName: string }, unknown>, reply: sendUnaryData<unknown>) {
      const refused = refusal('GetTopic', call.metadata)
      const rpcId = randomUUID()
      const topic = topics.find(call.request.topicName)
      if (refused) reply(refused)
      else if (!topic) reply(pubSubError('topicMissing', `The topic ${call.request.topicName} does not exist`, rpcId))
      else
        reply(null, {
          topicName: topic.name,
          tenantGuid: `core/prod/${ORG_ID}`,
          canPublish: false,
          canSubscribe: true,
          schemaId: topic.schemaId,
          rpcId,
        })
    },
    Publish(call: ServerUnaryCall<{ topicName: string }, unknown>, reply: sendUnaryData<unknown>) {
      reply(
        refusal('Publish', call.metadata) ??
          pubSubError(
            'publishNotAllowed',
            `Change events cannot be published (${call.request.topicName})`,
            randomUUID(),
          ),
      )
    },
  })

  const port = await bind(server, `${host}:${options.port}`, await certificate(folder, host))
  return {
    port,
    turnAway,
    interrupt() {
      for (const subscription of subscriptions.keys())
        subscription.fail(pubSubError('unavailable', 'RST_STREAM closed stream', randomUUID()))
    },
    async close() {
      for (const subscription of subscriptions.keys()) subscription.close()
      await shutDown(server)
    },
  }
}

const SHUTDOWN_MS = 500

/** Lets the ended streams tell their clients; what is still open after a moment is cut. */
function shutDown(server: Server): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      server.forceShutdown()
      resolve()
    }
    const timer = setTimeout(done, SHUTDOWN_MS)
    server.tryShutdown(done)
  })
}

function pubSubService(): ServiceDefinition {
  const root = loadPackageDefinition(
    fromJSON(PUBSUB_PROTOCOL, { longs: String, enums: String, defaults: true, arrays: true }),
  )
  const found = ['eventbus', 'v1', 'PubSub'].reduce<unknown>(
    (at, name) => (at && (typeof at === 'object' || typeof at === 'function') ? Reflect.get(at, name) : undefined),
    root,
  )
  if (typeof found === 'function' && 'service' in found && isService(found.service)) return found.service
  throw new Error('The Pub/Sub protocol has no service PubSub')
}

function isService(value: unknown): value is ServiceDefinition {
  return typeof value === 'object' && value !== null && 'Subscribe' in value
}

function bind(server: Server, address: string, { key, cert }: { key: string; cert: string }): Promise<number> {
  const credentials = ServerCredentials.createSsl(
    null,
    [{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }],
    false,
  )
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)))
  })
}

/** The self-signed certificate of this data folder; made once, so that clients may pin it. */
async function certificate(folder: string, host: string): Promise<{ key: string; cert: string }> {
  const keyPath = join(folder, 'pubsub-key.pem')
  const certPath = join(folder, 'pubsub-cert.pem')
  if (!existsSync(keyPath) || !existsSync(certPath)) {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], {
      notAfterDate: new Date(Date.now() + 10 * 365 * 86_400_000),
      keyType: 'ec',
      curve: 'P-256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
            ...(host === '127.0.0.1' || host === 'localhost' ? [] : [{ type: 2 as const, value: host }]),
          ],
        },
      ],
    })
    writeFileSync(keyPath, made.private, { mode: 0o600 })
    writeFileSync(certPath, made.cert)
  }
  return { key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certPath, 'utf8') }
}
