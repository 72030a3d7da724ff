// Contracts: our canonical business entities. Each field has one owner at a time; direction follows from that.
import type { Field, Fields, LineOf, OwnerOf, ReadsOf, RecordOf, ValueOf } from './field.ts'
import type { Ref, Stage } from './values.ts'

/** In which systems of a role a record lives. */
export type Presence =
  | { readonly lives: 'always' }
  | { readonly lives: 'routed' }
  | { readonly lives: 'where found' }
  // biome-ignore lint/suspicious/noExplicitAny: the record's type is known to the author, not here
  | { readonly lives: 'when'; readonly test: (record: any) => boolean }

/** In every system of the role. */
export const always = (): Presence => ({ lives: 'always' })
/** In the one system that the role's route names. */
export const routed = (): Presence => ({ lives: 'routed' })
/** Where it is already: linked when found by the match rule, never created by us. */
export const whereFound = (): Presence => ({ lives: 'where found' })
/** From the moment the test holds: `when((order: { status: Stage<'open' | 'booked'> }) => order.status.reached('booked'))`. */
export const when = <R>(test: (record: R) => boolean): Presence => ({ lives: 'when', test })

/** What becomes of a record in other systems when it disappears in one. */
export type Gone = 'close' | 'archive' | 'ignore' | 'propagate'

/**
 * How a record is born of another: our field ← the other's field. `ref` is the other record itself, `customer.legalEntity` a field of
 * what it refers to; `null` says that a field which both have is not taken over, on purpose. Lines keep their keys.
 */
export type Derivation = { readonly of: string; readonly fields: Readonly<Record<string, string | null>> }
export const derive = <F extends Fields, const D extends Readonly<Record<string, Derived<F> | null>>>(
  of: Contract<string, F>,
  fields: D,
): Derivation & { readonly fields: D } => ({ of: of.contract, fields })
type Derived<F extends Fields> = (keyof F & string) | 'ref' | `${RefsOf<F>}.${string}`
type RefsOf<F extends Fields> = {
  [K in keyof F & string]: [Exclude<ValueOf<F[K]>, undefined>] extends [Ref<string>] ? K : never
}[keyof F & string]

export type ContractOptions = {
  /** The workflow that alone may give birth to it. Without one, systems do. */
  readonly bornBy?: string
  readonly from?: Derivation
  readonly livesIn?: Readonly<Record<string, Presence>>
  readonly gone?: Readonly<Record<string, Gone>>
  /** The field by which the same thing is found in several systems. */
  readonly match?: string
  /** The fields a person searches by or reads in a list, the best name first. */
  readonly knownBy?: readonly string[]
  /** The desk that is asked about change requests, and about edits that meet. */
  readonly desk?: string
  /** What standards call a field, for whoever reads our records by one: `{ vatNumber: { ubl: 'PartyTaxScheme/CompanyID' } }`. */
  readonly standards?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The version of this contract; rows name it. */
  readonly version?: number
  /**
   * How the fields of a record of version n become those of version n + 1; pure. While a new version is rolled out, older code
   * changes the same records: it keeps what it does not know, and what it changed is upgraded again. So what is new stands before
   * what was there, what follows from older fields behind it, and an old field is dropped a version later:
   * `upgrades: { 1: old => ({ incoterms: 'EXW', ...old, legalName: old.name }) }`
   */
  readonly upgrades?: Readonly<Record<number, (fields: Readonly<Record<string, unknown>>) => Record<string, unknown>>>
}

export type Contract<C extends string, F extends Fields> = {
  readonly contract: C
  readonly fields: F
  /** A state is coalesced and reconciled; a fact is append-only and corrected only by a counter-fact. */
  readonly nature: 'state' | 'fact'
  readonly options: ContractOptions
}

export type Saved<F extends Fields> = RecordOf<F> & { readonly ref: Ref }
export type SavedOf<C> = C extends Contract<string, infer F> ? Saved<F> : never

/**
 * What a condition may look at: the fields whose own owner depends on none. Each may be absent still: a record is known from the
 * first system that tells of it, and its owners may be others.
 */
type Settled<F extends Fields> = {
  readonly [K in keyof F as unknown extends ReadsOf<F[K]> ? K : never]:
    | ValueOf<F[K]>
    | (ValueOf<F[K]> extends Stage<string> ? never : undefined)
}
type Owned<F extends Fields> = {
  [K in keyof F]: [OwnerOf<F[K]>] extends [never]
    ? `${K & string}: say who owns it`
    : [Settled<F>] extends [ReadsOf<F[K]>]
      ? F[K]
      : `${K & string}: its owner depends on what is not there, or on a field whose own owner depends`
}

/** A contract for a state: `contract('customer', { name: text('Name').ownedBy('crm') })`. */
export const contract = <const C extends string, F extends Fields>(
  name: C,
  fields: F & Owned<F>,
  options: ContractOptions = {},
): Contract<C, F> => ({ contract: name, fields, nature: 'state', options })

/** A contract for a fact: a payment, an approval, a shipment. It is never changed, only followed by another. */
export const fact = <const C extends string, F extends Fields>(
  name: C,
  fields: F & Owned<F>,
  options: ContractOptions = {},
): Contract<C, F> => ({ contract: name, fields, nature: 'fact', options })

/** What a caller may supply when a record is opened in role N: everything N does not own itself. */
export type Draft<F extends Fields, N extends string> = {
  readonly [K in keyof F as [OwnerOf<F[K]>] extends [N] ? never : K]?: ValueOf<F[K]>
}

/** The status values of a contract that has a `status` field, for `becomes`. */
export type StatusOf<F extends Fields> = F extends { status: infer S }
  ? ValueOf<S> extends Stage<infer V>
    ? V
    : ValueOf<S> & string
  : never

export type { Field, Fields, LineOf, RecordOf }
