// What was looked up by its name a moment ago: nearly every order names the same few.

/** So long one that was given another name may still be found by the old one. */
const rememberMs = 30_000

/** For whoever asks for it again. */
export class Remembered {
  readonly #now: () => number
  readonly #known = new Map<string, { readonly id: number; readonly until: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  async of(key: string, ask: () => Promise<number>): Promise<number> {
    const known = this.#known.get(key)
    if (known && known.until > this.#now()) return known.id
    const id = await ask()
    this.#known.set(key, { id, until: this.#now() + rememberMs })
    return id
  }
}
