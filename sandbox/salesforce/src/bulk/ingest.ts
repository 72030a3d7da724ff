// Works off an upload: 200 rows a transaction, as triggers see them; a row that fails is taken back alone and told.
import { createReadStream, existsSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { CsvError, type Info, parse } from 'csv-parse'
import { ApiError, refused } from '../errors.ts'
import type { JournalNote, Org } from '../org.ts'
import { attempt, type Transaction } from '../transaction.ts'
import { csvText, lineEndingAtStart } from './csv.ts'
import { DELIMITERS, type Job, LINE_ENDINGS } from './jobs.ts'
import { errorText, JobFailure, type RowOutcome, type RowReader, rowReader } from './rows.ts'

const CHUNK = 200
const MAX_RECORD = 400_000

type UploadRow = { readonly cells: readonly string[]; readonly end: number }

/** Runs a job from where it stands. `mayGoOn` is awaited before each chunk. */
export async function ingest(org: Org, job: Job, mayGoOn: () => Promise<boolean>): Promise<void> {
  checkUpload(org, job)
  let columns = job.columns
  let reader = columns && rowReader(org, job, columns)
  let chunk: UploadRow[] = []
  const finishChunk = async () => {
    const goOn = await mayGoOn()
    const now = org.jobs.find(job.id)
    if (goOn && now && reader && chunk.length > 0) runChunk(org, now, reader, chunk)
    chunk = []
    return goOn
  }
  for await (const row of rowsOf(org, job)) {
    if (!columns || !reader) {
      columns = row.cells.map(name => name.trim())
      reader = rowReader(org, job, columns)
      org.jobs.change(job.id, { columns, offset: row.end })
    } else if (row.cells.length !== columns.length) {
      if (!(await finishChunk())) return
      throw new JobFailure(
        `InvalidBatch : A row has ${row.cells.length} fields and the header ${columns.length} : ${row.cells.slice(0, 3).join(', ')}`,
      )
    } else if (chunk.push(row) === CHUNK && !(await finishChunk())) return
  }
  if (await finishChunk()) org.jobs.change(job.id, { state: 'JobComplete' })
}

function checkUpload(org: Org, job: Job): void {
  const path = org.jobs.file(job.id, 'upload')
  if (!existsSync(path)) throw new JobFailure('ClientInputError : Unable to find any data to create batch')
  const found = lineEndingAtStart(path)
  if (found && found !== job.lineEnding)
    throw new JobFailure(
      `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${job.lineEnding}`,
    )
}

/** The rows that are still to do, the header first when that is one of them; read as they are asked for. */
async function* rowsOf(org: Org, job: Job): AsyncGenerator<UploadRow> {
  const parser = parse({
    bom: true,
    delimiter: DELIMITERS[job.delimiter],
    record_delimiter: LINE_ENDINGS[job.lineEnding],
    info: true,
    max_record_size: MAX_RECORD,
    relax_column_count: true,
    skip_empty_lines: true,
  })
  const rows: AsyncIterable<{ record: string[]; info: Info }> = parser
  // What goes wrong on the way ends the parser, which tells it below.
  pipeline(createReadStream(org.jobs.file(job.id, 'upload'), { start: job.offset }), parser, () => {})
  try {
    for await (const { record, info } of rows) yield { cells: record, end: job.offset + info.bytes }
  } catch (error) {
    if (error instanceof CsvError) throw new JobFailure(`InvalidBatch : ${error.message}`)
    throw error
  }
}

type Told = { readonly row: UploadRow; readonly done: RowOutcome } | { readonly row: UploadRow; readonly error: string }

function runChunk(org: Org, job: Job, reader: RowReader, rows: readonly UploadRow[]): void {
  const startedAt = performance.now()
  const uses = new Map<string, number>()
  for (const { cells } of rows) {
    const key = reader.keyOf(cells)?.toLowerCase()
    if (key !== undefined) uses.set(key, (uses.get(key) ?? 0) + 1)
  }
  const work = (tx: Transaction) =>
    rows.map((row): Told => {
      try {
        return { row, done: attempt(tx, () => runRow(tx, reader, row, uses)) }
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        return { row, error: errorText(error) }
      }
    })
  org.commit(job.actor, work, told => noteOf(org, job, reader, told, performance.now() - startedAt))
}

function runRow(
  tx: Transaction,
  reader: RowReader,
  { cells }: UploadRow,
  uses: ReadonlyMap<string, number>,
): RowOutcome {
  const key = reader.keyOf(cells)
  if (key !== undefined && (uses.get(key.toLowerCase()) ?? 0) > 1)
    throw refused('DUPLICATE_VALUE', `Duplicate external id specified: ${key}`)
  return reader.run(tx, cells)
}

/** What the journal is to hold beside the records: how far the job is. The results are written first, and count from then on. */
function noteOf(org: Org, job: Job, reader: RowReader, told: readonly Told[], workedMs: number): JournalNote {
  const header = job.columns ?? []
  const successes = told.flatMap(one =>
    'done' in one ? [[one.done.id, String(one.done.created), ...one.row.cells]] : [],
  )
  const failures = told.flatMap(one =>
    'error' in one ? [[reader.idOf(one.row.cells), one.error, ...one.row.cells]] : [],
  )
  const withHeader = (at: number, rows: string[][], names: readonly string[]) =>
    csvText(job, at === 0 && rows.length > 0 ? [[...names, ...header], ...rows] : rows)
  const change = {
    offset: told.at(-1)?.row.end ?? job.offset,
    processed: job.processed + told.length,
    failed: job.failed + failures.length,
    successBytes: org.jobs.write(job.id, 'success', job.successBytes, withHeader(job.successBytes, successes, SUCCESS)),
    failureBytes: org.jobs.write(job.id, 'failure', job.failureBytes, withHeader(job.failureBytes, failures, FAILURE)),
    workedMs: job.workedMs + workedMs,
    changedAt: org.now(),
  }
  const purge = job.operation === 'hardDelete' ? successes.map(([id = '']) => id) : undefined
  return { job: { id: job.id, ...change }, ...(purge ? { purge } : {}) }
}

export const SUCCESS = ['sf__Id', 'sf__Created']
export const FAILURE = ['sf__Id', 'sf__Error']
