// What a running engine shares with its stages.
import type { NativeId, Observation } from '@plumbline/sdk'
import type { Host } from './host.ts'
import type { AnswerCache } from './kernel/answer-cache.ts'
import type { Lane } from './kernel/lanes.ts'
import type { Lease } from './kernel/lease.ts'
import type { Plan, SystemPlan } from './kernel/plan.ts'
import type { Db } from './store/db.ts'
import type { Tables } from './store/tables.ts'

export type StageName = 'understand' | 'wishes' | 'deliver' | 'journeys' | 'lanes' | 'announce'

export type Running = {
  readonly plan: Plan
  readonly db: Db
  readonly host: Host
  readonly lease: Lease
  /** The number of the build of the project that this process runs: causes name it. */
  readonly build: number
  readonly lane: (system: SystemPlan) => Lane
  /** The connected api of a system; connects on first use. */
  readonly api: (system: SystemPlan) => Promise<unknown>
  /** How long after its attempt was committed a write may still be sent. */
  readonly sendWithinMs: number
  /** What our values are called in the systems. */
  readonly tables: Tables
  /** Answers of systems that may be given again. */
  readonly answers: AnswerCache
  /** Reads whole records within the lane; an id that does not exist is left out. */
  readonly read: (system: SystemPlan, object: string, ids: readonly string[]) => Promise<readonly Observation[]>
  /** Since when changes of a system are live, in epoch milliseconds; Infinity before its feed began. */
  readonly liveSince: (system: SystemPlan) => Promise<number>
  /** There may be work for a stage, for these systems or for all: here at once, in other processes after the next notification. */
  readonly poke: (stage: StageName, systems?: Iterable<string>) => void
  readonly isAway: (error: unknown) => boolean
}

export const asNativeIds = (ids: readonly string[]): readonly NativeId[] => ids as readonly NativeId[]
