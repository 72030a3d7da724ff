// The feed: each kind of record is asked for what changed since a cursor of the service's. It tells the latest again, in any
// order; what was told in the round before is not told again.
import { CursorLost, type Heard, type Observation, type Unreadable } from '@plumbline/sdk'
import type { ConsentApi } from './api.ts'
import { isRow, type Row, system } from './ends.ts'
import { get } from './http.ts'
import { type Collection, collections } from './objects.ts'
import { changesSince, observationOf } from './records.ts'
import { pollEveryMs } from './settings.ts'

type From = { readonly cursor?: string; readonly objects: readonly string[]; readonly signal: AbortSignal }

/** A cursor moves although nothing happens; how old a stored one may be, so that it never gets too old to be taken up. */
const storeEveryMs = 60_000

export async function* follow(api: ConsentApi, from: From): AsyncIterable<Heard> {
  const pollEvery = pollEveryMs(api.settings)
  const begins = from.cursor === undefined ? await clock(api) : undefined
  const stands = from.cursor === undefined ? {} : standsIn(from.cursor)
  const feeds = Object.values(collections)
    .filter(({ object }) => from.objects.includes(object))
    .map(collection => new Feed(api, collection, stands[collection.object] ?? begins ?? lost()))
  const cursor = (): string => JSON.stringify(Object.fromEntries(feeds.map(feed => [feed.object, feed.since])))
  let storedAt = api.host.now()
  if (begins !== undefined) yield { heard: [], cursor: cursor() }
  while (!from.signal.aborted) {
    const began = api.host.now()
    const heard = (await Promise.all(feeds.map(feed => feed.next()))).flat()
    if (from.signal.aborted) return
    if (heard.length > 0 || began - storedAt >= storeEveryMs) {
      storedAt = began
      yield { heard, cursor: cursor() }
    }
    if (feeds.some(feed => feed.hasMore)) continue
    await api.host.sleep(Math.max(0, pollEvery - (api.host.now() - began)), from.signal).catch(() => {})
  }
}

class Feed {
  readonly object: string
  readonly #api: ConsentApi
  readonly #collection: Collection
  since: string
  hasMore = true
  /** The versions told in the last round: of those the service tells again. */
  #told = new Map<string, unknown>()

  constructor(api: ConsentApi, collection: Collection, since: string) {
    this.object = collection.object
    this.#api = api
    this.#collection = collection
    this.since = since
  }

  async next(): Promise<(Observation | Unreadable)[]> {
    const told = await changesSince(this.#api, this.#collection, this.since)
    if (!told) throw lostCursor()
    this.since = told.next
    this.hasMore = told.hasMore
    const news = told.rows.filter(row => this.#told.get(String(row.id)) !== row.version)
    this.#told = new Map(told.rows.map(row => [String(row.id), row.version]))
    return news.map(row => this.#observed(row))
  }

  #observed(row: Row): Observation | Unreadable {
    try {
      return observationOf(this.#collection, row)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const id = typeof row.id === 'string' ? { id: row.id } : {}
      return { unreadable: `${system}: ${why}`, object: this.object, ...id, raw: row }
    }
  }
}

/** The service's own time, to the millisecond. */
export async function clock(api: ConsentApi): Promise<string> {
  const account = await get(api, 'account', 'the clock')
  const at = isRow(account) ? Date.parse(String(account.time)) : Number.NaN
  if (Number.isNaN(at)) throw new TypeError(`${system} did not say what time it is`)
  return new Date(at).toISOString()
}

function standsIn(cursor: string): Readonly<Record<string, string>> {
  try {
    const parsed: unknown = JSON.parse(cursor)
    if (isRow(parsed))
      return Object.fromEntries(
        Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
  } catch {
    // Told below.
  }
  throw lostCursor()
}

const lostCursor = (): CursorLost =>
  new CursorLost(`${system} no longer tells all that was deleted since we last asked; everything is loaded again`)

function lost(): never {
  throw lostCursor()
}
