// The values a contract is made of. Everything is plain JSON, so that a record is a row and a row is a record.

/** An exact amount. `amount` is a decimal string ("1750.50"), never a float; `currency` is ISO 4217. */
export type Money = { readonly amount: string; readonly currency: string }

/** Our identity of a business thing. It survives every system; `id` never changes and is never a native id. */
export type Ref<C extends string = string> = { readonly contract: C; readonly id: string }

/** A system's own identity of a record. Code sees one only inside a connector. */
export type NativeId = string & { readonly native: unique symbol }

/** A day in the calendar, "2026-11-22": no time, no zone, and it never shifts. */
export type DateOnly = `${number}-${number}-${number}`

/** Whether it is a day that the calendar has, and nothing more: the 30th of February is none. */
export const isDay = (value: unknown): value is DateOnly =>
  typeof value === 'string' &&
  /^\d{4}-\d{2}-\d{2}$/.test(value) &&
  new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true

/** A point in time in UTC, "2026-11-22T04:30:00.000Z". */
export type Instant = string

/** How far a thing has come. Ask `reached`, never equality: a poll may see open and then, next, invoiced. */
export type Stage<S extends string> = { readonly at: S; reached(stage: S): boolean }

export type Duration = `${number} ${'second' | 'seconds' | 'minute' | 'minutes' | 'hour' | 'hours' | 'day' | 'days'}`

const unitMs = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

/** Milliseconds of a duration: `milliseconds('2 days')` is 172 800 000. */
export function milliseconds(duration: Duration): number {
  const [count, unit] = duration.split(' ')
  const perUnit = unitMs[(unit ?? '').replace(/s$/, '') as keyof typeof unitMs]
  if (perUnit === undefined || !Number.isFinite(Number(count))) throw new TypeError(`"${duration}" is not a duration`)
  return Number(count) * perUnit
}

/** Days on which people work: `2 working days`. By whose calendar says the instance of a role that has one (`Calendar`). */
export type WorkingDays = `${bigint} working ${'day' | 'days'}`

/** By when something is due: after a time, or after working days at the same time of day. */
export type Deadline = Duration | WorkingDays

export const isInWorkingDays = (deadline: Deadline): deadline is WorkingDays => / working days?$/.test(deadline)

/** How many they are: `workingDays('2 working days')` is 2. */
export function workingDays(deadline: WorkingDays): number {
  const [, count] = /^([1-9]\d*) working days?$/.exec(deadline) ?? []
  if (count === undefined) throw new TypeError(`"${deadline}" is no number of working days`)
  return Number(count)
}
