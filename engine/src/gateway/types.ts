// The admin API's answers as they arrive over the wire, for those who ask: the command line and the console.
import type * as journeys from '../observe/journeys.ts'
import type * as numbers from '../observe/numbers.ts'
import type * as problems from '../observe/problems.ts'
import type * as record from '../observe/record.ts'
import type * as story from '../observe/story.ts'
import type * as systems from '../observe/systems.ts'
import type * as tasks from '../observe/tasks.ts'
import type { Moment as StoredMoment } from '../observe/timeline.ts'
import type { Wire } from '../observe/words.ts'
import type * as answer from './answer.ts'
import type * as retry from './retry.ts'
import type * as events from './routes/events.ts'

/** GET /healthz */
export type Health =
  | { readonly status: 'ready' }
  | { readonly status: 'starting'; readonly waitingFor: readonly string[] }
/** GET /api/journeys: how it may be asked. All filters can be combined. */
export type JourneyQuery = {
  readonly state?: 'open' | 'ready' | 'waiting' | 'stuck' | 'done' | 'stopped'
  /** A checkpoint's name; an empty text means "none reached yet". */
  readonly stage?: string
  readonly workflow?: string
  readonly late?: boolean
  readonly system?: string
  readonly age?: Age
  readonly worth?: WorthBucket
  readonly waits?: WaitKind
  readonly search?: string
  readonly sort?: 'newest' | 'oldest' | 'worth' | 'due'
  readonly limit?: number
  /** `next` of the page before, with the same filters and order. */
  readonly after?: string
}
/** How long ago it was started. */
export type Age = 'hour' | 'day' | 'week' | 'older'
export type WorthBucket = 'under-1k' | '1k-10k' | '10k-100k' | 'over-100k'
/** A person's answer, a system that is to take or answer something, a record's own course, the next try, or somebody who looks at it. */
export type WaitKind = 'answer' | 'system' | 'record' | 'retry' | 'person'
export type Amount = { readonly amount: string; readonly currency: string | null }
export type Counted<V extends string> = { readonly value: V; readonly count: number }
/** GET /api/journeys */
export type JourneyPage = {
  readonly journeys: readonly JourneyLine[]
  readonly facets: Facets
  readonly next: string | null
}
/** Each facet counts what the other chosen filters leave: open journeys, or those of the chosen state when that is an end. */
export type Facets = Wire<journeys.Facets> & {
  readonly byCheckpoint: readonly {
    readonly workflow: string
    readonly checkpoint: string | null
    readonly count: number
    readonly worth: readonly Amount[]
  }[]
  readonly byWorkflow: readonly Counted<string>[]
  readonly bySystem: readonly Counted<string>[]
  readonly byAge: readonly Counted<Age>[]
  readonly byWorth: readonly Counted<WorthBucket>[]
  readonly byWait: readonly Counted<WaitKind>[]
  /** How many journeys all filters together leave, and what they are worth. */
  readonly total: number
  readonly worth: readonly Amount[]
}
/** `systems`: where its records live, and whom it asks. */
export type JourneyLine = Omit<Wire<journeys.JourneyLine>, 'waitsFor'> & {
  readonly systems: readonly string[]
  readonly waitsFor:
    | (Omit<NonNullable<Wire<journeys.JourneyLine>['waitsFor']>, 'kind'> & { readonly kind: WaitKind })
    | null
}
/** GET /api/journeys/:idOrNumber */
export type Story = Omit<Wire<story.Story>, 'journeys' | 'timeline'> & {
  readonly journeys: readonly JourneyLine[]
  readonly timeline: readonly Moment[]
}
/** `payload` where something came from a system or went to one: before and after mapping. */
export type Moment = Wire<StoredMoment> & { readonly payload?: Payload }
export type Payload = {
  readonly native: Readonly<Record<string, unknown>>
  readonly canonical: Readonly<Record<string, unknown>>
  /** Says what of it was left out, for its size or because it is personal; null when it is whole. */
  readonly cut: string | null
}
/** GET /api/search?q= */
export type SearchHits = { readonly hits: readonly SearchHit[] }
export type SearchHit = {
  /** `journey` when the record is the one that started it: its story is meant. */
  readonly kind: 'journey' | 'record'
  readonly contract: string
  readonly ref: string
  readonly title: string
  readonly number: string | null
  readonly journey: string | null
  readonly state: JourneyLine['state'] | null
  readonly systems: readonly { readonly system: string; readonly object: string; readonly nativeId: string }[]
}
/** GET /api/tasks */
export type Tasks = { readonly tasks: readonly Wire<tasks.TaskLine>[] }
/** POST /api/tasks/:id/answer */
export type Answered = Wire<answer.Answered>
/** POST /api/retry */
export type RetryRequest = retry.RetryRequest
export type Released = Wire<retry.Released>
/** GET /api/problems */
export type Problems = Wire<problems.Problems>
/** GET /api/systems */
export type Systems = { readonly systems: readonly Wire<systems.SystemLine>[] }
/** GET /api/numbers */
export type Numbers = Wire<numbers.Numbers>
/** GET /api/events */
export type EventPage = Wire<events.EventPage>
export type AnnouncedEvent = EventPage['events'][number]
/** GET /api/records/:ref */
export type Explained = Wire<record.Explained>
export type { ProblemBody, ProblemCode } from './problems.ts'
