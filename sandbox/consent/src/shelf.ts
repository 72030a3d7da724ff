// The records of one kind, and the order in which they last changed: what the lists and the change feed are read from.
import { isRow, type Row } from './http.ts'

/** A record as it is kept. A deleted one keeps its id and the time, and nothing of the person. */
export interface Kept {
  readonly id: string
  readonly version: number
  readonly created: number
  readonly updated: number
  readonly by: string
  readonly deleted: boolean
  readonly fields: Readonly<Record<string, string | null>>
}

export interface Feed {
  readonly rows: readonly Kept[]
  readonly hasMore: boolean
  /** From when on the next question is to be asked, inclusive; all before it has been told. */
  readonly next: number
}

export class Shelf {
  readonly object: string
  readonly #prefix: string
  readonly #rows = new Map<string, Kept>()
  /** Each change in its order; one that the record has left behind is passed over. */
  readonly #changes: { readonly at: number; readonly id: string }[] = []

  constructor(object: string, prefix: string) {
    this.object = object
    this.#prefix = prefix
  }

  nextId(): string {
    return `${this.#prefix}_${String(this.#rows.size + 1).padStart(6, '0')}`
  }

  /** What is there, or was and left a tombstone. */
  kept(id: string): Kept | undefined {
    return this.#rows.get(id)
  }

  get(id: string): Kept | undefined {
    const row = this.#rows.get(id)
    return row?.deleted === false ? row : undefined
  }

  put(row: Kept): void {
    this.#rows.set(row.id, row)
    this.#changes.push({ at: row.updated, id: row.id })
  }

  living(): Kept[] {
    return [...this.#rows.values()].filter(row => !row.deleted)
  }

  /**
   * What changed at or after a time, each record as it is now. A page never ends within a millisecond: the next question
   * begins at the last one told. At the end it begins at `settled`, a little before now. What is told may be told again, nobody may count on an order, and
   * a page gets beyond the millisecond that it began with, however much there is of it.
   */
  since(from: number, limit: number, tombstonesSince: number, settled: number): Feed {
    const rows: Kept[] = []
    const seen = new Set<string>()
    let last = from
    for (let n = this.#first(from); n < this.#changes.length; n++) {
      const change = this.#changes[n]
      const row = change && this.#rows.get(change.id)
      if (!row || row.updated !== change.at || seen.has(row.id)) continue
      if (rows.length >= limit && row.updated !== last && last > from)
        return { rows: shuffled(rows), hasMore: true, next: last }
      last = row.updated
      seen.add(row.id)
      if (!row.deleted || row.updated >= tombstonesSince) rows.push(row)
    }
    return { rows: shuffled(rows), hasMore: false, next: Math.max(from, settled) }
  }

  #first(from: number): number {
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#changes[middle]?.at ?? 0) < from) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Within a millisecond the order is any; between them it is that of time. */
const shuffled = (rows: readonly Kept[]): Kept[] =>
  rows
    .map(row => ({ row, luck: Math.random() }))
    .sort((a, b) => a.row.updated - b.row.updated || a.luck - b.luck)
    .map(({ row }) => row)

export function keptIn(row: Row): Kept | undefined {
  const { id, version, created, updated, by, deleted, fields } = row
  if (typeof id !== 'string' || typeof by !== 'string' || !isRow(fields)) return undefined
  const values = Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value : null])
  return {
    id,
    by,
    version: Number(version),
    created: Number(created),
    updated: Number(updated),
    deleted: deleted === true,
    fields: Object.fromEntries(values),
  }
}
