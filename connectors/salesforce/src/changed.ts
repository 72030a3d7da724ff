// What changed since a time, without events: by SystemModstamp, deleted records included, and records whose entries changed.
import { type Native, type NativeId, type Observation, type Page, Refused } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { recordsPerCall } from './limits.ts'
import { observed, page, query, type Row, selectOf } from './query.ts'
import type { ListShape, Shape } from './shape.ts'
import { among } from './soql.ts'
import { longId } from './values.ts'

/** Objects whose records Salesforce can merge: what is deleted of them may live on in another. */
const mergeable: ReadonlySet<string> = new Set(['Account', 'Contact', 'Lead', 'Case'])
export const canMerge = (object: string): boolean => mergeable.has(object)

const everything = (soql: string): string => `/queryAll?q=${encodeURIComponent(soql)}`

/** Where a page stands: which question (0 is the records, then each list), Salesforce's locator, the newest time seen. */
type Place = { readonly question: number; readonly next?: string; readonly since: number }

export async function listChanged(api: SalesforceApi, shape: Shape, since: number, token?: string): Promise<Page> {
  const place = token === undefined ? { question: 0, since } : placeIn(token)
  const list = shape.lists[place.question - 1]
  const soql = list ? entriesSince(list, place.since) : recordsSince(api, shape, place.since)
  const { rows, next } = await page(api, place.next ?? everything(soql), shape.name).catch((error: unknown) => {
    // A locator lives two days: the same question goes on from the newest time seen.
    if (place.next && error instanceof Refused && error.message.includes('INVALID_QUERY_LOCATOR'))
      return page(api, everything(soql), shape.name)
    throw error
  })
  const records = list ? parentsOf(shape, list, rows) : await recordsIn(api, shape, rows)
  const newest = Math.max(place.since, ...rows.map(row => Date.parse(String(row.SystemModstamp))))
  if (next !== undefined) return { records, next: tokenOf({ ...place, next, since: newest }) }
  const isLast = place.question >= shape.lists.length
  return { records, ...(!isLast && { next: tokenOf({ question: place.question + 1, since }) }) }
}

const tokenOf = (place: Place): string => JSON.stringify(place)

function placeIn(token: string): Place {
  const parsed: unknown = JSON.parse(token)
  if (typeof parsed === 'object' && parsed !== null && 'question' in parsed && 'since' in parsed) {
    const next = 'next' in parsed && typeof parsed.next === 'string' ? { next: parsed.next } : {}
    return { question: Number(parsed.question), since: Number(parsed.since), ...next }
  }
  throw new TypeError(`This is no page of ours: ${token}`)
}

const time = (ms: number): string => new Date(ms).toISOString()

function recordsSince(api: SalesforceApi, shape: Shape, since: number): string {
  const select = selectOf(api, shape, `WHERE SystemModstamp >= ${time(since)} ORDER BY SystemModstamp, Id`)
  // Entries that were deleted are no part of the record.
  return select
    .replaceAll(/ FROM (\w+) ORDER BY Id\)/g, ' FROM $1 WHERE IsDeleted = false ORDER BY Id)')
    .replace('SELECT Id', `SELECT Id, IsDeleted${canMerge(shape.name) ? ', MasterRecordId' : ''}`)
}

const entriesSince = ({ object, parent }: ListShape, since: number): string =>
  `SELECT Id, ${parent}, SystemModstamp FROM ${object} WHERE SystemModstamp >= ${time(since)} ORDER BY SystemModstamp, Id`

async function recordsIn(api: SalesforceApi, shape: Shape, rows: readonly Row[]): Promise<Observation[]> {
  const living = rows.filter(row => row.IsDeleted !== true)
  return [...(await observed(api, shape, living)), ...rows.filter(row => row.IsDeleted === true).map(goneIn(shape))]
}

const goneIn =
  (shape: Shape) =>
  (row: Row): Observation => ({
    object: shape.name,
    id: longId(String(row.Id)) as NativeId,
    kind: 'gone',
    mask: 'all',
    fields: {},
    position: { at: Date.parse(String(row.SystemModstamp)) },
    ...(typeof row.MasterRecordId === 'string' && { into: longId(row.MasterRecordId) as NativeId }),
  })

/** Not every change of an entry shows on its record. */
function parentsOf(shape: Shape, list: ListShape, rows: readonly Row[]): Observation[] {
  const ids = new Set(rows.map(row => row[list.parent]).filter(id => typeof id === 'string'))
  const nothing: Native = {}
  return [...ids].map(id => ({
    object: shape.name,
    id: longId(id) as NativeId,
    kind: 'look again',
    mask: [],
    fields: nothing,
    position: { at: 0 },
  }))
}

/** Of records that were not found: those in the recycle bin, and into which they were merged. */
export async function deletedAmong(
  api: SalesforceApi,
  shape: Shape,
  ids: readonly NativeId[],
): Promise<readonly Observation[]> {
  const gone: Observation[] = []
  for (let at = 0; at < ids.length; at += recordsPerCall) {
    const some = among('Id', ids.slice(at, at + recordsPerCall))
    const soql = `SELECT Id, MasterRecordId, SystemModstamp FROM ${shape.name} WHERE IsDeleted = true AND ${some}`
    gone.push(...(await query(api, everything(soql), shape.name)).map(goneIn(shape)))
  }
  return gone
}
