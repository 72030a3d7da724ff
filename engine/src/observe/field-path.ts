// A field as a person names it: `total`, or of a line `lines.<line>.quantity`, where the line is its key or its place (1, 2 …).
import type { AnyContract, Field } from '@plumbline/sdk'

type Fields = Readonly<Record<string, unknown>>
type Line = Fields & { readonly line: string }

export type FieldPath = {
  /** As it is asked for: `total`, `lines.k3x….quantity`. */
  readonly path: string
  readonly name: string
  /** Of a field of a line: the field that holds the lines, and the line's key. */
  readonly list: string | null
  readonly line: string | null
  /** "Quantity of line 1". */
  readonly label: string
  readonly field: Field<unknown>
}

export const linesIn = (record: Fields, list: string): readonly Line[] =>
  Array.isArray(record[list]) ? (record[list] as readonly Line[]) : []

/** Every field that can be asked for, in the contract's order; each line's fields behind the list itself. */
export function pathsOf(contract: AnyContract, record: Fields): FieldPath[] {
  return Object.entries<Field<unknown>>(contract.fields).flatMap(([name, field]) => {
    const own: FieldPath = { path: name, name, list: null, line: null, label: field.label, field }
    if (field.kind !== 'lines') return [own]
    const inner = Object.entries<Field<unknown>>(field.of ?? {})
    return [
      own,
      ...linesIn(record, name).flatMap(({ line }, at) =>
        inner.map(
          ([inside, of]): FieldPath => ({
            path: `${name}.${line}.${inside}`,
            name: inside,
            list: name,
            line,
            label: `${of.label} of line ${at + 1}`,
            field: of,
          }),
        ),
      ),
    ]
  })
}

/** The field meant, whatever its letters' case; a line also by its place. */
export function pathNamed(contract: AnyContract, record: Fields, asked: string): FieldPath | undefined {
  const all = pathsOf(contract, record)
  const exact = all.find(one => one.path === asked)
  if (exact) return exact
  const [list = '', place = '', inner = ''] = asked.split('.')
  const line = /^\d{1,4}$/.test(place) ? linesIn(record, list)[Number(place) - 1]?.line : undefined
  const wanted = (line === undefined ? asked : `${list}.${line}.${inner}`).toLowerCase()
  return all.find(one => one.path.toLowerCase() === wanted)
}

/** What there is, the nearest to what was asked for first; lines by their place, so that the list stays short. */
export function nearestPaths(contract: AnyContract, record: Fields, asked: string): string[] {
  const names = pathsOf(contract, record).map(({ path, list, line, name }) =>
    list === null ? path : `${list}.${linesIn(record, list).findIndex(one => one.line === line) + 1}.${name}`,
  )
  const far = new Map(names.map(name => [name, distance(name.toLowerCase(), asked.toLowerCase())]))
  return [...far.keys()].sort((a, b) => (far.get(a) ?? 0) - (far.get(b) ?? 0))
}

/** How many letters are to be changed to make one word of another; sharing a beginning brings words closer. */
function distance(a: string, b: string): number {
  const width = Math.min(b.length, 60)
  let row = Array.from({ length: width + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].slice(0, 60).entries()) {
    const next = [i + 1]
    for (let j = 1; j <= width; j++)
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1))
    row = next
  }
  const together = a.startsWith(b) || b.startsWith(a) || a.split('.').includes(b)
  return (row[width] ?? 0) - (together ? 100 : 0)
}

export const valueAt = (record: Fields, { list, line, name }: Pick<FieldPath, 'list' | 'line' | 'name'>): unknown =>
  list === null ? record[name] : linesIn(record, list).find(one => one.line === line)?.[name]

/** The top-level field that carries it: what versions, rules and accepted forms are kept by. */
export const carrierOf = ({ list, name }: Pick<FieldPath, 'list' | 'name'>): string => list ?? name
