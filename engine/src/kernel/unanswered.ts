// A question that a system did not answer: why, in words, for whoever asked.

export type Why = 'away' | 'paused' | 'busy' | 'late' | 'refused' | 'unknown record'

export class Unanswered extends Error {
  override readonly name = 'Unanswered'
  readonly why: Why
  readonly system: string
  /** What somebody can do about it, where somebody can. */
  readonly todo: string | undefined
  /** When it is worth asking again. */
  readonly retryInMs: number
  /** The record that the system does not know. */
  readonly ref: string | undefined

  constructor(
    why: Why,
    system: string,
    sentence: string,
    { todo, retryInMs, ref }: { readonly todo?: string; readonly retryInMs: number; readonly ref?: string },
  ) {
    super(sentence)
    this.why = why
    this.system = system
    this.todo = todo
    this.retryInMs = retryInMs
    this.ref = ref
  }
}
