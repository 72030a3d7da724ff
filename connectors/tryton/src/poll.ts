// One object, asked again and again for what changed.
//
// Tryton stamps a change with the beginning of its transaction and shows it when that commits, so a late commit appears behind
// stamps already seen. Therefore each round looks at ids and stamps of the whole overlap, and reads what was not seen yet.
import type { Observation, Unreadable } from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { type Entity, observationOf, positionIn } from './entity.ts'
import { idsPerCall } from './limits.ts'
import { type Glimpse, glimpses, rowsWhere, sourcesOf } from './read.ts'

/** The server tells its time to the second. */
const clockGrain = 1_000

export type Heard = readonly (Observation | Unreadable)[]

export class Poll {
  readonly entity: Entity
  readonly #api: TrytonApi
  readonly #overlap: number
  /** The stamp of each record and part told within the overlap. */
  readonly #told = new Map<string, string>()
  /** Seen in the last look and not yet told. */
  #waiting: readonly Glimpse[] = []
  /** The time up to which all changes have been told but for late commits. */
  #complete: number
  #completeThen: number

  constructor(api: TrytonApi, entity: Entity, from: number, overlap: number) {
    this.entity = entity
    this.#api = api
    this.#overlap = overlap
    this.#complete = from
    this.#completeThen = from
  }

  get isBehind(): boolean {
    return this.#waiting.length > 0
  }

  /** Where a new run begins; it looks back by the overlap itself. */
  get cursor(): number {
    return this.#complete
  }

  async next(): Promise<Heard> {
    if (!this.isBehind) await this.#look()
    const records = new Set<string>()
    for (const { record } of this.#waiting) if (records.size < idsPerCall) records.add(record)
    const now = this.#waiting.filter(({ record }) => records.has(record))
    const heard = records.size === 0 ? [] : await this.#tell([...records])
    for (const { source, stamp } of now) this.#told.set(source, stamp)
    this.#waiting = this.#waiting.filter(({ record }) => !records.has(record))
    if (!this.isBehind) this.#isComplete()
    return heard
  }

  /** Ids and stamps of what changed since the overlap began, of the record itself and of each kind of its parts. */
  async #look(): Promise<void> {
    const began = this.#api.host.now()
    const since = this.#complete - this.#overlap
    const seen: Glimpse[] = []
    const dates: number[] = []
    for (const part of sourcesOf(this.entity)) {
      for (let after: number | undefined = 0; after !== undefined; ) {
        const page = await glimpses(this.#api, this.entity, part, since, after)
        seen.push(...page.glimpses)
        dates.push(page.date)
        after = page.next
      }
    }
    this.#waiting = seen.filter(({ source, stamp }) => this.#told.get(source) !== stamp)
    // What was committed after the first of these questions may be missing in its answer.
    this.#completeThen = Math.min(...dates) - (this.#api.host.now() - began) - clockGrain
  }

  #isComplete(): void {
    this.#complete = Math.max(this.#complete, this.#completeThen)
    const oldest = this.#complete - this.#overlap
    for (const [source, stamp] of this.#told) if (positionIn(stamp).at < oldest) this.#told.delete(source)
  }

  async #tell(records: readonly string[]): Promise<Heard> {
    const books = await this.#api.company.books()
    const rows = await rowsWhere(this.#api, this.entity, [['id', 'in', records.map(Number)]], records.length)
    return rows.map(row => {
      try {
        return observationOf(this.entity, row, books)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        return { unreadable: `Tryton: ${why}`, object: this.entity.object, id: String(row.id), raw: row }
      }
    })
  }
}
