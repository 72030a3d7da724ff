// A point: one promise of a connector that the engine relies on, and how it is tried.
import type { Trial } from '../trial.ts'

export type Point<Name extends string = string> = {
  readonly point: Name
  /** The promise, as a person says it. */
  readonly says: string
  /** Tried once for the connector, with its first sample; else with each of them. */
  readonly once?: true
  /** Takes many seconds: left out of the short form, which says so. */
  readonly isSlow?: true
  readonly run: (trial: Trial) => Promise<void>
}
