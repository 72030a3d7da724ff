// /jobs/ingest and /jobs/query: Bulk API 2.0. A job is made, given its data, closed, and asked after until it is over.
import { existsSync, statSync } from 'node:fs'
import { csvText, skipRecords } from '../bulk/csv.ts'
import { bulkQuery } from '../bulk/extract.ts'
import { FAILURE, SUCCESS } from '../bulk/ingest.ts'
import {
  delimiterOf,
  INGEST_OPERATIONS,
  isOver,
  isQuery,
  type Job,
  lineEndingOf,
  QUERY_OPERATIONS,
} from '../bulk/jobs.ts'
import { ApiError, malformed, notFound } from '../errors.ts'
import { textOf } from '../json.ts'
import type { ObjectType } from '../schema.ts'
import { datetimeText } from '../times.ts'
import { bodyObject, type Call, methodNotAllowed, type Reply } from './types.ts'

const MAX_PAGE = 50_000
const JOBS_PER_PAGE = 1000

type Kind = 'ingest' | 'query'

export function jobs(call: Call): Reply {
  const [, kind, id, part] = call.path
  if ((kind !== 'ingest' && kind !== 'query') || call.tx) throw notFound()
  if (id === undefined) {
    if (call.method === 'GET') return list(call, kind)
    if (call.method !== 'POST') throw methodNotAllowed(call.method, ['GET', 'POST'])
    return { status: 200, body: told(call, kind === 'ingest' ? newIngest(call) : newQuery(call)) }
  }
  const job = call.api.org.jobs.find(id)
  if (!job || isQuery(job) !== (kind === 'query')) throw notFound()
  if (part === undefined) return one(call, job)
  if (kind === 'query') return part === 'results' ? read(call, () => page(call, job)) : notThere()
  if (part === 'batches') {
    if (call.method !== 'PUT') throw methodNotAllowed(call.method, ['PUT'])
    return upload(call, job)
  }
  if (part.toLowerCase() === 'successfulresults') return read(call, () => results(call, job, 'success'))
  if (part.toLowerCase() === 'failedresults') return read(call, () => results(call, job, 'failure'))
  return part.toLowerCase() === 'unprocessedrecords' ? read(call, () => unprocessed(call, job)) : notThere()
}

function notThere(): never {
  throw notFound()
}

function read(call: Call, work: () => Reply): Reply {
  if (call.method !== 'GET') throw methodNotAllowed(call.method, ['GET'])
  return work()
}

function one(call: Call, job: Job): Reply {
  if (call.method === 'GET') return { status: 200, body: told(call, job) }
  if (call.method === 'PATCH') return { status: 200, body: told(call, changeState(call, job)) }
  if (call.method !== 'DELETE') throw methodNotAllowed(call.method, ['GET', 'PATCH', 'DELETE'])
  if (job.state === 'UploadComplete' || job.state === 'InProgress')
    throw invalidState(`Deleting a Job that is in state ${job.state} is not allowed`)
  call.api.org.jobs.delete(job.id)
  return { status: 204 }
}

const invalidState = (message: string) => malformed('INVALIDJOBSTATE', message)
const invalidJob = (message: string) => malformed('INVALIDJOB', message)

// ---- making jobs

function newIngest(call: Call): Job {
  const body = bodyObject(call)
  const { org } = call.api
  const operation = INGEST_OPERATIONS.find(known => known === body.operation)
  if (!operation) throw invalidJob(`InvalidJob : Unknown operation: ${String(body.operation)}`)
  const name = textOf(body.object) ?? ''
  const type = org.schema.named(name)
  if (!type) throw invalidJob(`InvalidJob : Unable to find object: ${name}`)
  if ((body.contentType ?? 'CSV') !== 'CSV') throw invalidJob('InvalidJob : Only the content type CSV is supported')
  return org.jobs.create({
    operation,
    object: type.name,
    ...(operation === 'upsert' ? { externalIdFieldName: keyOf(type, textOf(body.externalIdFieldName) ?? '') } : {}),
    ...formatOf(body),
    version: call.version,
    actor: bulkActor(call),
  })
}

function keyOf(type: ObjectType, name: string): string {
  if (name === '')
    throw invalidJob(
      `InvalidJob : External ID was blank for ${type.name}. An External ID must be specified for upsert.`,
    )
  const field = type.fieldNamed.get(name.toLowerCase())
  if (field && (field.externalId || field.type === 'id')) return field.name
  throw invalidJob(
    `InvalidJob : Field name provided, ${name} does not match an External ID, Salesforce Id, or indexed field for ${type.name}`,
  )
}

function newQuery(call: Call): Job {
  const body = bodyObject(call)
  const { org, bulk } = call.api
  const operation = QUERY_OPERATIONS.find(known => known === body.operation)
  if (!operation) throw invalidJob(`InvalidJob : Unknown operation: ${String(body.operation)}`)
  const query = textOf(body.query) ?? ''
  const { type } = bulkQuery(org, query, operation === 'queryAll', call.version)
  const job = org.jobs.create({
    operation,
    object: type.name,
    query,
    ...formatOf(body),
    version: call.version,
    actor: bulkActor(call),
    state: 'UploadComplete',
  })
  bulk.poke()
  return job
}

function formatOf(body: { readonly [name: string]: unknown }): Pick<Job, 'delimiter' | 'lineEnding'> {
  const delimiter = delimiterOf(body.columnDelimiter ?? 'COMMA')
  const lineEnding = lineEndingOf(body.lineEnding ?? 'LF')
  if (!delimiter) throw invalidJob(`InvalidJob : Unknown column delimiter: ${String(body.columnDelimiter)}`)
  if (!lineEnding) throw invalidJob(`InvalidJob : Unknown line ending: ${String(body.lineEnding)}`)
  return { delimiter, lineEnding }
}

/** Changes made in bulk say so in their events. */
function bulkActor({ actor }: Call): Job['actor'] {
  return { ...actor, origin: actor.origin.replace('/rest/', '/bulkapi/') }
}

// ---- their data and their state

function upload(call: Call, job: Job): Reply {
  const { org } = call.api
  if (!call.upload) throw new ApiError(500, 'UNKNOWN_EXCEPTION', 'The upload was not received')
  if (job.state !== 'Open') throw invalidState(`Uploading data to a Job that is in state ${job.state} is not allowed`)
  const most = org.shape.bulkUploadBytes
  if (call.upload.bytes > most)
    throw new ApiError(413, 'CLIENTINPUTERROR', `ClientInputError : The upload is larger than ${most} bytes`)
  org.jobs.takeUpload(job.id, call.upload.path)
  org.jobs.change(job.id, { uploads: job.uploads + 1 })
  return { status: 201 }
}

function changeState(call: Call, job: Job): Job {
  const { org, bulk } = call.api
  const { state } = bodyObject(call)
  if (state === 'Aborted') {
    if (isOver(job)) throw invalidState('Aborting already Completed Job not allowed')
    org.jobs.change(job.id, { state })
  } else if (state === 'UploadComplete' && !isQuery(job)) {
    if (job.state !== 'Open') throw invalidState(`Closing already ${job.state} Job not allowed`)
    if (job.uploads > 1)
      throw invalidJob(
        `Found multipe contents for job: <${job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
      )
    org.jobs.change(job.id, { state })
    bulk.poke()
  } else throw invalidState(`A Job cannot be brought into the state ${String(state)}`)
  return org.jobs.find(job.id) ?? job
}

// ---- what is told of them

function told(call: Call, job: Job): Record<string, unknown> {
  const query = isQuery(job)
  const started = job.state !== 'Open'
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: job.actor.userId,
    createdDate: datetimeText(job.createdAt),
    systemModstamp: datetimeText(job.changedAt),
    state: job.state,
    ...(job.externalIdFieldName === undefined ? {} : { externalIdFieldName: job.externalIdFieldName }),
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(job.version),
    jobType: query ? 'V2Query' : 'V2Ingest',
    ...(query || started ? {} : { contentUrl: `services/data/v${call.version}/jobs/ingest/${job.id}/batches` }),
    lineEnding: job.lineEnding,
    columnDelimiter: job.delimiter,
    ...(started
      ? {
          numberRecordsProcessed: job.processed,
          ...(query ? {} : { numberRecordsFailed: job.failed }),
          retries: 0,
          totalProcessingTime: Math.round(job.workedMs),
          ...(query ? {} : { apiActiveProcessingTime: Math.round(job.workedMs), apexProcessingTime: 0 }),
        }
      : {}),
    ...(job.errorMessage === undefined ? {} : { errorMessage: job.errorMessage }),
  }
}

function list(call: Call, kind: Kind): Reply {
  const after = Number(call.query.get('queryLocator') ?? 0) || 0
  const all = call.api.org.jobs.all().filter(job => isQuery(job) === (kind === 'query'))
  const records = all.slice(after, after + JOBS_PER_PAGE).map(job => told(call, job))
  const done = after + JOBS_PER_PAGE >= all.length
  const next = `/services/data/v${call.version}/jobs/${kind}?queryLocator=${after + JOBS_PER_PAGE}`
  return { status: 200, body: { done, records, nextRecordsUrl: done ? null : next } }
}

// ---- their results

function results(call: Call, job: Job, which: 'success' | 'failure'): Reply {
  mustBeOver(job)
  const names = which === 'success' ? SUCCESS : FAILURE
  const to = which === 'success' ? job.successBytes : job.failureBytes
  return file(call, job, which, to === 0 ? csvText(job, [[...names, ...(job.columns ?? [])]]) : '', 0, to)
}

/** The rows that a job left undone, as they were uploaded. */
function unprocessed(call: Call, job: Job): Reply {
  mustBeOver(job)
  const path = call.api.org.jobs.file(job.id, 'upload')
  const to = existsSync(path) ? statSync(path).size : 0
  return file(call, job, 'upload', job.columns ? csvText(job, [job.columns]) : '', Math.min(job.offset, to), to)
}

function page(call: Call, job: Job): Reply {
  mustBeOver(job)
  if (job.state !== 'JobComplete') throw invalidState(`The Job is in state ${job.state} and has no results`)
  const path = call.api.org.jobs.file(job.id, 'result')
  const header = skipRecords(path, 0, 1).end
  const from = positionIn(call.query.get('locator'), header)
  const wished = Number(call.query.get('maxRecords') ?? MAX_PAGE)
  if (!Number.isInteger(wished) || wished < 1) throw malformed('API_ERROR', 'maxRecords must be a number of 1 or more')
  const { end, records } = skipRecords(path, from, Math.min(wished, MAX_PAGE))
  const names = job.columns ?? []
  const reply = file(call, job, 'result', from === header ? '' : csvText(job, [names]), from === header ? 0 : from, end)
  const next = end >= job.successBytes ? 'null' : Buffer.from(String(end)).toString('base64url')
  return { ...reply, headers: { 'Sforce-Locator': next, 'Sforce-NumberOfRecords': String(records) } }
}

function positionIn(locator: string | null, first: number): number {
  if (locator === null || locator === '' || locator === 'null') return first
  const position = Number(Buffer.from(locator, 'base64url').toString())
  if (Number.isInteger(position) && position >= first) return position
  throw malformed('INVALID_QUERY_LOCATOR', 'invalid query locator')
}

function mustBeOver(job: Job): void {
  if (!isOver(job)) throw invalidState(`The Job is in state ${job.state}; its results are there when it is over`)
}

function file(
  call: Call,
  job: Job,
  kind: 'upload' | 'success' | 'failure' | 'result',
  head: string,
  from: number,
  to: number,
): Reply {
  return { status: 200, file: { head, path: call.api.org.jobs.file(job.id, kind), from, to } }
}
