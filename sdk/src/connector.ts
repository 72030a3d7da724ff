// Connectors: the code that speaks to a kind of system. The engine calls it with plain values and expects plain values.
import type { OfSystem } from './errors.ts'
import type { Fields, RecordOf } from './field.ts'
import type { Instant, NativeId } from './values.ts'

/** What a connector may use of the world. Nothing else: no global fetch, no clock of its own. */
export type Host = {
  fetch: typeof fetch
  now(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A random UUID, for headers that want one. Never for a key of a write. */
  uuid(): string
  log(sentence: string, facts?: Record<string, unknown>): void
}

/**
 * The system's own version of a record: `at` in epoch milliseconds and, where the system has one, a sequence number
 * that orders changes within the same instant. Two positions with equal `at` and a missing `seq` cannot be compared.
 */
export type Position = { readonly at: number; readonly seq?: number }

/** Native values under their native names, decoded: money is Money, days and instants are strings, null clears. */
export type Native = Readonly<Record<string, unknown>>

/**
 * Something a system told us of one record. `mask` names the fields it speaks of ('all': the whole record, lists included);
 * what is not in the mask is unknown, never null.
 */
export type Observation = {
  readonly object: string
  readonly id: NativeId
  readonly kind: 'seen' | 'gone' | 'look again'
  readonly mask: 'all' | readonly string[]
  readonly fields: Native
  readonly position: Position
  /** The system's opaque token for a conditional write (an ETag). */
  readonly token?: string
  /** Set when the record is an entry of another's list, as a quote's line is. `parent` is absent when the event does not say. */
  readonly entryOf?: { readonly object: string; readonly list: string; readonly parent?: NativeId }
  /** Who made the change, in the system's words. */
  readonly by?: string
  /** Of a record that is gone: the one that it was merged into, where the system tells. */
  readonly into?: NativeId
}

/** Something received that could not be understood. It is kept, shown and holds nothing else up. */
export type Unreadable = {
  readonly unreadable: string
  readonly object?: string
  readonly id?: string
  readonly raw: unknown
}

/** What a feed yields. It is acknowledged by asking for the next: the cursor is stored together with the observations. */
export type Heard = { readonly heard: readonly (Observation | Unreadable)[]; readonly cursor: string }

/** One write to one record. A create's key never changes; `id` is absent on a create. */
export type Write<F extends Fields = Fields> = {
  readonly key: string
  readonly id?: NativeId
  readonly token?: string
  /** The fields that differ. */
  readonly fields: Partial<RecordOf<F>> & Native
  /** Line operations of each list, on the entries' own ids. Entries carry the line's key in the field the mapping names. */
  readonly lists: Readonly<
    Record<
      string,
      {
        readonly add: readonly Native[]
        readonly change: readonly (Native & { readonly id: NativeId })[]
        readonly remove: readonly NativeId[]
      }
    >
  >
  /** Close the record (cancel the order) instead of writing fields. */
  readonly close?: true
  /** Said with `close`: delete the record, where the system lets its records be deleted; else close it. */
  readonly remove?: true
  /**
   * Whether this may still be sent. A connector that awaits anything first (a token, another call) asks right before the
   * request that writes, with no await in between, and ends 'unavailable' when it may not.
   */
  readonly mayStillSend?: () => boolean
}

/** The four ends of a write. Anything a connector throws is a defect: parked and visible. */
export type WriteEnd =
  /** `native` is the record as the system made it, where the answer says so; entries with their ids. */
  | {
      readonly end: 'written'
      readonly id: NativeId
      readonly position?: Position
      readonly token?: string
      readonly native?: Native
    }
  /** The system said no, in words a person understands. A person decides. */
  | { readonly end: 'refused'; readonly reason: string; readonly todo?: string }
  /** Not done, and certainly not: try later. */
  | ({ readonly end: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number } & OfSystem)
  /** Sent, no answer: it may have happened. Looked up by its key before anything is sent again. */
  | { readonly end: 'unknown'; readonly reason: string; readonly systemIsDown?: boolean }

export type Page = { readonly records: readonly Observation[]; readonly next?: string }

/**
 * What keeps one create from becoming two records: the system itself, by the key that comes with it ('native') or by a unique
 * field that carries it ('externalId'); or nothing does, and a create in doubt is looked for before it is sent again
 * ('searchThenCreate'), as it is where nothing is said.
 */
export type CreateIdempotency = 'native' | 'externalId' | 'searchThenCreate'

export type ObjectSpec<Api, F extends Fields> = {
  readonly fields: F
  /** Reads whole records; an id that does not exist is left out of the answer, or told as 'gone' where the system knows more. */
  readonly read?: (api: Api, ids: readonly NativeId[]) => Promise<readonly Observation[]>
  /** All records, page by page, for the first load and the sweep. */
  readonly list?: (api: Api, page?: string) => Promise<Page>
  /**
   * What changed at or after a time (epoch milliseconds), page by page, in any order; deleted records as 'gone', and as 'look
   * again' what changed in its entries alone. It finds soon what a feed missed; what even this misses, `list` shows.
   */
  readonly changed?: (api: Api, since: number, page?: string) => Promise<Page>
  /** Writes a batch; the answer has one end per write, in the same order. */
  readonly write?: (api: Api, writes: readonly Write<F>[]) => Promise<readonly WriteEnd[]>
  /** Looks creates up by key, in the same order: all that carry it. Two are an alarm, never a choice. */
  readonly find?: (api: Api, writes: readonly Write<F>[]) => Promise<readonly (readonly Observation[])[]>
  /** How many writes one call takes at most. */
  readonly batch?: number
  /** Which object each list's entries are: `{ QuoteLineItems: 'QuoteLineItem' }`. Not where they are only numbered within their record. */
  readonly entries?: Readonly<Record<string, string>>
  readonly createIdempotency?: CreateIdempotency
  /** True when what is read carries a token, and a change with an older one is not carried out. Else the last one wins. */
  readonly isVersioned?: boolean
}

export type NativeQuestion<Api, A extends Fields, R extends Fields> = {
  readonly asks: A
  readonly answers: R
  readonly run: (api: Api, question: RecordOf<A>) => Promise<RecordOf<R>>
}

export type ConnectorSpec<S extends Fields, Api> = {
  readonly settings: S
  readonly connect: (settings: RecordOf<S>, host: Host) => Promise<Api> | Api
  /** A cheap call that proves the system answers and lets us in. */
  readonly test: (api: Api) => Promise<unknown>
  /** The system's own clock, from which on changes are live. */
  readonly clock: (api: Api) => Promise<Instant>
  /**
   * Yields what the system tells from the cursor on, for ever, until the signal aborts. Without a cursor it
   * begins as early as the system remembers, or now where the system tells nothing of the past: history is told from news
   * by the times of the changes, never by where the feed began.
   * It may yield nothing new with a new cursor. It throws when the feed breaks; the engine starts it again.
   */
  readonly follow?: (
    api: Api,
    from: {
      readonly cursor?: string
      /** The objects that the project maps. */
      readonly objects: readonly string[]
      /** All objects of the connector as the project declares them, so that a feed knows their fields and entries. */
      readonly specs: Readonly<Record<string, ObjectSpec<Api, Fields>>>
      readonly signal: AbortSignal
    },
  ) => AsyncIterable<Heard>
  /** How `follow` learns of changes, and whether it hears of what was deleted; what it does not hear of, a sweep finds. */
  readonly changeFeed?: { readonly by: 'events' | 'polling'; readonly tellsDeleted: boolean }
  /** How prices are asked for: worked out and not saved, by a draft that is thrown away, or read from where they are kept. */
  readonly priceMode?: 'simulate' | 'draft' | 'query'
  /** What is left of the calls that the system allows in a day, as it last said. Asks nobody. */
  readonly allowance?: (api: Api) => Allowance | undefined
  readonly close?: (api: Api) => Promise<void> | void
}

export type Allowance = { readonly used: number; readonly of: number }

export type Limits = {
  readonly concurrency: number
  readonly perSecond?: number
  readonly longestCallMs: number
  /** How often it is tried, at most, whether a limit of the day is over or a session is accepted again. */
  readonly probeEveryMs?: number
}

/** A connector with its objects and questions, as the engine sees it. */
export type Connector<
  S extends Fields,
  Api,
  O extends Record<string, Fields>,
  Q extends Record<string, { asks: Fields; answers: Fields }>,
> = {
  readonly name: string
  readonly spec: ConnectorSpec<S, Api>
  readonly limits: Limits
  readonly objects: { readonly [K in keyof O]: ObjectSpec<Api, O[K]> }
  readonly questions: { readonly [K in keyof Q]: NativeQuestion<Api, Q[K]['asks'], Q[K]['answers']> }
  object<const K extends string, F extends Fields>(
    name: K,
    spec: ObjectSpec<Api, F>,
  ): Connector<S, Api, O & Record<K, F>, Q>
  question<const K extends string, A extends Fields, R extends Fields>(
    name: K,
    spec: NativeQuestion<Api, A, R>,
  ): Connector<S, Api, O, Q & Record<K, { asks: A; answers: R }>>
}
// biome-ignore lint/suspicious/noExplicitAny: the engine holds connectors of every kind
export type AnyConnector = Connector<any, any, any, any>

/** Begins a connector: `connector('sap-s4hana', { settings, connect, test, clock }, limits).object(…).question(…)`. */
export function connector<S extends Fields, Api>(
  name: string,
  spec: ConnectorSpec<S, Api>,
  limits: Limits,
): Connector<S, Api, Record<never, never>, Record<never, never>> {
  const build = (objects: AnyConnector['objects'], questions: AnyConnector['questions']): AnyConnector => ({
    name,
    spec,
    limits,
    objects,
    questions,
    object: (key: string, object: AnyConnector['objects'][string]) => build({ ...objects, [key]: object }, questions),
    question: (key: string, question: AnyConnector['questions'][string]) =>
      build(objects, { ...questions, [key]: question }),
  })
  return build({}, {})
}
