// The sandbox's own door, outside the emulated API: health, journal, clock, faults and switches, statistics, sessions,
// recycle bin.
import { ApiError } from './errors.ts'
import { BadFaultPlan } from './fault-plan.ts'
import type { Faults } from './faults.ts'
import { isObject, numberOf, textOf } from './json.ts'
import { ADMIN_USER_ID, type Org } from './org.ts'
import { isGapKind, NO_RECORD } from './pubsub/stream.ts'
import { undeleteRecord } from './records.ts'
import type { Reply } from './rest/types.ts'

export type AdminRequest = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
}
export type Admin = {
  readonly org: Org
  readonly faults: Faults
  readonly onFaultsChanged: () => void
  readonly stats: () => unknown
  /** Ends the sessions of the callers whose name fits; answers how many. */
  readonly expireSessions: (by: RegExp | undefined) => number
}

const DEFAULT_PAGE = 1000
const MAX_PAGE = 100_000
const SWITCHES = '/_sandbox/switches/'

export function administer(admin: Admin, request: AdminRequest): Reply {
  try {
    return answer(admin, request)
  } catch (error) {
    if (error instanceof BadFaultPlan || error instanceof ApiError)
      return { status: 400, body: { error: error.message } }
    throw error
  }
}

function answer(admin: Admin, { method, path, query, body }: AdminRequest): Reply {
  const { org } = admin
  const name = path.startsWith(SWITCHES) ? decodeURIComponent(path.slice(SWITCHES.length)) : undefined
  if (name !== undefined && method === 'PUT') return turnSwitch(admin, name, body)
  switch (`${method} ${path}`) {
    case 'GET /_sandbox/health':
      return { status: 200, body: { status: 'ok', now: org.now(), journal: org.entries.length } }
    case 'GET /_sandbox/journal':
      return { status: 200, body: journalPage(org, query) }
    case 'GET /_sandbox/stats':
      return { status: 200, body: admin.stats() }
    case 'GET /_sandbox/clock':
      return { status: 200, body: { now: org.now() } }
    case 'POST /_sandbox/clock':
      return moveClock(org, body)
    case 'POST /_sandbox/undelete':
      return undelete(org, body)
    case 'POST /_sandbox/gap':
      return tellGap(org, body)
    case 'POST /_sandbox/expire-sessions':
      return expireSessions(admin, body)
    case 'GET /_sandbox/switches':
      return { status: 200, body: admin.faults.switches() }
    case 'GET /_sandbox/faults':
      return { status: 200, body: admin.faults.report() }
    case 'PUT /_sandbox/faults':
      admin.faults.replace(body)
      admin.onFaultsChanged()
      return { status: 200, body: admin.faults.report() }
    case 'DELETE /_sandbox/faults':
      admin.faults.clear()
      admin.onFaultsChanged()
      return { status: 200, body: admin.faults.report() }
    default:
      return { status: 404, body: { error: `There is no ${method} ${path}` } }
  }
}

function turnSwitch(admin: Admin, name: string, body: unknown): Reply {
  const on = isObject(body) ? body.on : undefined
  if (typeof on !== 'boolean') return { status: 400, body: { error: 'A switch takes {"on": true} or {"on": false}' } }
  const turned = admin.faults.turn(name, on)
  if (!turned) {
    const names = admin.faults.switches().map(one => one.switch)
    return { status: 404, body: { error: `There is no switch "${name}"; there are ${names.join(', ')}` } }
  }
  admin.onFaultsChanged()
  return { status: 200, body: turned }
}

function expireSessions(admin: Admin, body: unknown): Reply {
  const by = isObject(body) ? textOf(body.by) : undefined
  return { status: 200, body: { ended: admin.expireSessions(by === undefined ? undefined : new RegExp(by)) } }
}

function moveClock(org: Org, body: unknown): Reply {
  const forwardMs = isObject(body) ? numberOf(body.forwardMs) : undefined
  if (forwardMs === undefined || forwardMs < 0)
    return { status: 400, body: { error: 'forwardMs must be a number of 0 or more: the clock only goes forward' } }
  org.forward(forwardMs)
  return { status: 200, body: { now: org.now() } }
}

function undelete(org: Org, body: unknown): Reply {
  const ids = isObject(body) && Array.isArray(body.ids) ? body.ids.map(String) : []
  org.commit({ userId: ADMIN_USER_ID, by: 'sandbox', origin: '' }, tx => {
    for (const id of ids) {
      const type = org.schema.ofId(id)
      if (!type) throw new ApiError(400, 'MALFORMED_ID', `${id} is no id of this org`)
      undeleteRecord(org, tx, type, id)
    }
  })
  return { status: 200, body: { undeleted: ids } }
}

/** A gap event out of nowhere: what is named need not have changed. */
function tellGap(org: Org, body: unknown): Reply {
  const { type, object, ids = [] } = isObject(body) ? body : {}
  const known = org.schema.named(String(object))
  if (!isGapKind(type) || !known || !Array.isArray(ids))
    return {
      status: 400,
      body: { error: 'A gap takes {"type": "GAP_UPDATE", "object": "Account", "ids": ["001..."]}' },
    }
  org.tellGap(type, known.name, type === 'GAP_OVERFLOW' ? [NO_RECORD] : ids.map(String))
  return { status: 200, body: { told: type, object: known.name } }
}

function journalPage(org: Org, query: URLSearchParams): unknown {
  const after = Math.max(0, Number(query.get('after') ?? 0) || 0)
  const limit = Math.min(MAX_PAGE, Math.max(1, Number(query.get('limit') ?? DEFAULT_PAGE) || DEFAULT_PAGE))
  const object = query.get('object')?.toLowerCase()
  const entries: unknown[] = []
  for (let i = after; i < org.entries.length && entries.length < limit; i++) {
    const entry = org.entries[i]
    if (!entry || (object && entry.object.toLowerCase() !== object)) continue
    const { n, kind, id, fields, transaction } = entry
    entries.push({ n, at: transaction.at, kind, object: entry.object, id, by: transaction.by, fields })
  }
  return { entries, last: org.entries.length }
}
