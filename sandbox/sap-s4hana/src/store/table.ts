// One kind of document in memory, with the indexes that make lookups and polls cheap.
import type { EntityType, Row } from '../odata/model.ts'

/** What a table reports of each change, so that a transaction can be written down or taken back. */
export interface Recorder {
  changed<D extends Row>(table: Table<D>, id: string, before: D | undefined, after: D | undefined): void
}

type Watcher<D> = (before: D | undefined, after: D | undefined) => void

export class Table<D extends Row> {
  readonly name: string
  readonly type: EntityType
  /** The entity set under which the journal tells of this table; absent: it is inner bookkeeping. */
  readonly journalObject: string | undefined
  readonly #rows = new Map<string, D>()
  readonly #idOf: (row: D) => string
  readonly #recorder: Recorder
  readonly #watchers: Watcher<D>[] = []

  constructor(recorder: Recorder, name: string, type: EntityType, idOf: (row: D) => string, journalObject?: string) {
    this.name = name
    this.type = type
    this.journalObject = journalObject
    this.#recorder = recorder
    this.#idOf = idOf
  }

  get size(): number {
    return this.#rows.size
  }

  get(id: string): D | undefined {
    return this.#rows.get(id)
  }

  values(): IterableIterator<D> {
    return this.#rows.values()
  }

  put(row: D): void {
    this.#set(this.#idOf(row), row)
  }

  remove(id: string): void {
    this.#set(id, undefined)
  }

  /** Sets a row without reporting it: for replaying the journal and for taking a transaction back. */
  restore(id: string, row: D | undefined): void {
    const before = this.#rows.get(id)
    if (row) this.#rows.set(id, row)
    else this.#rows.delete(id)
    for (const watcher of this.#watchers) watcher(before, row)
  }

  idOf(row: D): string {
    return this.#idOf(row)
  }

  /** Calls `watcher` on every change, replayed and undone ones too: the way to keep a running total. */
  watch(watcher: Watcher<D>): void {
    this.#watchers.push(watcher)
  }

  /** An index from values to the rows that carry them. */
  index(valuesOf: (row: D) => readonly string[]): Lookup<D> {
    const ids = new Map<string, Set<string>>()
    this.watch((before, after) => {
      const row = after ?? before
      if (!row) return
      const id = this.#idOf(row)
      const former = before ? valuesOf(before) : []
      const current = after ? valuesOf(after) : []
      if (former.length === current.length && former.every((value, at) => value === current[at])) return
      for (const value of former) {
        const set = ids.get(value)
        set?.delete(id)
        if (set?.size === 0) ids.delete(value)
      }
      for (const value of current) {
        const set = ids.get(value)
        if (set) set.add(id)
        else ids.set(value, new Set([id]))
      }
    })
    return {
      size: value => ids.get(value)?.size ?? 0,
      rows: value => this.#named(ids.get(value) ?? []),
    }
  }

  /** The rows in the order of a stamp, for polls. */
  timeline(stampOf: (row: D) => number | null): Timeline<D> {
    const entries: Entry[] = []
    this.watch((before, after) => {
      const row = after ?? before
      if (!row) return
      const id = this.#idOf(row)
      const former = before ? stampOf(before) : null
      const current = after ? stampOf(after) : null
      if (former === current) return
      if (former !== null) entries.splice(positionOf(entries, former, id), 1)
      if (current !== null) entries.splice(positionOf(entries, current, id), 0, { stamp: current, id })
    })
    return {
      countSince: stamp => entries.length - positionOf(entries, stamp, ''),
      since: (stamp, descending) => this.#walk(entries, positionOf(entries, stamp, ''), descending),
    }
  }

  #named(ids: Iterable<string>): D[] {
    const rows: D[] = []
    for (const id of ids) {
      const row = this.#rows.get(id)
      if (row) rows.push(row)
    }
    return rows
  }

  *#walk(entries: readonly Entry[], from: number, descending: boolean): Generator<D> {
    for (let step = from; step < entries.length; step++) {
      const entry = entries[descending ? entries.length - 1 - (step - from) : step]
      const row = entry && this.#rows.get(entry.id)
      if (row) yield row
    }
  }

  #set(id: string, row: D | undefined): void {
    const before = this.#rows.get(id)
    this.restore(id, row)
    this.#recorder.changed(this, id, before, row)
  }
}

export interface Lookup<D> {
  size(value: string): number
  rows(value: string): readonly D[]
}

export interface Timeline<D> {
  countSince(stamp: number): number
  since(stamp: number, descending: boolean): Iterable<D>
}

interface Entry {
  readonly stamp: number
  readonly id: string
}

/** Where an entry is or belongs. New stamps are nearly always the latest, so the end is tried first. */
function positionOf(entries: readonly Entry[], stamp: number, id: string): number {
  const before = (entry: Entry) => entry.stamp < stamp || (entry.stamp === stamp && entry.id < id)
  const last = entries.at(-1)
  if (!last || before(last)) return entries.length
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = entries[middle]
    if (entry && before(entry)) low = middle + 1
    else high = middle
  }
  return low
}
