// The journal: one line per committed transaction in an append-only file. It is the only thing on disk;
// the state is what comes of replaying it, and what people read of it is kept in memory, ready to send.
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isRow, type Row } from '../odata/model.ts'
import type { Told } from './telling.ts'

/** One changed document: its table, its id, and how it is now, packed; null when it is gone. */
export type Changed = readonly [table: string, id: string, packed: Row | null]

export interface Line {
  readonly at: number
  readonly by: string
  readonly changes: readonly Changed[]
  readonly numbers: { readonly [range: string]: number }
}

export class Journal {
  readonly #file: number
  #size = 0
  readonly #entries: string[] = []
  readonly #objects: string[] = []

  constructor(dataFolder: string) {
    mkdirSync(dataFolder, { recursive: true })
    this.#file = openSync(join(dataFolder, 'journal.jsonl'), 'a+')
  }

  get last(): number {
    return this.#entries.length
  }

  /** Reads every whole line and cuts off what a crash left half written. `apply` answers what each line tells. */
  replay(apply: (line: Line) => readonly Told[]): void {
    const whole = readLines(this.#file, text => {
      const line = parseLine(text)
      if (!line) return false
      this.#remember(line, apply(line))
      return true
    })
    if (fstatSync(this.#file).size > whole) ftruncateSync(this.#file, whole)
    this.#size = whole
  }

  append(line: Line, told: readonly Told[]): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written)
    } catch (error) {
      // Half a line, on a full disk say, must not stand in the way of the next one.
      ftruncateSync(this.#file, this.#size)
      throw error
    }
    this.#size += bytes.length
    this.#remember(line, told)
  }

  /** The JSON of a page of entries after `after`, optionally of one object only. */
  page(after: number, limit: number, object?: string): string {
    const chosen: string[] = []
    for (let n = Math.max(0, after); n < this.#entries.length && chosen.length < limit; n++) {
      const entry = this.#entries[n]
      if (entry !== undefined && (object === undefined || this.#objects[n] === object)) chosen.push(entry)
    }
    return `{"entries":[${chosen.join(',')}],"last":${this.last}}`
  }

  close(): void {
    closeSync(this.#file)
  }

  #remember(line: Line, told: readonly Told[]): void {
    for (const { kind, object, id, fields } of told) {
      const n = this.#entries.length + 1
      this.#entries.push(JSON.stringify({ n, at: line.at, kind, object, id, by: line.by, fields }))
      this.#objects.push(object)
    }
  }
}

const CHUNK = 1 << 20

/** Hands each whole line to `take` until it refuses one; answers how many bytes were good. */
function readLines(file: number, take: (text: string) => boolean): number {
  const chunk = Buffer.alloc(CHUNK)
  let rest = Buffer.alloc(0)
  let good = 0
  let position = 0
  for (;;) {
    const read = readSync(file, chunk, 0, CHUNK, position)
    if (read === 0) return good
    position += read
    rest = Buffer.concat([rest, chunk.subarray(0, read)])
    let start = 0
    for (let end = rest.indexOf(10, start); end !== -1; end = rest.indexOf(10, start)) {
      if (!take(rest.toString('utf8', start, end))) return good
      good += end + 1 - start
      start = end + 1
    }
    rest = rest.subarray(start)
  }
}

function parseLine(text: string): Line | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRow(value) || typeof value.at !== 'number' || typeof value.by !== 'string') return undefined
  const changes = Array.isArray(value.changes) ? value.changes.flatMap(changeIn) : []
  const numbers = isRow(value.numbers) ? value.numbers : {}
  return {
    at: value.at,
    by: value.by,
    changes,
    numbers: Object.fromEntries(Object.entries(numbers).map(([range, number]) => [range, Number(number)])),
  }
}

function changeIn(value: unknown): Changed[] {
  if (!Array.isArray(value)) return []
  const [table, id, packed]: unknown[] = value
  return typeof table === 'string' && typeof id === 'string' ? [[table, id, isRow(packed) ? packed : null]] : []
}
