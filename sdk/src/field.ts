// Fields: the words that contracts, native objects and questions are built from.
import type { DateOnly, Instant, Money, NativeId, Ref, Stage } from './values.ts'

export type Kind =
  | 'text'
  | 'secret'
  | 'count'
  | 'money'
  | 'yesNo'
  | 'day'
  | 'instant'
  | 'id'
  | 'lookup'
  | 'oneOf'
  | 'stages'
  | 'ref'
  | 'line'
  | 'lines'
  | 'list'

/**
 * What becomes of an edit by somebody who does not own the field. It is never taken by itself. 'put right': the owner's value is
 * written back. 'refuse': that, and the record says so where it was edited. 'change request': that, and the contract's desk is asked.
 * 'try': it goes to the owner's system at once; what that takes stands everywhere, and what it refuses is put right, and the record
 * says why in its words.
 */
export type Treatment = 'put right' | 'refuse' | 'change request' | 'try'

/** Ownership that passes on an event. `until` is the stage from which `then` owns; `later` says what becomes of the former owner's edits. */
export type HandOver = {
  readonly until: string
  readonly then: string
  readonly later: Treatment
}

/** Ownership that depends on the record as it was decided: pure, and never on a field whose own owner depends on a condition. */
export type Condition<R = never> = {
  readonly when: (record: R) => boolean
  readonly otherwise: string
}

/**
 * A field that several roles share: each may edit it, and nobody owns it. What counts when two edits meet: the 'latest', by the
 * systems' clocks; or the desk is asked ('ask') while what stands stands; of lines both are kept. It needs a reason.
 */
export type Shared = {
  readonly roles: readonly string[]
  readonly agreed: 'latest' | 'ask' | 'keep both'
  readonly because: string
}
type Agreed<T> = [Exclude<T, undefined>] extends [readonly unknown[]] ? 'keep both' : 'latest' | 'ask'

/** In place of an owner: nobody's any more. */
export type Settled = '(settled at birth)'

type Others = {
  /** What becomes of edits by those who do not own it; 'put right' when left out. */
  readonly others?: Treatment
}

export interface Field<T, Owner extends string = string, Reads = unknown> {
  readonly kind: Kind
  readonly label: string
  /** Phantom: carries the type, never set. */
  readonly value?: T
  readonly owner?: Owner
  readonly handOver?: HandOver
  readonly condition?: Condition
  readonly others?: Treatment
  readonly shared?: Shared
  /** Nobody owns it: what it was when the record was born is what it is. */
  readonly settled?: boolean
  /** Phantom: what the condition of its ownership looks at. */
  readonly reads?: Reads
  readonly isOptional: boolean
  readonly isPersonal: boolean
  /** Values of oneOf, stages in their order of progress. */
  readonly values: readonly string[]
  /** Fields of a line or list entry. */
  readonly of?: Fields
  readonly lines?: LinesOptions
  /** The contract a ref points to, or the object a lookup points to. */
  readonly to?: string

  /**
   * Says which role is the system of record, and what becomes of edits by others: `.ownedBy('erp', { others: 'refuse' })`. Where
   * ownership passes on: `.ownedBy('crm', { until: 'booked', then: 'erp', later: 'change request' })`. Where it depends on the
   * record: `.ownedBy('crm', { when: (order: { channel: string | undefined }) => order.channel === 'partner', otherwise: 'erp' })`.
   */
  ownedBy<const N extends string>(role: N, rest?: Others): Field<T, N, Reads>
  ownedBy<const N extends string, const M extends string>(
    role: N,
    handOver: HandOver & { readonly then: M } & Others,
  ): Field<T, N | M, Reads>
  ownedBy<const N extends string, const M extends string, R>(
    role: N,
    condition: Condition<R> & { readonly otherwise: M } & Others,
  ): Field<T, N | M, R>
  /**
   * Says that nobody owns it, which is as unusual as it looks, and why:
   * `.sharedBy(['crm', 'erp'], { agreed: 'latest', because: 'both sides edit phone numbers' })`. Of two edits within the same
   * second that of the role named first counts.
   */
  sharedBy<const N extends string, const B extends string>(
    roles: readonly [N, N, ...N[]],
    how: { readonly agreed: Agreed<T>; readonly because: B extends '' ? never : B },
  ): Field<T, N, Reads>
  /**
   * Says that it is what it was when the record was born, whoever edits it later: where an order goes to is not changed once it is
   * there. Only for what a workflow gives birth to.
   */
  settledAtBirth(): Field<T, Settled, Reads>
  /** The value may be absent: an order has no number before it is booked. */
  optional(): Field<T | undefined, Owner, Reads>
  /**
   * The value tells of a person: it is sealed with that person's key and can be erased. A ref that is personal says whose the record
   * is: it stays as it is, and what is personal of the record goes with that person.
   */
  personal(): Field<T, Owner, Reads>
}

// biome-ignore lint/suspicious/noExplicitAny: a bag of fields of any value; inference needs the variance of any
export type Fields = Record<string, Field<any, any>>
// biome-ignore lint/suspicious/noExplicitAny: as above
export type ValueOf<F> = F extends Field<infer T, any> ? T : never
// biome-ignore lint/suspicious/noExplicitAny: as above
export type OwnerOf<F> = F extends Field<any, infer O> ? O : never
// biome-ignore lint/suspicious/noExplicitAny: as above
export type ReadsOf<F> = F extends Field<any, any, infer R> ? R : never
export type RecordOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> }

/** How lines of a contract are kept. `N` are the fields of a line. */
export type LinesOptions<N extends string = string> = {
  /** The key that makes a line a line. */
  readonly keyedBy: string
  /**
   * The field whose owner says which lines there are. Without it whoever owns a field of a line may add one, and only who owns all
   * of them may take one away.
   */
  readonly standBy?: N
  /** The role whose added lines (freight) are welcome, as lines or as one sum. */
  readonly extras?: string | Extras<N>
  readonly parts?: Parts<N>
}

/**
 * Lines that the systems of a role add by themselves, and that are no lines here: what they add up to is a field of the record, owned
 * by that role. `{ by: 'erp', where: { kind: 'freight' }, sum: 'net', into: 'freight' }`; without `where` it is all that they add.
 */
export type Extras<N extends string = string> = {
  readonly by: string
  readonly where?: { readonly [K in N]?: string }
  readonly sum: N
  readonly into: string
}

/**
 * Lines that name another one in `of` were split from it, and are one line with it here: these fields are added up, the others are
 * those of the line that they were split from. Without it a part is a line like any other.
 */
export type Parts<N extends string = string> = { readonly of: N; readonly summed: readonly N[] }

export type LineOf<F extends Fields> = RecordOf<F> & { readonly line: string }
type OwnersIn<F extends Fields> = { [K in keyof F]: OwnerOf<F[K]> }[keyof F]
/** What the conditions of all fields look at, together. */
type ReadsIn<F extends Fields> = { [K in keyof F]: (record: ReadsOf<F[K]>) => void }[keyof F] extends (
  record: infer R,
) => void
  ? R
  : unknown

type Passing = { readonly others?: Treatment } & (
  | HandOver
  | Condition
  | { readonly until?: never; readonly when?: never }
)
type Shape = {
  kind: Kind
  label: string
  owner?: string
  handOver?: HandOver
  condition?: Condition
  others?: Treatment
  shared?: Shared
  settled?: boolean
  isOptional?: boolean
  isPersonal?: boolean
  values?: readonly string[]
  of?: Fields
  lines?: LinesOptions
  to?: string
}

function field<T, O extends string = never, R = unknown>(shape: Shape): Field<T, O, R> {
  const built = {
    isOptional: false,
    isPersonal: false,
    values: [],
    ...shape,
    ownedBy: (owner: string, passing?: Passing) =>
      field({ ...unowned(shape), owner, ...(passing && passingOn(passing)) }),
    sharedBy: (roles: readonly string[], how: Omit<Shared, 'roles'>) =>
      field({ ...unowned(shape), shared: { roles, ...how } }),
    settledAtBirth: () => field({ ...unowned(shape), settled: true }),
    optional: () => field({ ...shape, isOptional: true }),
    personal: () => field({ ...shape, isPersonal: true }),
  }
  return built as unknown as Field<T, O, R>
}

/** Whose it is is said once: what was said before does not count. */
const unowned = ({
  owner: _,
  handOver: __,
  condition: ___,
  others: ____,
  shared: _____,
  settled: ______,
  ...shape
}: Shape): Shape => shape

function passingOn(passing: Passing): Pick<Shape, 'handOver' | 'condition' | 'others'> {
  const others = passing.others && { others: passing.others }
  if ('until' in passing && passing.until !== undefined) {
    const { until, then, later } = passing
    return { handOver: { until, then, later }, ...others }
  }
  if ('when' in passing && passing.when !== undefined)
    return { condition: { when: passing.when, otherwise: passing.otherwise }, ...others }
  return { ...others }
}

export const text = (label: string) => field<string>({ kind: 'text', label })
export const secret = (label: string) => field<string>({ kind: 'secret', label })
export const count = (label: string) => field<number>({ kind: 'count', label })
export const money = (label: string) => field<Money>({ kind: 'money', label })
export const yesNo = (label: string) => field<boolean>({ kind: 'yesNo', label })
/** A day without time or zone. */
export const day = (label: string) => field<DateOnly>({ kind: 'day', label })
/** A point in time. */
export const instant = (label: string) => field<Instant>({ kind: 'instant', label })
/** A native record's own id. */
export const id = (label = 'Record ID') => field<NativeId>({ kind: 'id', label })
/** A native id of another object: `lookup('Account')`. */
export const lookup = (to: string, label = to) => field<NativeId>({ kind: 'lookup', label, to })
export const oneOf = <const V extends string>(label: string, ...values: readonly V[]) =>
  field<V>({ kind: 'oneOf', label, values })
/** Progress in one direction: asked with `reached`, never with equality. */
export const stages = <const S extends string>(label: string, ...values: readonly S[]) =>
  field<Stage<S>>({ kind: 'stages', label, values })
export const ref = <const C extends string>(to: { readonly contract: C }, label?: string) =>
  field<Ref<C>>({ kind: 'ref', label: label ?? to.contract, to: to.contract })
/** Another line of the same record, by its key: `splitFrom: line('Split from')`. A system's own number of an entry becomes the line's key. */
export const line = (label: string) => field<string>({ kind: 'line', label })
/** Lines of a contract: each is a thing with a key, links and owners of its own. */
export const linesOf = <F extends Fields>(
  label: string,
  lines: LinesOptions<keyof F & string>,
  of: F,
): Field<readonly LineOf<F>[], OwnersIn<F>, ReadsIn<F>> =>
  field<readonly LineOf<F>[], OwnersIn<F>, ReadsIn<F>>({ kind: 'lines', label, lines, of })
/** Entries of a native object: `listOf('Items', { Id: id(), Quantity: count('Quantity') })`. */
export const listOf = <F extends Fields>(label: string, of: F) =>
  field<readonly RecordOf<F>[]>({ kind: 'list', label, of })
