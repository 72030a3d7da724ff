// The store: tables, number ranges and transactions. Everything is synchronous, so a transaction is alone
// while it runs; it is on disk before its caller hears of it, and taken back whole when anything throws.
import type { EntityType, Row } from '../odata/model.ts'
import { type Changed, Journal } from './journal.ts'
import { pack, unpack } from './packing.ts'
import { type Recorder, Table } from './table.ts'
import { type Told, tell } from './telling.ts'

interface Change {
  readonly table: Replayable
  readonly id: string
  /** What the row was before the transaction. */
  readonly former: Row | undefined
  readonly row: Row | undefined
  undo(): void
}

/** A table seen without the type of its rows. */
interface Replayable {
  readonly name: string
  readonly type: EntityType
  readonly journalObject: string | undefined
  get(id: string): Row | undefined
}

export class Store implements Recorder {
  readonly journal: Journal
  readonly #now: () => number
  readonly #tables = new Map<string, { table: Replayable; restore(id: string, packed: Row | null): void }>()
  readonly #numbers = new Map<string, number>()
  #open: { changes: Map<string, Change>; numbers: Map<string, number> } | undefined

  constructor(dataFolder: string, now: () => number) {
    this.journal = new Journal(dataFolder)
    this.#now = now
  }

  table<D extends Row>(name: string, type: EntityType, idOf: (row: D) => string, journalObject?: string): Table<D> {
    const table = new Table<D>(this, name, type, idOf, journalObject)
    this.#tables.set(name, {
      table,
      restore: (id, packed) => {
        // The line was written from a row of this very table.
        const row = packed ? (unpack(type, packed, table.get(id)) as Row as D) : undefined
        table.restore(id, row)
      },
    })
    return table
  }

  /** Brings the tables, which must all be declared by now, to where the journal ends. */
  replay(): void {
    this.journal.replay(line => {
      for (const [range, number] of Object.entries(line.numbers)) this.#numbers.set(range, number)
      return line.changes.flatMap(change => this.#replayed(change))
    })
  }

  #replayed([name, id, packed]: Changed): Told[] {
    const known = this.#tables.get(name)
    if (!known) return []
    const before = known.table.get(id)
    known.restore(id, packed)
    return toldOf(known.table, id, before, known.table.get(id))
  }

  /** Runs `work` as one transaction; within another transaction it becomes a part of that one. */
  transact<T>(by: string, work: () => T): T {
    if (this.#open) return work()
    const open = { changes: new Map<string, Change>(), numbers: new Map<string, number>() }
    this.#open = open
    try {
      const result = work()
      if (open.changes.size > 0) this.#write(by, open.changes.values(), open.numbers)
      return result
    } catch (error) {
      for (const change of [...open.changes.values()].reverse()) change.undo()
      throw error
    } finally {
      this.#open = undefined
    }
  }

  /** The next number of a range that starts at `first`. A failed transaction gives its numbers back. */
  next(range: string, first: number): string {
    const open = this.#open
    if (!open) throw new Error(`A number of range ${range} was asked for outside a transaction`)
    const number = (open.numbers.get(range) ?? this.#numbers.get(range) ?? first - 1) + 1
    open.numbers.set(range, number)
    return String(number)
  }

  changed<D extends Row>(table: Table<D>, id: string, before: D | undefined, after: D | undefined): void {
    const open = this.#open
    if (!open) throw new Error(`Table ${table.name} was changed outside a transaction`)
    const key = `${table.name}\n${id}`
    // A row changed twice in one transaction was, before it, what it was before the first change.
    const earlier = open.changes.get(key)
    const undo = earlier?.undo ?? (() => table.restore(id, before))
    const former = earlier ? earlier.former : before
    open.changes.set(key, { table, id, former, row: after, undo })
  }

  #write(by: string, changes: Iterable<Change>, numbers: ReadonlyMap<string, number>): void {
    const written: Changed[] = []
    const told: Told[] = []
    for (const { table, id, former, row } of changes) {
      if (!former && !row) continue
      written.push([table.name, id, row ? pack(table.type, row, former) : null])
      told.push(...toldOf(table, id, former, row))
    }
    this.journal.append({ at: this.#now(), by, changes: written, numbers: Object.fromEntries(numbers) }, told)
    for (const [range, number] of numbers) this.#numbers.set(range, number)
  }
}

function toldOf(table: Replayable, id: string, before: Row | undefined, after: Row | undefined): Told[] {
  const told = table.journalObject ? tell(table.journalObject, table.type, id, before, after) : undefined
  return told ? [told] : []
}
