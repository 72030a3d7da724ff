// A question that a system did not answer: why, in words, for whoever asked.

export type Why = 'away' | 'paused' | 'busy' | 'late' | 'refused' | 'unknown record' | 'not routed'

export class Unanswered extends Error {
  override readonly name = 'Unanswered'
  readonly why: Why
  /** Or the role, where no system of it is asked. */
  readonly system: string
  /** What somebody can do about it, where somebody can. */
  readonly todo: string | undefined
  /** When it is worth asking again. */
  readonly retryInMs: number
  /** The record that the system does not know, or that no system serves. */
  readonly ref: string | undefined
  /** The field of it by which no system serves it, and its value. */
  readonly field: string | undefined
  readonly value: unknown
  /** As what the system would have it, where it has such records. */
  readonly object: string | undefined
  /** The lane took no call: it is worth asking again as soon as it does. */
  readonly isOfLane: boolean

  constructor(
    why: Why,
    system: string,
    sentence: string,
    more: {
      readonly todo?: string
      readonly retryInMs: number
      readonly ref?: string
      readonly object?: string | undefined
      readonly isOfLane?: boolean
      readonly field?: string
      readonly value?: unknown
    },
  ) {
    super(sentence)
    this.why = why
    this.system = system
    this.todo = more.todo
    this.retryInMs = more.retryInMs
    this.ref = more.ref
    this.field = more.field
    this.value = more.value
    this.object = more.object
    this.isOfLane = more.isOfLane ?? false
  }
}
