// /composite, /composite/graph and /composite/batch: many calls in one.
import { ApiError, malformed } from '../errors.ts'
import { isObject, type JsonObject, textOf } from '../json.ts'
import { attempt, type Transaction } from '../transaction.ts'
import { parseTarget } from './path.ts'
import { resolveReferences, resolveText } from './references.ts'
import { bodyObject, type Call, type Reply } from './types.ts'

const MAX_CALLS = 25
const MAX_GRAPHS = 75
const MAX_NODES = 500
const MAX_FAILED_GRAPHS = 14
const HALTED = 'The transaction was rolled back since another operation in the same transaction failed.'

type Sub = {
  readonly method: string
  readonly url: string
  readonly referenceId: string
  readonly body: unknown
  readonly headers: JsonObject
}
type SubReply = {
  body: unknown
  httpHeaders: { readonly [name: string]: string }
  httpStatusCode: number
  referenceId: string
}

/** Carries the answers of a transaction that is to be taken back. */
class TakenBack extends Error {
  readonly replies: SubReply[]
  constructor(replies: SubReply[]) {
    super('taken back')
    this.replies = replies
  }
}

export function composite(call: Call): Reply {
  const body = bodyObject(call)
  const subs = subsOf(body.compositeRequest, 'compositeRequest')
  if (subs.length > MAX_CALLS)
    throw malformed('LIMIT_EXCEEDED', `The limit of ${MAX_CALLS} subrequests was exceeded: ${subs.length}`)
  const compositeResponse = body.allOrNone === true ? together(call, subs) : runSubs(call, subs, undefined)
  return { status: 200, body: { compositeResponse } }
}

export function compositeGraph(call: Call): Reply {
  const { graphs } = bodyObject(call)
  if (!Array.isArray(graphs)) throw malformed('JSON_PARSER_ERROR', 'The graphs list is missing')
  if (graphs.length > MAX_GRAPHS)
    throw malformed('LIMIT_EXCEEDED', `The limit of ${MAX_GRAPHS} graphs was exceeded: ${graphs.length}`)
  const parsed = graphs.map((graph: unknown) => {
    const graphId = isObject(graph) ? textOf(graph.graphId) : undefined
    if (!isObject(graph) || !graphId) throw malformed('JSON_PARSER_ERROR', 'Each graph needs a graphId')
    return { graphId, subs: subsOf(graph.compositeRequest, 'compositeRequest') }
  })
  if (new Set(parsed.map(graph => graph.graphId)).size !== parsed.length)
    throw malformed('INVALID_INPUT', 'Each graphId must be unique')
  const nodes = parsed.reduce((sum, graph) => sum + graph.subs.length, 0)
  if (nodes > MAX_NODES) throw malformed('LIMIT_EXCEEDED', `The limit of ${MAX_NODES} nodes was exceeded: ${nodes}`)
  let failed = 0
  const answers = parsed.map(({ graphId, subs }) => {
    const compositeResponse =
      failed >= MAX_FAILED_GRAPHS ? subs.map(sub => halted(sub, 'Too many graphs failed')) : together(call, subs)
    const isSuccessful = compositeResponse.every(reply => reply.httpStatusCode < 400 && reply.httpStatusCode !== 300)
    if (!isSuccessful) failed++
    return { graphId, graphResponse: { compositeResponse }, isSuccessful }
  })
  return { status: 200, body: { graphs: answers } }
}

export function compositeBatch(call: Call): Reply {
  const body = bodyObject(call)
  const list = body.batchRequests
  if (!Array.isArray(list) || list.length > MAX_CALLS)
    throw malformed('LIMIT_EXCEEDED', `A batch holds 1 to ${MAX_CALLS} requests`)
  call.api.usage.count(list.length - 1)
  const results: { statusCode: number; result: unknown }[] = []
  let stop = false
  for (const item of list) {
    if (!isObject(item)) throw malformed('JSON_PARSER_ERROR', 'Each of the batchRequests must be an object')
    const reply: Reply = stop
      ? batchHalted()
      : dispatchUrl(
          call,
          textOf(item.method) ?? 'GET',
          `/services/data/${textOf(item.url)?.replace(/^\/?(services\/data\/)?/, '') ?? ''}`,
          item.richInput,
          {},
          undefined,
        )
    results.push({ statusCode: reply.status, result: reply.body ?? null })
    stop ||= body.haltOnError === true && reply.status >= 400
  }
  return { status: 200, body: { hasErrors: results.some(result => result.statusCode >= 400), results } }
}

function batchHalted(): Reply {
  return {
    status: 412,
    body: [{ errorCode: 'BATCH_PROCESSING_HALTED', message: 'Batch processing halted per request; previous errors' }],
  }
}

function subsOf(list: unknown, name: string): Sub[] {
  if (!Array.isArray(list) || list.length === 0)
    throw malformed('JSON_PARSER_ERROR', `The ${name} list is missing or empty`)
  const seen = new Set<string>()
  return list.map((item: unknown) => {
    const sub = isObject(item) ? item : {}
    const method = textOf(sub.method)
    const url = textOf(sub.url)
    const referenceId = textOf(sub.referenceId)
    if (!method || !url || !referenceId)
      throw malformed('JSON_PARSER_ERROR', 'Each subrequest needs method, url and referenceId')
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(referenceId))
      throw malformed(
        'INVALID_INPUT',
        `Provided referenceId ('${referenceId}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`,
      )
    if (seen.has(referenceId)) throw malformed('INVALID_INPUT', `Duplicate referenceId '${referenceId}'`)
    seen.add(referenceId)
    return {
      method: method.toUpperCase(),
      url,
      referenceId,
      body: sub.body,
      headers: isObject(sub.httpHeaders) ? sub.httpHeaders : {},
    }
  })
}

/** All calls in one transaction; the first failure takes everything back. */
function together(call: Call, subs: readonly Sub[]): SubReply[] {
  const work = (tx: Transaction) => {
    const replies = runSubs(call, subs, tx)
    if (replies.some(reply => reply.httpStatusCode >= 300)) throw new TakenBack(replies)
    return replies
  }
  try {
    return call.tx ? attempt(call.tx, work) : call.api.org.commit(call.actor, work)
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error
    const culprit = error.replies.findIndex(reply => reply.httpStatusCode >= 300)
    return subs.map((sub, index) =>
      index === culprit ? (error.replies[culprit] ?? halted(sub, HALTED)) : halted(sub, HALTED),
    )
  }
}

function halted(sub: Sub, message: string): SubReply {
  return {
    body: [{ errorCode: 'PROCESSING_HALTED', message }],
    httpHeaders: {},
    httpStatusCode: 400,
    referenceId: sub.referenceId,
  }
}

function runSubs(call: Call, subs: readonly Sub[], tx: Transaction | undefined): SubReply[] {
  const answers = new Map<string, unknown>()
  const replies: SubReply[] = []
  for (const sub of subs) {
    const reply = runSub(call, sub, answers, tx)
    replies.push(reply)
    if (reply.httpStatusCode < 300) answers.set(sub.referenceId, reply.body)
    else if (tx) break
  }
  return replies
}

function runSub(call: Call, sub: Sub, answers: ReadonlyMap<string, unknown>, tx: Transaction | undefined): SubReply {
  try {
    const url = String(resolveText(sub.url, answers))
    const reply = dispatchUrl(call, sub.method, url, resolveReferences(sub.body, answers), sub.headers, tx)
    return {
      body: reply.body ?? null,
      httpHeaders: reply.headers ?? {},
      httpStatusCode: reply.status,
      referenceId: sub.referenceId,
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { body: error.toBody(), httpHeaders: {}, httpStatusCode: error.status, referenceId: sub.referenceId }
  }
}

function dispatchUrl(
  call: Call,
  method: string,
  url: string,
  body: unknown,
  headers: JsonObject,
  tx: Transaction | undefined,
): Reply {
  const target = parseTarget(url)
  if (!target) throw malformed('INVALID_URL', `The url must be of the form /services/data/vNN.0/...: ${url}`)
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
  if (tx && method === 'GET') tx.settle()
  return call.api.dispatch({
    ...call,
    method,
    path: target.path,
    query: target.query,
    version: target.version,
    body,
    headers: { ...call.headers, ...own },
    tx,
  })
}
