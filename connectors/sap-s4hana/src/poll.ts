// One entity set, asked again and again for what changed.
//
// SAP stamps a change when its transaction begins and shows it when it commits, so a late commit appears behind the newest
// stamp already seen. Therefore two questions: often, for whole records newer than the newest (at rest the answer is empty);
// and less often, a glance at the keys and stamps of the whole overlap, after which only records not yet seen are read.
import type { Observation, Unreadable } from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import { all, type Entity, glanceOf, idOf, observationOf, wholeOf } from './entity.ts'
import { rowsPerPage } from './limits.ts'
import type { Row } from './odata.ts'
import { page, pages, queryOf, rowsByIds } from './read.ts'

/** SAP tells its time to the second. */
const clockGrain = 1_000

/** Whether a stamp that is only to the second is of a second that may not be over. */
const isYoung = (stamp: number, date: number): boolean => stamp % clockGrain === 0 && stamp > date - 2 * clockGrain

export type Heard = readonly (Observation | Unreadable)[]

export class Poll {
  readonly entity: Entity
  readonly #api: S4Api
  readonly #overlap: number
  readonly #glanceEvery: number
  /** The stamp of each record seen within the overlap. */
  readonly #seen = new Map<string, number>()
  /** Told while its second was not over: within it the record may change again under the same stamp. */
  readonly #young = new Map<string, number>()
  /** The newest stamp seen. */
  #newest: number
  /** The time up to which all changes have been seen but for late commits. */
  #complete: number
  /** A new run never begins before this. */
  readonly #floor: number
  #isBehind = true
  #isQuiet = false
  #glancedAt: number

  /** `from` is where to begin: now, or where a former run stood, the overlap already taken off. */
  constructor(api: S4Api, entity: Entity, from: number, isRestart: boolean, overlap: number) {
    this.entity = entity
    this.#api = api
    this.#overlap = overlap
    this.#glanceEvery = Math.max(500, overlap / 10)
    this.#newest = from
    this.#complete = from
    this.#floor = isRestart ? from : from - overlap
    this.#glancedAt = api.host.now()
  }

  /** More is waiting: the last answer was a full page. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** Where a new run begins so that nothing is missed. */
  get cursor(): number {
    return Math.max(this.#floor, (this.#isBehind ? this.#newest : this.#complete) - this.#overlap)
  }

  async next(): Promise<Heard> {
    if (this.#isBehind || this.#api.host.now() - this.#glancedAt < this.#glanceEvery) return this.#newer()
    return this.#glance()
  }

  /**
   * Whole records from the newest stamp on. Records of that very stamp are asked for again, since another may have been
   * committed in the same instant or cut off by the page; only when nothing is happening they are left out.
   */
  async #newer(): Promise<Heard> {
    const ties = [...this.#seen.values()].filter(stamp => stamp === this.#newest).length
    const top = rowsPerPage + ties
    const filter = all(this.entity, this.entity.stamp.since(this.#newest, this.#isQuiet))
    const order = `$orderby=${this.entity.stamp.columns.slice(0, 2).join(',')}`
    const path = queryOf(this.entity, filter, order, `$top=${top}`, wholeOf(this.entity))
    const began = this.#api.host.now()
    const { rows, date, next } = await page(this.#api, this.entity, path)
    const wasBehind = this.#isBehind
    this.#isBehind = rows.length >= top || next !== undefined
    const fresh = this.#fresh(rows, date)
    this.#isQuiet = fresh.length === 0
    if (wasBehind && !this.#isBehind) this.#isComplete(date, began)
    return fresh.map(row => this.#told(row))
  }

  async #glance(): Promise<Heard> {
    const began = this.#api.host.now()
    const filter = all(this.entity, this.entity.stamp.since(this.#complete - this.#overlap, false))
    const path = queryOf(this.entity, filter, glanceOf(this.entity))
    const first = await page(this.#api, this.entity, path)
    const rows =
      first.next === undefined ? first.rows : [...first.rows, ...(await pages(this.#api, this.entity, first.next))]
    const missed = rows.filter(row => this.#isFresh(row, first.date))
    const whole =
      missed.length === 0
        ? []
        : await rowsByIds(
            this.#api,
            this.entity,
            missed.map(row => idOf(this.entity, row)),
          )
    const fresh = this.#fresh(whole, first.date)
    if (fresh.length > 0) this.#isQuiet = false
    this.#glancedAt = began
    this.#isComplete(first.date, began)
    return fresh.map(row => this.#told(row))
  }

  /** All that had been committed when the question was put has now been seen. */
  #isComplete(date: number, began: number): void {
    this.#complete = Math.max(this.#complete, date - (this.#api.host.now() - began) - clockGrain)
    for (const [id, stamp] of this.#seen) if (stamp < this.#complete - this.#overlap) this.#seen.delete(id)
  }

  #isFresh(row: Row, date: number): boolean {
    const id = idOf(this.entity, row)
    const stamp = this.entity.stamp.of(row)
    return this.#seen.get(id) !== stamp || (this.#young.get(id) === stamp && !isYoung(stamp, date))
  }

  #fresh(rows: readonly Row[], date: number): Row[] {
    const fresh = rows.filter(row => this.#isFresh(row, date))
    for (const row of fresh) {
      const id = idOf(this.entity, row)
      const stamp = this.entity.stamp.of(row)
      if (isYoung(stamp, date)) this.#young.set(id, stamp)
      else this.#young.delete(id)
      this.#seen.set(id, stamp)
      this.#newest = Math.max(this.#newest, stamp)
    }
    return fresh
  }

  #told(row: Row): Observation | Unreadable {
    try {
      return observationOf(this.entity, row)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { unreadable: `S/4HANA: ${why}`, object: this.entity.object, id: idOf(this.entity, row), raw: row }
    }
  }
}
