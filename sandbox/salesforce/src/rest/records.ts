// /sobjects/{type}/...: one record at a time, by id or by external id.
import { ApiError, notFound } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import {
  createRecord,
  deleteRecord,
  externalIdField,
  liveIdsByKey,
  liveRow,
  updateRecord,
  upsertRecord,
} from '../records.ts'
import type { ObjectType } from '../schema.ts'
import { attributesOf, fieldValue, type Rendered } from '../soql/select.ts'
import type { Row } from '../table.ts'
import { datetimeText } from '../times.ts'
import { checkConditions, entityTag, notModified } from './conditions.ts'
import { atomically, bodyObject, type Call, methodNotAllowed, type Reply } from './types.ts'

export function createOne(call: Call, type: ObjectType): Reply {
  const body = bodyObject(call)
  const id = atomically(call, tx => createRecord(call.api.org, tx, type, body))
  return created(call, type, id, {})
}

export function recordById(call: Call, type: ObjectType, id: string): Reply {
  const { org } = call.api
  if (call.method === 'GET' || call.method === 'HEAD') return retrieve(call, type, presentRow(call, type, id))
  if (call.method === 'PATCH') {
    const body = bodyObject(call)
    checkConditions(call, type, liveRow(org, type, id))
    atomically(call, tx => updateRecord(org, tx, type, liveRow(org, type, id).Id, body))
    return { status: 204 }
  }
  if (call.method === 'DELETE') {
    atomically(call, tx => deleteRecord(org, tx, type, presentRow(call, type, id).Id))
    return { status: 204 }
  }
  throw methodNotAllowed(call.method, ['HEAD', 'GET', 'PATCH', 'DELETE'])
}

/** A row to read or delete: one that is already deleted is as good as never there. */
function presentRow(call: Call, type: ObjectType, id: string): Row {
  try {
    return liveRow(call.api.org, type, id)
  } catch (error) {
    if (error instanceof ApiError && error.code === 'ENTITY_IS_DELETED')
      throw new ApiError(404, call.method === 'DELETE' ? error.code : 'NOT_FOUND', error.message)
    throw error
  }
}

const CREATED_FLAG_SINCE = 46

export function recordByKey(call: Call, type: ObjectType, keyName: string, key: string): Reply {
  const { org } = call.api
  const field = externalIdField(type, keyName)
  if (call.method === 'PATCH' || call.method === 'POST') return upsertByKey(call, type, keyName, key)
  const ids = liveIdsByKey(org, type, field, key)
  if (ids.length > 1) return multipleChoices(call, type, ids)
  const [id] = ids
  if (!id) throw notFound()
  return recordById(call, type, id)
}

function upsertByKey(call: Call, type: ObjectType, keyName: string, key: string): Reply {
  const { org } = call.api
  const field = externalIdField(type, keyName)
  const body = bodyObject(call)
  if (Object.keys(body).some(name => name.toLowerCase() === field.name.toLowerCase())) {
    throw new ApiError(400, 'INVALID_FIELD', `The ${field.name} field should not be specified in the sobject data.`, [
      field.name,
    ])
  }
  const matches = liveIdsByKey(org, type, field, key)
  if (matches.length > 1) return multipleChoices(call, type, matches)
  const updateOnly = call.query.get('updateOnly') === 'true'
  if (matches[0]) checkConditions(call, type, liveRow(org, type, matches[0]))
  const { id, created: isNew } = atomically(call, tx => upsertRecord(org, tx, type, keyName, key, body, updateOnly))
  if (isNew) return created(call, type, id, { created: true })
  return Number(call.version) < CREATED_FLAG_SINCE
    ? { status: 204 }
    : { status: 200, body: { id, success: true, errors: [], created: false } }
}

function created(call: Call, type: ObjectType, id: string, more: JsonObject): Reply {
  return {
    status: 201,
    body: { id, success: true, errors: [], ...more },
    headers: { Location: attributesOf(type, id, call.version).url },
  }
}

function multipleChoices(call: Call, type: ObjectType, ids: readonly string[]): Reply {
  return { status: 300, body: ids.map(id => attributesOf(type, id, call.version).url) }
}

function retrieve(call: Call, type: ObjectType, row: Row): Reply {
  const headers = {
    'Last-Modified': new Date(row.SystemModstamp.replace('+0000', 'Z')).toUTCString(),
    ...entityTag(type, row),
  }
  if (notModified(call, type, row)) return { status: 304, headers }
  checkConditions(call, type, row)
  return { status: 200, body: renderRecord(call.version, type, row, call.query.get('fields')), headers }
}

/** A record with all its fields, or with those that were asked for. */
export function renderRecord(version: string, type: ObjectType, row: Row, fields: string | null): Rendered {
  const rendered: Rendered = { attributes: attributesOf(type, row.Id, version) }
  const names = fields
    ?.split(',')
    .map(name => name.trim())
    .filter(Boolean)
  for (const name of names ?? []) {
    if (!type.fieldNamed.has(name.toLowerCase()))
      throw new ApiError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${type.name}`)
  }
  const wanted = names && new Set(names.map(name => name.toLowerCase()))
  for (const field of type.fields)
    if (!wanted || wanted.has(field.name.toLowerCase()) || field.type === 'id')
      rendered[field.name] = fieldValue(field, row)
  return rendered
}

/** /sobjects/{type}/updated and /deleted: what changed between two moments. */
export function changesBetween(call: Call, type: ObjectType, deleted: boolean): Reply {
  const from = moment(call, 'start')
  const to = moment(call, 'end')
  const table = call.api.org.table(type.name)
  const rows = [...table.changedSince(from)]
    .map(id => table.get(id))
    .filter(
      row => row !== undefined && row.SystemModstamp >= from && row.SystemModstamp <= to && row.IsDeleted === deleted,
    )
  if (!deleted) return { status: 200, body: { ids: rows.map(row => row?.Id), latestDateCovered: to } }
  const deletedRecords = rows.map(row => ({ id: row?.Id, deletedDate: row?.SystemModstamp }))
  return { status: 200, body: { deletedRecords, earliestDateAvailable: from, latestDateCovered: to } }
}

function moment(call: Call, name: string): string {
  const ms = Date.parse((call.query.get(name) ?? '').replace(' ', '+'))
  if (Number.isNaN(ms)) throw new ApiError(400, 'INVALID_FIELD', `${name} must be a datetime`)
  return datetimeText(ms)
}
