// Records with entries: header and entries are one transaction (`composite/graph`), so an order never stands half.
//
// A create inserts the header with our key in a unique external id. When the record is there already (a repeat, or a
// forerunner that was thought dead) Salesforce refuses the whole graph as a duplicate; then the record is read, and only
// what is missing is written. An upsert would not do: it would find the header and add all entries once more.
import {
  type Native,
  type NativeId,
  type NotWritten,
  type Observation,
  Unavailable,
  type Write,
  type WriteEnd,
} from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { type Held, heldCurrencies } from './denomination.ts'
import { endOf, errorsIn, isHalted, type SalesforceError } from './ends.ts'
import { graphsPerCall, nodesPerCall } from './limits.ts'
import { type Node, type Plan, planOf } from './plan.ts'
import { isRow, type Row } from './query.ts'
import { findByKey, readByIds } from './records.ts'
import { call } from './rest.ts'
import type { Shape } from './shape.ts'
import { instantsKept } from './values.ts'

type Failed = { readonly failed: NotWritten; readonly error?: SalesforceError }
type Done = { readonly ids: ReadonlyMap<string, string> }

export async function writeGraphs(
  api: SalesforceApi,
  shape: Shape,
  writes: readonly Write[],
  held: Held,
): Promise<WriteEnd[]> {
  const plans = await planOf(api, shape, writes, held)
  const outcomes = await run(api, shape, plans)
  const ends: WriteEnd[] = []
  // One after the other: who writes has one of the calls that Salesforce takes at once.
  for (const [at, plan] of plans.entries())
    ends.push(await ending(api, shape, plan, outcomes[at] ?? { failed: unanswered(shape) }))
  await readBack(api, shape, plans, ends)
  return ends
}

const unanswered = (shape: Shape): NotWritten => ({
  end: 'unknown',
  reason: `Salesforce, ${shape.name}: the answer left this record out`,
})

async function ending(api: SalesforceApi, shape: Shape, plan: Plan, outcome: Done | Failed): Promise<WriteEnd> {
  if ('ids' in outcome) return written(shape, plan, outcome.ids)
  if (plan.write.id === undefined && isOurDuplicate(shape, plan.write, outcome.error))
    return complete(api, shape, plan.write, outcome.failed)
  if (outcome.failed.end === 'refused') for (const priced of plan.priced) api.prices.forget(priced)
  return outcome.failed
}

function isOurDuplicate(shape: Shape, write: Write, error: SalesforceError | undefined): boolean {
  if (error?.code !== 'DUPLICATE_VALUE' || shape.key === undefined) return false
  return (
    error.fields.includes(shape.key) ||
    error.message.includes(shape.key) ||
    error.message.includes(String(write.fields[shape.key]))
  )
}

/** The record is there: write what is missing of it, if anything. What fails on the way says nothing of the other records. */
async function complete(api: SalesforceApi, shape: Shape, write: Write, otherwise: NotWritten): Promise<WriteEnd> {
  try {
    return await completed(api, shape, write, otherwise)
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    return {
      end: 'unknown',
      reason: `${error.message}. The record is there, and was not read yet`,
      systemIsDown: error.systemIsDown,
    }
  }
}

async function completed(api: SalesforceApi, shape: Shape, write: Write, otherwise: NotWritten): Promise<WriteEnd> {
  const [found = []] = await findByKey(api, shape, [write.fields[shape.key ?? '']])
  const there = found[0]
  if (!there || found.length > 1) return otherwise
  const rest = missing(shape, write, there)
  if (!rest) return { end: 'written', id: there.id, position: there.position, native: there.fields }
  const [end] = await writeGraphs(api, shape, [rest], await heldCurrencies(api, shape, [rest]))
  return end ?? unanswered(shape)
}

function missing(shape: Shape, write: Write, there: Observation): Write | undefined {
  const fields = Object.fromEntries(
    Object.entries({ ...write.fields, ...instantsKept(shape.fields, write.fields as Native) }).filter(
      ([name, value]) => value !== undefined && !same(value, there.fields[name]),
    ),
  )
  const lists = Object.fromEntries(
    shape.lists.map(({ list, key }) => {
      const entries: unknown = there.fields[list]
      const present = new Set(
        Array.isArray(entries) ? entries.filter(isRow).map(entry => (key ? entry[key] : undefined)) : [],
      )
      const add = (write.lists[list]?.add ?? []).filter(entry => !key || !present.has(entry[key]))
      return [list, { add, change: [], remove: [] }]
    }),
  )
  const nothing = Object.keys(fields).length === 0 && Object.values(lists).every(({ add }) => add.length === 0)
  return nothing ? undefined : { key: write.key, id: there.id, fields, lists }
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** A create's answer names all its entries. */
function written(shape: Shape, plan: Plan, ids: ReadonlyMap<string, string>): WriteEnd {
  const id = (plan.write.id ?? ids.get('header')) as NativeId | undefined
  if (id === undefined) return unanswered(shape)
  if (plan.write.id !== undefined) return { end: 'written', id }
  const kept = instantsKept(shape.fields, plan.write.fields as Native)
  const native: Record<string, unknown> = { ...plan.write.fields, ...kept, Id: id }
  for (const { list } of shape.lists) {
    native[list] = (plan.write.lists[list]?.add ?? []).map(
      (entry, at): Native => ({ ...entry, Id: ids.get(`${list}${at}`) }),
    )
  }
  return { end: 'written', id, native }
}

/** Entries added to a record that has others: the answer names only the new ones, so the whole is read. */
async function readBack(api: SalesforceApi, shape: Shape, plans: readonly Plan[], ends: WriteEnd[]): Promise<void> {
  const grown = ends.flatMap((end, at) => (end.end === 'written' && !end.native && plans[at]?.adds ? [end.id] : []))
  if (grown.length === 0) return
  // The write is done: a read that fails now must not make it look otherwise.
  const read = await readByIds(api, shape, grown).catch((): readonly Observation[] => [])
  for (const [at, end] of ends.entries()) {
    const record = end.end === 'written' && !end.native ? read.find(one => one.id === end.id) : undefined
    if (end.end === 'written' && record) ends[at] = { ...end, native: record.fields, position: record.position }
  }
}

/** Sends as many graphs a call as Salesforce takes. */
async function run(api: SalesforceApi, shape: Shape, plans: readonly Plan[]): Promise<(Done | Failed)[]> {
  const outcomes: (Done | Failed)[] = plans.map(plan => ({ failed: plan.refused ?? unanswered(shape) }))
  let batch: number[] = []
  let nodes = 0
  const flush = async () => {
    if (batch.length > 0) await runSome(api, shape, plans, batch, outcomes)
    batch = []
    nodes = 0
  }
  for (const [at, plan] of plans.entries()) {
    if (plan.refused) continue
    if (plan.nodes.length === 0) {
      outcomes[at] = { ids: new Map() }
      continue
    }
    if (batch.length === graphsPerCall || nodes + plan.nodes.length > nodesPerCall) await flush()
    batch.push(at)
    nodes += plan.nodes.length
  }
  await flush()
  return outcomes
}

async function runSome(
  api: SalesforceApi,
  shape: Shape,
  plans: readonly Plan[],
  batch: readonly number[],
  outcomes: (Done | Failed)[],
): Promise<void> {
  const graphs = batch.map(at => ({
    graphId: `g${at}`,
    compositeRequest: plans[at]?.nodes satisfies readonly Node[] | undefined,
  }))
  const outcome = await call(api, {
    method: 'POST',
    path: '/composite/graph',
    body: { graphs },
    of: shape.name,
    mayStillSend: () => batch.every(at => plans[at]?.write.mayStillSend?.() !== false),
  })
  const answered =
    outcome.ok && isRow(outcome.json) && Array.isArray(outcome.json.graphs) ? outcome.json.graphs.filter(isRow) : []
  for (const at of batch) {
    const graph = answered.find(one => one.graphId === `g${at}`)
    if (graph) outcomes[at] = outcomeOf(shape, graph)
    else if (!outcome.ok) outcomes[at] = { failed: outcome.end }
  }
}

function outcomeOf(shape: Shape, graph: Row): Done | Failed {
  const answer = isRow(graph.graphResponse) ? graph.graphResponse.compositeResponse : undefined
  const nodes = Array.isArray(answer) ? answer.filter(isRow) : []
  if (graph.isSuccessful === true) {
    const ids = nodes.flatMap(node =>
      isRow(node.body) && typeof node.body.id === 'string' ? [[String(node.referenceId), node.body.id] as const] : [],
    )
    return { ids: new Map(ids) }
  }
  const errors = nodes.flatMap(node =>
    errorsIn(node.body).map(error => ({ error, of: nameOf(shape, String(node.referenceId)) })),
  )
  const first = errors.find(({ error }) => !isHalted(error)) ?? errors[0]
  if (!first)
    return { failed: { end: 'unavailable', reason: `Salesforce, ${shape.name}: not done, and no reason was given` } }
  return { failed: endOf(first.error, first.of), error: first.error }
}

const nameOf = (shape: Shape, reference: string): string => {
  const list = shape.lists.find(({ list }) => reference.startsWith(list))
  return list
    ? `${list.object} ${Number.parseInt(reference.slice(list.list.length), 10) + 1} of the ${shape.name}`
    : shape.name
}
