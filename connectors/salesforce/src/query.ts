// Questions in SOQL, and records out of the answers. Only declared fields are asked for, so only they can come back.
import type { Fields, NativeId, Observation } from '@plumbline/sdk'
import { Unavailable } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { currencyColumn, currencyField, currencyOf, oneCurrency } from './currency.ts'
import { get } from './rest.ts'
import type { Settings } from './settings.ts'
import type { Shape } from './shape.ts'
import { decodeValue, longId } from './values.ts'

export type Row = Readonly<Record<string, unknown>>

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type Rows = { readonly rows: readonly Row[]; readonly next?: string }

/** All rows of a query, page after page; it is SOQL, or the address of one. */
export async function query(api: SalesforceApi, soql: string, of: string): Promise<Row[]> {
  return rowsFrom(api, await page(api, soql.startsWith('/') ? soql : addressOf(soql), of), of)
}

export const addressOf = (soql: string): string => `/query?q=${encodeURIComponent(soql)}`

/** One page of an answer, and where the next one is. */
export async function page(api: SalesforceApi, path: string, of: string): Promise<Rows> {
  return rowsIn((await get(api, path, of)).json, of)
}

function rowsIn(json: unknown, of: string): Rows {
  if (!isRow(json) || !Array.isArray(json.records))
    throw new Unavailable(`Salesforce, ${of}: the answer holds no records`)
  const rows = json.records.filter(isRow)
  return json.done === false && typeof json.nextRecordsUrl === 'string' ? { rows, next: json.nextRecordsUrl } : { rows }
}

async function rowsFrom(api: SalesforceApi, first: Rows, of: string): Promise<Row[]> {
  const rows = [...first.rows]
  for (let { next } = first; next !== undefined; ) {
    const more = await page(api, next, of)
    rows.push(...more.rows)
    next = more.next
  }
  return rows
}

const columnsOf = (settings: Settings, fields: Fields) => [
  ...Object.keys(fields).filter(name => fields[name]?.kind !== 'list'),
  ...currencyColumn(settings, fields),
]

/** The SELECT of a whole record, entries included. */
export function selectOf({ settings }: SalesforceApi, shape: Shape, where: string): string {
  const columns = new Set(['Id', ...columnsOf(settings, shape.fields), 'SystemModstamp', 'LastModifiedById'])
  const lists = shape.lists.map(
    ({ list, fields }) =>
      `(SELECT ${[...new Set(['Id', ...columnsOf(settings, fields)])].join(', ')} FROM ${list} ORDER BY Id)`,
  )
  return `SELECT ${[...columns, ...lists].join(', ')} FROM ${shape.name} ${where}`
}

export async function observe(api: SalesforceApi, shape: Shape, where: string): Promise<Observation[]> {
  return observed(api, shape, await query(api, selectOf(api, shape, where), shape.name))
}

export const observed = (api: SalesforceApi, shape: Shape, rows: readonly Row[]): Promise<Observation[]> =>
  Promise.all(rows.map(row => observationOf(api, shape, row)))

/** A read's position is SystemModstamp. A change event's is LastModifiedDate, which moves together with it, and the commit number. */
async function observationOf(api: SalesforceApi, shape: Shape, row: Row): Promise<Observation> {
  const fields: Record<string, unknown> = decodeRow(api, shape.fields, row)
  for (const { list, fields: of } of shape.lists) {
    const entries = row[list] ? await rowsFrom(api, rowsIn(row[list], shape.name), shape.name) : []
    fields[list] = entries.map(entry => decodeRow(api, of, entry))
  }
  return {
    object: shape.name,
    id: longId(String(row.Id)) as NativeId,
    kind: 'seen',
    mask: 'all',
    fields,
    position: { at: Date.parse(String(row.SystemModstamp)) },
    ...(typeof row.LastModifiedById === 'string' && { by: longId(row.LastModifiedById) }),
  }
}

function decodeRow({ settings }: SalesforceApi, fields: Fields, row: Row): Record<string, unknown> {
  const currency = currencyOf(oneCurrency(settings), row[currencyField])
  const decoded: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind !== 'list') decoded[name] = decodeValue(field, row[name], currency)
  }
  return decoded
}
