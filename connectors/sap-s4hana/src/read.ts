// Whole records out of S/4HANA: by id, all of them, and what changed.
import { type NativeId, type Observation, type Page, Unavailable } from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import { all, type Entity, isAny, observationOf, wholeOf } from './entity.ts'
import { idsPerCall } from './limits.ts'
import { isRow, type Row, rowsIn } from './odata.ts'

export type Rows = { readonly rows: readonly Row[]; readonly next?: string; readonly date: number }

export const queryOf = (entity: Entity, filter: string, ...options: readonly string[]): string => {
  const query = [...(filter ? [`$filter=${encodeURIComponent(filter)}`] : []), ...options].join('&')
  return query ? `${entity.set}?${query}` : entity.set
}

/** What every answer of OData V2 holds. Without it the answer is not SAP's, and must not be read as "there is none". */
export function entityIn(json: unknown, of: string): Row {
  if (isRow(json) && isRow(json.d)) return json.d
  throw new Unavailable(`S/4HANA, ${of}: the answer holds no data of SAP's`)
}

/** One page of a query, and where the next one is. */
export async function page(api: S4Api, entity: Entity, path: string): Promise<Rows> {
  const reply = await api.http.get(entity.service, path, entity.object)
  const d = entityIn(reply.json, entity.object)
  const next = typeof d.__next === 'string' ? d.__next : undefined
  return { rows: rowsIn(d), date: reply.date, ...(next !== undefined && { next }) }
}

export async function pages(api: S4Api, entity: Entity, path: string): Promise<Row[]> {
  const rows: Row[] = []
  for (let next: string | undefined = path; next !== undefined; ) {
    const found: Rows = await page(api, entity, next)
    rows.push(...found.rows)
    next = found.next
  }
  return rows
}

export async function readByIds(api: S4Api, entity: Entity, ids: readonly NativeId[]): Promise<Observation[]> {
  return (await rowsByIds(api, entity, ids)).map(row => observationOf(entity, row))
}

export async function rowsByIds(api: S4Api, entity: Entity, ids: readonly string[]): Promise<Row[]> {
  const wanted = [...new Set(ids)]
  const rows: Row[] = []
  // One after the other: who reads has one of the calls that S/4HANA takes at once.
  for (let at = 0; at < wanted.length; at += idsPerCall) {
    const some = isAny(entity, wanted.slice(at, at + idsPerCall))
    rows.push(...(await pages(api, entity, queryOf(entity, some, wholeOf(entity)))))
  }
  return rows
}

/** All records that changed at or after a time. What was deleted leaves no trace: only a list of all shows that it is missing. */
export async function listChanged(api: S4Api, entity: Entity, since: number, token?: string): Promise<Page> {
  const order = `$orderby=${[...entity.stamp.columns.slice(0, 2), ...entity.keys].join(',')}`
  const first = () => queryOf(entity, all(entity, entity.stamp.since(since, false)), order, wholeOf(entity))
  const { rows, next } = await page(api, entity, token ?? first())
  return { records: rows.map(row => observationOf(entity, row)), ...(next !== undefined && { next }) }
}

/** All records; the token is the address SAP gives for the next page. */
export async function listAll(api: S4Api, entity: Entity, token?: string): Promise<Page> {
  const { rows, next } = await page(api, entity, token ?? queryOf(entity, all(entity, ''), wholeOf(entity)))
  return { records: rows.map(row => observationOf(entity, row)), ...(next !== undefined && { next }) }
}
