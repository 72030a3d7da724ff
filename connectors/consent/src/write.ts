// Writes to the consent service: one record a call. A create carries its key, so that the same one is never done twice.
import type { NativeId, Observation, Write, WriteEnd } from '@plumbline/sdk'
import type { ConsentApi } from './api.ts'
import { isRow, system } from './ends.ts'
import { call, type Failed, type Reply } from './http.ts'
import type { Collection } from './objects.ts'
import { observationOf, rowsWhere } from './records.ts'

export function writeRecord(api: ConsentApi, collection: Collection, write: Write): Promise<WriteEnd> | WriteEnd {
  if (write.close) return cannotClose(collection)
  return write.id === undefined ? create(api, collection, write) : change(api, collection, write, write.id)
}

const cannotClose = ({ object }: Collection): WriteEnd => ({
  end: 'refused',
  reason: `${system}: a ${object} cannot be closed by this connector`,
  todo: 'What a person agreed to is kept as evidence: let a privacy officer decide in the consent service.',
})

async function create(api: ConsentApi, collection: Collection, write: Write): Promise<WriteEnd> {
  const outcome = await call(api, {
    method: 'POST',
    path: collection.path,
    body: valuesOf(collection, write),
    headers: { 'idempotency-key': write.key },
    of: collection.object,
    mayStillSend: write.mayStillSend,
  })
  return outcome.ok
    ? asWritten(collection, outcome)
    : ((await alreadyThere(api, collection, write, outcome)) ?? outcome.end)
}

async function change(api: ConsentApi, collection: Collection, write: Write, id: NativeId): Promise<WriteEnd> {
  const outcome = await call(api, {
    method: 'PATCH',
    path: `${collection.path}/${encodeURIComponent(id)}`,
    body: valuesOf(collection, write),
    headers: { 'if-match': write.token ?? '*' },
    of: collection.object,
    mayStillSend: write.mayStillSend,
  })
  return outcome.ok ? asWritten(collection, outcome) : outcome.end
}

const valuesOf = ({ computed }: Collection, { fields }: Write): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name, value]) => value !== undefined && !computed.includes(name)))

function asWritten(collection: Collection, { json }: Reply): WriteEnd {
  if (!isRow(json)) return { end: 'unknown', reason: `${system}, ${collection.object}: the answer names no record` }
  return written(observationOf(collection, json))
}

const written = ({ id, position, fields, token }: Observation): WriteEnd => ({
  end: 'written',
  id,
  position,
  native: fields,
  ...(token !== undefined && { token }),
})

/**
 * Keys are forgotten after a day, and a key that comes back with other values is refused. In both cases the record may be
 * the one that this very create made: it is, when it carries our id.
 */
async function alreadyThere(
  api: ConsentApi,
  collection: Collection,
  write: Write,
  { error }: Failed,
): Promise<WriteEnd | undefined> {
  const isTaken = error?.code === 'email_taken' || error?.code === 'external_id_taken'
  if (!isTaken && error?.code !== 'idempotency_key_reused') return undefined
  try {
    const [ours] = (await find(api, collection, [write]))[0] ?? []
    return ours && written(ours)
  } catch (error) {
    // The create was refused and the look-up failed: what an earlier one did is still in doubt.
    return { end: 'unknown', reason: error instanceof Error ? error.message : String(error) }
  }
}

/** The records that carry the external ids of creates. */
export function find(
  api: ConsentApi,
  collection: Collection,
  writes: readonly Write[],
): Promise<readonly (readonly Observation[])[]> {
  return Promise.all(
    writes.map(({ fields }) =>
      typeof fields.external_id === 'string'
        ? rowsWhere(api, collection, `external_id=${encodeURIComponent(fields.external_id)}`)
        : [],
    ),
  )
}
