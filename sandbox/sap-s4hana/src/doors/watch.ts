// The doors for those who watch: the journal, the health, the counters, the faults and their switches.
import type { World } from '../business/world.ts'
import { tableSizes } from '../business/world.ts'
import type { Faults } from '../faults/faults.ts'
import { WrongFault } from '../faults/plan.ts'
import { jsonReply } from '../http/exchange.ts'
import type { Reply } from '../odata/dispatch.ts'
import { isRow } from '../odata/model.ts'

const LARGEST_PAGE = 10_000

export function journalPage(world: World, query: URLSearchParams): Reply {
  const after = wholeNumber(query, 'after', 0)
  const limit = wholeNumber(query, 'limit', 1000)
  if (typeof after === 'string' || typeof limit === 'string') return jsonReply(400, { error: `${after} ${limit}` })
  return jsonReply(
    200,
    world.store.journal.page(after, Math.min(limit, LARGEST_PAGE), query.get('object') ?? undefined),
  )
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number | string {
  const value = query.get(name)
  if (value === null) return otherwise
  return /^\d{1,12}$/.test(value) ? Number(value) : `'${name}' must be a whole number, not '${value}'.`
}

export const health = (world: World): Reply =>
  jsonReply(200, { status: 'up', last: world.store.journal.last, documents: tableSizes(world) })

export class Counters {
  readonly #requests = new Map<string, number>()
  readonly #startedAt: number

  constructor(now: () => number) {
    this.#startedAt = now()
  }

  /** Counts a request by method and the thing it names, without its key. */
  count(method: string, path: string): void {
    const kind = `${method} ${path.replace(/^\/sap\/opu\/odata\/sap\//, '').replace(/\([^)]*\)/g, '()')}`
    if (this.#requests.size < 500 || this.#requests.has(kind))
      this.#requests.set(kind, (this.#requests.get(kind) ?? 0) + 1)
  }

  reply(now: number): Reply {
    const { user, system } = process.cpuUsage()
    return jsonReply(200, {
      upMs: now - this.#startedAt,
      cpuMs: (user + system) / 1000,
      rssBytes: process.memoryUsage.rss(),
      requests: Object.fromEntries(this.#requests),
    })
  }
}

export function faultsDoor(faults: Faults, method: string, body: unknown): Reply {
  if (method === 'DELETE') faults.clear()
  else if (method === 'PUT') {
    try {
      faults.set(body)
    } catch (error) {
      if (error instanceof WrongFault) return jsonReply(400, { error: error.message })
      throw error
    }
  } else if (method !== 'GET') return jsonReply(405, { error: `Faults take GET, PUT and DELETE, not ${method}` })
  return jsonReply(200, faults.describe())
}

/** `switches` lists them, `switches/down` takes `{"on": true}`. */
export function switchesDoor(faults: Faults, method: string, name: string | undefined, body: unknown): Reply {
  if (name === undefined && method === 'GET') return jsonReply(200, faults.switches())
  if (name === undefined || method !== 'PUT')
    return jsonReply(405, { error: 'Switches take GET /_sandbox/switches and PUT /_sandbox/switches/:switch' })
  if (!isRow(body) || typeof body.on !== 'boolean')
    return jsonReply(400, { error: 'A switch takes {"on": true} or {"on": false}' })
  const names = faults.switches().map(one => one.switch)
  const turned = faults.turn(name, body.on)
  return turned
    ? jsonReply(200, turned)
    : jsonReply(404, { error: `There is no switch "${name}"; there are ${names.join(', ')}` })
}
