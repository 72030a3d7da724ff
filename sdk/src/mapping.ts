// Mappings: two-way field tables between a contract and a system's own object. They never decide.
import type { AnyConnector, Connector, Native } from './connector.ts'
import type { Contract } from './contract.ts'
import type { Fields, LineOf, RecordOf, ValueOf } from './field.ts'
import type { RateTable, UnitTable, WordTable } from './table.ts'
import type { Money, NativeId, Ref, Stage } from './values.ts'

export type NativeObject<K extends string, F extends Fields> = {
  readonly connector: AnyConnector
  readonly object: K
  readonly fields: F
}

/** A connector's object, to map a contract onto: `objectOf(salesforce, 'Quote')`. */
export const objectOf = <O extends Record<string, Fields>, const K extends keyof O & string>(
  // biome-ignore lint/suspicious/noExplicitAny: settings, api and questions do not matter to a mapping
  of: Connector<any, any, O, any>,
  object: K,
): NativeObject<K, O[K]> => ({
  connector: of as AnyConnector,
  object,
  fields: (of.objects[object] as { fields: O[K] }).fields,
})

/** How a contract's value looks natively: a ref is a lookup, a stage its picklist value. */
type Same<T> = T extends Ref<string> ? NativeId : T
type Present<T> = Exclude<T, undefined>
type Names<N extends Fields> = keyof N & string
type Match<T, N extends Fields> = {
  [K in Names<N>]: [Same<Present<T>>] extends [Present<ValueOf<N[K]>>]
    ? [Present<ValueOf<N[K]>>] extends [Same<Present<T>>]
      ? K
      : never
    : never
}[Names<N>]
type Vocabulary<T> = T extends Stage<infer S> ? S : T extends string ? T : never
/** One of our values, and the native one; where several mean the same, the first is written and each is read. */
type Picklist<T, N extends Fields> = [Vocabulary<Present<T>>] extends [never]
  ? never
  : {
      [K in Names<N>]: Present<ValueOf<N[K]>> extends string
        ? {
            readonly field: K
            readonly values: Readonly<Record<Vocabulary<Present<T>>, OneOrMore<Present<ValueOf<N[K]>>>>>
          }
        : never
    }[Names<N>]
type OneOrMore<V> = V | readonly [V, ...V[]]
/** A text whose values people keep, by system, in a table: `{ field: 'Payment_Terms__c', table: PaymentTerms }`. */
type Tabled<T, N extends Fields> = [string] extends [Present<T>]
  ? {
      [K in Names<N>]: [string] extends [Present<ValueOf<N[K]>>]
        ? { readonly field: K; readonly table: WordTable }
        : never
    }[Names<N>]
  : never
/**
 * Written in a system's own currency, at the rate of the day that the contract's field `on` names; never read: what the system
 * shows there is only made of ours.
 */
type Converted<T, N extends Fields> = [Present<T>] extends [Money]
  ? {
      [K in Names<N>]: [Present<ValueOf<N[K]>>] extends [Money]
        ? { readonly field: K; readonly converted: RateTable; readonly to: string; readonly on: string }
        : never
    }[Names<N>]
  : never
type Convert<T, N extends Fields> = {
  [K in Names<N>]: {
    readonly field: K
    readonly from?: undefined
    readonly values?: undefined
    readonly read: (value: Present<ValueOf<N[K]>>) => Present<T>
    readonly write?: (value: Present<T>) => Present<ValueOf<N[K]>>
  }
}[Names<N>]
/** Read from several native fields; never written. Stages are named, all others are values. */
type Computed<T, N extends Fields> = {
  readonly field?: undefined
  readonly from: readonly Names<N>[]
  readonly read: (native: Partial<RecordOf<N>>) => (Present<T> extends Stage<infer S> ? S : Present<T>) | undefined
}
/** Written once, when the record is created; never compared afterwards. */
type CreateOnly<T, N extends Fields> = { readonly createOnly: Match<T, N>; readonly field?: undefined }
type Each<T, N extends Fields> = [Present<T>] extends [readonly (infer L extends LineOf<Fields>)[]]
  ? {
      [K in Names<N>]: Present<ValueOf<N[K]>> extends readonly (infer M)[]
        ? {
            readonly field?: undefined
            readonly each: K
            /** The entry's native id. */
            readonly id: keyof M & string
            /** The entry's field that carries our line key, where it has one; else the key follows from the entry's id. */
            readonly key?: keyof M & string
            readonly fields: { readonly [P in Exclude<keyof L, 'line'>]: EntryRule<L[P], M> }
          }
        : never
    }[Names<N>]
  : never
type SameIn<T, M> = {
  [K in keyof M & string]: [Same<Present<T>>] extends [Present<M[K]>]
    ? [Present<M[K]>] extends [Same<Present<T>>]
      ? K
      : never
    : never
}[keyof M & string]
/** What a field of a line is in an entry: its own field, a word of a table, or worked out of several, which is never written. */
type EntryRule<T, M> =
  | SameIn<T, M>
  | ([string] extends [Present<T>] ? { readonly field: SameIn<string, M>; readonly table: WordTable } : never)
  | ([Present<T>] extends [number | Money] ? { readonly field: SameIn<T, M> } & Counted : never)
  | {
      readonly field?: undefined
      readonly from: readonly (keyof M & string)[]
      readonly read: (entry: Partial<M>) => Present<T> | undefined
    }
  | { readonly skip: string }
/**
 * A quantity, or the price of one, counted in another unit there: `of` is the line's field that points to what is counted, `ours` and
 * `theirs` the fields of that which say the unit in the contract's words. Where either is empty nothing is converted.
 */
type Counted = { readonly counted: UnitTable; readonly of: string; readonly ours: string; readonly theirs: string }
export type Rule<T, N extends Fields> =
  | Match<T, N>
  | Picklist<T, N>
  | Tabled<T, N>
  | Converted<T, N>
  | Convert<T, N>
  | Computed<T, N>
  | CreateOnly<T, N>
  | Each<T, N>
  | { readonly skip: string; readonly field?: undefined }

/** A rule as the engine reads it. */
export type AnyRule =
  | string
  | { readonly field: string; readonly values: Readonly<Record<string, string | readonly string[]>> }
  | { readonly field: string; readonly table: WordTable }
  | { readonly field: string; readonly converted: RateTable; readonly to: string; readonly on: string }
  | { readonly field: string; readonly read: (value: never) => unknown; readonly write?: (value: never) => unknown }
  | { readonly from: readonly string[]; readonly read: (native: never) => unknown }
  | { readonly createOnly: string }
  | {
      readonly each: string
      readonly id: string
      readonly key?: string
      readonly fields: Readonly<Record<string, AnyEntryRule>>
    }
  | AnyEntryRule

/** A rule of a field of a line. */
export type AnyEntryRule =
  | string
  | { readonly field: string; readonly table: WordTable }
  | ({ readonly field: string } & Counted)
  | { readonly from: readonly string[]; readonly read: (native: never) => unknown }
  | { readonly skip: string }

export type MappingOptions<N extends Fields> = {
  /** Native fields that are the same for each record we create. */
  readonly onCreate?: Partial<RecordOf<N>>
  /** The native field in which the record carries our ref, where it has one. */
  readonly key?: Names<N>
  /** The native text field in which the record says what became of somebody's edit there. */
  readonly says?: Match<string, N>
  /** Which native records this mapping speaks of; others are ignored. Reads only fields of `from`. */
  readonly only?: { readonly from: readonly Names<N>[]; readonly test: (native: Partial<RecordOf<N>>) => boolean }
}

export type Mapping = {
  readonly contract: string
  readonly object: string
  readonly connector: AnyConnector
  readonly rules: Readonly<Record<string, AnyRule>>
  readonly options: {
    readonly onCreate?: Native
    readonly key?: string
    readonly says?: string
    readonly only?: { readonly from: readonly string[]; readonly test: (native: Native) => boolean }
  }
  /** The mapping that this one is, but for some rules. */
  readonly template?: Mapping
}
/** A mapping that knows what it maps, for `overlay`. */
export type MappingOf<F extends Fields, N extends Fields> = Mapping & { readonly maps?: Maps<F, N> }
type Maps<F extends Fields, N extends Fields> = { readonly [P in keyof F]: Rule<ValueOf<F[P]>, N> }

/** Maps each field of a contract to a native one, or skips it with a reason. The compiler refuses gaps and wrong kinds. */
export const mapping = <F extends Fields, K extends string, N extends Fields>(
  of: Contract<string, F>,
  native: NativeObject<K, N>,
  rules: Maps<F, N>,
  options: MappingOptions<N> = {},
): MappingOf<F, N> => ({
  contract: of.contract,
  object: native.object,
  connector: native.connector,
  rules: rules as unknown as Mapping['rules'],
  options: options as unknown as Mapping['options'],
})

/**
 * A mapping as other instances have it, but for what is said: `overlay(orderInS4, { requestedDelivery: { skip: 'Not used there' } })`.
 * `plumb instances` shows where an instance differs.
 */
export const overlay = <F extends Fields, N extends Fields>(
  template: MappingOf<F, N>,
  rules: Partial<Maps<F, N>>,
  options: MappingOptions<N> = {},
): MappingOf<F, N> => ({
  ...template,
  rules: { ...template.rules, ...(rules as unknown as Mapping['rules']) },
  options: { ...template.options, ...(options as unknown as Mapping['options']) },
  template,
})
