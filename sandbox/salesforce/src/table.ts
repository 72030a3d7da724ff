// The rows of one object, with the indexes that make lookups by key cost what they find and not what the table holds.
import { serialOf } from './ids.ts'
import type { Field, ObjectType } from './schema.ts'

export type FieldValue = string | number | boolean | null
/** One version of a record. Never changed: a write puts a new version. An absent field is null. */
export type Row = { readonly [field: string]: FieldValue | undefined } & {
  readonly Id: string
  readonly IsDeleted?: boolean
  readonly SystemModstamp: string
}

const NONE: readonly string[] = []

class KeyIndex {
  readonly #ids = new Map<string, string | Set<string>>()

  add(key: string, id: string): void {
    const known = this.#ids.get(key)
    if (known === undefined) this.#ids.set(key, id)
    else if (typeof known !== 'string') known.add(id)
    else if (known !== id) this.#ids.set(key, new Set([known, id]))
  }

  remove(key: string, id: string): void {
    const known = this.#ids.get(key)
    if (known === id) this.#ids.delete(key)
    else if (known !== undefined && typeof known !== 'string') {
      known.delete(id)
      if (known.size === 0) this.#ids.delete(key)
    }
  }

  get(key: string): Iterable<string> {
    const known = this.#ids.get(key)
    return known === undefined ? NONE : typeof known === 'string' ? [known] : known
  }
}

export class Table {
  readonly type: ObjectType
  readonly rows = new Map<string, Row>()
  readonly #indexes = new Map<string, { field: Field; keys: KeyIndex }>()
  /** Ids in the order they were written, for "changed since" without a scan. */
  #changes: { at: string; id: string }[] = []
  #live = 0
  #lastSerial = 0

  constructor(type: ObjectType) {
    this.type = type
    for (const field of type.fields)
      if (isIndexed(field)) this.#indexes.set(field.name, { field, keys: new KeyIndex() })
  }

  get liveCount(): number {
    return this.#live
  }

  nextSerial(): number {
    this.#lastSerial++
    return this.#lastSerial
  }

  get(id: string): Row | undefined {
    return this.rows.get(id)
  }

  /** Puts a version in place, or takes the row away when there is none (a create rolled back). */
  put(id: string, row: Row | undefined): void {
    const previous = this.rows.get(id)
    if (row) this.rows.set(id, row)
    else this.rows.delete(id)
    this.#live += Number(row !== undefined && !row.IsDeleted) - Number(previous !== undefined && !previous.IsDeleted)
    for (const { field, keys } of this.#indexes.values()) {
      const was = previous?.[field.name]
      const is = row?.[field.name]
      if (was === is) continue
      if (was !== undefined && was !== null) keys.remove(indexKey(field, was), id)
      if (is !== undefined && is !== null) keys.add(indexKey(field, is), id)
    }
    if (row) this.#changes.push({ at: row.SystemModstamp, id })
    if (this.#changes.length > 1000 && this.#changes.length > 4 * this.rows.size) this.#compact()
  }

  /** Remembers the serial number of a replayed id, so that new ids never repeat old ones. */
  seen(id: string): void {
    this.#lastSerial = Math.max(this.#lastSerial, serialOf(id))
  }

  isIndexed(fieldName: string): boolean {
    return this.#indexes.has(fieldName)
  }

  /** Ids, deleted ones included, whose indexed field has this value. */
  find(fieldName: string, value: FieldValue): Iterable<string> {
    const index = this.#indexes.get(fieldName)
    if (!index) throw new Error(`${this.type.name}.${fieldName} has no index`)
    return value === null ? NONE : index.keys.get(indexKey(index.field, value))
  }

  /** Ids written at or after this SystemModstamp. */
  changedSince(at: string): Set<string> {
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#changes[middle]?.at ?? '') < at) low = middle + 1
      else high = middle
    }
    const ids = new Set<string>()
    for (let i = low; i < this.#changes.length; i++) {
      const change = this.#changes[i]
      if (change) ids.add(change.id)
    }
    return ids
  }

  #compact(): void {
    this.#changes = [...this.rows.values()]
      .map(row => ({ at: row.SystemModstamp, id: row.Id }))
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  }
}

function isIndexed(field: Field): boolean {
  return field.externalId || field.unique || (field.referenceTo !== undefined && !field.name.endsWith('ById'))
}

function indexKey(field: Field, value: FieldValue): string {
  return field.caseSensitive || field.referenceTo ? String(value) : String(value).toLowerCase()
}
