// The filter of the list and its address: everything that is chosen stands in the address, so that it can be sent to a
// colleague, and going back undoes a choice.
import type { Params } from '../../api/client.ts'
import type { JourneyQuery } from '../../api/types.ts'

const STATES = ['open', 'all', 'ready', 'waiting', 'stuck', 'done', 'stopped'] as const
const AGES = ['hour', 'day', 'week', 'older'] as const
const WORTHS = ['under-1k', '1k-10k', '10k-100k', 'over-100k'] as const
const WAITS = ['answer', 'system', 'record', 'retry', 'person'] as const
const SORTS = ['newest', 'oldest', 'worth', 'due'] as const

/** Without a state, open journeys are meant; `all` is every one. */
export type Chosen = Omit<JourneyQuery, 'state' | 'late' | 'limit'> & {
  readonly state?: (typeof STATES)[number] | undefined
  readonly late?: true | undefined
  /** Which page `after` leads to, for the count of rows. */
  readonly page?: number | undefined
}
/** What can be chosen and taken away again. */
export const FACETS = ['state', 'stage', 'waits', 'late', 'age', 'worth', 'system', 'workflow', 'search'] as const
export type FacetName = (typeof FACETS)[number]

export const ROWS = 50

/** An address may say anything: what is not known is left out. */
export function chosenFrom(search: Readonly<Record<string, unknown>>): Chosen {
  const text = (name: string): string | undefined => {
    const value = search[name]
    return typeof value === 'string' && value.length <= 200 ? value : undefined
  }
  const after = search.after
  const page = Number(search.page)
  return without({
    // What is meant without a word needs none.
    state: search.state === 'open' ? undefined : oneOf(STATES, search.state),
    stage: text('stage'),
    workflow: text('workflow') || undefined,
    late: search.late === 'true' || search.late === true ? true : undefined,
    system: text('system') || undefined,
    age: oneOf(AGES, search.age),
    worth: oneOf(WORTHS, search.worth),
    waits: oneOf(WAITS, search.waits),
    search: text('search')?.trim() || undefined,
    sort: oneOf(SORTS, search.sort),
    after: typeof after === 'string' && after !== '' ? after : undefined,
    page: after && Number.isInteger(page) && page > 1 ? page : undefined,
  })
}

/** What the admin API is asked. */
export function paramsOf({ page: _, state, ...rest }: Chosen): Params {
  return without({ ...rest, state: state === 'all' ? undefined : (state ?? 'open'), limit: ROWS })
}

/** Another choice begins at the first page. */
export const choose = (chosen: Chosen, change: Partial<Chosen>): Chosen =>
  without({ ...chosen, after: undefined, page: undefined, ...change })

/** Pressed again, a choice is taken back. */
export const toggled = (chosen: Chosen, change: Partial<Chosen>): Chosen =>
  isChosen(chosen, change)
    ? choose(chosen, Object.fromEntries(Object.keys(change).map(name => [name, undefined])))
    : choose(chosen, change)

export const isChosen = (chosen: Chosen, wanted: Partial<Chosen>): boolean =>
  Object.entries(wanted).every(([name, value]) => Object.entries(chosen).some(([k, v]) => k === name && v === value))

/** Ended journeys grow for ever and are not counted together with open ones, unless a search narrows them. */
export const isCounted = ({ state, search }: Chosen): boolean => state !== 'all' || search !== undefined

export const hasChoices = (chosen: Chosen): boolean => FACETS.some(name => chosen[name] !== undefined)

const oneOf = <V extends string>(values: readonly V[], value: unknown): V | undefined =>
  values.find(one => one === value)

function without<T extends object>(object: T): T {
  for (const name of Object.keys(object))
    if (Reflect.get(object, name) === undefined) Reflect.deleteProperty(object, name)
  return object
}
