// Small ways to name rows, shared by the services.
import type { Row } from '../odata/model.ts'
import type { Lookup } from '../store/table.ts'

/** The rows inside documents, one after the other. */
export function* rowsWithin<D, R extends Row>(
  documents: Iterable<D>,
  rowsOf: (document: D) => readonly R[],
): Generator<R> {
  for (const document of documents) yield* rowsOf(document)
}

export const present = <T>(value: T | undefined | null): readonly T[] =>
  value === undefined || value === null ? [] : [value]

/** A lookup of the one row that has this key. */
export const byId = <T extends Row>(find: (id: string) => T | undefined): Lookup<Row> => within(id => present(find(id)))

/** A lookup of the rows that a document holds. */
export const within = (rowsOf: (id: string) => readonly Row[]): Lookup<Row> => ({
  size: id => rowsOf(id).length,
  rows: rowsOf,
})

/** A lookup of rows inside the documents that an index names. */
export const through = <D extends Row>(lookup: Lookup<D>, rowsOf: (document: D) => readonly Row[]): Lookup<Row> => ({
  size: lookup.size,
  rows: value => lookup.rows(value).flatMap(document => [...rowsOf(document)]),
})
