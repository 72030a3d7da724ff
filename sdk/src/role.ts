// Roles: what a system is to the business. A role is filled by one or more instances of a connector, routed by the record.
import type { Connector } from './connector.ts'
import type { Contract } from './contract.ts'
import type { Field, Fields, RecordOf } from './field.ts'
import type { Mapping } from './mapping.ts'
import type { Duration, NativeId, Ref } from './values.ts'

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
}

/**
 * How often all that a system has is compared with what we hold of it, and how fast. Once a day and a page a second, where
 * nothing is said; `{ every: 'never' }` leaves it to who asks for it.
 */
export type Sweep = { readonly every?: Duration | 'never'; readonly pagesPerMinute?: number }

/** One system that fills a role: `fill(erp, 'eu', sapS4, settings, { mappings: [orderInS4] })`. */
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
})

export type Route = {
  readonly role: string
  readonly by: (record: never) => string | undefined
  readonly to: Readonly<Record<string, string>>
  readonly otherwise?: string
}
/** Which instance of a role a record goes to: `route(erp, { by: order => order.legalEntity, to: { DE01: eu } })`. */
export const route = (
  of: Role<string>,
  how: {
    readonly by: (record: never) => string | undefined
    readonly to: Readonly<Record<string, Instance>>
    readonly otherwise?: Instance
  },
): Route => ({
  role: of.role,
  by: how.by,
  to: Object.fromEntries(Object.entries(how.to).map(([value, to]) => [value, to.instance])),
  ...(how.otherwise && { otherwise: how.otherwise.instance }),
})
