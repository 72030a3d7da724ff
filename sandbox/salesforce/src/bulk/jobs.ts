// The bulk jobs of an org: what each is to do and how far it has come. A job's facts are lines of the org's journal, so
// that they are exactly as far as the records they changed; its uploads and results are files beside it.
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeId, serialOf } from '../ids.ts'
import { isObject, type JsonObject, numberOf, textOf } from '../json.ts'
import type { Actor } from '../transaction.ts'

export const INGEST_OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete'] as const
export const QUERY_OPERATIONS = ['query', 'queryAll'] as const
type IngestOperation = (typeof INGEST_OPERATIONS)[number]
type QueryOperation = (typeof QUERY_OPERATIONS)[number]

export const DELIMITERS = {
  COMMA: ',',
  TAB: '\t',
  PIPE: '|',
  SEMICOLON: ';',
  CARET: '^',
  BACKQUOTE: '`',
} as const
export type Delimiter = keyof typeof DELIMITERS
export const LINE_ENDINGS = { LF: '\n', CRLF: '\r\n' } as const
export type LineEnding = keyof typeof LINE_ENDINGS

const STATES = ['Open', 'UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted'] as const
type JobState = (typeof STATES)[number]

export type Job = {
  readonly id: string
  readonly operation: IngestOperation | QueryOperation
  readonly object: string
  readonly externalIdFieldName?: string
  readonly query?: string
  readonly version: string
  readonly delimiter: Delimiter
  readonly lineEnding: LineEnding
  readonly actor: Actor
  readonly createdAt: number
  readonly changedAt: number
  readonly state: JobState
  /** How often data were uploaded: once is right, more makes closing fail. */
  readonly uploads: number
  /** The columns of the upload, known from its first chunk on. */
  readonly columns?: readonly string[]
  /** Up to which byte the upload has been worked off. */
  readonly offset: number
  readonly processed: number
  readonly failed: number
  /** How much of the files of results is true; what a crash left behind that is not. */
  readonly successBytes: number
  readonly failureBytes: number
  readonly workedMs: number
  readonly errorMessage?: string
}

export type JobChange = Partial<Omit<Job, 'id'>>
export type JobFile = 'upload' | 'success' | 'failure' | 'result'

const FIRST = {
  state: 'Open',
  uploads: 0,
  offset: 0,
  processed: 0,
  failed: 0,
  successBytes: 0,
  failureBytes: 0,
} as const
const KEPT_MS = 7 * 86_400_000
const OVER: readonly JobState[] = ['JobComplete', 'Failed', 'Aborted']

export const isOver = (job: Job): boolean => OVER.includes(job.state)
export const isQuery = (job: Job): boolean => job.operation === 'query' || job.operation === 'queryAll'

export class Jobs {
  readonly #folder: string
  readonly #now: () => number
  readonly #remember: (line: object) => void
  readonly #jobs = new Map<string, Job>()
  #last = 0

  constructor(options: { folder: string; now: () => number; remember: (line: object) => void }) {
    this.#folder = join(options.folder, 'bulk')
    this.#now = options.now
    this.#remember = options.remember
    // Uploads that no job took over before the last stop.
    if (existsSync(this.#folder))
      for (const name of readdirSync(this.#folder)) if (name.startsWith(NEW)) rmSync(join(this.#folder, name))
  }

  create(what: Pick<Job, 'operation' | 'object' | 'version' | 'delimiter' | 'lineEnding' | 'actor'> & JobChange): Job {
    const now = this.#now()
    const job: Job = { ...FIRST, workedMs: 0, ...what, id: makeId('750', ++this.#last), createdAt: now, changedAt: now }
    this.#remember({ job })
    this.#jobs.set(job.id, job)
    return job
  }

  /** A job by its id; results are kept for seven days. */
  find(id: string): Job | undefined {
    const job = this.#jobs.get(id) ?? this.all().find(one => one.id.slice(0, 15) === id)
    if (!job || !isOver(job) || this.#now() - job.changedAt < KEPT_MS) return job
    this.delete(job.id)
    return undefined
  }

  /** All jobs, the oldest first. */
  all(): readonly Job[] {
    return [...this.#jobs.values()]
  }

  /** The oldest job that waits for work or was left in the middle of it. */
  nextToRun(): Job | undefined {
    const waiting = this.all().filter(job => job.state === 'InProgress' || job.state === 'UploadComplete')
    return waiting.find(job => job.state === 'InProgress') ?? waiting[0]
  }

  change(id: string, change: JobChange): void {
    const whole = { ...change, changedAt: this.#now() }
    this.#remember({ job: { id, ...whole } })
    this.apply(id, whole)
  }

  /** Takes over a change that the journal has already. */
  apply(id: string, change: JobChange): void {
    const job = this.#jobs.get(id)
    if (job) this.#jobs.set(id, { ...job, ...change })
  }

  delete(id: string): void {
    this.#remember({ job: { id, deleted: true } })
    this.#jobs.delete(id)
    for (const kind of FILES) rmSync(this.file(id, kind), { force: true })
  }

  replay(line: JsonObject): void {
    const id = textOf(line.id) ?? ''
    this.#last = Math.max(this.#last, serialOf(id))
    if (line.deleted === true) this.#jobs.delete(id)
    else this.#jobs.set(id, jobOf({ ...this.#jobs.get(id), ...line }))
  }

  /** Where an upload is put until its job takes it over. */
  newUpload(name: string): string {
    mkdirSync(this.#folder, { recursive: true })
    return join(this.#folder, NEW + name)
  }

  takeUpload(id: string, path: string): void {
    renameSync(path, this.file(id, 'upload'))
  }

  file(id: string, kind: JobFile): string {
    return join(this.#folder, `${id}.${kind}.csv`)
  }

  /** Writes a piece of a file at a known place; a piece that a crash left there is overwritten. */
  write(id: string, kind: JobFile, at: number, text: string): number {
    if (text === '') return at
    mkdirSync(this.#folder, { recursive: true })
    const path = this.file(id, kind)
    const file = openSync(path, existsSync(path) ? 'r+' : 'w')
    try {
      return at + writeSync(file, Buffer.from(text), 0, undefined, at)
    } finally {
      closeSync(file)
    }
  }
}

const NEW = 'new-'
const FILES: readonly JobFile[] = ['upload', 'success', 'failure', 'result']

/** A job as the journal has it. */
function jobOf(line: JsonObject): Job {
  const number = (name: string) => numberOf(line[name]) ?? 0
  const actor = isObject(line.actor) ? line.actor : {}
  return {
    id: textOf(line.id) ?? '',
    operation: oneOf([...INGEST_OPERATIONS, ...QUERY_OPERATIONS], line.operation),
    object: textOf(line.object) ?? '',
    externalIdFieldName: textOf(line.externalIdFieldName),
    query: textOf(line.query),
    version: textOf(line.version) ?? '',
    delimiter: delimiterOf(line.delimiter) ?? damaged(),
    lineEnding: lineEndingOf(line.lineEnding) ?? damaged(),
    actor: { userId: textOf(actor.userId) ?? '', by: textOf(actor.by) ?? '', origin: textOf(actor.origin) ?? '' },
    createdAt: number('createdAt'),
    changedAt: number('changedAt'),
    state: oneOf(STATES, line.state),
    uploads: number('uploads'),
    columns: Array.isArray(line.columns) ? line.columns.map(String) : undefined,
    offset: number('offset'),
    processed: number('processed'),
    failed: number('failed'),
    successBytes: number('successBytes'),
    failureBytes: number('failureBytes'),
    workedMs: number('workedMs'),
    errorMessage: textOf(line.errorMessage),
  }
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T {
  return known.find(one => one === value) ?? damaged()
}

export const delimiterOf = (value: unknown): Delimiter | undefined => keyOf(DELIMITERS, value)
export const lineEndingOf = (value: unknown): LineEnding | undefined => keyOf(LINE_ENDINGS, value)

function keyOf<T extends object>(known: T, value: unknown): keyof T | undefined {
  const isKey = (key: unknown): key is keyof T => typeof key === 'string' && Object.hasOwn(known, key)
  return isKey(value) ? value : undefined
}

function damaged(): never {
  throw new Error('A journal line holds a damaged bulk job')
}
