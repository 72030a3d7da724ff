// One atomic change of the org. Writes go straight into the tables and are remembered so that they can be taken back,
// wholly or to a savepoint; what remains at the end is one journal line.
import type { FieldValue, Row, Table } from './table.ts'

export type ChangeKind = 'create' | 'update' | 'delete' | 'undelete'
export type Change = {
  kind: ChangeKind
  object: string
  id: string
  fields: { readonly [field: string]: FieldValue | undefined }
}

/** Who acts, and how that is told in a change event. */
export type Actor = { readonly userId: string; readonly by: string; readonly origin: string }

type Undo = { table: Table; id: string; row: Row | undefined }

export class Transaction {
  readonly actor: Actor
  readonly at: number
  readonly #undo: Undo[] = []
  readonly #settling = new Map<string, () => void>()

  constructor(actor: Actor, at: number) {
    this.actor = actor
    this.at = at
  }

  put(table: Table, row: Row): void {
    this.#undo.push({ table, id: row.Id, row: table.get(row.Id) })
    table.put(row.Id, row)
  }

  savepoint(): number {
    return this.#undo.length
  }

  rollbackTo(savepoint: number): void {
    while (this.#undo.length > savepoint) {
      const undo = this.#undo.pop()
      if (undo) undo.table.put(undo.id, undo.row)
    }
  }

  /** Work to do once before anyone reads: a total whose lines changed. */
  settleLater(key: string, work: () => void): void {
    this.#settling.set(key, work)
  }

  settle(): void {
    while (this.#settling.size > 0) {
      const works = [...this.#settling.values()]
      this.#settling.clear()
      for (const work of works) work()
    }
  }

  /** The net change of every touched record, in the order they were first touched. */
  changes(): Change[] {
    const first = new Map<string, Undo>()
    for (const undo of this.#undo) if (!first.has(undo.id)) first.set(undo.id, undo)
    const changes: Change[] = []
    for (const { table, id, row: before } of first.values()) {
      const after = table.get(id)
      const change = after && after !== before ? difference(table.type.name, before, after) : undefined
      if (change) changes.push(change)
    }
    return changes
  }
}

/** Runs work inside a transaction and takes its writes back if it throws. */
export function attempt<T>(tx: Transaction, work: (tx: Transaction) => T): T {
  const savepoint = tx.savepoint()
  try {
    return work(tx)
  } catch (error) {
    tx.rollbackTo(savepoint)
    throw error
  }
}

function difference(object: string, before: Row | undefined, after: Row): Change | undefined {
  if (!before) return after.IsDeleted ? undefined : { kind: 'create', object, id: after.Id, fields: after }
  // A save sets the time of change even when it is the same second as before.
  const fields: Record<string, FieldValue> = {
    LastModifiedDate: after.LastModifiedDate ?? null,
    SystemModstamp: after.SystemModstamp,
  }
  for (const [name, value] of Object.entries(after))
    if ((value ?? null) !== (before[name] ?? null)) fields[name] = value ?? null
  for (const [name, value] of Object.entries(before)) if (!(name in after) && value != null) fields[name] = null
  const kind =
    Boolean(before.IsDeleted) === Boolean(after.IsDeleted) ? 'update' : after.IsDeleted ? 'delete' : 'undelete'
  if (kind === 'update' && after.IsDeleted) return undefined
  // A record that comes back is told whole, like a new one.
  return { kind, object, id: after.Id, fields: kind === 'undelete' ? after : fields }
}
