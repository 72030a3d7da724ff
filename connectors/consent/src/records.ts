// Records out of the consent service: by id, all of them, and what changed since.
import {
  type Fields,
  type Native,
  type NativeId,
  type Observation,
  type Page,
  thrown,
  Unavailable,
} from '@plumbline/sdk'
import type { ConsentApi } from './api.ts'
import { isRow, type Row, system } from './ends.ts'
import { call, get } from './http.ts'
import { idsPerCall, rowsPerPage } from './limits.ts'
import type { Collection } from './objects.ts'

/** Whole records; who was deleted is left out. */
export async function readByIds(
  api: ConsentApi,
  collection: Collection,
  ids: readonly NativeId[],
): Promise<Observation[]> {
  const wanted = [...new Set(ids)]
  const found: Observation[] = []
  // One after the other: who reads has one of the calls that are taken at once.
  for (let at = 0; at < wanted.length; at += idsPerCall) {
    const some = wanted.slice(at, at + idsPerCall).join(',')
    const { rows } = await pageOf(api, collection, `ids=${encodeURIComponent(some)}&limit=${idsPerCall}`)
    found.push(...rows.map(row => observationOf(collection, row)))
  }
  return found
}

/** The records that a list is narrowed to. */
export async function rowsWhere(api: ConsentApi, collection: Collection, query: string): Promise<Observation[]> {
  const { rows } = await pageOf(api, collection, query)
  return rows.map(row => observationOf(collection, row))
}

export async function listAll(api: ConsentApi, collection: Collection, cursor?: string): Promise<Page> {
  const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
  const { rows, json } = await pageOf(api, collection, `limit=${rowsPerPage}${from}`)
  const next = json.next_cursor
  return {
    records: rows.map(row => observationOf(collection, row)),
    ...(typeof next === 'string' && { next }),
  }
}

export type Told = { readonly rows: readonly Row[]; readonly hasMore: boolean; readonly next: string }

/** A page of the feed of changes, from a cursor of the service's or a time on; nothing when it is too old to be told all. */
export async function changesSince(api: ConsentApi, collection: Collection, since: string): Promise<Told | undefined> {
  const path = `${collection.path}?since=${encodeURIComponent(since)}&limit=${rowsPerPage}`
  const outcome = await call(api, { method: 'GET', path, of: collection.object })
  if (!outcome.ok && (outcome.status === 410 || outcome.error?.code === 'invalid_cursor')) return undefined
  if (!outcome.ok) throw thrown(outcome.end)
  const { rows, json } = rowsIn(outcome.json, collection)
  const { next_since: next, has_more: hasMore } = json
  if (typeof next !== 'string') throw notOurs(collection)
  return { rows, hasMore: hasMore === true, next }
}

async function pageOf(
  api: ConsentApi,
  collection: Collection,
  query: string,
): Promise<{ rows: readonly Row[]; json: Row }> {
  return rowsIn(await get(api, `${collection.path}?${query}`, collection.object), collection)
}

/** Without data the answer is not the service's, and must not be read as "there is none". */
function rowsIn(json: unknown, collection: Collection): { rows: readonly Row[]; json: Row } {
  if (!isRow(json) || !Array.isArray(json.data)) throw notOurs(collection)
  return { rows: json.data.filter(isRow), json }
}

const notOurs = ({ object }: Collection): Unavailable =>
  new Unavailable(`${system}, ${object}: the answer holds no data of the service's`)

/**
 * What changed at or after a time. What was deleted so long ago that nobody tells of it any more, only the list shows, by
 * leaving it out.
 */
export async function listChanged(
  api: ConsentApi,
  collection: Collection,
  since: number,
  page = new Date(since).toISOString(),
): Promise<Page> {
  const told = await changesSince(api, collection, page)
  const records = (told?.rows ?? []).map(row => observationOf(collection, row))
  return { records, ...(told?.hasMore && { next: told.next }) }
}

/** A row of any answer. A deleted one has its id and its place in time, and nothing else. */
export function observationOf(collection: Collection, row: Row): Observation {
  const { id, updated_at, updated_by, version, deleted } = row
  const at = Date.parse(String(updated_at))
  if (typeof id !== 'string' || Number.isNaN(at)) throw new TypeError(`a ${collection.object} without id or time`)
  const isGone = deleted === true
  return {
    object: collection.object,
    id: id as NativeId,
    kind: isGone ? 'gone' : 'seen',
    mask: isGone ? [] : 'all',
    fields: isGone ? {} : nativeOf(collection.fields, row),
    // Versions order what happened to a record within one millisecond.
    position: { at, ...(typeof version === 'number' && { seq: version }) },
    ...(!isGone && { token: tokenOf(id, version) }),
    ...(typeof updated_by === 'string' && { by: updated_by }),
  }
}

/** Lists tell no ETag of each record; the service makes it of what they do tell. */
const tokenOf = (id: string, version: unknown): string => `"${id}-${String(version)}"`

const nativeOf = (fields: Fields, row: Row): Native =>
  Object.fromEntries(Object.keys(fields).map(name => [name, row[name] === undefined ? null : row[name]]))
