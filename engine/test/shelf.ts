// A system of the test's own: records on a shelf, told of as they change and written like any other.
import {
  connector,
  type Heard,
  id,
  type NativeId,
  type Observation,
  text,
  type Write,
  type WriteEnd,
} from '@plumbline/sdk'

type Row = Record<string, unknown>

/** One shelf holds things by id; `put` is a person's change, `writes` is what came through the connector. */
export class Shelf {
  readonly rows = new Map<string, Row>()
  readonly writes: { key: string; close: boolean; fields: Row }[] = []
  #told: Heard[] = []
  #wake: () => void = () => undefined
  #at = 0
  #next = 1

  /** Its own clock, which is not ours. */
  now: () => number = () => Date.now() + 1_000
  /** What the system says no to, in its words. */
  refuses: (write: Write) => string | undefined = () => undefined
  /** What the system makes of a value that it is sent: upper case, no blanks around it. */
  makes: (fields: Row) => Row = fields => fields
  /** Held back after what is there was read: the answer is then as old as that. */
  readsWait: Promise<unknown> = Promise.resolve()
  /** Held back after a write was carried out: what is told of it may be heard first. */
  answersWait: Promise<unknown> = Promise.resolve()
  /** Under which name it tells of our own writes; without one it tells of none. */
  signs: string | undefined
  reads = 0
  /** How much was told that is not stored yet. */
  unheard = 0
  /** It says of a write that it is done, and not what came of it. */
  isTerse = false
  /** It carries writes out, and its answers are lost. */
  losesAnswers = false

  put(id: string, fields: Row, by?: string): void {
    this.rows.set(id, { ...this.rows.get(id), ...fields })
    this.tell({ ...this.seen(id), ...(by !== undefined && { by }) })
  }

  /** Says that something changed, not what. */
  hint(id: string): void {
    this.tell({ ...this.seen(id), kind: 'look again', mask: [], fields: {} })
  }

  tell(...heard: readonly Observation[]): void {
    this.#told.push({ heard, cursor: String(this.#at) })
    this.unheard++
    this.#wake()
  }

  seen(id: string): Observation {
    this.#at = Math.max(this.now(), this.#at + 1)
    return {
      object: 'Thing',
      id: id as NativeId,
      kind: 'seen',
      mask: 'all',
      fields: { Id: id, ...this.rows.get(id) },
      position: { at: this.#at },
    }
  }

  write(write: Write): WriteEnd {
    this.writes.push({ key: write.key, close: write.close === true, fields: { ...write.fields } })
    const reason = this.refuses(write)
    if (reason !== undefined) return { end: 'refused', reason }
    const made = String(write.id ?? this.#next++)
    this.rows.set(made, {
      ...this.rows.get(made),
      ...this.makes(write.fields),
      ...(write.close && { State: 'closed' }),
      ...(!write.id && { Number: `N${made}` }),
    })
    const seen = this.seen(made)
    const { id, fields, position } = seen
    if (this.signs !== undefined) this.tell({ ...seen, by: this.signs })
    if (this.losesAnswers) return { end: 'unknown', reason: 'no answer came' }
    return this.isTerse ? { end: 'written', id } : { end: 'written', id, native: fields, position }
  }

  async *follow(signal: AbortSignal): AsyncGenerator<Heard> {
    yield { heard: [], cursor: '0' }
    while (!signal.aborted) {
      const told = this.#told
      this.#told = []
      for (const one of told) {
        yield one
        // Whoever asks for the next one has stored this.
        this.unheard--
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
        if (this.#told.length > 0 || signal.aborted) resolve()
      })
    }
  }
}

/** A connector to a shelf. Every test makes its own. */
export const shelfConnector = (shelf: Shelf) =>
  connector(
    'shelf',
    {
      settings: { client: text('How we sign').optional() },
      connect: () => shelf,
      test: async () => true,
      clock: async () => new Date(shelf.now() - 2_000).toISOString(),
      follow: (_, { signal }) => shelf.follow(signal),
    },
    { concurrency: 4, longestCallMs: 2_000 },
  ).object('Thing', {
    fields: {
      Id: id(),
      Number: text('Number'),
      Name: text('Name'),
      State: text('State'),
      Child: text('Child'),
      Note: text('Note'),
      Wanted: text('Wanted'),
      Price: text('Price'),
      Hold: text('Hold'),
      Says: text('Says'),
    },
    read: async (_, ids) => {
      const found = ids.filter(one => shelf.rows.has(one)).map(one => shelf.seen(one))
      shelf.reads++
      await shelf.readsWait
      return found
    },
    list: async () => ({ records: [...shelf.rows.keys()].map(one => shelf.seen(one)) }),
    write: async (_, writes) => {
      const ends = writes.map(write => shelf.write(write))
      await shelf.answersWait
      return ends
    },
    find: async (_, writes) => writes.map(() => []),
  })
