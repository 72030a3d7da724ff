// What Tryton said a moment ago, for whoever asks for it again: nearly every order names the same few terms and warehouses.

/** So long what has changed in Tryton meanwhile may still be taken for what it was. */
const rememberMs = 60_000

export class Remembered<T> {
  readonly #now: () => number
  /** The oldest first. */
  readonly #known = new Map<string, { readonly said: T; readonly until: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  async of(key: string, ask: () => Promise<T>): Promise<T> {
    this.#forget()
    const known = this.#known.get(key)
    if (known) return known.said
    const said = await ask()
    this.#known.delete(key)
    this.#known.set(key, { said, until: this.#now() + rememberMs })
    return said
  }

  #forget(): void {
    for (const [key, { until }] of this.#known) {
      if (until > this.#now()) return
      this.#known.delete(key)
    }
  }
}
