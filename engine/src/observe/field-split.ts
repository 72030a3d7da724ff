// What the splitting of lines says of a value: from which line it was split, or what of it was split off.
import type { AnyContract, Field } from '@plumbline/sdk'
import type { Tx } from '../store/db.ts'
import { historyOf, type Taken } from './field-history.ts'
import { type FieldPath, linesIn } from './field-path.ts'

type Record = { readonly ref: string; readonly fields: Readonly<{ [name: string]: unknown }> }

/** "it was split from line 1", "4 of it were split off as line 3". Looks further only where a line names another. */
export async function splitWords(
  tx: Tx,
  { fields }: AnyContract,
  record: Record,
  path: FieldPath,
  current: Taken | undefined,
): Promise<string[]> {
  const { list, line, name, field } = path
  const pointer = list === null ? undefined : pointerIn(fields[list])
  if (list === null || pointer === undefined || pointer === name) return []
  const lines = linesIn(record.fields, list)
  const number = (key: unknown): number => lines.findIndex(one => one.line === key) + 1
  const from = number(lines.find(one => one.line === line)?.[pointer])
  const parts = field.kind === 'count' && current ? lines.filter(one => one[pointer] === line) : []
  const off = await Promise.all(
    parts.map(async part => {
      const { taken } = await historyOf(tx, record.ref, { ...path, line: part.line }, MOST_LOOKED_THROUGH)
      const first = taken.at(-1)
      return first && first.version === current?.version
        ? [`${String(first.value)} of it were split off as line ${number(part.line)}`]
        : []
    }),
  )
  return [...(from > 0 ? [`it was split from line ${from}`] : []), ...off.flat()]
}

const MOST_LOOKED_THROUGH = 50

const pointerIn = (lines: Field<unknown> | undefined): string | undefined =>
  Object.entries<Field<unknown>>(lines?.of ?? {}).find(([, of]) => of.kind === 'line')?.[0]
