// Whole records out of Salesforce: by id, all of them, and by our key.
import type { NativeId, Observation, Page } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { recordsPerCall, rowsPerPage } from './limits.ts'
import { observe } from './query.ts'
import type { Shape } from './shape.ts'
import { among, quoted } from './soql.ts'
import { longId } from './values.ts'

export async function readByIds(
  api: SalesforceApi,
  shape: Shape,
  ids: readonly NativeId[],
): Promise<readonly Observation[]> {
  const wanted = [...new Set(ids.map(longId))]
  const calls: Promise<Observation[]>[] = []
  for (let at = 0; at < wanted.length; at += recordsPerCall) {
    calls.push(observe(api, shape, `WHERE ${among('Id', wanted.slice(at, at + recordsPerCall))}`))
  }
  return (await Promise.all(calls)).flat()
}

/** The page is the last id seen, not a query locator: it stays good for ever, across restarts. */
export async function listAll(api: SalesforceApi, shape: Shape, page?: string): Promise<Page> {
  const after = page === undefined ? '' : `WHERE Id > ${quoted(page)} `
  const records = await observe(api, shape, `${after}ORDER BY Id LIMIT ${rowsPerPage}`)
  const last = records.at(-1)
  return { records, ...(last && records.length >= rowsPerPage && { next: last.id }) }
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
