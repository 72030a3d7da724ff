// What an sObject looks like to us: its declared fields and its lists of entries. Kept on the spec that `sobject` returns,
// so that the feed knows how to read the events of an object and of its entries.
import type { Fields } from '@plumbline/sdk'

export type ListShape = {
  /** The list's name in the record: `OrderItems`. */
  readonly list: string
  /** The entries' own object: `OrderItem`. */
  readonly object: string
  /** The entries' field that names the record they belong to: `OrderId`. */
  readonly parent: string
  readonly fields: Fields
  /** The entries' field that carries our line key, where it has one. */
  readonly key?: string
}

export type Shape = {
  readonly name: string
  /** All declared fields but the lists. */
  readonly fields: Fields
  readonly lists: readonly ListShape[]
  /** The external id by which a create is idempotent, where one is declared. */
  readonly key?: string
  /** What closing a record writes. */
  readonly closed?: Readonly<Record<string, unknown>>
}

const shape: unique symbol = Symbol('plumbline.salesforce.shape')
export type Shaped = { readonly [shape]: Shape }

export const withShape = <T extends object>(spec: T, of: Shape): T & Shaped => ({ ...spec, [shape]: of })

export const shapeOf = (spec: Partial<Shaped>): Shape | undefined => spec[shape]
