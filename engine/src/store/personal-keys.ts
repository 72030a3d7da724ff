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
    const now = this.#monotonic()
    const found = new Map<string, Key>()
    const unknown: string[] = []
    for (const subject of new Set(subjects)) {
      const known = this.#known.get(subject)
      if (known && known.until > now) found.set(subject, known.key)
      else unknown.push(subject)
    }
    if (unknown.length > 0)
      for (const row of await this.#db.query<Row>(find, [unknown])) found.set(row.subject, this.#learn(row))
    return subject => found.get(subject)
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

  forget(): void {
    this.#known.clear()
  }

  #learn({ subject, wrapped, erasedAt }: Row): Key {
    if (this.#known.size >= MOST_KEPT) this.#known.clear()
    const key = this.#keyIn(subject, wrapped, erasedAt)
    this.#known.set(subject, { key, until: this.#monotonic() + BELIEVED_MS })
    return key
  }

  #keyIn(subject: string, wrapped: Buffer | null, erasedAt: Date | null): Key {
    if (!wrapped) return { is: 'erased', at: erasedAt ?? new Date(0) }
    const bytes = decrypt(this.#master, subject, wrapped)
    if (!bytes)
      throw new Error(`The key of ${subject} cannot be opened with the master key that this process was given`)
    return { is: 'there', bytes }
  }
}
