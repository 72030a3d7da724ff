// The journal: one line per committed transaction in an append-only file. It is the only thing on disk;
// the state is what comes of replaying it, and what people read of it is kept in memory, ready to send.
import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isRow, type Row, rowsIn } from '../odata/model.ts'

export interface Told {
  readonly kind: 'create' | 'update' | 'delete'
  readonly object: string
  readonly id: string
  readonly fields: Row
}

export interface Line {
  readonly at: number
  readonly by: string
  readonly told: readonly Told[]
  /** By table: the documents as they are after the transaction, packed. */
  readonly puts: { readonly [table: string]: readonly Row[] }
  readonly removes: { readonly [table: string]: readonly string[] }
  readonly numbers: { readonly [range: string]: number }
}

export class Journal {
  readonly #file: number
  readonly #entries: string[] = []
  readonly #objects: string[] = []

  constructor(dataFolder: string) {
    mkdirSync(dataFolder, { recursive: true })
    this.#file = openSync(join(dataFolder, 'journal.jsonl'), 'a+')
  }

  get last(): number {
    return this.#entries.length
  }

  /** Reads every whole line and cuts off what a crash left half written. */
  replay(apply: (line: Line) => void): void {
    const whole = readLines(this.#file, text => {
      const line = parseLine(text)
      if (!line) return false
      apply(line)
      this.#remember(line)
      return true
    })
    ftruncateSync(this.#file, whole)
  }

  append(line: Line): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written)
    this.#remember(line)
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

  #remember(line: Line): void {
    for (const { kind, object, id, fields } of line.told) {
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
  return {
    at: value.at,
    by: value.by,
    told: rowsIn(value.told).flatMap(toldIn),
    puts: mapValues(value.puts, rowsIn),
    removes: mapValues(value.removes, ids => (Array.isArray(ids) ? ids.map(String) : [])),
    numbers: mapValues(value.numbers, Number),
  }
}

const toldIn = (row: Row): Told[] =>
  row.kind === 'create' || row.kind === 'update' || row.kind === 'delete'
    ? [{ kind: row.kind, object: String(row.object), id: String(row.id), fields: isRow(row.fields) ? row.fields : {} }]
    : []

const mapValues = <V>(value: unknown, map: (value: unknown) => V): { [key: string]: V } =>
  isRow(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, map(each)])) : {}
