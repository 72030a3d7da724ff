// What tells of a person is sealed on its way into a row, whichever table that is in, and opened wherever a row is read (db.ts).
// Rows of contracts without personal fields pass by untouched.
import { contractOfRef } from '../kernel/ids.ts'
import type { Name } from '../kernel/naming.ts'
import type { Covers, Personal } from '../kernel/personal.ts'
import { type Erased, type KeyOf, open, seal, subjectsIn } from '../kernel/seal.ts'
import type { PersonalKeys } from './personal-keys.ts'

type Fields = Readonly<Record<string, unknown>>
type Native = { readonly system: string; readonly object: string; readonly native_id: string }

/** A value that tells of a person, as it may turn up in a text. */
export type Mention = { readonly subject: string; readonly text: string }

/** A name that nobody can read: of records that are a person's. */
export const HASHED = 'hmac:'
/** By how many of its first letters a name is found. */
const BEGINNINGS = [3, 4, 5, 6, 7, 8, 12, 16]

export class Sealing {
  readonly personal: Personal
  readonly #keys: PersonalKeys | undefined
  readonly #mentions = new WeakMap<object, readonly Mention[]>()

  constructor(personal: Personal, keys: PersonalKeys | undefined) {
    this.personal = personal
    this.#keys = keys
  }

  /** New versions of records: their fields, and the names by which they are found. */
  async versions<V extends Version>(all: readonly V[]): Promise<readonly V[]> {
    const covers = ({ contract }: V): Covers | undefined => this.personal.fieldsOf(contract)
    if (!all.some(covers)) return all
    const put = await this.#sealer(all.filter(covers).map(one => one.ref))
    return all.map(one => {
      const covering = covers(one)
      if (!covering) return one
      const into = put(one.ref)
      return {
        ...one,
        fields: sealed(covering, one.fields, into),
        delta: sealed(covering, one.delta, into),
        names: this.#hashed(one.names),
        formerNames: this.#hashed(one.formerNames),
      }
    })
  }

  /** What a record was when a journey began with it. */
  async starts<S extends { readonly ref: string; readonly title: string; readonly start: { readonly fields: Fields } }>(
    all: readonly S[],
  ): Promise<readonly S[]> {
    const covers = ({ ref }: S): Covers | undefined => this.personal.fieldsOf(contractOfRef(ref))
    if (!all.some(covers)) return all
    const put = await this.#sealer(all.filter(covers).map(one => one.ref))
    return (await this.about(all, 'title')).map(one => {
      const covering = covers(one)
      return covering
        ? { ...one, start: { ...one.start, fields: sealed(covering, one.start.fields, put(one.ref)) } }
        : one
    })
  }

  /** What systems hold: as a whole, or what of it changed. */
  async holdings<H extends Held>(all: readonly H[]): Promise<readonly H[]> {
    const covers = ({ system, object }: H): Covers | undefined => this.personal.nativeOf(system, object)
    if (!all.some(covers)) return all
    const put = await this.#sealer(all.filter(covers).map(one => one.ref))
    return all.map(one => {
      const covering = covers(one)
      if (!covering) return one
      const into = put(one.ref)
      const fields = this.personal.fieldsOf(contractOfRef(one.ref))
      return {
        ...one,
        ...(one.native && { native: sealed(covering, one.native, into) }),
        ...(one.accepted && fields && { accepted: sealedAccepted(fields, one.accepted, into) }),
      }
    })
  }

  /** What systems tell, before it is known of whom. */
  async arrivals<A extends Arriving>(all: readonly A[]): Promise<readonly A[]> {
    if (!all.some(one => this.covering(one))) return all
    const put = await this.#sealer(all.flatMap(one => this.subjectOf(one) ?? []))
    return all.map(one => {
      const covering = this.covering(one)
      const subject = this.subjectOf(one)
      if (!covering || subject === undefined) return one
      const { observation } = one.heard
      const isEntry = observation.entryOf !== undefined && observation.object !== one.object
      const inside = isEntry ? entriesCovered(covering, observation.entryOf?.list ?? '') : covering
      const fields = inside ? sealed(inside, observation.fields, put(subject)) : observation.fields
      return { ...one, heard: { ...one.heard, observation: { ...observation, fields } } }
    })
  }

  /** What is about to be sent. */
  async attempts<T extends { readonly ref: string; readonly system: string; readonly request: object }>(
    all: readonly T[],
  ): Promise<readonly T[]> {
    const requestOf = ({ request }: T): Request => request as Request
    const covers = (one: T): Covers | undefined =>
      this.personal.fieldsOf(contractOfRef(one.ref)) && this.personal.nativeOf(one.system, requestOf(one).object)
    if (!all.some(covers)) return all
    const put = await this.#sealer(all.filter(covers).map(one => one.ref))
    return all.map(one => {
      const covering = covers(one)
      if (!covering) return one
      const { fields = {}, lists = {}, ...request } = requestOf(one)
      const into = put(one.ref)
      const changes = Object.entries(lists).map(([list, change]) => {
        const entries = covering.lists.get(list)
        return [list, entries ? sealedChange(entries, change, into) : covering.seals(list) ? into(change) : change]
      })
      return {
        ...one,
        request: { ...request, fields: sealed(covering, fields, into), lists: Object.fromEntries(changes) },
      }
    })
  }

  /** Rows about records: these of their columns say something of the record, in words or as a value. */
  async about<R extends { readonly ref: string }>(
    all: readonly R[],
    ...columns: readonly (keyof R)[]
  ): Promise<readonly R[]> {
    return this.#columns(all, ({ ref }) => (this.personal.fieldsOf(contractOfRef(ref)) ? ref : undefined), columns)
  }

  /** Rows about what a system told: the same. */
  async told<R extends Native>(all: readonly R[], ...columns: readonly (keyof R)[]): Promise<readonly R[]> {
    return this.#columns(all, one => this.subjectOf(one), columns)
  }

  /** Events: all that they say but who and where. */
  async events<E extends { readonly subject: string; readonly data: object }>(
    all: readonly E[],
  ): Promise<readonly E[]> {
    const concerns = ({ subject }: E): boolean => this.personal.fieldsOf(contractOfRef(subject)) !== undefined
    if (!all.some(concerns)) return all
    const put = await this.#sealer(all.filter(concerns).map(one => one.subject))
    return all.map(one => {
      if (!concerns(one)) return one
      const { fields, ...words } = one.data as { readonly fields?: Fields }
      const covers = this.personal.fieldsOf(contractOfRef(one.subject))
      const into = put(one.subject)
      const values = isFields(fields) && covers ? { fields: sealed(covers, fields, into) } : {}
      return { ...one, data: { ...(sealedWords(words, into) as object), ...values } }
    })
  }

  /** What a text, or anything that has texts in it, says of persons whose values are known. */
  async hide<T>(value: T, mentions: readonly Mention[]): Promise<T> {
    if (mentions.length === 0) return value
    const put = await this.#sealer(mentions.map(one => one.subject))
    return hidden(value, mentionedBy(mentions), text => put(whoseIs(mentions, text))(text)) as T
  }

  /** What a record says of a person, as it may turn up in texts of others. */
  mentionsOf({
    ref,
    contract,
    fields,
  }: {
    readonly ref: string
    readonly contract: string
    readonly fields: Fields
  }): Mention[] {
    const covers = this.personal.fieldsOf(contract)
    if (!covers) return []
    const values = Object.entries(fields).flatMap(([name, value]) => (covers.seals(name) ? textsIn(value) : []))
    return values.map(text => ({ subject: ref, text }))
  }

  /** What was opened when these rows were read. */
  mentionsIn = (rows: object): readonly Mention[] => this.#mentions.get(rows) ?? []

  /** Opens what was sealed, in rows that were just read. */
  async open(rows: readonly object[], erased: Erased): Promise<void> {
    const subjects = subjectsIn(rows)
    if (subjects.size === 0 || !this.#keys) return
    const keys = await this.#keys.of(subjects)
    const mentions: Mention[] = []
    const told = (subject: string, value: unknown): void => {
      for (const text of textsIn(value)) mentions.push({ subject, text })
    }
    for (const row of rows as readonly Record<string, unknown>[])
      for (const [column, value] of Object.entries(row)) row[column] = open(value, keys, erased, told) ?? null
    this.#mentions.set(rows, mentions)
  }

  /** Which of these have lost their key. */
  async erased(subjects: readonly string[]): Promise<ReadonlySet<string>> {
    if (subjects.length === 0 || !this.#keys) return new Set()
    const keys = await this.#keys.of(subjects)
    return new Set(subjects.filter(subject => keys(subject)?.is === 'erased'))
  }

  /** Keys are destroyed, or may have been: none is believed any more. */
  forget = (): void => this.#keys?.forget()

  /** The word under which a name is stored, and the one under which names that begin so are. */
  wordsFor(name: string): readonly string[] {
    if (!this.#keys) return []
    const letters = [...name]
    const begins = BEGINNINGS.findLast(length => length <= letters.length)
    const words = [this.hash(name), ...(begins === undefined ? [] : [this.hash(letters.slice(0, begins).join(''))])]
    return [...new Set(words)]
  }

  /** What two systems call the same person, as a word that nobody can read. */
  businessKey = (contract: string, field: string, value: string): string =>
    this.personal.fieldsOf(contract)?.seals(field) ? this.hash(`${contract}\u0000${value}`) : value

  hash = (value: string): string => HASHED + (this.#keys?.hash(value) ?? '')

  subjectOf({ system, object, native_id }: Native): string | undefined {
    return this.personal.nativeOf(system, object) && this.personal.subjectOf(system, object, native_id)
  }

  covering = ({ system, object }: Native): Covers | undefined => this.personal.nativeOf(system, object)

  async #columns<R extends object>(
    all: readonly R[],
    subjectOf: (row: R) => string | undefined,
    columns: readonly (keyof R)[],
  ): Promise<readonly R[]> {
    const subjects = all.flatMap(row => subjectOf(row) ?? [])
    if (subjects.length === 0) return all
    const put = await this.#sealer(subjects)
    return all.map(row => {
      const subject = subjectOf(row)
      if (subject === undefined) return row
      const into = put(subject)
      return { ...row, ...Object.fromEntries(columns.map(column => [column, sealedColumn(row[column], into)])) }
    })
  }

  async #sealer(subjects: readonly string[]): Promise<(subject: string) => Put> {
    const all = this.#keys
    const keys: KeyOf | undefined = await all?.make(subjects)
    return subject => value => {
      const key = keys?.(subject)
      if (!all || !key) throw new Error(`There is no key for ${subject}`)
      return value === null || value === undefined ? value : seal(subject, key, value, all.iv())
    }
  }

  #hashed(names: readonly Name[]): readonly Name[] {
    const found = new Map<string, boolean>()
    for (const { name, whole } of names) {
      const letters = [...name]
      const begins = BEGINNINGS.filter(length => length < letters.length).map(length =>
        letters.slice(0, length).join(''),
      )
      for (const beginning of begins) found.set(this.hash(beginning), found.get(this.hash(beginning)) ?? false)
      found.set(this.hash(name), whole || found.get(this.hash(name)) === true)
    }
    return [...found].map(([name, whole]) => ({ name, whole }))
  }
}

/** For a database whose project knows no person, or is not known. */
export const nothingPersonal = new Sealing(
  { covers: '', fieldsOf: () => undefined, nativeOf: () => undefined, subjectOf: () => '', people: [], belonging: [] },
  undefined,
)

type Put = (value: unknown) => unknown
type Version = {
  readonly ref: string
  readonly contract: string
  readonly fields: Fields
  readonly delta: Fields
  readonly names: readonly Name[]
  readonly formerNames: readonly Name[]
}
type Held = {
  readonly ref: string
  readonly system: string
  readonly object: string
  readonly native?: Fields
  readonly accepted?: Fields
}
type Arriving = Native & {
  readonly heard: {
    readonly observation: {
      readonly object: string
      readonly fields: Fields
      readonly entryOf?: { readonly list: string }
    }
  }
}
type Request = { readonly object: string; readonly fields?: Fields; readonly lists?: Record<string, unknown> }

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function sealed(covers: Covers, fields: Fields, put: Put): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (covers.seals(name)) return [name, put(value)]
      const entries = covers.lists.get(name)
      if (!entries || !Array.isArray(value)) return [name, value]
      return [name, value.map((entry: unknown) => (isFields(entry) ? sealed(entries, entry, put) : entry))]
    }),
  )
}

/** Of a list that is sealed as a whole, everything is. */
const entriesCovered = ({ lists, seals }: Covers, list: string): Covers | undefined =>
  lists.get(list) ?? (seals(list) ? { seals: () => true, lists: new Map() } : undefined)

/** What was added to a list and changed in it; what was removed is named by its id. */
function sealedChange(entries: Covers, change: unknown, put: Put): unknown {
  if (Array.isArray(change)) return change.map(one => (isFields(one) ? sealed(entries, one, put) : one))
  if (!isFields(change)) return change
  return Object.fromEntries(
    Object.entries(change).map(([how, all]) => [how, Array.isArray(all) ? sealedChange(entries, all, put) : all]),
  )
}

/** What was sent of a field, and what became of it. */
function sealedAccepted(covers: Covers, accepted: Fields, put: Put): Record<string, unknown> {
  const one = (name: string, value: unknown): unknown => sealed(covers, { [name]: value }, put)[name]
  return Object.fromEntries(
    Object.entries(accepted).map(([name, known]) => [
      name,
      isFields(known)
        ? {
            ...known,
            sent: one(name, known.sent),
            ...(known.became !== undefined && { became: one(name, known.became) }),
          }
        : known,
    ]),
  )
}

/** Keys of what says who, what or where, and nothing of a person. */
const PLAIN = new Set(
  'contract journey workflow system task desk ref answer answers in type checkpoint changed field object alias word becomes from into once to currency worth opened version sinceStartMs'.split(
    ' ',
  ),
)
function sealedWords(value: unknown, put: Put): unknown {
  if (typeof value === 'string') return value === '' ? value : put(value)
  if (Array.isArray(value)) return value.map(one => sealedWords(one, put))
  if (!isFields(value)) return value
  const isPlain = (name: string, one: unknown): boolean =>
    PLAIN.has(name) && (typeof one === 'string' || (Array.isArray(one) && one.every(each => typeof each === 'string')))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, isPlain(name, one) ? one : sealedWords(one, put)]),
  )
}

/** An empty text says nothing, and takes away what was said before. */
const sealedColumn = (value: unknown, put: Put): unknown => (value === '' ? value : put(value))

/** The shortest that is looked for in texts: a single letter is everywhere. */
const SHORTEST = 2
const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return value.trim().length >= SHORTEST ? [value.trim()] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** Whole words, the longest first, as they were written or in capitals: in any case at all, "order" would be somebody's name. */
function mentionedBy(mentions: readonly Mention[]): RegExp {
  const texts = mentions.flatMap(({ text }) => [text, text.toUpperCase()])
  const longest = [...new Set(texts)].sort((a, b) => b.length - a.length)
  const any = longest.map(text => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, 'gu')
}

const whoseIs = (mentions: readonly Mention[], text: string): string =>
  mentions.find(one => one.text === text || one.text.toUpperCase() === text)?.subject ?? ''

function hidden(value: unknown, mentioned: RegExp, put: (text: string) => unknown): unknown {
  if (typeof value === 'string') return value.replace(mentioned, found => String(put(found)))
  if (Array.isArray(value)) return value.map(one => hidden(one, mentioned, put))
  if (!isFields(value) || value instanceof Date || value instanceof Map || value instanceof Set) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hidden(one, mentioned, put)]))
}
