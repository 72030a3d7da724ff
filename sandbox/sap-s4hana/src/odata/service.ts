// What a service offers: entity sets with where their rows come from and what may be done to them.
import type { Call } from '../business/call.ts'
import type { Lookup, Timeline } from '../store/table.ts'
import type { EntityType, InputOf, Row, RowOf } from './model.ts'

export type Key = { readonly [name: string]: string }

/** A field that orders rows in time. `since` may be too generous; the filter is still applied. */
export interface RangeIndex {
  readonly field: string
  readonly timeline: Timeline<Row>
  /** A field that says the time of day to `field`; the timeline then orders by both. */
  readonly timeField?: string
  /** Every row has a stamp, so that walking the timeline leaves none out. */
  readonly complete?: boolean
}

export interface Source {
  byKey(key: Key): Row | undefined
  all(): Iterable<Row>
  readonly equals?: { readonly [field: string]: Lookup<Row> }
  readonly ranges?: readonly RangeIndex[]
}

/** A way from a row to rows that are not stored inside it. */
interface Link {
  readonly many: boolean
  /** The entity set of this service that it leads to. */
  readonly to: string
  find(row: Row): readonly Row[]
}

export interface EntitySet {
  readonly name: string
  readonly type: EntityType
  readonly source: Source
  readonly links: { readonly [name: string]: Link }
  create?(input: Row, call: Call): Row
  update?(row: Row, input: Row, call: Call): void
  remove?(row: Row, call: Call): void
  /** Shapes the answer to a create, for sets whose answer depends on what was asked. */
  answer?(input: Row): { readonly expand: string }
}

interface EntitySetOf<E extends EntityType> {
  readonly type: E
  readonly source: Source
  readonly links?: { readonly [name: string]: Link }
  create?(input: InputOf<E>, call: Call): RowOf<E>
  update?(row: RowOf<E>, input: InputOf<E>, call: Call): void
  remove?(row: RowOf<E>, call: Call): void
  answer?(input: InputOf<E>): { readonly expand: string }
}

/** An entity set whose handlers are typed by its description. The gateway parses by that description before it calls. */
export const entitySet = <E extends EntityType>(set: EntitySetOf<E>): EntitySet => {
  const erased: Pick<EntitySet, 'create' | 'update' | 'remove' | 'answer'> = set as EntitySetOf<EntityType> as never
  return {
    name: set.type.name,
    type: set.type,
    source: set.source,
    links: set.links ?? {},
    create: erased.create,
    update: erased.update,
    remove: erased.remove,
    answer: erased.answer,
  }
}

export interface Operation {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly parameters: readonly string[]
  /** The entity set whose rows it answers with. */
  readonly returns: string
  readonly many: boolean
  /** The row that a caller's If-Match is compared with. */
  subject?(parameters: Key): Row | undefined
  run(parameters: Key, call: Call): readonly Row[]
}

export interface Service {
  readonly name: string
  readonly versions: readonly string[]
  readonly component: string
  readonly sets: ReadonlyMap<string, EntitySet>
  readonly setByType: ReadonlyMap<EntityType, EntitySet>
  readonly operations: ReadonlyMap<string, Operation>
}

export function service(
  name: string,
  component: string,
  sets: readonly EntitySet[],
  more: { operations?: readonly Operation[]; versions?: readonly string[] } = {},
): Service {
  return {
    name,
    component,
    versions: more.versions ?? ['0001'],
    sets: new Map(sets.map(set => [set.name, set])),
    setByType: new Map(sets.map(set => [set.type, set])),
    operations: new Map((more.operations ?? []).map(operation => [operation.name, operation])),
  }
}

export interface Navigation {
  readonly many: boolean
  readonly set: EntitySet
  rows(row: Row): readonly Row[]
}

/** Where a navigation property leads, stored inside the row or not. */
export function navigationOf(service: Service, set: EntitySet, name: string): Navigation | undefined {
  const child = set.type.children[name]
  if (child) {
    const target = service.setByType.get(child.of)
    if (!target) return undefined
    return { many: child.many, set: target, rows: row => childRows(row[name]) }
  }
  const link = set.links[name]
  const target = link && service.sets.get(link.to)
  return link && target ? { many: link.many, set: target, rows: row => link.find(row) } : undefined
}

export const navigationNames = (service: Service, set: EntitySet): readonly string[] => [
  ...Object.entries(set.type.children).flatMap(([name, child]) => (service.setByType.has(child.of) ? [name] : [])),
  ...Object.keys(set.links),
]

const NONE: readonly Row[] = []
const childRows = (value: unknown): readonly Row[] => (Array.isArray(value) ? value : value ? [value as Row] : NONE)
