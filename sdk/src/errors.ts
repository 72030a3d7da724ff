// What a connector throws when a read or a question does not succeed. A write ends in a WriteEnd instead.

/** The system said no; asking again will not help. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly todo: string | undefined
  constructor(message: string, todo?: string) {
    super(message)
    this.todo = todo
  }
}

/** The system did not answer or is not to be asked now; asking later may help. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  readonly retryAfterMs: number | undefined
  constructor(message: string, retryAfterMs?: number) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** The feed's cursor is too old or unknown to the system: what was missed must be loaded. */
export class CursorLost extends Error {
  override readonly name = 'CursorLost'
}
