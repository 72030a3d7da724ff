// ORDER BY: nulls first unless asked otherwise, text without regard to case.
import type { OrderByClause } from '@jetstreamapp/soql-parser-js'
import type { FieldValue } from '../table.ts'

export type Sorting<T> = {
  readonly value: (item: T) => FieldValue
  readonly descending: boolean
  readonly nullsLast: boolean
}

export function orderings<T>(
  clauses: OrderByClause | readonly OrderByClause[] | undefined,
  valueOfClause: (clause: OrderByClause) => (item: T) => FieldValue,
): Sorting<T>[] {
  if (!clauses) return []
  const list: readonly OrderByClause[] = Array.isArray(clauses) ? clauses : [clauses]
  return list.map(clause => ({
    value: valueOfClause(clause),
    descending: clause.order === 'DESC',
    nullsLast: clause.nulls === 'LAST',
  }))
}

export function sortBy<T>(items: T[], sortings: readonly Sorting<T>[]): T[] {
  if (sortings.length === 0) return items
  return items.sort((a, b) => {
    for (const sorting of sortings) {
      const order = compare(sorting, sorting.value(a), sorting.value(b))
      if (order !== 0) return order
    }
    return 0
  })
}

function compare<T>(sorting: Sorting<T>, a: FieldValue, b: FieldValue): number {
  if (a === null || b === null) return a === b ? 0 : (a === null) === sorting.nullsLast ? 1 : -1
  const x = typeof a === 'string' ? a.toLowerCase() : a
  const y = typeof b === 'string' ? b.toLowerCase() : b
  return (x < y ? -1 : x > y ? 1 : 0) * (sorting.descending ? -1 : 1)
}
