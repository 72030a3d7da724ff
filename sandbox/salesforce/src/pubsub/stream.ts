// The event stream: every committed transaction becomes change events at rising replay ids, kept for 72 hours.
// A transaction is in the journal before its events are in the stream; what a crash left unpublished is published at the start.
import type { JsonObject } from '../json.ts'
import { numberOf } from '../json.ts'
import type { Change } from '../transaction.ts'

export type CommittedTransaction = {
  readonly number: number
  readonly at: number
  readonly key: string
  readonly by: string
  readonly userId: string
  readonly origin: string
  readonly changes: readonly Change[]
}

export type ChangeEvent = {
  /** Unique for ever; a repeated delivery has the same one. */
  readonly id: string
  readonly transaction: CommittedTransaction
  readonly sequenceNumber: number
  readonly object: string
  readonly kind: Change['kind']
  readonly recordIds: readonly string[]
  readonly fields: Change['fields']
  /** Told without its content: that something changed, or that too much did. */
  readonly gap?: GapKind
}

const GAPS = ['GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW'] as const
export type GapKind = (typeof GAPS)[number]
export const isGapKind = (value: unknown): value is GapKind => GAPS.some(kind => kind === value)

/** What an overflow names instead of records. Not verified against a real org. */
export const NO_RECORD = '000000000000000AAA'

/** A place in the stream; a mark without an event keeps replay ids of quiet times within retention. */
export type StreamItem = { readonly replayId: number; readonly at: number; readonly event: ChangeEvent | undefined }

/** How faults may disturb the publishing of events. */
export type EventDisturbance = {
  holdBack(): number
  isDuplicate(): boolean
  isGap?(): boolean
  isLost?(): boolean
  readonly overflowAbove?: number
  overflown?(): void
  readonly delayMs: number
  readonly active: boolean
}

const RETENTION_MS = 72 * 3600_000
const QUIET_MS = 3600_000
const FIRST_REPLAY_ID = 4_000_000
const FLUSH_HELD_MS = 250

export class EventStream {
  readonly items: StreamItem[] = []
  disturbance: EventDisturbance | undefined
  readonly #now: () => number
  readonly #remember: (line: object) => void
  readonly #listeners = new Set<() => void>()
  readonly #pending = new Map<string, ChangeEvent>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #held: { event: ChangeEvent; after: number }[] = []
  #lastReplayId = FIRST_REPLAY_ID
  /** Everything up to here is older than retention. */
  #forgottenUpTo = 0
  #notifying = false

  constructor(options: { now: () => number; remember: (line: object) => void }) {
    this.#now = options.now
    this.#remember = options.remember
  }

  /** The replay id of the first event, when the transaction is to be published at once, in order and undisturbed. */
  reserve(transaction: CommittedTransaction): number | undefined {
    const disturbed = this.disturbance?.active || this.#held.length > 0 || this.#timers.size > 0
    // Replay ids rise but have gaps, as the real ones do.
    return disturbed || transaction.changes.length === 0 ? undefined : this.#lastReplayId + 2
  }

  publish(transaction: CommittedTransaction, reserved: number | undefined): void {
    if (reserved !== undefined) {
      this.#place(eventsOf(transaction), reserved)
      this.#notify()
      return
    }
    const all = eventsOf(transaction)
    for (const event of all) this.#pending.set(event.id, event)
    const events = this.#toldOf(all)
    const delayMs = this.disturbance?.delayMs ?? 0
    if (delayMs > 0) this.#later(delayMs, () => this.#release(events))
    else this.#release(events)
  }

  /** Tells of a change without its content, as Salesforce does when an event became too large or could not be made. */
  publishGap(gap: GapKind, object: string, recordIds: readonly string[], transaction: CommittedTransaction): void {
    const event: ChangeEvent = {
      id: transaction.key,
      transaction,
      sequenceNumber: 1,
      object,
      kind: kindOfGap[gap],
      recordIds,
      fields: {},
      gap,
    }
    const { id, object: of, recordIds: ids } = event
    this.#remember({ gap, id, of, ids, at: transaction.at, user: transaction.userId, tx0: transaction.number })
    this.#pending.set(id, event)
    this.#publishOne(event)
  }

  /** What the faults leave of a transaction's events; what is told by none is remembered as told. */
  #toldOf(events: readonly ChangeEvent[]): ChangeEvent[] {
    const { disturbance } = this
    if (!disturbance) return [...events]
    const told: ChangeEvent[] = []
    for (const same of Map.groupBy(events, event => event.object).values()) {
      const changes = same.reduce((sum, event) => sum + event.recordIds.length, 0)
      const [first] = same
      if (first && changes > (disturbance.overflowAbove ?? Number.POSITIVE_INFINITY)) {
        disturbance.overflown?.()
        told.push({ ...first, recordIds: [NO_RECORD], sequenceNumber: 1, gap: 'GAP_OVERFLOW' })
        for (const event of same.slice(1)) this.#drop(event)
      } else
        for (const event of same) {
          if (disturbance.isLost?.()) this.#drop(event)
          else told.push(disturbance.isGap?.() ? { ...event, sequenceNumber: 1, gap: gapOfKind[event.kind] } : event)
        }
    }
    return told
  }

  #drop(event: ChangeEvent): void {
    this.#remember({ p: [null, event.id], at: this.#now() })
    this.#pending.delete(event.id)
  }

  onEvent(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The replay id to hand to a client that has seen everything. */
  latestReplayId(): number {
    const last = this.items.at(-1)
    if (last && this.#now() - last.at > QUIET_MS) this.#mark()
    if (!last && this.#forgottenUpTo > 0 && this.#forgottenUpTo >= this.#lastReplayId) this.#mark()
    return this.#lastReplayId
  }

  /** Where reading goes on after this replay id; undefined when it was never given or is older than retention. */
  positionAfter(replayId: number): number | undefined {
    this.#forget()
    if (replayId > this.#lastReplayId || replayId < FIRST_REPLAY_ID || replayId <= this.#forgottenUpTo) return undefined
    let low = 0
    let high = this.items.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.items[middle]?.replayId ?? 0) <= replayId) low = middle + 1
      else high = middle
    }
    return low
  }

  earliestPosition(): number {
    this.#forget()
    const first = this.items.findIndex(item => item.replayId > this.#forgottenUpTo)
    return first < 0 ? this.items.length : first
  }

  replayTransaction(transaction: CommittedTransaction, first: number | undefined): void {
    const events = eventsOf(transaction)
    if (first !== undefined) this.#place(events, first)
    else for (const event of events) this.#pending.set(event.id, event)
  }

  /** Takes back a remembered publication or mark. */
  replay(line: JsonObject): void {
    const at = numberOf(line.at) ?? 0
    if (isGapKind(line.gap) && typeof line.id === 'string') this.#pending.set(line.id, gapIn(line, line.gap, line.id))
    else if (Array.isArray(line.p)) {
      const [replayId, id]: unknown[] = line.p
      const event =
        typeof id === 'string'
          ? (this.#pending.get(id) ?? this.items.findLast(item => item.event?.id === id)?.event)
          : undefined
      if (typeof replayId === 'number' && event)
        this.#put({ replayId, at, event: isGapKind(line.as) ? asGap(event, line.as) : event })
      if (typeof id === 'string') this.#pending.delete(id)
    } else if (typeof line.mark === 'number') this.#put({ replayId: line.mark, at, event: undefined })
  }

  /** Publishes what was committed but not published before the last stop. */
  publishForgotten(): void {
    for (const event of [...this.#pending.values()]) this.#publishDisturbed(event)
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#listeners.clear()
  }

  #place(events: readonly ChangeEvent[], first: number): void {
    for (const [index, event] of events.entries())
      this.#put({ replayId: first + index, at: event.transaction.at, event })
  }

  #put(item: StreamItem): void {
    this.items.push(item)
    this.#lastReplayId = item.replayId
  }

  #mark(): void {
    const item = { replayId: this.#lastReplayId + 1, at: this.#now(), event: undefined }
    this.#remember({ mark: item.replayId, at: item.at })
    this.#put(item)
  }

  #release(events: readonly ChangeEvent[]): void {
    for (const event of events) {
      const after = this.disturbance?.holdBack() ?? 0
      if (after > 0) {
        this.#held.push({ event, after })
        this.#later(FLUSH_HELD_MS, () => this.#flushHeld())
      } else this.#publishDisturbed(event)
    }
  }

  #publishDisturbed(event: ChangeEvent): void {
    this.#publishOne(event)
    if (this.disturbance?.isDuplicate()) this.#publishOne(event)
    const due = this.#held.filter(held => --held.after <= 0)
    this.#held = this.#held.filter(held => held.after > 0)
    for (const held of due) this.#publishOne(held.event)
  }

  #publishOne(event: ChangeEvent): void {
    const item = { replayId: this.#lastReplayId + 1, at: this.#now(), event }
    this.#remember({ p: [item.replayId, event.id], at: item.at, ...(event.gap && { as: event.gap }) })
    this.#pending.delete(event.id)
    this.#put(item)
    this.#notify()
  }

  #flushHeld(): void {
    const held = this.#held
    this.#held = []
    for (const { event } of held) this.#publishOne(event)
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }

  #forget(): void {
    const horizon = this.#now() - RETENTION_MS
    if ((this.items[0]?.at ?? horizon) >= horizon) return
    const kept = this.items.findIndex(item => item.at >= horizon)
    const last = kept < 0 ? this.items.at(-1) : this.items[kept - 1]
    // Items stay in memory, because subscribers hold positions in the list; they are only no longer given out.
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, last?.replayId ?? 0)
  }

  /** Wakes the subscribers once per turn of the event loop, however many events there are. */
  #notify(): void {
    if (this.#notifying) return
    this.#notifying = true
    setImmediate(() => {
      this.#notifying = false
      for (const listener of this.#listeners) listener()
    })
  }
}

const gapOfKind: Readonly<Record<Change['kind'], GapKind>> = {
  create: 'GAP_CREATE',
  update: 'GAP_UPDATE',
  delete: 'GAP_DELETE',
  undelete: 'GAP_UNDELETE',
}
const kindOfGap: Readonly<Record<GapKind, Change['kind']>> = {
  GAP_CREATE: 'create',
  GAP_UPDATE: 'update',
  GAP_DELETE: 'delete',
  GAP_UNDELETE: 'undelete',
  GAP_OVERFLOW: 'update',
}

const asGap = (event: ChangeEvent, gap: GapKind): ChangeEvent => ({
  ...event,
  sequenceNumber: 1,
  gap,
  ...(gap === 'GAP_OVERFLOW' && { recordIds: [NO_RECORD] }),
})

/** A gap that was told through the door, as the journal keeps it. */
const gapIn = (line: JsonObject, gap: GapKind, id: string): ChangeEvent => ({
  id,
  transaction: {
    number: numberOf(line.tx0) ?? 0,
    at: numberOf(line.at) ?? 0,
    key: id,
    by: '',
    userId: String(line.user ?? ''),
    origin: '',
    changes: [],
  },
  sequenceNumber: 1,
  object: String(line.of ?? ''),
  kind: kindOfGap[gap],
  recordIds: Array.isArray(line.ids) ? line.ids.map(String) : [],
  fields: {},
  gap,
})

/** The change events of a transaction: one per record, deletions of one object together. */
function eventsOf(transaction: CommittedTransaction): ChangeEvent[] {
  const groups: { change: Change; recordIds: string[] }[] = []
  const deletions = new Map<string, { change: Change; recordIds: string[] }>()
  for (const change of transaction.changes) {
    const known = change.kind === 'delete' ? deletions.get(change.object) : undefined
    if (known) {
      known.recordIds.push(change.id)
      continue
    }
    const group = { change, recordIds: [change.id] }
    groups.push(group)
    if (change.kind === 'delete') deletions.set(change.object, group)
  }
  return groups.map(({ change, recordIds }, index) => ({
    id: transaction.key.slice(0, 24) + (index + 1).toString(16).padStart(12, '0'),
    transaction,
    sequenceNumber: index + 1,
    object: change.object,
    kind: change.kind,
    recordIds,
    fields: change.fields,
  }))
}
