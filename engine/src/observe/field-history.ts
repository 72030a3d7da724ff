// The values that a field took, newest first, each with the cause that its version names.
import { equal } from '../kernel/equal.ts'
import type { Query, Tx } from '../store/db.ts'
import type { FieldPath } from './field-path.ts'

/** What a version says of its cause: a system's word, or a step of a journey. */
export type Cause = {
  readonly system?: string
  /** When the system says that it changed, or the step was done. */
  readonly at?: string
  readonly change?: string
  readonly by?: string
  readonly step?: string
  /** The record that it was born of. */
  readonly from?: string
  readonly build?: number
  /** The wish that it follows from: granted by a desk, or taken back because the owner's system refused it. */
  readonly dispute?: string
  /** The fields that are empty still, and the system that owns each: what the cause had there is put right. */
  readonly leftEmpty?: Readonly<Record<string, string>>
}

/** A value that a field took. */
export type Taken = {
  readonly version: number
  readonly at: Date
  readonly value: unknown
  readonly cause: Cause
  /** It was history, such as the first load: nothing followed from it. */
  readonly quiet: boolean
}
export type History = {
  readonly taken: readonly Taken[]
  /** There are older ones. */
  readonly more: boolean
}

/** Lines are told of as a whole list: so many versions of it are looked through for one of its fields. */
const MOST_VERSIONS = 1_000

/** Uses the primary key of record_version, partition by partition, from the newest on. */
const ofField: Query = {
  name: 'history-field',
  text: `
    select version, at, fields -> $2 as value, cause, quiet
    from record_version
    where ref = $1 and version < $3 and fields ? $2
    order by version desc
    limit $4`,
}

/** As above; of the list only the line that is asked for. */
const ofLine: Query = {
  name: 'history-line',
  text: `
    select version, at, cause, quiet,
           (select e from jsonb_array_elements(case when jsonb_typeof(fields -> $2) = 'array' then fields -> $2 else '[]' end) e
            where e ->> 'line' = $5 limit 1) as line
    from record_version
    where ref = $1 and version < $3 and fields ? $2
    order by version desc
    limit $4`,
}
type LineRow = Omit<Taken, 'value'> & { readonly line: Readonly<Record<string, unknown>> | null }

const NEWEST = 2_147_483_647

/** The values that a field took before a version, at most so many. */
export async function historyOf(
  tx: Tx,
  ref: string,
  { list, line, name }: FieldPath,
  limit: number,
  before: number = NEWEST,
): Promise<History> {
  if (list === null) {
    const rows = await tx.query<Taken>(ofField, [ref, name, before, limit + 1])
    return { taken: rows.slice(0, limit), more: rows.length > limit }
  }
  const rows = await tx.query<LineRow>(ofLine, [ref, list, before, MOST_VERSIONS, line])
  const isCut = rows.length === MOST_VERSIONS
  const taken = transitions(
    rows.map(({ line: found, ...row }) => ({ ...row, isThere: found !== null, value: found?.[name] })),
    isCut,
  )
  return { taken: taken.slice(0, limit), more: taken.length > limit || isCut }
}

/** Of all that a list became, where this one value began: newest first. Of the oldest row of a cut list nobody knows. */
function transitions(rows: readonly (Taken & { readonly isThere: boolean })[], isCut: boolean): Taken[] {
  return rows.flatMap(({ isThere, ...row }, at) => {
    const older = rows[at + 1]
    const began = isThere && (older ? !(older.isThere && equal(older.value, row.value)) : !isCut)
    return began ? [row] : []
  })
}

/** Uses the primary key of record_version. */
const versionsNamed: Query = {
  name: 'history-versions',
  text: 'select version, at, fields, cause, quiet from record_version where ref = $1 and version = any($2::int[])',
}
/** So many versions of each list are looked through when all fields are told of at once. */
const MOST_OF_LIST = 200
const ofList: Query = {
  name: 'history-list',
  text: `
    select version, at, fields -> $2 as value, cause, quiet
    from record_version
    where ref = $1 and fields ? $2
    order by version desc
    limit ${MOST_OF_LIST}`,
}

/** What brought each field the value that it has now; `sources` says the version of each plain one. */
export async function currentOf(
  tx: Tx,
  ref: string,
  paths: readonly FieldPath[],
  sources: Readonly<Record<string, unknown>>,
): Promise<Map<string, Taken>> {
  const wanted = [...new Set(Object.values(sources).map(Number))]
  const rows = await tx.query<Omit<Taken, 'value'> & { fields: Record<string, unknown> }>(versionsNamed, [ref, wanted])
  const versions = new Map(rows.map(row => [row.version, row]))
  const found = new Map<string, Taken>()
  for (const { path, name, list } of paths) {
    const row = list === null ? versions.get(Number(sources[name])) : undefined
    if (row) found.set(path, { ...row, value: row.fields[name] })
  }
  for (const list of new Set(paths.flatMap(one => one.list ?? []))) {
    const told = await tx.query<Taken>(ofList, [ref, list])
    for (const path of paths.filter(one => one.list === list)) {
      const rows = told.map(row => withinList(row, path))
      const [newest] = transitions(rows, told.length === MOST_OF_LIST)
      if (newest) found.set(path.path, newest)
    }
  }
  return found
}

function withinList(row: Taken, { line, name }: FieldPath): Taken & { readonly isThere: boolean } {
  const lines: readonly Readonly<Record<string, unknown>>[] = Array.isArray(row.value) ? row.value : []
  const found = lines.find(one => one.line === line)
  return { ...row, isThere: found !== undefined, value: found?.[name] }
}
