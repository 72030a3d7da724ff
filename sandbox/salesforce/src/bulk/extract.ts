// Works off a query job: its rows are written to a file, some at a time; pages are cut from that file.
import { malformed } from '../errors.ts'
import { isObject } from '../json.ts'
import type { Org } from '../org.ts'
import { resolvePath } from '../soql/paths.ts'
import { type QueryResult, runQuery } from '../soql/run.ts'
import { parseDatetime } from '../times.ts'
import { csvText } from './csv.ts'
import type { Job } from './jobs.ts'

const ROWS_AT_ONCE = 2000

/** Runs a query job from its start. `mayGoOn` is awaited before each piece. */
export async function extract(org: Org, job: Job, mayGoOn: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now()
  const result = bulkQuery(org, job.query ?? '', job.operation === 'queryAll', job.version)
  const columns = columnsOf(org, result)
  org.jobs.change(job.id, { columns })
  let bytes = org.jobs.write(job.id, 'result', 0, csvText(job, [columns]))
  for (let from = 0; from < result.length; from += ROWS_AT_ONCE) {
    if (!(await mayGoOn())) return
    const rows: string[][] = []
    for (let i = from; i < Math.min(from + ROWS_AT_ONCE, result.length); i++) {
      const record = result.record(i)
      rows.push(columns.map(column => textAt(record, column.split('.'))))
    }
    bytes = org.jobs.write(job.id, 'result', bytes, csvText(job, rows))
  }
  if (!(await mayGoOn())) return
  const workedMs = performance.now() - startedAt
  org.jobs.change(job.id, { state: 'JobComplete', processed: result.length, successBytes: bytes, workedMs })
}

/** Runs a query, or refuses what the Bulk API does not do. */
export function bulkQuery(org: Org, soql: string, withDeleted: boolean, version: string): QueryResult {
  const result = runQuery(org, soql, { version, withDeleted })
  const { query, type } = result
  const unsupported = (what: string) => malformed('API_ERROR', `${what} not supported in Bulk Query`)
  for (const field of query.fields ?? []) {
    if (field.type === 'FieldSubquery') throw unsupported('Aggregate Relationships')
    if (field.type === 'FieldTypeof') throw unsupported('TYPEOF')
    if (field.type === 'FieldFunctionExpression' && !/^(tolabel|format|convertcurrency)$/i.test(field.functionName))
      throw unsupported(`The function ${field.functionName.toUpperCase()}()`)
    const owner = field.type === 'Field' ? type.fieldNamed.get(field.field.toLowerCase()) : undefined
    if (owner?.type === 'address') throw unsupported('Selecting compound data')
  }
  if (query.groupBy) throw unsupported('GROUP BY')
  if (query.offset) throw unsupported('OFFSET')
  return result
}

/** The columns in the order of the query, named as the org names its fields. */
function columnsOf(org: Org, { query, type }: QueryResult): string[] {
  return (query.fields ?? []).map(field => {
    if (field.type === 'FieldFunctionExpression')
      return field.alias ?? resolvePath(org, type, String(field.parameters[0]), query.sObjectAlias).field.name
    const text =
      field.type === 'FieldRelationship'
        ? (field.rawValue ?? [...field.relationships, field.field].join('.'))
        : field.type === 'Field'
          ? field.field
          : ''
    const path = resolvePath(org, type, text, query.sObjectAlias)
    return [...path.parents.map(({ field: lookup }) => lookup.relationshipName ?? lookup.name), path.field.name].join(
      '.',
    )
  })
}

function textAt(value: unknown, path: readonly string[]): string {
  const [name, ...rest] = path
  if (name !== undefined) return isObject(value) ? textAt(value[name], rest) : ''
  if (value === null || value === undefined) return ''
  return typeof value === 'string' && parseDatetime(value) ? value.replace('+0000', 'Z') : String(value)
}
