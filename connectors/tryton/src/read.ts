// Whole records out of Tryton: by id, all of them, and what changed.
import { type NativeId, type Observation, type Page, Unavailable } from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { columnsOf, type Entity, nativeId, observationOf, type Part } from './entity.ts'
import { glimpsesPerPage, idsPerCall, rowsPerPage } from './limits.ts'
import { momentAsWritten, type Row, rowsIn } from './values.ts'

const byId = [['id', 'ASC']]

/** Rows of a model. An answer that holds no list is not Tryton's, and must not be read as "there is none". */
async function rowsOf(
  api: TrytonApi,
  model: string,
  domain: readonly unknown[],
  limit: number,
  columns: readonly string[],
): Promise<{ rows: readonly Row[]; date: number }> {
  const { everything } = await api.company.books()
  const { result, date } = await api.rpc.ask(model, 'search_read', [domain, 0, limit, byId, columns], model, everything)
  if (!Array.isArray(result)) throw new Unavailable(`Tryton, ${model}: the answer holds no records`)
  return { rows: rowsIn(result), date }
}

/** The whole rows of an entity that a domain chooses. */
export const rowsWhere = async (api: TrytonApi, entity: Entity, domain: readonly unknown[], limit = rowsPerPage) =>
  (await rowsOf(api, entity.model, [...entity.only, ...domain], limit, columnsOf(entity))).rows

/** An id that is not there is left out: asked for by itself, Tryton would fail the whole call. */
export async function readByIds(api: TrytonApi, entity: Entity, ids: readonly NativeId[]): Promise<Observation[]> {
  const books = await api.company.books()
  const wanted = [...new Set(ids)].map(Number).filter(Number.isSafeInteger)
  const found: Observation[] = []
  // One after the other: who reads has one of the calls that Tryton takes at once.
  for (let at = 0; at < wanted.length; at += idsPerCall) {
    const rows = await rowsWhere(api, entity, [['id', 'in', wanted.slice(at, at + idsPerCall)]], idsPerCall)
    found.push(...rows.map(row => observationOf(entity, row, books)))
  }
  return found
}

/** All records by their ids, which never move: what comes meanwhile is at the end. */
export async function listAll(api: TrytonApi, entity: Entity, after = '0'): Promise<Page> {
  const books = await api.company.books()
  const rows = await rowsWhere(api, entity, [['id', '>', Number(after)]])
  const last = rows.at(-1)
  return {
    records: rows.map(row => observationOf(entity, row, books)),
    ...(last && rows.length >= rowsPerPage && { next: String(last.id) }),
  }
}

/** That a record, or a part of it, changed: where it is, and its stamp. */
export type Glimpse = { readonly record: string; readonly stamp: string; readonly source: string }

/** Of a record itself and of each kind of its parts. */
export const sourcesOf = (entity: Entity): readonly (Part | undefined)[] => [undefined, ...entity.parts]

/**
 * What changed at or after a time, in one source. Until its first change a row has no time of change, only that of its creation.
 */
export async function glimpses(
  api: TrytonApi,
  entity: Entity,
  part: Part | undefined,
  since: number,
  after = 0,
): Promise<{ glimpses: readonly Glimpse[]; next: number | undefined; date: number }> {
  const moment = momentAsWritten(since)
  const changed = [
    'OR',
    ['write_date', '>=', moment],
    [
      ['write_date', '=', null],
      ['create_date', '>=', moment],
    ],
  ]
  const domain = [...(part ? [] : entity.only), changed, ['id', '>', after]]
  const columns = ['id', '_timestamp', ...(part ? [part.of] : [])]
  const model = part?.model ?? entity.model
  const { rows, date } = await rowsOf(api, model, domain, glimpsesPerPage, columns)
  return {
    glimpses: rows.flatMap(row =>
      recordsOf(row, part).map(record => ({
        record,
        stamp: String(row._timestamp),
        source: `${model},${String(row.id)},${record}`,
      })),
    ),
    next: rows.length >= glimpsesPerPage ? Number(rows.at(-1)?.id) : undefined,
    date,
  }
}

/** A part may belong to several records, as a template to its variants. */
function recordsOf(row: Row, part: Part | undefined): readonly string[] {
  const owner = part ? row[part.of] : row.id
  const owners: readonly unknown[] = Array.isArray(owner) ? owner : [owner]
  return owners.filter(one => typeof one === 'number').map(String)
}

/** All records that changed at or after a time. What was deleted leaves no trace: only a list of all shows that it is missing. */
export async function listChanged(api: TrytonApi, entity: Entity, since: number, token = '0/0'): Promise<Page> {
  const [at = 0, after = 0] = token.split('/').map(Number)
  const sources = sourcesOf(entity)
  const found = await glimpses(api, entity, sources[at], since, after)
  const next = found.next !== undefined ? `${at}/${found.next}` : at + 1 < sources.length ? `${at + 1}/0` : undefined
  const ids = found.glimpses.map(({ record }) => nativeId(record))
  return { records: await readByIds(api, entity, ids), ...(next !== undefined && { next }) }
}
