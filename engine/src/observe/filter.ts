// How the list of journeys may be narrowed and ordered: each filter is one condition in SQL.
import { BadCursor, isTime } from './cursor.ts'

export const STATES = ['ready', 'waiting', 'stuck', 'done', 'stopped'] as const
export type JourneyState = (typeof STATES)[number]
export const AGES = ['hour', 'day', 'week', 'older'] as const
export type Age = (typeof AGES)[number]
export const WORTHS = ['under-1k', '1k-10k', '10k-100k', 'over-100k'] as const
export type WorthBucket = (typeof WORTHS)[number]
export const WAITS = ['answer', 'system', 'record', 'retry', 'person'] as const
export type WaitKind = (typeof WAITS)[number]
export const SORTS = ['newest', 'oldest', 'worth', 'due'] as const
export type Sort = (typeof SORTS)[number]

export type JourneyFilter = {
  /** `open` is every state that is no end. */
  readonly state?: JourneyState | 'open'
  readonly late?: boolean
  readonly workflow?: string
  /** A checkpoint; an empty text is "none reached yet". */
  readonly stage?: string
  /** One of the systems that its records live in or that it asks. */
  readonly system?: string
  /** How long ago it was started. */
  readonly age?: Age
  readonly worth?: WorthBucket
  /** What it waits for. */
  readonly waits?: WaitKind
  /** A number or name of any record of the journey, whole or how it begins. */
  readonly search?: string
  readonly sort?: Sort
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

export const isEnd = (state: JourneyFilter['state']): state is 'done' | 'stopped' =>
  state === 'done' || state === 'stopped'

/** Collects the values of a statement: `value(17)` is `$1`. */
export type Values = { readonly all: readonly unknown[]; value(one: unknown): string }
export function newValues(): Values {
  const all: unknown[] = []
  return { all, value: one => `$${all.push(one)}` }
}

/** `journeys` are those that a search found. Open ones have an index of their own, so each condition says so that it can. */
export function conditionsOf(
  filter: JourneyFilter,
  journeys: readonly string[] | undefined,
  { value }: Values,
): string[] {
  const { state, late, workflow, stage, system, age, worth, waits } = filter
  const mustBeOpen = (state !== undefined && !isEnd(state)) || late || waits !== undefined
  return [
    mustBeOpen ? 'ended_at is null' : isEnd(state) ? 'ended_at is not null' : [],
    state !== undefined && state !== 'open' ? `state = ${value(state)}` : [],
    late ? 'late_at < statement_timestamp()' : [],
    workflow !== undefined ? `workflow = ${value(workflow)}` : [],
    stage === undefined ? [] : stage === '' ? 'checkpoint is null' : `checkpoint = ${value(stage)}`,
    system !== undefined ? `systems @> array[${value(system)}]` : [],
    age !== undefined ? inAge[age] : [],
    worth !== undefined ? inWorth[worth] : [],
    waits !== undefined ? `waits = ${value(waits)} and state in ('waiting', 'stuck')` : [],
    journeys ? `journey = any(${value(journeys)}::text[])` : [],
  ].flat()
}

const ago = (time: string): string => `statement_timestamp() - interval '${time}'`

const inAge: Readonly<Record<Age, string>> = {
  hour: `started_at >= ${ago('1 hour')}`,
  day: `started_at >= ${ago('1 day')} and started_at < ${ago('1 hour')}`,
  week: `started_at >= ${ago('7 days')} and started_at < ${ago('1 day')}`,
  older: `started_at < ${ago('7 days')}`,
}
const inWorth: Readonly<Record<WorthBucket, string>> = {
  'under-1k': 'worth < 1000',
  '1k-10k': 'worth >= 1000 and worth < 10000',
  '10k-100k': 'worth >= 10000 and worth < 100000',
  'over-100k': 'worth >= 100000',
}

/** The same as one number: the place among AGES, from the oldest, and among WORTHS. */
export const AGE_OF = `width_bucket(started_at, array[${['7 days', '1 day', '1 hour'].map(ago).join(', ')}])`
export const WORTH_OF = 'width_bucket(worth, array[1000, 10000, 100000]::numeric[])'
export const ageAt = (place: number): Age => AGES.toReversed()[place] ?? 'older'
export const worthAt = (place: number | null): WorthBucket | null => (place === null ? null : (WORTHS[place] ?? null))

/** An order of the list: by a key and, of equal keys, by the journey's id; each is an index. */
type Order = { readonly key: string; readonly type: string; readonly descending: boolean }
const orders: Readonly<Record<Sort, Order>> = {
  newest: { key: 'started_at', type: 'timestamptz', descending: true },
  oldest: { key: 'started_at', type: 'timestamptz', descending: false },
  worth: { key: 'coalesce(worth, 0)', type: 'numeric', descending: true },
  due: { key: "coalesce(late_at, 'infinity')", type: 'timestamptz', descending: false },
}

/** What has ended is due no more: it stands by its age. */
export const sortOf = ({ sort = 'newest', state }: JourneyFilter): Sort =>
  sort === 'due' && isEnd(state) ? 'newest' : sort

export function orderOf(sort: Sort): { readonly by: string; readonly position: string } {
  const { key, descending } = orders[sort]
  const way = descending ? 'desc' : 'asc'
  return { by: `${key} ${way}, journey ${way}`, position: `(${key})::text` }
}

/** The rows behind a page's last one. By their deadline only open ones are listed: ended ones have none. */
export function afterOf(sort: Sort, after: string | undefined, { value }: Values): string[] {
  const { key, type, descending } = orders[sort]
  const open = sort === 'due' ? ['ended_at is null'] : []
  if (after === undefined) return open
  const [position, journey] = positionIn(sort, after)
  return [...open, `(${key}, journey) ${descending ? '<' : '>'} (${value(position)}::${type}, ${value(journey)})`]
}

/** A cursor of another order would pass over rows without a word. */
function positionIn(sort: Sort, cursor: string): [string, string] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === 3 && parts.every(part => typeof part === 'string')) {
      const [of, position, journey] = parts as [string, string, string]
      if (of === sort && isPosition(sort, position) && !journey.includes('\u0000')) return [position, journey]
    }
  } catch {
    // Said below.
  }
  throw new BadCursor(`"${cursor}" is not the "next" of a page of journeys in this order`)
}

const isPosition = (sort: Sort, position: string): boolean =>
  sort === 'worth' ? /^-?\d+(\.\d+)?$/.test(position) : position === 'infinity' || isTime(position)
