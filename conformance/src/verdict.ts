// How a point is judged: what must hold, what is given to try it with, what is absent, and the words for it.
import type { WriteEnd } from '@plumbline/sdk'
import type { OrWhyNot, WhyNot } from './subject.ts'

/** What the connector got wrong, in a sentence. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

/** What the connector does not have. The reason is the subject's: given here, or among what it lacks. */
export class Absent extends Error {
  override readonly name = 'Absent'
  readonly because: string | undefined
  constructor(message: string, because?: string) {
    super(message)
    this.because = because
  }
}

export function must(holds: unknown, otherwise: string): asserts holds {
  if (!holds) throw new Broken(otherwise)
}

/** What the subject gives to try a point with, or its reason why there is none. */
export function given<T>(what: OrWhyNot<T>): T {
  if (isWhyNot(what)) throw new Absent(what.absent, what.absent)
  return what
}
const isWhyNot = (what: unknown): what is WhyNot => isRecord(what) && typeof what.absent === 'string'

/** What a point needs of the connector; without it the point is absent. */
export function has<T>(what: T | undefined, words: string): T {
  if (what === undefined) throw new Absent(words)
  return what
}

export const told = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether two values are the same as JSON, whatever the order of their names. */
export const same = (a: unknown, b: unknown): boolean => told(inOrder(a)) === told(inOrder(b))
const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, of]): [string, unknown] => [name, inOrder(of)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** An end as a sentence tells it. */
export const said = (end: WriteEnd): string => (end.end === 'written' ? 'written' : `${end.end}: ${end.reason}`)
