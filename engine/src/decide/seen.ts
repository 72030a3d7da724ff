// What decide is given, and what a decision brings about.
import type { AnyContract } from '@plumbline/sdk'
import type { SystemPlan } from '../kernel/plan.ts'
import type { Source, StoredHolding, StoredRecord } from '../kernel/rows.ts'
import type { NewDispute } from '../store/disputes.ts'
import type { Event, Mark, Start } from '../store/follow-up.ts'
import type { Changed, HoldingChange } from '../store/records.ts'

/** What a system newly shows of a record, in contract words. `before` is absent when we never saw it there. */
export type Seen = {
  readonly system: SystemPlan
  readonly contract: AnyContract
  readonly record: StoredRecord
  readonly before: Readonly<Record<string, unknown>> | undefined
  readonly after: Readonly<Record<string, unknown>>
  readonly holding: StoredHolding
  /** The holding as it is stored. */
  readonly known: StoredHolding | undefined
  readonly live: boolean
  /** Nothing of it but the answers and echoes of our own writes. */
  readonly ours: boolean
  /** What those showed, whatever else there is. */
  readonly made: Readonly<Record<string, unknown>> | undefined
  /** Lines that the system added by itself, where its role may. */
  readonly extras: ReadonlySet<string>
  readonly gone: boolean
  readonly source: Source
  /** The systems that hold the record already: what a version must be brought to, beside where it is to live. */
  readonly heldIn: readonly string[]
  /** What a value is called where nobody may guess it. */
  readonly keyed?: (value: string) => string
}

export type Outcome = {
  changed: Changed[]
  marks: Mark[]
  starts: Start[]
  events: Event[]
  holdings: HoldingChange[]
  disputes: NewDispute[]
  /** Changed, come or gone: whoever watches them looks. */
  woken: Set<string>
  /** Answered for by a system, be it with nothing new: whoever opened them looks. */
  answered: Set<string>
}

export const nothingYet = (): Outcome => ({
  changed: [],
  marks: [],
  starts: [],
  events: [],
  holdings: [],
  disputes: [],
  woken: new Set(),
  answered: new Set(),
})
