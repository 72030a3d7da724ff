// A local SAP S/4HANA: stateful, speaking OData V2 under SAP's own paths, with doors for the people who
// work in it (warehouse and clerk), a journal of everything that happened, and faults on demand.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { openWorld, type World } from './business/world.ts'
import { openDoors } from './doors/doors.ts'
import { Counters } from './doors/watch.ts'
import { Faults } from './faults/faults.ts'
import { bodyOf, jsonReply, send } from './http/exchange.ts'
import { isGatewayPath, openGateway } from './http/gateway.ts'
import type { Service } from './odata/service.ts'
import { seed as plantSeed, seedPrices } from './seed.ts'
import { availabilityService } from './services/availability.ts'
import { accountingService, billingService } from './services/billing.ts'
import { businessPartnerService } from './services/business-partner.ts'
import { conditionService } from './services/condition.ts'
import { creditService } from './services/credit.ts'
import { deliveryService } from './services/delivery.ts'
import { productService, stockService } from './services/product.ts'
import { salesOrderService } from './services/sales-order.ts'
import { simulationService } from './services/simulation.ts'

export interface S4SandboxOptions {
  /** 0 chooses a free port. */
  readonly port: number
  readonly host?: string
  /** Where the journal lives. State found there is taken up again. */
  readonly dataFolder: string
  readonly now?: () => number
  /** Whether an empty system gets its materials and customers; it does unless this is false. */
  readonly seed?: boolean
}

export interface S4Sandbox {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/**
 * Starts the sandbox and resolves when it listens.
 *
 *     const s4 = await startS4Sandbox({ port: 0, dataFolder: '/tmp/s4' })
 *     await fetch(`${s4.url}/_sandbox/health`)
 */
export async function startS4Sandbox(options: S4SandboxOptions): Promise<S4Sandbox> {
  const now = options.now ?? Date.now
  const host = options.host ?? '127.0.0.1'
  // The port is taken before the journal is opened: two sandboxes must never write the same one.
  const server = createServer({ keepAliveTimeout: 60_000 })
  const port = await listen(server, options.port, host)
  try {
    const sandbox = openSandbox(options, now)
    server.on('request', (request, response) => {
      sandbox.handle(request, response).catch(error => {
        if (response.destroyed || response.headersSent) return
        send(response, jsonReply(500, { error: error instanceof Error ? error.message : String(error) }))
      })
    })
    return {
      url: `http://${host}:${port}`,
      port,
      async close() {
        sandbox.stop()
        await stop(server)
        sandbox.closeJournal()
      },
    }
  } catch (error) {
    await stop(server)
    throw error
  }
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

function openSandbox(options: S4SandboxOptions, now: () => number) {
  const world = openWorld(options.dataFolder, now)
  world.store.replay()
  if (world.store.journal.last === 0 && options.seed !== false) plantSeed(world, now())
  else if (world.conditions.size === 0 && options.seed !== false) seedPrices(world, now())
  const faults = new Faults(now)
  const counters = new Counters(now)
  const gateway = openGateway(world, servicesOf(world), faults, now)
  const doors = openDoors(world, faults, counters, now)
  return {
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const method = request.method ?? 'GET'
      const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
      counters.count(method, path)
      if (isGatewayPath(path)) return gateway.handle(request, response)
      const body = await bodyOf(request)
      if (path.startsWith('/_sandbox/')) return send(response, doors.answer(method, path, query, body))
      send(
        response,
        jsonReply(404, {
          error: "Nothing here: OData lives under /sap/opu/odata/sap/, people's doors under /_sandbox/",
        }),
      )
    },
    stop: () => faults.stop(),
    closeJournal: () => world.store.journal.close(),
  }
}

const servicesOf = (world: World): readonly Service[] => [
  businessPartnerService(world),
  productService(world),
  stockService(world),
  availabilityService(world),
  salesOrderService(world),
  simulationService(world),
  deliveryService(world),
  billingService(world),
  accountingService(world),
  creditService(world),
  conditionService(world),
]
