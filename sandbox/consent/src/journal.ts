// The journal: one line per committed transaction in an append-only file. It is the only thing on disk; the state is what
// comes of replaying it, and what people read of it is kept in memory, ready to send.
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isRow, type Row } from './http.ts'

/** One changed record: which object it is, its id, and how it is now. */
export type Changed = readonly [object: string, id: string, row: Row]

/** An answer that is given again to whoever sends the same key: what was asked, and what was said. */
export interface Kept {
  readonly key: string
  readonly asked: string
  readonly said: string
}

export interface Line {
  readonly at: number
  readonly by: string
  readonly changes: readonly Changed[]
  readonly kept?: Kept
}

/** What a line tells people of one record. */
export interface Told {
  readonly kind: 'create' | 'update' | 'delete'
  readonly object: string
  readonly id: string
  readonly fields: Row
}

export class Journal {
  readonly #file: number
  #size = 0
  readonly #entries: { readonly object: string; readonly json: string }[] = []

  constructor(dataFolder: string) {
    mkdirSync(dataFolder, { recursive: true })
    this.#file = openSync(join(dataFolder, 'journal.jsonl'), 'a+')
  }

  get last(): number {
    return this.#entries.length
  }

  /** Reads every whole line and cuts off what a crash left half written. `apply` answers what each line tells. */
  replay(apply: (line: Line) => readonly Told[]): void {
    const text = readFileSync(this.#file, 'utf8')
    for (const one of text.split('\n').slice(0, -1)) {
      const line = lineIn(one)
      if (!line) break
      this.#remember(line, apply(line))
      this.#size += Buffer.byteLength(one) + 1
    }
    ftruncateSync(this.#file, this.#size)
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
    const chosen = this.#entries.slice(after).filter(entry => object === undefined || entry.object === object)
    return `{"entries":[${chosen.slice(0, limit).map(entry => entry.json)}],"last":${this.last}}`
  }

  close(): void {
    closeSync(this.#file)
  }

  #remember({ at, by }: Line, told: readonly Told[]): void {
    for (const { kind, object, id, fields } of told) {
      const n = this.#entries.length + 1
      this.#entries.push({ object, json: JSON.stringify({ n, at, kind, object, id, by, fields }) })
    }
  }
}

function lineIn(text: string): Line | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRow(value) || typeof value.at !== 'number' || typeof value.by !== 'string') return undefined
  const changes = Array.isArray(value.changes) ? value.changes.flatMap(changedIn) : []
  const kept = keptIn(value.kept)
  return { at: value.at, by: value.by, changes, ...(kept && { kept }) }
}

function changedIn(value: unknown): Changed[] {
  if (!Array.isArray(value)) return []
  const [object, id, row]: unknown[] = value
  return typeof object === 'string' && typeof id === 'string' && isRow(row) ? [[object, id, row]] : []
}

function keptIn(value: unknown): Kept | undefined {
  if (!isRow(value)) return undefined
  const { key, asked, said } = value
  return typeof key === 'string' && typeof asked === 'string' && typeof said === 'string'
    ? { key, asked, said }
    : undefined
}
