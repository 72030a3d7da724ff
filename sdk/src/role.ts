// Roles: what a system is to the business. A role is filled by one or more instances of a connector, routed by the record.
import type { Connector } from './connector.ts'
import type { Contract } from './contract.ts'
import type { Field, Fields, RecordOf } from './field.ts'
import type { Mapping } from './mapping.ts'
import type { ValueTable } from './table.ts'
import type { DateOnly, Duration, NativeId, Ref } from './values.ts'

/** A synchronous question to a role: price, stock, credit. */
export type Question<A extends Fields, R extends Fields> = {
  readonly question: string
  readonly asks: A
  readonly answers: R
  /** How long whoever asks waits for the answer, the system's queue included. A journey is patient: it counts from the call. */
  readonly within: Duration
  /** How old an answer may be that is given again for the very same question. Without it each is asked anew. */
  readonly cache?: Duration
}
export type QuestionOptions = { readonly within?: Duration; readonly cache?: Duration }

/** `question('stock', { product: ref(Product), quantity: count('Quantity') }, { now: count('Available now') }, { cache: '30 seconds' })`. */
export const question = <A extends Fields, R extends Fields>(
  name: string,
  asks: A,
  answers: R,
  { within = '10 seconds', cache }: QuestionOptions = {},
): Question<A, R> => ({ question: name, asks, answers, within, ...(cache && { cache }) })
// biome-ignore lint/suspicious/noExplicitAny: variance, see field.ts
export type AnyQuestion = Question<any, any>

/** A question put to a role: plain data, answered by the engine when a step runs it. */
export type Asked<R> = {
  readonly asked: string
  readonly role: string
  readonly question: Readonly<Record<string, unknown>>
  readonly answer?: R
}

export type Role<N extends string, Q extends AnyQuestion = AnyQuestion> = {
  readonly role: N
  // biome-ignore lint/suspicious/noExplicitAny: variance, see field.ts
  readonly holds: readonly Contract<string, any>[]
  readonly answers: readonly Q[]
  /** Puts a question; a step runs it: `await step('Check credit', () => erp.ask(CreditCheck, { … }))`. */
  ask<P extends Q>(
    question: P,
    ask: P extends Question<infer A, Fields> ? Given<RecordOf<A>> : never,
  ): P extends Question<Fields, infer R> ? Asked<RecordOf<R>> : never
}

export const role = <const N extends string, const Q extends readonly AnyQuestion[] = readonly []>(
  name: N,
  // biome-ignore lint/suspicious/noExplicitAny: variance, see field.ts
  of: { readonly holds: readonly Contract<string, any>[]; readonly answers?: Q },
): Role<N, Q[number]> => ({
  role: name,
  holds: of.holds,
  answers: of.answers ?? [],
  ask: (asked: AnyQuestion, ask: Record<string, unknown>) =>
    ({ asked: asked.question, role: name, question: ask }) as never,
})

/** What is optional may be left out, in the entries of lists too. */
export type Given<T> = {
  readonly [K in keyof T as undefined extends T[K] ? never : K]: GivenIn<T[K]>
} & { readonly [K in keyof T as undefined extends T[K] ? K : never]?: GivenIn<T[K]> }
type GivenIn<V> = V extends readonly (infer E)[] ? readonly Given<E>[] : V

/** Native questions speak native ids where ours speak refs, in the entries of lists too. */
type AsNative<T> = {
  readonly [K in keyof T]: T[K] extends Ref<string>
    ? NativeId
    : T[K] extends readonly (infer E)[]
      ? readonly AsNative<E>[]
      : T[K]
}
/** `refs` are the paths of what is asked that are refs: `customer`, `lines.product`. */
export type Answer = { readonly question: string; readonly native: string; readonly refs: readonly string[] }
/** Says which of a connector's own questions answers ours: `answers(CreditCheck, sapS4, 'creditCheck')`. */
export const answers = <
  A extends Fields,
  R extends Fields,
  Q extends Record<string, { asks: Fields; answers: Fields }>,
  const K extends keyof Q & string,
>(
  ours: Question<A, R>,
  // biome-ignore lint/suspicious/noExplicitAny: settings, api and objects do not matter here
  of: Connector<any, any, any, Q>,
  native: [AsNative<RecordOf<A>>] extends [RecordOf<Q[K]['asks']>]
    ? [RecordOf<Q[K]['answers']>] extends [RecordOf<R>]
      ? K
      : never
    : never,
): Answer => ({
  question: ours.question,
  native: of && native,
  refs: refsIn(ours.asks),
})

const refsIn = (asks: Fields): string[] =>
  Object.entries<Field<unknown>>(asks).flatMap(([name, field]) =>
    field.kind === 'ref' ? [name] : refsIn(field.of ?? {}).map(inner => `${name}.${inner}`),
  )

export type Instance = {
  readonly instance: string
  readonly role: string
  // biome-ignore lint/suspicious/noExplicitAny: instances of every connector
  readonly connector: Connector<any, any, any, any>
  readonly settings: Readonly<Record<string, unknown>>
  readonly mappings: readonly Mapping[]
  readonly answers: readonly Answer[]
  readonly limits?: { readonly concurrency?: number; readonly perSecond?: number }
  readonly sweep?: Sweep
  /** The values of its role's route that lead to it. */
  readonly serves?: readonly string[]
  /** By value table: what it calls our values, where that is not what its connector's systems call them. */
  readonly words?: Words
  /** When people work there. Deadlines in working days count by it; of one role only. */
  readonly calendar?: Calendar
}
type Words = Readonly<Record<string, ValueTable['starts'][string]>>

/**
 * How often all that a system has is compared with what we hold of it, and how fast. Once a day and a page a second, where
 * nothing is said; `{ every: 'never' }` leaves it to who asks for it.
 */
export type Sweep = { readonly every?: Duration | 'never'; readonly pagesPerMinute?: number }

export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday'

/** `{ zone: 'America/New_York', holidays: ['2026-11-26'] }`. A day begins and ends as the clocks of the zone say. */
export type Calendar = {
  /** By its IANA name. */
  readonly zone: string
  /** Saturday and Sunday, where nothing is said. */
  readonly weekend?: readonly Weekday[]
  readonly holidays?: readonly DateOnly[]
}

/**
 * One system that fills a role: `fill(erp, 'us', tryton, settings, { serves: ['US01'], mappings: [orderInTryton] })`. What is its
 * own alone stands here: whom it serves, rules of a mapping that differ (`overlay`), its own words of a value table, its working days.
 */
export const fill = <S extends Fields>(
  of: Role<string>,
  instance: string,
  // biome-ignore lint/suspicious/noExplicitAny: api, objects and questions do not matter here
  connector: Connector<S, any, any, any>,
  settings: Given<RecordOf<S>>,
  with_: {
    readonly mappings: readonly Mapping[]
    readonly answers?: readonly Answer[]
    readonly limits?: Instance['limits']
    readonly sweep?: Sweep
    readonly serves?: readonly string[]
    readonly words?: Words
    readonly calendar?: Calendar
  },
): Instance => ({
  instance,
  role: of.role,
  connector,
  settings: settings as Readonly<Record<string, unknown>>,
  mappings: with_.mappings,
  answers: with_.answers ?? [],
  ...(with_.limits && { limits: with_.limits }),
  ...(with_.sweep && { sweep: with_.sweep }),
  ...(with_.serves && { serves: with_.serves }),
  ...(with_.words && { words: with_.words }),
  ...(with_.calendar && { calendar: with_.calendar }),
})

/**
 * Which of the instances that fill a role a record goes to: the one that serves the value of a field. A question that has no such
 * field goes by the first record that it refers to and that has it: a price by its customer.
 */
export type Route = {
  readonly role: string
  /** The field: `legalEntity`. */
  readonly by: string
  /** The instance for records in which the field is empty. Without it they wait until somebody fills it in. */
  readonly whenEmpty?: string
}
/** `route(erp, { by: 'legalEntity', whenEmpty: 'eu' })`; each instance says itself which values it `serves`. */
export const route = (of: Role<string>, how: { readonly by: string; readonly whenEmpty?: string }): Route => ({
  role: of.role,
  ...how,
})
