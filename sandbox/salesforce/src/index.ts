// A local Salesforce: REST over HTTP, change events over gRPC, its state in one folder.

import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import { BulkWorker } from './bulk/worker.ts'
import { Faults, hits } from './faults.ts'
import { makeJwtKey } from './jwt.ts'
import { readMetadata } from './metadata.ts'
import { Sessions } from './oauth.ts'
import { Org } from './org.ts'
import { openPubSub, type PubSubDoor } from './pubsub/server.ts'
import { openDoor } from './server.ts'

export type SandboxOptions = {
  /** The HTTP port; 0 takes a free one. */
  readonly port: number
  /** The gRPC port (TLS, self-signed certificate); 0 takes a free one. */
  readonly pubsubPort: number
  readonly host?: string
  /** Where journal, certificate and keys are kept. */
  readonly dataFolder: string
  /** Custom objects, fields and channels: the path of a JSON file, or its content. */
  readonly metadata?: unknown
  /** The org's currencies, the corporate one first, in place of what its metadata says. */
  readonly currencies?: readonly string[]
  /** The clock in milliseconds; the real one by default. */
  readonly now?: () => number
  /** How long a quiet subscription waits for a keep-alive. */
  readonly keepAliveMs?: number
  /** How long a bulk job rests before each piece of its work. */
  readonly bulkPauseMs?: number
  /** Whether to make a key for logging in by JWT, `jwt-key.pem` in the data folder. */
  readonly jwtKey?: boolean
}

export type SalesforceSandbox = {
  readonly url: string
  readonly port: number
  readonly pubsubPort: number
  close(): Promise<void>
}

const KEEP_ALIVE_MS = 270_000
const BULK_PAUSE_MS = 5
const SUBSCRIBE = 'GRPC /eventbus.v1.PubSub/Subscribe'

/**
 * Starts a sandbox and answers when it can be used.
 * @example const sandbox = await startSalesforceSandbox({ port: 0, pubsubPort: 0, dataFolder: './data' })
 */
export async function startSalesforceSandbox(options: SandboxOptions): Promise<SalesforceSandbox> {
  const host = options.host ?? '127.0.0.1'
  const shape = readMetadata(options.metadata, { currencies: options.currencies })
  mkdirSync(options.dataFolder, { recursive: true })
  if (options.jwtKey) await makeJwtKey(options.dataFolder)
  const org = new Org({ shape, folder: options.dataFolder, now: options.now ?? Date.now })
  const faults = new Faults(() => org.now())
  const sessions = new Sessions(org, options.dataFolder)
  org.stream.disturbance = {
    get active() {
      return faults.disturbsEvents
    },
    get delayMs() {
      return faults.eventDelayMs
    },
    holdBack: () => faults.holdsEventBack(),
    isDuplicate: () => faults.duplicatesEvent(),
    isGap: () => faults.gapsEvent(),
    isLost: () => faults.losesEvent(),
    get overflowAbove() {
      return faults.overflowAbove
    },
    overflown: () => faults.count('overflowEvent'),
  }
  let url = ''
  let pubsub: PubSubDoor | undefined
  let expiring: NodeJS.Timeout | undefined
  sessions.onEnded = () => pubsub?.turnAway()
  const expireSessions = (by: RegExp | undefined) => {
    const ended = sessions.endAll(caller => !by || by.test(caller))
    faults.count('expiredSession', ended)
    return ended
  }
  /** What a fault does to what is open already: streams, and sessions given out before. */
  const onFaultsChanged = () => {
    clearInterval(expiring)
    const { unavailable, expiredSession, refused } = faults.plan
    if (unavailable?.rate === 1 && hits(unavailable, { target: SUBSCRIBE, by: '' })) pubsub?.interrupt()
    if (refused?.what === 'logins') expireSessions(refused.by)
    if (refused) pubsub?.turnAway()
    const everyMs = expiredSession?.everyMs
    if (everyMs) expiring = setInterval(() => expireSessions(expiredSession.by), everyMs).unref()
  }
  const bulk = new BulkWorker(org, options.bulkPauseMs ?? BULK_PAUSE_MS)
  const door = openDoor({ org, bulk, sessions, faults, url: () => url, onFaultsChanged, expireSessions })
  try {
    const port = await listen(door.server, options.port, host)
    url = `http://${host}:${port}`
    const streams = await openPubSub({
      org,
      sessions,
      faults,
      folder: options.dataFolder,
      host,
      port: options.pubsubPort,
      keepAliveMs: options.keepAliveMs ?? KEEP_ALIVE_MS,
      onCall: kind => door.stats.count(kind),
      onTurnedAway: () => door.stats.note('turnedAway', org.now()),
    })
    pubsub = streams
    let closing: Promise<void> | undefined
    const close = async () => {
      clearInterval(expiring)
      await streams.close()
      await stop(door.server)
      await bulk.close()
      org.close()
    }
    // What was interrupted goes on.
    bulk.poke()
    return { url, port, pubsubPort: streams.port, close: () => (closing ??= close()) }
  } catch (error) {
    await stop(door.server)
    org.close()
    throw error
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

function stop(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
