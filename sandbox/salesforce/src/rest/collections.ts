// /composite/sobjects: up to 200 records in one call, all or none, or each on its own.
import { ApiError, refused } from '../errors.ts'
import { toId18 } from '../ids.ts'
import { isObject, type JsonObject, textOf } from '../json.ts'
import {
  createRecord,
  deleteRecord,
  externalIdField,
  liveRow,
  objectNamed,
  updateRecord,
  upsertRecord,
} from '../records.ts'
import type { ObjectType } from '../schema.ts'
import { attempt, type Transaction } from '../transaction.ts'
import { renderRecord } from './records.ts'
import { atomically, bodyObject, type Call, methodNotAllowed, type Reply } from './types.ts'

const MAX_RECORDS = 200
const MAX_RETRIEVE = 2000

type Outcome = { id?: string; success: boolean; errors: readonly unknown[]; created?: boolean }
type Step = (tx: Transaction) => { id: string; created?: boolean }

export function collections(call: Call): Reply {
  const [, , typeName, keyName] = call.path
  if (typeName && keyName) return upsertMany(call, objectNamed(call.api.org, typeName), keyName)
  if (typeName) return retrieveMany(call, objectNamed(call.api.org, typeName))
  if (call.method === 'POST')
    return runAll(
      call,
      records(call).map(record => tx => ({ id: createRecord(call.api.org, tx, typeOf(call, record), record) })),
    )
  if (call.method === 'PATCH')
    return runAll(
      call,
      records(call).map(record => tx => updateOne(call, tx, record)),
    )
  if (call.method === 'DELETE') return deleteMany(call)
  throw methodNotAllowed(call.method, ['POST', 'PATCH', 'DELETE'])
}

function records(call: Call): JsonObject[] {
  const list = bodyObject(call).records
  if (!Array.isArray(list)) throw refused('MISSING_ARGUMENT', 'The records list is missing')
  if (list.length > MAX_RECORDS)
    throw refused(
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${MAX_RECORDS} records in this call`,
    )
  return list.map((record: unknown) => {
    if (!isObject(record)) throw new ApiError(400, 'JSON_PARSER_ERROR', 'Each of the records must be an object')
    return record
  })
}

function typeOf(call: Call, record: JsonObject): ObjectType {
  const name = isObject(record.attributes) ? textOf(record.attributes.type) : undefined
  const type = name ? call.api.org.schema.named(name) : undefined
  if (!type)
    throw refused(
      'INVALID_TYPE',
      name ? `sObject type '${name}' is not supported.` : 'The attributes.type of a record is missing',
    )
  return type
}

function updateOne(call: Call, tx: Transaction, record: JsonObject): { id: string } {
  const { org } = call.api
  const type = typeOf(call, record)
  const name = Object.keys(record).find(key => key.toLowerCase() === 'id')
  const id = toId18(textOf(record[name ?? 'Id']) ?? '')
  if (!id) throw refused('MISSING_ARGUMENT', 'Id not specified in an update call')
  const { [name ?? 'Id']: _, ...fields } = record
  updateRecord(org, tx, type, liveRow(org, type, id).Id, fields)
  return { id }
}

function upsertMany(call: Call, type: ObjectType, keyName: string): Reply {
  if (call.method !== 'PATCH') throw methodNotAllowed(call.method, ['PATCH'])
  const field = externalIdField(type, keyName)
  const keyed = records(call).map(record => {
    const name = Object.keys(record).find(key => key.toLowerCase() === field.name.toLowerCase())
    const { [name ?? '']: key, ...fields } = record
    return { record, fields, key: key === undefined || key === null ? '' : String(key) }
  })
  const uses = new Map<string, number>()
  for (const { key } of keyed) uses.set(key.toLowerCase(), (uses.get(key.toLowerCase()) ?? 0) + 1)
  const steps = keyed.map(
    ({ record, fields, key }): Step =>
      tx => {
        if (typeOf(call, record) !== type) throw refused('INVALID_TYPE', `The type of the record is not ${type.name}`)
        if (field.type === 'id' && key === '')
          return { id: createRecord(call.api.org, tx, type, fields), created: true }
        if (key === '') throw refused('MISSING_ARGUMENT', `${field.name} not specified`, [field.name])
        if ((uses.get(key.toLowerCase()) ?? 0) > 1)
          throw refused('DUPLICATE_VALUE', `Duplicate external id specified: ${key}`, [field.name])
        return upsertOne(call, tx, type, field.name, key, fields)
      },
  )
  return runAll(call, steps)
}

function upsertOne(
  call: Call,
  tx: Transaction,
  type: ObjectType,
  keyName: string,
  key: string,
  fields: JsonObject,
): { id: string; created: boolean } {
  try {
    return upsertRecord(call.api.org, tx, type, keyName, key, fields)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 300) throw error
    throw refused(
      'DUPLICATE_EXTERNAL_ID',
      `More than one record found for external id field: ${JSON.stringify(error.body)}`,
    )
  }
}

function deleteMany(call: Call): Reply {
  const ids = (call.query.get('ids') ?? '').split(',').filter(Boolean)
  if (ids.length > MAX_RECORDS)
    throw refused(
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${MAX_RECORDS} records in this call`,
    )
  const { org } = call.api
  return runAll(
    call,
    ids.map(id => tx => {
      const type = org.schema.ofId(id)
      if (!type) throw refused('MALFORMED_ID', `malformed id ${id}`)
      const row = liveRow(org, type, id)
      deleteRecord(org, tx, type, row.Id)
      return { id: row.Id }
    }),
  )
}

/** Runs the steps in one transaction. Each failing step is taken back alone, or, with allOrNone, everything is. */
function runAll(call: Call, steps: readonly Step[]): Reply {
  const allOrNone = isObject(call.body) ? call.body.allOrNone === true : call.query.get('allOrNone') === 'true'
  const outcomes: Outcome[] = []
  try {
    atomically(call, tx => {
      for (const step of steps) outcomes.push(outcomeOf(tx, step))
      if (allOrNone && outcomes.some(outcome => !outcome.success)) throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    return { status: 200, body: outcomes.map(rolledBack) }
  }
  return { status: 200, body: outcomes }
}

class RolledBack extends Error {}

function outcomeOf(tx: Transaction, step: Step): Outcome {
  try {
    const { id, created } = attempt(tx, step)
    return created === undefined ? { id, success: true, errors: [] } : { id, success: true, errors: [], created }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { success: false, errors: [collectionError(error)] }
  }
}

/** Inside a collection a missing record is an invalid reference, not a 404. */
function collectionError(error: ApiError): unknown {
  return error.code === 'NOT_FOUND'
    ? refused('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id').toResult()
    : error.toResult()
}

function rolledBack(outcome: Outcome): Outcome {
  if (!outcome.success) return outcome
  const error = refused(
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'Record rolled back because not all records were valid and the request was using AllOrNone header',
  )
  return {
    success: false,
    errors: [error.toResult()],
    ...(outcome.created === undefined ? {} : { created: outcome.created }),
  }
}

function retrieveMany(call: Call, type: ObjectType): Reply {
  if (call.method !== 'POST' && call.method !== 'GET') throw methodNotAllowed(call.method, ['GET', 'POST'])
  const body = isObject(call.body) ? call.body : {}
  const ids = Array.isArray(body.ids) ? body.ids.map(String) : (call.query.get('ids') ?? '').split(',').filter(Boolean)
  const fields = Array.isArray(body.fields) ? body.fields.map(String).join(',') : call.query.get('fields')
  if (ids.length > MAX_RETRIEVE)
    throw refused(
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${MAX_RETRIEVE} records in this call`,
    )
  const table = call.api.org.table(type.name)
  const found = ids.map(id => {
    const row = table.get(toId18(id) ?? '')
    return row && !row.IsDeleted ? renderRecord(call.version, type, row, fields) : null
  })
  return { status: 200, body: found }
}
