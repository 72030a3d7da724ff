// The keys of persons: made when something is first sealed for one, kept in memory for a moment, gone for good once erased.
import { decrypt, encrypt, IV_BYTES, KEY_BYTES, type Key, type KeyOf, keyedHash } from '../kernel/seal.ts'

/** Outside of any transaction, so that a key is never used that a rollback takes back. */
type Ask = {
  query<R extends object>(
    query: { readonly name: string; readonly text: string },
    values: readonly unknown[],
  ): Promise<R[]>
}
export type Chance = (bytes: number) => Buffer

const find = {
  name: 'personal-keys-find',
  text: 'select subject, wrapped, erased_at as "erasedAt" from personal_key where subject = any($1)',
}
const add = {
  name: 'personal-keys-add',
  text: `insert into personal_key (subject, wrapped)
         select * from unnest($1::text[], $2::bytea[]) as k(subject, wrapped) order by subject on conflict do nothing`,
}
type Row = { readonly subject: string; readonly wrapped: Buffer | null; readonly erasedAt: Date | null }

/** So long a key is believed without being asked for again, should the word that it was erased not arrive. */
const BELIEVED_MS = 5_000
const MOST_KEPT = 20_000

export class PersonalKeys {
  readonly #db: Ask
  readonly #master: Buffer
  readonly #chance: Chance
  readonly #monotonic: () => number
  readonly #known = new Map<string, { readonly key: Key; readonly until: number }>()
  readonly #hashing: Buffer

  constructor(db: Ask, master: Buffer, chance: Chance, monotonic: () => number) {
    this.#db = db
    this.#master = master
    this.#chance = chance
    this.#monotonic = monotonic
    this.#hashing = Buffer.from(keyedHash(master, 'names'), 'base64url')
  }

  iv(): Buffer {
    return this.#chance(IV_BYTES)
  }

  /** The keys that there are, or were. */
  async of(subjects: Iterable<string>): Promise<KeyOf> {
    const wanted = [...new Set(subjects)]
    const unknown = wanted.filter(subject => !this.#believed(subject))
    if (unknown.length > 0) for (const row of await this.#db.query<Row>(find, [unknown])) this.#learn(row)
    return this.#snapshot(wanted)
  }

  /** The keys, made for those who have none yet. Who was erased gets no other one. */
  async make(subjects: Iterable<string>): Promise<KeyOf> {
    const wanted = [...new Set(subjects)]
    const known = await this.of(wanted)
    const without = wanted.filter(subject => !known(subject))
    if (without.length === 0) return known
    const wrapped = without.map(subject => encrypt(this.#master, subject, this.#chance(KEY_BYTES), this.iv()))
    await this.#db.query(add, [without, wrapped])
    return this.of(wanted)
  }

  /** For what must be found without being read. */
  hash(...parts: readonly string[]): string {
    return keyedHash(this.#hashing, ...parts)
  }

  forget(subjects: Iterable<string> = [...this.#known.keys()]): void {
    for (const subject of subjects) this.#known.delete(subject)
  }

  #believed(subject: string): boolean {
    return (this.#known.get(subject)?.until ?? 0) > this.#monotonic()
  }

  #learn({ subject, wrapped, erasedAt }: Row): void {
    if (this.#known.size >= MOST_KEPT) this.#known.clear()
    this.#known.delete(subject)
    this.#known.set(subject, { key: this.#keyIn(subject, wrapped, erasedAt), until: this.#monotonic() + BELIEVED_MS })
  }

  #keyIn(subject: string, wrapped: Buffer | null, erasedAt: Date | null): Key {
    if (!wrapped) return { is: 'erased', at: erasedAt ?? new Date(0) }
    const bytes = decrypt(this.#master, subject, wrapped)
    if (!bytes)
      throw new Error(`The key of ${subject} cannot be opened with the master key that this process was given`)
    return { is: 'there', bytes }
  }

  /** What was known when it was asked for: whatever is forgotten meanwhile. */
  #snapshot(subjects: readonly string[]): KeyOf {
    const keys = new Map(subjects.map(subject => [subject, this.#known.get(subject)?.key]))
    return subject => keys.get(subject)
  }
}
