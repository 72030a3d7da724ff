// What the kit must be told of a connector: how to reach a live system of its kind, and a few records to try it with.
import type { AnyConnector, DateOnly, Money, Native, NativeId, Write } from '@plumbline/sdk'
import type { Answer, Call } from './proxy.ts'

/** A connector, a live system for it, and what it does not have, with the reasons. `P` are the names of the points. */
export type Subject<P extends string> = {
  readonly connector: AnyConnector
  /** Brings the system up, or says where it is. */
  readonly start: () => Promise<System<P>>
  /** Points that the connector does not have, each with the reason. One that is absent and not named here fails. */
  readonly lacks?: Lacks<P>
}

type Lacks<P extends string> = { readonly [Point in P]?: string }

/** Instead of something that is to be tried: why there is none. */
export type WhyNot = { readonly absent: string }
export type OrWhyNot<T> = T | WhyNot
/** `create: absent('They are created in the ERP')`. */
export const absent = (because: string): WhyNot => ({ absent: because })

export type System<P extends string = string> = {
  /** The address of its HTTP interface. The kit puts its fault proxy before it. */
  readonly url: string
  /** The settings of a connection that reaches the system at this address. */
  readonly settings: (url: string) => Readonly<Record<string, unknown>>
  readonly samples: readonly Sample<P>[]
  /** Which calls write. Without it those by POST, PUT, PATCH and DELETE. */
  readonly isWrite?: (call: Call) => boolean
  /** How this system says "not now", and how long one is to wait then. Without it 429 with Retry-After. */
  readonly busy?: Answer & { readonly retryAfterMs: number }
  /** How it says that a session has run out, where logging in again helps; and which calls it says that to. */
  readonly sessionExpired: OrWhyNot<{ readonly answer: Answer; readonly on?: (call: Call) => boolean }>
  /** How it says that nobody is let in, whatever they do. Without it 401. */
  readonly lockedOut?: Answer
  /** How long after its own stamp a change may first be seen, in milliseconds, so that this connection still hears it. */
  readonly lateMs: OrWhyNot<number>
  /** How long the kit waits for what the feed is to tell, in milliseconds. Without it 10 s. */
  readonly patienceMs?: number
  /** A question for the price of something, and what the system answers. */
  readonly price?: { readonly question: string; readonly asks: Native; readonly answers: Native }
  readonly stop?: () => Promise<unknown>
}

/** Some records of one object. */
export type Sample<P extends string = string> = {
  readonly object: string
  /** A new record that the system accepts. `ref` is ours and never comes twice; the record carries it. */
  readonly create: OrWhyNot<(ref: string) => NewRecord>
  /** A record that is there, of an object that the connector does not create. */
  readonly there?: NativeId
  /** The ref that a record carries. */
  readonly refOf?: (fields: Native) => unknown
  /** A new record that the system refuses for what is in it. */
  readonly refused: OrWhyNot<(ref: string) => NewRecord>
  /** Values of a change, different ones for each number, that are read again as they were written. */
  readonly change: OrWhyNot<(number: number) => Native>
  /** What records are listed in one page; the kit creates more than that. */
  readonly perPage: OrWhyNot<number>
  /** Makes so many records for the list, where that is quicker than by the connector. */
  readonly fill?: (count: number) => Promise<unknown>
  /** A text of any content, and how long it may be. */
  readonly text: OrWhyNot<Place<string> & { readonly longest: number }>
  /** A field that may be empty, and a text that it may hold. */
  readonly optional: OrWhyNot<{ readonly field: string; readonly value: string }>
  readonly money: OrWhyNot<Place<Money> & { readonly currency: string; readonly largest: string }>
  readonly day: OrWhyNot<Place<DateOnly>>
  /** A field that tells a point in time. */
  readonly instant: OrWhyNot<string>
  /** Somebody deletes the record in the system. */
  readonly remove: OrWhyNot<(id: NativeId) => Promise<unknown>>
  /** Points that the connector does not have for this object, each with the reason. */
  readonly lacks?: Lacks<P>
}

export type NewRecord = { readonly fields: Native; readonly lists?: Write['lists'] }

/** Where in a record a value stands. */
export type Place<T> = {
  readonly put: (record: NewRecord, value: T) => NewRecord
  readonly get: (fields: Native) => unknown
}

/** A value that is a field: `inField('Name')`. */
export const inField = <T>(name: string): Place<T> => ({
  put: (record, value) => ({ ...record, fields: { ...record.fields, [name]: value } }),
  get: fields => fields[name],
})
