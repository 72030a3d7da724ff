// Lines as the contract shows them, where a system keeps them otherwise: what was split is one line again, what the system adds by
// itself is a sum of the record. Pure.
import { type Extras, type Field, type Money, type Parts, sum } from '@plumbline/sdk'
import { equal } from '../kernel/equal.ts'

export type Line = Record<string, unknown> & { line: string }

/** The lines, the fields of the record that follow from them, and the lines that are in those only. `isOwn` says which lines the system made by itself. */
export function asContracted(
  { lines: options }: Field<unknown>,
  role: string,
  all: readonly Line[],
  isOwn: (line: Line) => boolean,
): {
  readonly lines: readonly Line[]
  readonly sums: Readonly<Record<string, unknown>>
  readonly summed: ReadonlySet<string>
} {
  const together = options?.parts ? joined(all, options.parts) : all
  const { extras } = options ?? {}
  if (typeof extras !== 'object' || extras.by !== role) return { lines: together, sums: {}, summed: new Set() }
  const added = together.filter(line => isOwn(line) && isExtra(line, extras))
  const amounts = added.flatMap(line => (line[extras.sum] ?? []) as Money | [])
  return {
    lines: together.filter(line => !added.includes(line)),
    sums: { [extras.into]: sum(amounts) ?? null },
    summed: new Set(added.map(({ line }) => line)),
  }
}

const isExtra = (line: Line, { where = {} }: Extras): boolean =>
  Object.entries(where).every(([name, value]) => equal(line[name], value))

/** Each part added to the line that it was split from; one whose line is gone stands by itself. */
function joined(all: readonly Line[], { of, summed }: Parts): readonly Line[] {
  const byKey = new Map(all.map(line => [line.line, line]))
  const whole = (line: Line, steps = all.length): Line => {
    const from = byKey.get(String(line[of] ?? ''))
    return from && from !== line && steps > 0 ? whole(from, steps - 1) : line
  }
  const parts = Map.groupBy(all, line => whole(line))
  return [...parts].map(([line, same]) =>
    same.length === 1 ? line : { ...line, ...Object.fromEntries(summed.map(name => [name, total(same, name)])) },
  )
}

/** What lines have of a field together: of amounts exactly, of numbers to the digits that a number has. */
function total(lines: readonly Readonly<Record<string, unknown>>[], name: string): unknown {
  const values = lines.map(line => line[name]).filter(value => value !== undefined && value !== null)
  if (values.some(value => typeof value === 'object')) return sum(values as Money[])
  return values.length === 0
    ? undefined
    : (values as number[]).reduce((sofar, value) => Number((sofar + value).toPrecision(15)), 0)
}
