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

export const attributes = [
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
export type Values = Readonly<Partial<Record<Attribute | 'Ref', string | null>>>
/** What befalls the next event, write or reading of a record. */
export const faults = [
  'event twice',
  'event late',
  'write unavailable',
  'request lost',
  'answer lost',
  'carried out late',
  'reading slow',
] as const
export type Fault = (typeof faults)[number]

export const us = 'plumbline'
/** How long what is late or slow takes. */
const awhileMs = 120
/** No call takes longer: what could not be carried out until then never is. */
const longestCallMs = 400
/** So long after it was sent an answer may not have been heard, when a lease was lost. */
const unheardMs = 30_000

type Row = { readonly id: string; readonly label: string; values: Values; at: number; seq: number }
/** One effect on a record: by whom, what was asked for, and what changed by it. */
export type Entry = { readonly by: string; readonly asked: Values; readonly changed: readonly string[] }

/** What a system keeps of one label. */
class Thing {
  readonly rows: Row[] = []
  readonly journal: Entry[] = []
  /** Our writes that changed nothing although nothing excuses it. */
  readonly echoes: Entry[] = []
  readonly faults = new Set<Fault>()
  /** What we asked for without being answered: each excuses that the same comes once more. */
  unanswered: Values[] = []
  /** What we were answered lately: nobody has heard that when the engine has just lost its lease. */
  answered: { readonly values: Values; readonly at: number }[] = []
  /** What we last asked for and was carried out. */
  asked: Values = {}
  /** What we asked for since then and got lost on its way: we do not know that it did. */
  lost: Values[] = []
  /** Events that were not taken yet, and writes that are still to be carried out. */
  underWay = 0
}

export class SoakSystem {
  readonly name: string
  /** Creates carry a key and make one record however often they come. Where they do not, they are looked up by it. */
  readonly upserts: boolean
  /** Writes of ours, and those among them that changed nothing. */
  readonly counted = { writes: 0, vain: 0 }
  /** It says that something changed, not what: everything is read, and is old by the time it arrives. */
  readonly isVague: boolean
  readonly #form: (values: Values) => Values
  readonly #things = new Map<string, Thing>()
  readonly #rows = new Map<string, Row>()
  readonly #byKey = new Map<string, string>()
  /** What is told and was not acknowledged yet, from the place `#acknowledged` on. */
  #told: { readonly thing: Thing; readonly event: Observation }[] = []
  #acknowledged = 0
  readonly #listeners = new Set<() => void>()
  #seq = 0

  /** `form`: what this system makes of values. */
  constructor(name: string, upserts: boolean, isVague: boolean, form: (values: Values) => Values) {
    this.name = name
    this.upserts = upserts
    this.isVague = isVague
    this.#form = form
  }

  /** What is kept of a label: what is in its rows, and what happened to it. */
  of(label: string): Thing {
    const known = this.#things.get(label)
    if (known) return known
    const fresh = new Thing()
    this.#things.set(label, fresh)
    return fresh
  }

  /** Its journal is not asked for any more. */
  forget(label: string): void {
    this.#things.delete(label)
  }

  /** A person's edit; the first one of a label creates the record. Answers what the system made of it. */
  edit(by: string, label: string, values: Values): Values {
    const [known] = this.of(label).rows
    return known
      ? this.#carryOut(known.id, label, by, values)
      : this.#carryOut(`${this.name}-${label}`, label, by, { ...values, Label: label })
  }

  /** The next event, write or reading of this record goes wrong so. */
  misbehave(label: string, fault: Fault): void {
    this.of(label).faults.add(fault)
  }

  /** The engine takes its own work over from itself, as from the dead: nothing that was answered lately counts as heard. */
  answersAreLost(): void {
    const now = performance.now()
    for (const thing of this.#things.values()) {
      thing.unanswered.push(...thing.answered.filter(({ at }) => now - at < unheardMs).map(({ values }) => values))
      thing.answered = []
    }
  }

  write(write: Write): WriteEnd {
    const values = write.fields as Values
    const known = write.id ?? (this.upserts ? this.#byKey.get(write.key) : undefined)
    const label = this.#rows.get(String(known))?.label ?? values.Label ?? ''
    const thing = this.of(label)
    if (thing.faults.delete('write unavailable'))
      return { end: 'unavailable', reason: 'one moment please', retryAfterMs: awhileMs }
    const target = String(known ?? `${this.name}-${label}-${++this.#seq}`)
    if (!known) this.#byKey.set(write.key, target)
    if (thing.faults.delete('request lost')) {
      if (!known) this.#byKey.delete(write.key)
      thing.lost.push(values)
      return unanswered
    }
    if (thing.faults.delete('carried out late')) {
      this.#carryOutLate(thing, target, label, values)
      return unanswered
    }
    const isAnswerLost = thing.faults.delete('answer lost')
    this.#carryOut(target, label, us, values)
    if (isAnswerLost) {
      thing.unanswered.push(values)
      return unanswered
    }
    const at = performance.now()
    thing.answered = [...thing.answered.filter(one => at - one.at < unheardMs), { values, at }]
    const { position, fields } = this.#seen(target)
    return { end: 'written', id: target as NativeId, native: fields, position }
  }

  async read(ids: readonly string[]): Promise<Observation[]> {
    const found = ids.filter(one => this.#rows.has(one)).map(one => this.#seen(one))
    const isSlow = found.filter(({ fields }) => this.of(String(fields.Label)).faults.delete('reading slow')).length > 0
    // What was read is old by the time it arrives.
    if (isSlow || this.isVague) await new Promise(resolve => setTimeout(resolve, awhileMs))
    return found
  }

  /** By the key that a create carried. */
  findByKey(key: string): Observation[] {
    const target = this.#byKey.get(key)
    return target !== undefined && this.#rows.has(target) ? [this.#seen(target)] : []
  }

  list(): Observation[] {
    return [...this.#rows.keys()].map(one => this.#seen(one))
  }

  /** What happens from a place on. Whoever asks for the next has stored what came before it. */
  async *follow(signal: AbortSignal, cursor?: string): AsyncGenerator<Heard> {
    let place = Number(cursor ?? this.#acknowledged)
    yield { heard: [], cursor: String(place) }
    while (!signal.aborted) {
      this.#acknowledge(place)
      const told = this.#told.slice(place - this.#acknowledged)
      place += told.length
      if (told.length > 0) yield { heard: told.map(({ event }) => event), cursor: String(place) }
      else await this.#somethingHappens(signal)
    }
  }

  #acknowledge(place: number): void {
    for (const { thing } of this.#told.splice(0, place - this.#acknowledged)) thing.underWay--
    this.#acknowledged = Math.max(this.#acknowledged, place)
  }

  #somethingHappens(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      this.#listeners.add(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #carryOutLate(thing: Thing, target: string, label: string, values: Values): void {
    const sentAt = performance.now()
    thing.underWay++
    setTimeout(() => {
      thing.underWay--
      if (performance.now() - sentAt >= longestCallMs) return
      thing.unanswered.push(values)
      this.#carryOut(target, label, us, values)
    }, awhileMs)
  }

  #carryOut(target: string, label: string, by: string, asked: Values): Values {
    const thing = this.of(label)
    const before = this.#rows.get(target)
    const values: Values = { ...before?.values, ...this.#form(asked) }
    const changed = [...attributes, 'Ref' as const].filter(
      name => (values[name] ?? null) !== (before?.values[name] ?? null),
    )
    const entry: Entry = { by, asked, changed }
    thing.journal.push(entry)
    if (by === us) this.#judge(thing, entry, before)
    if (changed.length === 0) return values
    const row: Row = before ?? { id: target, label, values, at: 0, seq: 0 }
    if (!before) thing.rows.push(row)
    Object.assign(row, { values, at: Math.max(Date.now(), row.at), seq: ++this.#seq })
    this.#rows.set(target, row)
    this.#tell(thing, target, by, changed)
    return values
  }

  /**
   * A write of ours that changed nothing is an echo, but for two reasons. A value in it is news: other than what we asked for
   * before, be it carried out or lost, and this system brings both into one form. Or all of it was sent before without an answer: one
   * of the two is then in vain, and no more than one.
   */
  #judge(thing: Thing, entry: Entry, before: Row | undefined): void {
    const { asked, changed } = entry
    const names = Object.keys(asked) as Attribute[]
    const isNews = names.some(name => {
      const held = before?.values[name] ?? null
      return [thing.asked, ...thing.lost].some(
        ({ [name]: last }) => last !== undefined && asked[name] !== last && this.#form({ [name]: last })[name] === held,
      )
    })
    thing.asked = { ...thing.asked, ...asked }
    thing.lost = thing.lost.map(sent => without(sent, name => name in asked))
    this.counted.writes++
    // Of what we have said something else since, the same can be said again for a new reason only.
    thing.unanswered = thing.unanswered.map(sent => without(sent, name => name in asked && sent[name] !== asked[name]))
    if (changed.length > 0) return
    this.counted.vain++
    if (isNews) return
    const twin = thing.unanswered.findIndex(sent => names.every(name => sent[name] === asked[name]))
    if (twin >= 0) thing.unanswered.splice(twin, 1)
    else thing.echoes.push(entry)
  }

  #tell(thing: Thing, target: string, by: string, changed: readonly string[]): void {
    const whole = this.#seen(target)
    const fields = Object.fromEntries(changed.map(name => [name, whole.fields[name]]))
    const event: Observation = this.isVague
      ? { ...whole, kind: 'look again', mask: [], fields: {} }
      : { ...whole, mask: changed, fields, by }
    const tell = (): void => {
      this.#told.push({ thing, event })
      for (const listener of this.#listeners) listener()
      this.#listeners.clear()
    }
    const tellLater = (ms: number): unknown => setTimeout(tell, ms)
    thing.underWay++
    if (thing.faults.delete('event twice')) {
      thing.underWay++
      tellLater(awhileMs / 2)
    }
    if (thing.faults.delete('event late')) tellLater(awhileMs)
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

const without = (values: Values, isOver: (name: Attribute) => boolean): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !isOver(name as Attribute)))

const unanswered: WriteEnd = { end: 'unknown', reason: 'no answer came' }

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
      follow: (_, { signal, cursor }) => system.follow(signal, cursor),
    },
    { concurrency: 8, longestCallMs },
  ).object('Thing', {
    fields: { Id: id(), Ref: text('Our key'), ...words },
    createIdempotency: system.upserts ? 'externalId' : 'searchThenCreate',
    batch: 50,
    read: async (_, ids) => system.read(ids),
    list: async () => ({ records: system.list() }),
    write: async (_, writes) => writes.map(write => system.write(write)),
    find: async (_, writes) => writes.map(({ key }) => system.findByKey(key)),
  })
