// A system in memory, as awkward as real ones: people edit its records, it keeps a journal of every effect, gives what it is
// written a form of its own, tells of changes twice, late and out of order, and loses answers.
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

const attributes = [
  'Label',
  'Name',
  'Phone',
  'Price',
  'Stock',
  'Consent',
  'Terms',
  'Channel',
  'Discount',
  'Status',
] as const
export type Attribute = (typeof attributes)[number]
type Values = Readonly<Partial<Record<Attribute | 'Ref', string>>>
/** What befalls the next event, write or reading of a record. */
export type Fault =
  | 'event twice'
  | 'event late'
  | 'write unavailable'
  | 'answer lost'
  | 'carried out late'
  | 'reading slow'
export const faults: readonly Fault[] = [
  'event twice',
  'event late',
  'write unavailable',
  'answer lost',
  'carried out late',
  'reading slow',
]

type Row = { readonly id: string; values: Values; at: number; seq: number }
/** One effect: what changed by it, and whether the same may rightly have been sent before. */
type Entry = {
  readonly label: string
  readonly by: string
  readonly changed: readonly string[]
  readonly asked: Values
  readonly isAfterDoubt: boolean
}

export const us = 'plumbline'
const awhileMs = 120

export class SoakSystem {
  readonly name: string
  readonly journal: Entry[] = []
  readonly #form: (values: Values) => Values
  readonly #rows = new Map<string, Row>()
  readonly #byKey = new Map<string, string>()
  readonly #byLabel = new Map<string, string[]>()
  readonly #faults = new Map<string, Set<Fault>>()
  readonly #doubted = new Set<string>()
  #told: Observation[] = []
  #wake: () => void = () => undefined
  #seq = 0

  /** `form`: what this system makes of values. */
  constructor(name: string, form: (values: Values) => Values = values => values) {
    this.name = name
    this.#form = form
  }

  /** The records with a label: there must be one. */
  find(label: string): readonly Values[] {
    return (this.#byLabel.get(label) ?? []).map(one => this.#rows.get(one)?.values ?? {})
  }

  /** A person's edit; the first one of a label creates the record. Answers what the system made of it. */
  edit(by: string, label: string, values: Values): Values {
    const known = this.#byLabel.get(label)?.[0]
    return this.#carryOut(known ?? `${this.name}-${label}`, by, known ? values : { ...values, Label: label })
  }

  /** The next event, write or reading of this record goes wrong so. */
  misbehave(label: string, fault: Fault): void {
    this.#faults.set(label, (this.#faults.get(label) ?? new Set()).add(fault))
  }

  write(write: Write): WriteEnd {
    const values = write.fields as Values
    const known = write.id ?? this.#byKey.get(write.key)
    const label = values.Label ?? this.#rows.get(String(known))?.values.Label ?? ''
    if (this.#takes(label, 'write unavailable'))
      return { end: 'unavailable', reason: 'one moment please', retryAfterMs: awhileMs }
    const target = String(known ?? `${this.name}-${label}-${write.key}`)
    this.#byKey.set(write.key, target)
    const lost: WriteEnd = { end: 'unknown', reason: 'no answer came' }
    if (this.#takes(label, 'carried out late')) {
      this.#doubted.add(label)
      setTimeout(() => this.#carryOut(target, us, values), awhileMs)
      return lost
    }
    const isLost = this.#takes(label, 'answer lost')
    this.#carryOut(target, us, values)
    if (isLost) {
      this.#doubted.add(label)
      return lost
    }
    const { position, fields } = this.#seen(target)
    return { end: 'written', id: target as NativeId, native: fields, position }
  }

  async read(ids: readonly string[]): Promise<Observation[]> {
    const found = ids.filter(one => this.#rows.has(one)).map(one => this.#seen(one))
    const isSlow = found.map(({ fields }) => this.#takes(String(fields.Label), 'reading slow')).some(Boolean)
    // What was read is old by the time it arrives.
    if (isSlow) await new Promise(resolve => setTimeout(resolve, awhileMs))
    return found
  }

  list(): Observation[] {
    return [...this.#rows.keys()].map(one => this.#seen(one))
  }

  async *follow(signal: AbortSignal): AsyncGenerator<Heard> {
    yield { heard: [], cursor: '0' }
    while (!signal.aborted) {
      const told = this.#told.splice(0)
      if (told.length > 0) yield { heard: told, cursor: String(this.#seq) }
      if (this.#told.length > 0) continue
      await new Promise<void>(resolve => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  #takes(label: string, fault: Fault): boolean {
    return this.#faults.get(label)?.delete(fault) === true
  }

  #carryOut(target: string, by: string, asked: Values): Values {
    const before = this.#rows.get(target)
    const values = { ...before?.values, ...this.#form(asked) }
    const changed = Object.keys(values).filter(name => values[name as Attribute] !== before?.values[name as Attribute])
    const label = values.Label ?? ''
    this.journal.push({ label, by, changed, asked, isAfterDoubt: this.#doubted.has(label) })
    if (!before) this.#byLabel.set(label, [...(this.#byLabel.get(label) ?? []), target])
    if (changed.length === 0) return values
    this.#rows.set(target, { id: target, values, at: Math.max(Date.now(), before?.at ?? 0), seq: ++this.#seq })
    this.#tell(target, by, changed)
    return values
  }

  #tell(target: string, by: string, changed: readonly string[]): void {
    const whole = this.#seen(target)
    const fields = Object.fromEntries(changed.map(name => [name, whole.fields[name]]))
    const event: Observation = { ...whole, mask: changed, fields, by }
    const label = String(whole.fields.Label)
    const tell = (): void => {
      this.#told.push(event)
      this.#wake()
    }
    if (this.#takes(label, 'event twice')) setTimeout(tell, awhileMs / 2)
    if (this.#takes(label, 'event late')) setTimeout(tell, awhileMs)
    else tell()
  }

  #seen(target: string): Observation {
    const { at, seq, values } = this.#rows.get(target) as Row
    return {
      object: 'Thing',
      id: target as NativeId,
      kind: 'seen',
      mask: 'all',
      fields: {
        Id: target,
        ...Object.fromEntries([...attributes, 'Ref' as const].map(name => [name, values[name] ?? null])),
      },
      position: { at, seq },
    }
  }
}

const words = Object.fromEntries(attributes.map(name => [name, text(name)])) as Record<
  Attribute,
  ReturnType<typeof text>
>

/** A connector to one of them. */
export const connectorTo = (system: SoakSystem) =>
  connector(
    `soak-${system.name}`,
    {
      settings: { client: text('How we sign') },
      connect: () => system,
      test: async () => true,
      clock: async () => new Date(Date.now() - 1_000).toISOString(),
      follow: (_, { signal }) => system.follow(signal),
    },
    { concurrency: 8, longestCallMs: 300 },
  ).object('Thing', {
    fields: { Id: id(), Ref: text('Our key'), ...words },
    createIsIdempotent: true,
    batch: 50,
    read: async (_, ids) => system.read(ids),
    list: async () => ({ records: system.list() }),
    write: async (_, writes) => writes.map(write => system.write(write)),
  })
