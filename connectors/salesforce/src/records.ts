// Whole records out of Salesforce: by id, all of them, and by our key.
import { type NativeId, type Observation, type Page, Refused } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { canMerge, deletedAmong } from './changed.ts'
import { recordsPerCall } from './limits.ts'
import { addressOf, observe, observed, page, selectOf } from './query.ts'
import type { Shape } from './shape.ts'
import { among, quoted } from './soql.ts'
import { longId } from './values.ts'

export async function readByIds(
  api: SalesforceApi,
  shape: Shape,
  ids: readonly NativeId[],
): Promise<readonly Observation[]> {
  const wanted = [...new Set(ids.map(longId))]
  const found: Observation[] = []
  // One after the other: who reads has one of the calls that Salesforce takes at once.
  for (let at = 0; at < wanted.length; at += recordsPerCall) {
    found.push(...(await observe(api, shape, `WHERE ${among('Id', wanted.slice(at, at + recordsPerCall))}`)))
  }
  if (!canMerge(shape.name) || found.length === wanted.length) return found
  const known = new Set(found.map(record => record.id))
  const missing = wanted.map(id => id as NativeId).filter(id => !known.has(id))
  return [...found, ...(await deletedAmong(api, shape, missing))]
}

/**
 * The page is Salesforce's own locator and the last id seen: a locator that was forgotten (it lives two days) is replaced
 * by the same query from that id on.
 */
export async function listAll(api: SalesforceApi, shape: Shape, token?: string): Promise<Page> {
  const [locator, after] = token?.split(' ') ?? []
  const from = (id?: string) => addressOf(selectOf(api, shape, `${id ? `WHERE Id > ${quoted(id)} ` : ''}ORDER BY Id`))
  const { rows, next } = await page(api, locator ?? from(), shape.name).catch((error: unknown) => {
    if (after && error instanceof Refused && error.message.includes('INVALID_QUERY_LOCATOR'))
      return page(api, from(after), shape.name)
    throw error
  })
  const records = await observed(api, shape, rows)
  return { records, ...(next !== undefined && { next: `${next} ${records.at(-1)?.id ?? ''}` }) }
}

export async function findByKey(
  api: SalesforceApi,
  shape: Shape,
  keys: readonly unknown[],
): Promise<readonly (readonly Observation[])[]> {
  const key = shape.key ?? ''
  const known = [...new Set(keys.filter(value => typeof value === 'string'))]
  const found: Observation[] = []
  for (let at = 0; at < known.length; at += recordsPerCall) {
    found.push(...(await observe(api, shape, `WHERE ${among(key, known.slice(at, at + recordsPerCall))}`)))
  }
  return keys.map(value => found.filter(record => record.fields[key] === value))
}
