// The rows that stages hand to each other.
import type { Native, Observation, Position } from '@plumbline/sdk'
import type { Claim } from './claims.ts'
import type { Missing } from './vocabulary.ts'

/** What was heard of a record, as it lies in the inbox. `live` is false for history: it starts nothing and brings nothing anywhere. */
export type Heard = {
  readonly change: string
  readonly live: boolean
  readonly heardAt: string
  readonly observation: Observation
  /** Of an answer to a write of ours: what that carried. What else the record shows may be anybody's. */
  readonly wrote?: readonly string[]
}

export type InboxRow = Claim & {
  readonly system: string
  readonly object: string
  readonly native_id: string
  readonly changes: readonly Heard[]
  readonly tries: number
  readonly first_at: Date
  readonly claimed_at: Date
  /** What the record was found to be when it was read after this was claimed, because something hinted to it. */
  readonly reading?: { readonly heard: Heard }
}

export type StoredRecord = {
  readonly ref: string
  readonly contract: string
  /** Of the contract: today's, or that of a process with newer code. */
  readonly contract_version: number
  readonly version: number
  readonly fields: Record<string, unknown>
  readonly born: boolean
  /** The system of the routed role in which it was born. */
  readonly born_in: string | null
  readonly alias_of: string | null
}

/** Where a field's value came from. */
export type Source = {
  readonly system: string
  readonly at: string
  readonly change?: string
  readonly by?: string
  /** The build of the project that understood it, by its number. */
  readonly build: number
}

/** What a system was sent of a field, what it made of that, and how often it was sent that since it last showed it. */
export type Accepted = Readonly<
  Record<string, { readonly sent: unknown; readonly became?: unknown; readonly times?: number }>
>

/** So often the same is sent to a system that does not show it; then it is for a person to look at. */
export const mostTimes = 3

export type StoredHolding = {
  readonly ref: string
  readonly system: string
  readonly object: string
  readonly native_id: string
  readonly native: Native
  readonly position: Position
  readonly field_positions: Readonly<Record<string, Position>>
  readonly token: string | null
  readonly accepted: Accepted
  readonly gone: boolean
  /** False while the answer of our own create lies in the inbox. */
  readonly answered: boolean
  readonly at?: Date
}

export type DeliveryRow = Claim & {
  readonly ref: string
  readonly system: string
  readonly contract: string
  readonly wanted: number
  /** How often it was marked. */
  readonly marks: number
  readonly done: number
  readonly close: boolean
  readonly tries: number
  readonly attempt: string | null
  readonly doubt_until: Date | null
  /** The version that the last attempt carried. */
  readonly sent_version: number | null
  /** Until when an earlier attempt with that version may still arrive. */
  readonly late_until: Date | null
  /** What the record is to say there of somebody's edit. */
  readonly says: string | null
  /** Disputes that were granted, and baselines: with them go fields that the system itself owns; and lines that are to go. */
  readonly grants: readonly string[]
}

/** A grant of a field that the system came to own while what stood was still on its way there: it is brought there yet. */
export const baseline = (field: string): string => `baseline:${field}`
export const baselineOf = (grant: string): string | undefined =>
  grant.startsWith('baseline:') ? grant.slice('baseline:'.length) : undefined

/** A grant of a line that was decided to go: the system's own entry of it is taken away too. */
export const lineAway = (line: string): string => `away:${line}`
export const linesAway = ({ grants }: Pick<DeliveryRow, 'grants'>): ReadonlySet<string> =>
  new Set(grants.flatMap(grant => (grant.startsWith('away:') ? [grant.slice('away:'.length)] : [])))

/** Whether a grant is a dispute by its name: what somebody wished for. */
export const isWish = (grant: string): boolean => !grant.startsWith('baseline:') && !grant.startsWith('away:')

export type JourneyRow = Claim & {
  readonly journey: string
  readonly workflow: string
  readonly ref: string
  readonly once: string
  readonly state: string
  readonly tries: number
  readonly title: string
  readonly reached: Record<string, string>
  /** By when checkpoints are due that count in working days. */
  readonly counted: Record<string, string>
  readonly checkpoint: string | null
  readonly undoing: string | null
  readonly started_at: Date
}

/** Who an observation is by when it is the answer to our own write. */
export const answered = 'plumbline:answer'

/** A system's native id of our ref; undefined while it has none. */
export type IdOf = (ref: string) => string | undefined

/** Whether a system holds a line in one of its lists. */
export type IsHeld = (list: string, line: string) => boolean

/** What a system should hold of a record, in its own words: translate says it, deliver writes the difference. */
export type Desired = {
  readonly fields: Record<string, unknown>
  readonly createOnly: Record<string, unknown>
  readonly lists: Record<string, Native[]>
  /** Refs that have no native id in this system yet. */
  readonly missing: readonly string[]
  /** Our values that the system's tables have no word for yet. */
  readonly unknown: readonly Missing[]
}
