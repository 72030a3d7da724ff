// Writes to Salesforce. Records without entries go many at a time, each on its own (collections); records with entries go as
// one transaction each (graph.ts).
import type { Native, NativeId, NotWritten, Write, WriteEnd } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { currencyOfWrite, type Held, heldCurrencies, saidOfNew } from './denomination.ts'
import { endOf, errorsIn, isHalted } from './ends.ts'
import { writeGraphs } from './graph.ts'
import { recordsPerCall } from './limits.ts'
import { isRow } from './query.ts'
import { call } from './rest.ts'
import type { Shape } from './shape.ts'
import { encodeFields, encoding, instantsKept } from './values.ts'

type Indexed = { readonly at: number; readonly write: Write }
type Way = 'remove' | 'close' | 'graph' | 'upsert' | 'insert' | 'update'

export async function writeRecords(api: SalesforceApi, shape: Shape, writes: readonly Write[]): Promise<WriteEnd[]> {
  // Asked before anything is sent: that this failed must not be said of what was done.
  const held = await heldCurrencies(api, shape, writes)
  const ends: WriteEnd[] = writes.map(() => ({ end: 'unavailable', reason: 'Not reached' }))
  const byWay = Map.groupBy(
    writes.map(
      (write, at): Indexed => ({
        at,
        write: write.close && !write.remove && shape.closed ? closing(write, shape.closed) : write,
      }),
    ),
    ({ write }) => wayOf(shape, write),
  )
  for (const [way, indexed] of byWay) {
    const of = indexed.map(({ write }) => write)
    const answers =
      way === 'graph'
        ? await writeGraphs(api, shape, of, held)
        : way === 'close'
          ? of.map(() => cannotClose(shape))
          : way === 'remove'
            ? await removeRecords(api, shape, of)
            : await collect(api, shape, way, of, held)
    for (const [index, { at }] of indexed.entries()) ends[at] = answers[index] ?? lost(shape)
  }
  return ends
}

function wayOf(shape: Shape, write: Write): Way {
  if (write.close) return write.remove ? 'remove' : 'close'
  if (write.id === undefined) return shape.lists.length > 0 ? 'graph' : keyOf(shape, write) ? 'upsert' : 'insert'
  const hasEntries = Object.values(write.lists).some(
    ({ add, change, remove }) => add.length + change.length + remove.length > 0,
  )
  return hasEntries ? 'graph' : 'update'
}

const keyOf = (shape: Shape, write: Write): string | undefined =>
  shape.key !== undefined && typeof write.fields[shape.key] === 'string' ? shape.key : undefined

const closing = (write: Write, closed: Native): Write => ({
  key: write.key,
  id: write.id,
  token: write.token,
  fields: closed,
  lists: {},
})

const cannotClose = (shape: Shape): NotWritten => ({
  end: 'refused',
  reason: `Salesforce, ${shape.name}: this project does not say what a closed record looks like`,
  todo: `Close the record in Salesforce, or declare it: sobject('${shape.name}', …, { closed: { Status: '…' } }).`,
})

/** Deleted records go to the recycle bin; one that is there already is as it should be. */
async function removeRecords(api: SalesforceApi, shape: Shape, writes: readonly Write[]): Promise<WriteEnd[]> {
  const ends: WriteEnd[] = []
  for (let at = 0; at < writes.length; at += recordsPerCall) {
    const some = writes.slice(at, at + recordsPerCall)
    const outcome = await call(api, {
      method: 'DELETE',
      path: `/composite/sobjects?allOrNone=false&ids=${some.map(({ id }) => id).join(',')}`,
      of: shape.name,
      mayStillSend: () => some.every(write => write.mayStillSend?.() !== false),
    })
    const results: readonly unknown[] = outcome.ok && Array.isArray(outcome.json) ? outcome.json : []
    ends.push(...some.map(({ id }, i): WriteEnd => (outcome.ok ? endOfRemoval(shape, id, results[i]) : outcome.end)))
  }
  return ends
}

function endOfRemoval(shape: Shape, id: NativeId | undefined, result: unknown): WriteEnd {
  const isGone = isRow(result) && errorsIn(result.errors).some(({ code }) => code === 'ENTITY_IS_DELETED')
  return isGone && id ? { end: 'written', id } : endOfResult(shape, { id, fields: {} }, result)
}

const lost = (shape: Shape): WriteEnd => ({
  end: 'unknown',
  reason: `Salesforce, ${shape.name}: the answer left this record out`,
})

/** One collection call for up to 200 records; each ends by itself. */
async function collect(
  api: SalesforceApi,
  shape: Shape,
  way: Way,
  writes: readonly Write[],
  held: Held,
): Promise<WriteEnd[]> {
  const ends: WriteEnd[] = []
  for (let at = 0; at < writes.length; at += recordsPerCall) {
    ends.push(...(await collectSome(api, shape, way, writes.slice(at, at + recordsPerCall), held)))
  }
  return ends
}

async function collectSome(
  api: SalesforceApi,
  shape: Shape,
  way: Way,
  writes: readonly Write[],
  held: Held,
): Promise<WriteEnd[]> {
  const encoded = writes.map(write => recordOf(api, shape, write, held))
  const records = encoded.filter(record => 'attributes' in record)
  if (records.length === 0) return encoded.filter(record => 'end' in record)
  const path = way === 'upsert' ? `/composite/sobjects/${shape.name}/${shape.key}` : '/composite/sobjects'
  const method = way === 'insert' ? 'POST' : 'PATCH'
  const outcome = await call(api, {
    method,
    path,
    body: { allOrNone: false, records },
    of: shape.name,
    mayStillSend: () => writes.every(write => write.mayStillSend?.() !== false),
  })
  const results: readonly unknown[] = outcome.ok && Array.isArray(outcome.json) ? outcome.json : []
  let next = 0
  return encoded.map((record, at) => {
    if ('end' in record) return record
    if (!outcome.ok) return outcome.end
    return endOfResult(shape, writes[at], results[next++])
  })
}

type Encoded = { readonly attributes: { readonly type: string } }

function recordOf(api: SalesforceApi, shape: Shape, write: Write, held: Held): Encoded | NotWritten {
  return encoding(shape.name, () => {
    const currency = currencyOfWrite(api, shape, write, held)
    return {
      attributes: { type: shape.name },
      ...(write.id === undefined ? saidOfNew(api, shape, currency) : { id: write.id }),
      ...encodeFields(shape.fields, write.fields, currency),
    }
  })
}

type Sent = { readonly id?: NativeId | undefined; readonly fields: object }

function endOfResult(shape: Shape, sent: Sent | undefined, result: unknown): WriteEnd {
  if (!isRow(result)) return lost(shape)
  if (result.success === true) {
    const id = (typeof result.id === 'string' ? result.id : sent?.id) as NativeId | undefined
    if (id === undefined) return lost(shape)
    return { end: 'written', id, native: { Id: id, ...instantsKept(shape.fields, sent?.fields as Native) } }
  }
  const errors = errorsIn(result.errors)
  const error = errors.find(error => !isHalted(error)) ?? errors[0]
  return error ? endOf(error, shape.name) : lost(shape)
}
