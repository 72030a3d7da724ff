// The rows of an upload: what its header may name, and what a row asks of its record.
import { ApiError, refused } from '../errors.ts'
import { toId18 } from '../ids.ts'
import type { Org } from '../org.ts'
import { createRecord, deleteRecord, externalIdField, liveRow, updateRecord, upsertRecord } from '../records.ts'
import type { Field, ObjectType } from '../schema.ts'
import type { Transaction } from '../transaction.ts'
import { parseValue } from '../values.ts'
import type { Job } from './jobs.ts'

/** A job that cannot go on; the text becomes its errorMessage. */
export class JobFailure extends Error {}

type Column =
  | { readonly of: 'id' }
  | { readonly of: 'field'; readonly field: Field }
  /** `Account.Plumbline_Ref__c`: a parent named by its external id. */
  | { readonly of: 'parent'; readonly relation: string; readonly key: string }

export type RowOutcome = { readonly id: string; readonly created: boolean }
export type RowReader = {
  /** Does what a row asks, inside the transaction of its chunk. */
  readonly run: (tx: Transaction, row: readonly string[]) => RowOutcome
  /** The id that a failed row is told with. */
  readonly idOf: (row: readonly string[]) => string
  /** What names the record, when two rows of a chunk may not name the same. */
  readonly keyOf: (row: readonly string[]) => string | undefined
}

const CLEARED = '#N/A'

export function rowReader(org: Org, job: Job, header: readonly string[]): RowReader {
  const type = org.schema.named(job.object)
  if (!type) throw new JobFailure(`InvalidJob : Unable to find object: ${job.object}`)
  const columns = header.map(name => columnOf(org, type, name))
  const twice = header.find((name, i) => header.some((other, j) => j < i && other.toLowerCase() === name.toLowerCase()))
  if (twice !== undefined) throw new JobFailure(`InvalidBatch : Field name is there twice : ${twice}`)
  const idAt = columns.findIndex(column => column.of === 'id')
  const idOf = (row: readonly string[]) => row[idAt] ?? ''
  const record = (row: readonly string[], except: number) => recordOf(columns, row, except)

  if (job.operation === 'insert')
    return {
      idOf: () => '',
      keyOf: () => undefined,
      run: (tx, row) => ({ id: createRecord(org, tx, type, record(row, -1)), created: true }),
    }
  if (job.operation === 'upsert') {
    const key = externalIdField(type, job.externalIdFieldName ?? '')
    const keyAt = header.findIndex(name => name.toLowerCase() === key.name.toLowerCase())
    if (keyAt < 0) throw new JobFailure(`InvalidBatch : Field name not found : ${key.name}`)
    return {
      idOf,
      keyOf: row => row[keyAt] || undefined,
      run: (tx, row) => upsert(org, tx, type, key, row[keyAt] ?? '', record(row, keyAt)),
    }
  }
  if (job.operation === 'update') {
    return {
      idOf,
      keyOf: () => undefined,
      run: (tx, row) => {
        const id = idGiven(idOf(row), 'an update')
        updateRecord(org, tx, type, id, record(row, idAt))
        return { id, created: false }
      },
    }
  }
  if (header.length !== 1 || idAt !== 0)
    throw new JobFailure(`InvalidBatch : The '${job.operation}' batch must contain only ids`)
  return {
    idOf,
    keyOf: () => undefined,
    run: (tx, row) => {
      const { Id } = liveRow(org, type, idGiven(idOf(row), 'a delete'))
      deleteRecord(org, tx, type, Id)
      return { id: Id, created: false }
    },
  }
}

function columnOf(org: Org, type: ObjectType, name: string): Column {
  const field = type.fieldNamed.get(name.toLowerCase())
  if (field?.type === 'id') return { of: 'id' }
  if (field) return { of: 'field', field }
  // `User:Owner.Username` names the type of a lookup that could go to several.
  const [relation = '', key = '', ...rest] = name.replace(/^\w+:/, '').split('.')
  const lookup = type.relationNamed.get(relation.toLowerCase())
  const parentField = org.schema.named(lookup?.referenceTo ?? '')?.fieldNamed.get(key.toLowerCase())
  if (lookup?.relationshipName && parentField && rest.length === 0)
    return { of: 'parent', relation: lookup.relationshipName, key: parentField.name }
  throw new JobFailure(`InvalidBatch : Field name not found : ${name}`)
}

/** What a row says of its record: an empty cell says nothing, #N/A clears. */
function recordOf(columns: readonly Column[], row: readonly string[], except: number): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (const [i, column] of columns.entries()) {
    const cell = row[i] ?? ''
    if (cell === '' || i === except) continue
    if (column.of === 'parent') record[column.relation] = cell === CLEARED ? null : { [column.key]: cell }
    else if (column.of === 'field') record[column.field.name] = cell === CLEARED ? null : cellValue(column.field, cell)
    else record.Id = cell
  }
  return record
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, 1: true, false: false, 0: false }

function cellValue(field: Field, cell: string): unknown {
  const value = field.type === 'boolean' ? (FLAGS[cell.toLowerCase()] ?? cell) : cell
  try {
    parseValue(field, value)
    return value
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'JSON_PARSER_ERROR') throw error
    throw refused('INVALID_TYPE_ON_FIELD_IN_RECORD', `${field.label}: value not of required type: ${cell}`, [
      field.name,
    ])
  }
}

function idGiven(text: string, act: string): string {
  if (text === '') throw refused('MISSING_ARGUMENT', `Id not specified in ${act} call`)
  const id = toId18(text)
  if (!id) throw refused('MALFORMED_ID', `malformed id ${text}`, ['Id'])
  return id
}

function upsert(
  org: Org,
  tx: Transaction,
  type: ObjectType,
  key: Field,
  value: string,
  record: Record<string, unknown>,
): RowOutcome {
  if (value === '' && key.type === 'id') return { id: createRecord(org, tx, type, record), created: true }
  if (value === '') throw refused('MISSING_ARGUMENT', `${key.name} not specified`, [key.name])
  try {
    return upsertRecord(org, tx, type, key.name, key.type === 'id' ? idGiven(value, 'an upsert') : value, record)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 300) throw error
    throw refused(
      'DUPLICATE_EXTERNAL_ID',
      `More than one record found for external id field: ${JSON.stringify(error.body)}`,
    )
  }
}

/** A refusal as a file of failed rows tells it: `CODE:message:fields --`. */
export function errorText(error: ApiError): string {
  const { code, message, fields } =
    // A missing record is an invalid reference here, not a 404.
    error.code === 'NOT_FOUND' ? refused('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id') : error
  return `${code}:${message}:${fields && fields.length > 0 ? `${fields.join(', ')} ` : ''}--`
}
