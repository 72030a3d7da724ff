// Workflows: business processes as plain code whose steps are rows. They speak contracts and reach the world only through their tools.
import type { Contract, Draft, Saved, StatusOf } from './contract.ts'
import type { Fields, OwnerOf } from './field.ts'
import type { Asked, Role } from './role.ts'
import type { Deadline, Ref } from './values.ts'

/** Starts a journey when a record's status becomes a value: a live transition, never a load or a replay. */
export type Trigger<F extends Fields> = { readonly contract: string; readonly becomes: string; readonly fields?: F }
export const becomes = <F extends Fields>(of: Contract<string, F>, status: StatusOf<F>): Trigger<F> => ({
  contract: of.contract,
  becomes: status,
})

/** The wish that a record exist in a role; a step carries it out and goes on when the system has it. */
export type Opened<F extends Fields> = {
  readonly opened: string
  readonly in: string
  readonly from?: Ref
  readonly with: Readonly<Record<string, unknown>>
  readonly saved?: Saved<F>
}
/** The wish that a record be closed in the systems that have it. */
export type Closed = { readonly closed: Ref }
/** A record that a workflow opened, and may take back. */
export type Open<F extends Fields> = Saved<F> & { cancel(): Closed }

/** What is done: a question, a record to open or close, or plain code of the author's own. */
type Done<T> = () => Asked<T> | Opened<Fields> | Closed | Promise<T> | T
type Result<D> =
  D extends Asked<infer R> ? R : D extends Opened<infer F> ? Open<F> : D extends Closed ? void : Awaited<D>

/** `for` tells apart the same step done for several things. */
export type StepOptions = { readonly for?: string | Ref }

export type Tools = {
  /** Does something once, under a name that is a sentence. Its result is a row: after a crash it is not done again. */
  step<D extends Asked<unknown> | Opened<Fields> | Closed | Promise<unknown> | unknown>(
    says: string,
    run: () => D,
    options?: StepOptions,
  ): Promise<Result<D>>
  step<D>(
    says: string,
    both: { readonly do: () => D; readonly undo: (done: Result<D>) => Closed | Promise<void> },
    options?: StepOptions,
  ): Promise<Result<D>>
  /**
   * Asks the people of a desk. Without an answer in time it is 'no answer'. `escalate: { to: 'head of credit', after: '1 day' }`
   * puts it on another desk's list as well when nobody has answered by then. `within` and `after` may be working days.
   */
  ask<const A extends string>(
    desk: string,
    question: string,
    options: {
      readonly answers: readonly A[]
      readonly within: Deadline
      readonly escalate?: { readonly to: string; readonly after: Deadline }
      readonly facts?: Readonly<Record<string, unknown>>
      readonly for?: string | Ref
    },
  ): Promise<A | 'no answer'>
  /** Wishes a record in a role, derived from another as its contract says; to be returned from a step. */
  open<F extends Fields, N extends string>(
    of: Contract<string, F>,
    how: { readonly from?: Saved<Fields>; readonly in: Role<N>; readonly with?: Draft<F, N> },
  ): Opened<F>
  /** Waits until the record fulfils the test; a wait costs a row. */
  until<R extends { readonly ref: Ref }>(
    record: R,
    test: (record: Omit<R, 'cancel'>) => boolean,
    options: { readonly within: Deadline; readonly for?: string | Ref },
  ): Promise<Omit<R, 'cancel'>>
  /** Waits until the records of a contract that point to this one fulfil the test: all invoices of an order. */
  untilAll<F extends Fields>(
    of: Contract<string, F>,
    about: Saved<Fields>,
    test: (records: readonly Saved<F>[]) => boolean,
    options: { readonly within: Deadline; readonly for?: string | Ref },
  ): Promise<readonly Saved<F>[]>
  /** Passes a checkpoint of the workflow. */
  reach(checkpoint: string): void
  /** Ends the journey, undoing what was done, with a reason for people. */
  stop(reason: string): never
}

export type Workflow = {
  readonly workflow: string
  readonly says: string
  readonly startsWhen: Trigger<Fields>
  readonly checkpoints: readonly string[]
  readonly within: Readonly<Record<string, Deadline>>
  /** What the journey is worth, for people who look at what waits. */
  readonly worth?: string
  readonly once?: (record: never) => string
  readonly run: (record: never, tools: Tools) => Promise<void>
}

/** A workflow: `workflow('quote-to-cash', { says, startsWhen: becomes(Quote, 'accepted'), async run(quote, { step }) { … } })`. */
export const workflow = <F extends Fields, const P extends string>(
  name: string,
  spec: {
    readonly says: string
    readonly startsWhen: Trigger<F>
    readonly checkpoints: readonly P[]
    /** By when each checkpoint is due, from the start on: `{ Booked: '1 minute', Paid: '20 working days' }`. */
    readonly within?: Partial<Record<NoInfer<P>, Deadline>>
    /** The money field of the record that says what a journey is worth. */
    readonly worth?: keyof F & string
    /** The business revision: a journey starts once for a ref and this. Default: the ref alone. */
    readonly once?: (record: Saved<F>) => string
    readonly run: (
      record: Saved<F>,
      tools: Omit<Tools, 'reach'> & { reach(checkpoint: NoInfer<P>): void },
    ) => Promise<void>
  },
): Workflow => ({ workflow: name, within: {}, ...spec }) as unknown as Workflow

export type { Done, OwnerOf }
