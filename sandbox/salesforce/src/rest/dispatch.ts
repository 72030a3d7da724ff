// The resources below /services/data/vNN.0, and the answer to each call.
import { isQuery } from '../bulk/jobs.ts'
import { ApiError, notFound } from '../errors.ts'
import { ADMIN_USER_ID, ORG_ID } from '../org.ts'
import { objectNamed } from '../records.ts'
import type { ObjectType } from '../schema.ts'
import { collections } from './collections.ts'
import { composite, compositeBatch, compositeGraph } from './composite.ts'
import { describeGlobal, describeObject } from './describe.ts'
import { jobs } from './jobs.ts'
import { query } from './query.ts'
import { changesBetween, createOne, recordById, recordByKey, renderRecord } from './records.ts'
import { compositeTree } from './tree.ts'
import { type Call, methodNotAllowed, type Reply } from './types.ts'

/** Answers a call; refusals become error bodies. */
export function dispatch(call: Call): Reply {
  try {
    return route(call)
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: error.toBody() }
    throw error
  }
}

function route(call: Call): Reply {
  const [resource, second] = call.path
  switch (resource?.toLowerCase()) {
    case undefined:
      return { status: 200, body: resources(call) }
    case 'sobjects':
      return sobjects(call)
    case 'query':
      return allow(call, ['GET'], () => query(call, false))
    case 'queryall':
      return allow(call, ['GET'], () => query(call, true))
    case 'composite':
      if (second === 'sobjects') return collections(call)
      if (second === 'graph') return allow(call, ['POST'], () => compositeGraph(call))
      if (second === 'tree') return allow(call, ['POST'], () => compositeTree(call))
      if (second === 'batch') return allow(call, ['POST'], () => compositeBatch(call))
      if (second === undefined)
        return call.method === 'GET'
          ? { status: 200, body: compositeResources(call) }
          : allow(call, ['POST'], () => composite(call))
      throw notFound()
    case 'tooling':
      throw noTooling()
    case 'jobs':
      return jobs(call)
    case 'limits':
      return { status: 200, body: limits(call) }
    case 'recent':
    case 'tabs':
      return { status: 200, body: [] }
    default:
      throw notFound()
  }
}

const noTooling = () =>
  new ApiError(
    404,
    'NOT_FOUND',
    'This sandbox has no Tooling API: it keeps records, and no code or metadata to ask for',
  )

function allow(call: Call, methods: readonly string[], work: () => Reply): Reply {
  if (!methods.includes(call.method)) throw methodNotAllowed(call.method, methods)
  return work()
}

function sobjects(call: Call): Reply {
  const { org } = call.api
  const [, typeName, third, fourth] = call.path
  if (typeName === undefined)
    return allow(call, ['GET'], () => ({ status: 200, body: describeGlobal(org, call.version) }))
  const type = objectNamed(org, typeName)
  if (third === undefined) return objectResource(call, type)
  if (fourth !== undefined) return recordByKey(call, type, third, fourth)
  if (third === 'describe')
    return allow(call, ['GET'], () => ({ status: 200, body: describeObject(org, type, call.version) }))
  if (third === 'updated' || third === 'deleted')
    return allow(call, ['GET'], () => changesBetween(call, type, third === 'deleted'))
  if (third === 'Id' && call.method === 'POST') return createOne(call, type)
  return recordById(call, type, third)
}

function objectResource(call: Call, type: ObjectType): Reply {
  if (call.method === 'POST') return createOne(call, type)
  if (call.method !== 'GET') throw methodNotAllowed(call.method, ['GET', 'POST'])
  const newest = [...call.api.org.table(type.name).rows.values()].slice(-10).filter(row => !row.IsDeleted)
  const recentItems = newest.map(row =>
    renderRecord(call.version, type, row, type.nameField ? `Id,${type.nameField.name}` : 'Id'),
  )
  return { status: 200, body: { objectDescribe: describeObject(call.api.org, type, call.version), recentItems } }
}

function resources(call: Call): Record<string, string> {
  const base = `/services/data/v${call.version}`
  const names = ['sobjects', 'query', 'queryAll', 'composite', 'jobs', 'limits', 'recent', 'tabs']
  return {
    ...Object.fromEntries(names.map(name => [name, `${base}/${name}`])),
    identity: `${call.api.url()}/id/${ORG_ID}/${ADMIN_USER_ID}`,
  }
}

function compositeResources(call: Call): Record<string, string> {
  const base = `/services/data/v${call.version}/composite`
  return {
    sobjects: `${base}/sobjects`,
    tree: `${base}/tree`,
    batch: `${base}/batch`,
    graph: `${base}/graph`,
  }
}

const DAY_MS = 86_400_000
const ROWS_PER_BATCH = 10_000

function limits(call: Call): Record<string, { Max: number; Remaining: number }> {
  const { max, used } = call.api.usage
  const left = (Max: number, used: number) => ({ Max, Remaining: Math.max(0, Max - used) })
  const full = (Max: number) => left(Max, 0)
  const { org } = call.api
  const today = org.jobs.all().filter(job => org.now() - job.createdAt < DAY_MS)
  const batches = today.filter(job => !isQuery(job)).map(job => Math.ceil(job.processed / ROWS_PER_BATCH))
  return {
    DailyApiRequests: left(max, used),
    ConcurrentAsyncGetReportInstances: full(200),
    DailyBulkApiBatches: left(
      15000,
      batches.reduce((sum, count) => sum + count, 0),
    ),
    DailyBulkV2QueryJobs: left(10000, today.filter(isQuery).length),
    DailyBulkV2QueryFileStorageMB: full(976562),
    DailyDeliveredPlatformEvents: full(25000),
    DataStorageMB: full(10240),
    FileStorageMB: full(10240),
    HourlyPublishedPlatformEvents: full(250000),
    MonthlyPlatformEventsUsageEntitlement: full(0),
  }
}
