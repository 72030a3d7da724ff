// The sandboxes' own journals: what really happened in each system. They are read whole and only ever grow.

export type Entry = {
  readonly n: number
  readonly kind: 'create' | 'update' | 'delete'
  readonly object: string
  readonly id: string
  /** The client in Salesforce, the user in S/4HANA. */
  readonly by: string
  /** What the change set. */
  readonly fields: Readonly<Record<string, unknown>>
}

const pageSize = 10_000

export class Journal {
  readonly entries: Entry[] = []
  readonly #url: string
  #last = 0

  constructor(url: string) {
    this.#url = url
  }

  /** Reads what was written since the last reading; answers only that. */
  async readOn(): Promise<readonly Entry[]> {
    const from = this.entries.length
    for (;;) {
      const page = await this.#page()
      this.entries.push(...page)
      this.#last = page.at(-1)?.n ?? this.#last
      if (page.length < pageSize) return this.entries.slice(from)
    }
  }

  async #page(): Promise<Entry[]> {
    const answer: unknown = await (
      await fetch(`${this.#url}/_sandbox/journal?after=${this.#last}&limit=${pageSize}`)
    ).json()
    if (!isRow(answer) || !Array.isArray(answer.entries)) throw new Error(`${this.#url} shows no journal`)
    return answer.entries.map(entryOf)
  }
}

function entryOf(row: unknown): Entry {
  if (!isRow(row) || !isRow(row.fields)) throw new Error(`This is no journal entry: ${JSON.stringify(row)}`)
  const { kind } = row
  if (kind !== 'create' && kind !== 'update' && kind !== 'delete')
    throw new Error(`This journal entry has no kind: ${JSON.stringify(row)}`)
  return {
    n: Number(row.n),
    kind,
    object: String(row.object),
    id: String(row.id),
    by: String(row.by),
    fields: row.fields,
  }
}

export type Document = {
  readonly id: string
  /** Who created it. */
  readonly by: string
  readonly fields: Record<string, unknown>
}

/** The final state of each object's documents, by object and id. */
export function statesOf(entries: readonly Entry[]): (object: string) => ReadonlyMap<string, Document> {
  const states = new Map<string, Map<string, Document>>()
  for (const { kind, object, id, by, fields } of entries) {
    const documents = states.get(object) ?? new Map<string, Document>()
    states.set(object, documents)
    if (kind === 'delete') documents.delete(id)
    else if (kind === 'create') documents.set(id, { id, by, fields: { ...fields } })
    else Object.assign(documents.get(id)?.fields ?? {}, fields)
  }
  return object => states.get(object) ?? new Map()
}

export const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The rows of a list in a document. */
export const rowsIn = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRow) : []
