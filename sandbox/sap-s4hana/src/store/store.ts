// The store: tables, number ranges and transactions. Everything is synchronous, so a transaction is alone
// while it runs; it is on disk before its caller hears of it, and taken back whole when anything throws.
import type { EntityType, Row } from '../odata/model.ts'
import { Journal, type Line, type Told } from './journal.ts'
import { pack, told, toldChange, unpack } from './packing.ts'
import { type Recorder, Table } from './table.ts'

interface Change {
  /** What the row was before the transaction. */
  readonly former: Row | undefined
  readonly undo: () => void
  readonly tell: (line: Draft) => void
}

interface Draft {
  readonly told: Told[]
  readonly puts: { [table: string]: Row[] }
  readonly removes: { [table: string]: string[] }
}

interface Restorable {
  put(packed: Row): void
  remove(id: string): void
}

export class Store implements Recorder {
  readonly journal: Journal
  readonly #now: () => number
  readonly #tables = new Map<string, Restorable>()
  readonly #numbers = new Map<string, number>()
  #open: { changes: Map<string, Change>; numbers: Map<string, number> } | undefined

  constructor(dataFolder: string, now: () => number) {
    this.journal = new Journal(dataFolder)
    this.#now = now
  }

  table<D extends Row>(name: string, type: EntityType, idOf: (row: D) => string, journalObject?: string): Table<D> {
    const table = new Table<D>(this, name, type, idOf, journalObject)
    this.#tables.set(name, {
      put: packed => {
        // The line was written from a row of this very table.
        const row = unpack(type, packed) as Row as D
        table.restore(idOf(row), row)
      },
      remove: id => table.restore(id, undefined),
    })
    return table
  }

  /** Brings the tables, which must all be declared by now, to where the journal ends. */
  replay(): void {
    this.journal.replay(line => {
      for (const [name, rows] of Object.entries(line.puts)) for (const row of rows) this.#tables.get(name)?.put(row)
      for (const [name, ids] of Object.entries(line.removes)) for (const id of ids) this.#tables.get(name)?.remove(id)
      for (const [range, number] of Object.entries(line.numbers)) this.#numbers.set(range, number)
    })
  }

  /** Runs `work` as one transaction; within another transaction it becomes a part of that one. */
  transact<T>(by: string, work: () => T): T {
    if (this.#open) return work()
    const open = { changes: new Map<string, Change>(), numbers: new Map<string, number>() }
    this.#open = open
    try {
      const result = work()
      if (open.changes.size > 0) this.#write(by, open.changes, open.numbers)
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
    open.changes.set(key, { former, undo, tell: draft => tell(draft, table, id, former, after) })
  }

  #write(by: string, changes: Map<string, Change>, numbers: Map<string, number>): void {
    const draft: Draft = { told: [], puts: {}, removes: {} }
    for (const change of changes.values()) change.tell(draft)
    const line: Line = { at: this.#now(), by, ...draft, numbers: Object.fromEntries(numbers) }
    this.journal.append(line)
    for (const [range, number] of numbers) this.#numbers.set(range, number)
  }
}

function tell<D extends Row>(draft: Draft, table: Table<D>, id: string, before: Row | undefined, after: D | undefined) {
  if (after) {
    draft.puts[table.name] ??= []
    draft.puts[table.name]?.push(pack(table.type, after))
  } else if (before) {
    draft.removes[table.name] ??= []
    draft.removes[table.name]?.push(id)
  }
  const object = table.journalObject
  if (!object) return
  if (!before && after) draft.told.push({ kind: 'create', object, id, fields: told(table.type, after) })
  else if (before && !after) draft.told.push({ kind: 'delete', object, id, fields: {} })
  else if (before && after)
    draft.told.push({ kind: 'update', object, id, fields: toldChange(table.type, before, after) })
}
