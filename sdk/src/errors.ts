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

/** What an unavailable end or answer says of the system itself, beyond the record in hand. */
export type OfSystem = {
  /** Nobody gets an answer now: all calls to it wait. */
  readonly systemIsDown?: boolean
  /** It takes no more calls at once than are under way: fewer are to be sent together, none has to wait long. */
  readonly tooManyAtOnce?: boolean
}

/** The system did not answer or is not to be asked now; asking later may help. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  readonly retryAfterMs: number | undefined
  readonly systemIsDown: boolean
  readonly tooManyAtOnce: boolean
  constructor(message: string, retryAfterMs?: number, { systemIsDown = false, tooManyAtOnce = false }: OfSystem = {}) {
    super(message)
    this.retryAfterMs = retryAfterMs
    this.systemIsDown = systemIsDown
    this.tooManyAtOnce = tooManyAtOnce
  }
}

/** The feed's cursor is too old or unknown to the system: what was missed must be loaded. */
export class CursorLost extends Error {
  override readonly name = 'CursorLost'
}
