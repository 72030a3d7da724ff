// A system's lane: how many calls may be under way at once and how many a second, exactly, across all processes.
// Permits are rows, leased in blocks of time; while a process holds permits no database round trip is needed.
//
// When a system is down, or a limit of it is reached, all processes stop calling it for a while. Then one call, in one of
// them, tries whether it answers again; the others follow when it does.
import { type Allowance, Refused, Unavailable } from '@plumbline/sdk'
import { type Host, planted } from '../host.ts'
import type { Db } from '../store/db.ts'
import { tellWorkers } from '../store/notify.ts'
import { Ahead, type Room } from './ahead.ts'
import {
  closeLane,
  forgetUse,
  keepAllowance,
  type LaneNow,
  leasePermits,
  leaseSends,
  leaveProbe,
  narrowLane,
  openLane,
  releasePermits,
  takeProbe,
  tellUse,
  widenLane,
} from './lane-rows.ts'
import type { SystemPlan } from './plan.ts'
import { type Tier, Turns } from './turns.ts'

/** How long a process may start calls on its permits before it asks again. */
const blockMs = 3_000
/** How long whoever got a permit may take until the call begins: an attempt is committed first. */
const startMs = 5_000
/** How long what is known of a lane in trouble counts: somebody may open it by hand. */
const troubledMs = 250
/** Lanes slower than this lease one send at a time. */
const scarcePerSecond = 20
/** How often a process asks for one call more at once, while a lane is narrowed. */
const widenEveryMs = 1_000
/** How often a process tells how many calls it has under way, while it has any. */
const tellUseMs = 500
/** How often those who wait are looked after: permits come free in other processes too. */
const lookAfterMs = 200

/** What the end of a call says of the system. */
export type Told =
  /** It answers. */
  | 'up'
  /** Nothing: the call was not made, or got lost. */
  | 'nothing'
  /** It answers, and takes no more calls at once. */
  | 'crowded'
  /** Nobody gets an answer. */
  | { readonly down: string; readonly retryAfterMs?: number | undefined }

/** Thrown instead of a call while somebody has paused the system: it waits, visibly, until it is resumed. */
export class LanePaused extends Unavailable {}

/** Thrown instead of a call while the system is not to be called: it is down, or a limit of it is reached. */
export class LaneClosed extends Unavailable {}

/** Thrown instead of a call while another one tries whether the system answers again. */
class LaneTried extends Unavailable {}

/** Whether it was the lane that took no call: when it does again, whoever was turned away may go on. */
export const isOfLane = (error: unknown): boolean =>
  error instanceof LanePaused || error instanceof LaneClosed || error instanceof LaneTried

/** `s4 is paused by kim: maintenance until noon` */
export const pauseWords = (system: string, by: string | null, reason: string | null): string =>
  `${system} is paused${by ? ` by ${by}` : ''}${reason ? `: ${reason}` : ''}`

export class Lane {
  readonly system: SystemPlan
  readonly ahead: Ahead
  private readonly db: Db
  private readonly host: Host
  private readonly worker: string
  private readonly opened: () => void
  private slots: number[] = []
  /** Slots that no call may start on any more, and that stand in our name until they are given back. */
  private surplus: number[] = []
  /** Slots that a running call uses. */
  private busy = new Set<number>()
  private validUntil = 0
  /** Counts what made the last answer old: one that was on its way meanwhile is old too. */
  private news = 0
  private closedUntil = 0
  private now: Standing = calm
  /** Whether a call of this process is the one that tries the lane. */
  private isTrying = false
  private said: Allowance | undefined
  private widensAt = 0
  private sendsLeft = 0
  private readonly turns = new Turns<number>()
  private lookAfterTimer: { cancel(): void } | undefined
  /** Permits that batch calls have. */
  private batches = 0
  private leasing: Promise<void> | undefined
  private idleTimer: { cancel(): void } | undefined
  /** The most calls that were under way at once since that was last told. */
  private peak = 0
  private useTimer: { cancel(): void } | undefined

  /** `opened` is called when a call of this process found that the system answers again. */
  constructor(system: SystemPlan, db: Db, host: Host, worker: string, opened: () => void = () => undefined) {
    this.system = system
    this.db = db
    this.host = host
    this.worker = worker
    this.opened = opened
    this.ahead = new Ahead(system.perSecond)
  }

  /** How many batch calls it gets through in a moment. */
  get atOnce(): number {
    return this.ahead.atOnce(this.mostBatches())
  }

  /** Makes the lane's rows agree with the project. A smaller limit takes effect as soon as the surplus permits end. */
  async prepare(): Promise<void> {
    const { name, concurrency, perSecond } = this.system
    await this.db.transaction(async tx => {
      await tx.query(
        `insert into lane (system, concurrency, per_second) values ($1, $2, $3)
         on conflict (system) do update set concurrency = excluded.concurrency, per_second = excluded.per_second`,
        [name, concurrency, perSecond ?? null],
      )
      await tx.query('delete from permit where system = $1 and slot >= $2', [name, concurrency])
      await tx.query(
        'insert into permit (system, slot) select $1, s from generate_series(0, $2 - 1) s on conflict do nothing',
        [name, concurrency],
      )
      await tx.query("delete from lane_use where system = $1 and at < clock_timestamp() - interval '1 minute'", [name])
    })
  }

  /** Somebody has paused, resumed, closed or opened it: what we know of it is asked for anew. */
  lookAgain(): void {
    this.askAgain()
    void this.giveTurns()
  }

  /**
   * Runs one call within the limits, when it is its turn. Throws Unavailable at once while the lane is paused or closed, or another
   * call tries it, and `signal`'s reason when that aborts before its turn. `tell` says what a result means for the system; an error
   * says it by itself.
   */
  async run<T>(
    tier: Tier,
    call: () => Promise<T>,
    tell: (result: T) => Told = () => 'up',
    signal?: AbortSignal,
  ): Promise<T> {
    const { slot, isTry } = await this.acquire(tier, signal)
    this.noteUse()
    let told: Told = 'nothing'
    try {
      await this.awaitSend()
      const result = await call()
      told = tell(result)
      return result
    } catch (error) {
      told = toldBy(error)
      throw error
    } finally {
      await this.hear(told, isTry)
      this.free(slot, tier)
    }
  }

  /** The batch calls more that may be prepared now; kept until their calls have their turns or wait for them. */
  async room(): Promise<Room> {
    await this.lease()
    return this.ahead.keep(this.standstill() ? 0 : this.roomNow())
  }

  private roomNow(): number {
    const waiting = this.ahead.promised + this.turns.waiting('batch')
    if (!this.isToBeTried()) return Math.max(0, this.ahead.most(this.mostBatches()) - this.batches - waiting)
    const isTaken = this.isTrying || this.now.isProbed || waiting > 0 || this.turns.length > 0
    return isTaken || this.idleSlot() === undefined ? 0 : 1
  }

  /** One permit is left for whoever comes to ask, where there are several. */
  private mostBatches(): number {
    const { length } = this.slots
    return length > 1 ? length - 1 : length
  }

  /** How long the lane stays closed, as it is now: somebody may have opened it since a call was refused. */
  async closedForMs(): Promise<number> {
    this.askAgain()
    await this.lease()
    return Math.max(0, this.closedUntil - this.host.monotonic())
  }

  /** Whether it is to be tried with one call first. */
  isToBeTried(): boolean {
    return this.now.failures > 0
  }

  /** What was learnt of the system outside of a call in the lane. */
  async heard(error: unknown): Promise<void> {
    const told = toldBy(error)
    if (typeof told === 'object') await this.hear(told, false)
  }

  /** Only what is news here: another process may have heard a later word. */
  async keepAllowance(said: Allowance): Promise<void> {
    if (this.said?.used === said.used && this.said.of === said.of) return
    this.said = said
    await this.db.query(keepAllowance, [this.system.name, said.used, said.of])
  }

  async stop(): Promise<void> {
    this.idleTimer?.cancel()
    this.useTimer?.cancel()
    this.lookAfterTimer?.cancel()
    await this.db.query(forgetUse, [this.system.name, this.worker]).catch(() => undefined)
    const idle = [...this.slots, ...this.surplus].filter(slot => !this.busy.has(slot))
    await this.db.query(releasePermits, [this.system.name, this.worker, idle]).catch(() => undefined)
  }

  private async acquire(tier: Tier, signal: AbortSignal | undefined): Promise<{ slot: number; isTry: boolean }> {
    const turn = this.turns.wait(tier, signal)
    void this.giveTurns()
    const slot = await turn
    try {
      return { slot, isTry: this.now.failures > 0 && (await this.beTheTry()) }
    } catch (error) {
      this.free(slot, tier)
      throw error
    }
  }

  /** Gives each permit that is free to whoever is next, or sends all away. Looks again as long as somebody waits. */
  private async giveTurns(): Promise<void> {
    // For nobody no permit is leased.
    if (this.turns.length === 0) return
    try {
      await this.lease()
      const standstill = this.standstill()
      if (standstill) this.turns.sendAway(standstill)
      for (let slot = this.idleSlot(); slot !== undefined; slot = this.idleSlot()) {
        const tier = this.turns.give(slot, this.isToBeTried() || this.batches < this.mostBatches())
        if (!tier) break
        this.busy.add(slot)
        if (tier === 'batch') this.batches++
      }
    } catch (error) {
      this.turns.sendAway(error)
    }
    if (this.turns.length === 0) return
    this.lookAfterTimer ??= this.host.after(lookAfterMs, () => {
      this.lookAfterTimer = undefined
      void this.giveTurns()
    })
  }

  private idleSlot(): number | undefined {
    return this.slots.find(slot => !this.busy.has(slot))
  }

  private free(slot: number, tier: Tier): void {
    this.busy.delete(slot)
    if (tier === 'batch') this.batches--
    void this.giveTurns()
    this.idleTimer?.cancel()
    this.idleTimer = this.host.after(blockMs, () => void this.giveUpIdle())
  }

  /** Why nothing may be called now. */
  private standstill(): Unavailable | undefined {
    const { name } = this.system
    if (this.now.paused) return new LanePaused(pauseWords(name, this.now.pausedBy, this.now.pauseReason))
    const closedMs = this.closedUntil - this.host.monotonic()
    if (closedMs <= 0) return undefined
    return new LaneClosed(`${name} is not to be called now: ${this.now.reason ?? 'it does not answer'}`, closedMs)
  }

  private async beTheTry(): Promise<true> {
    const busy = new LaneTried(`${this.system.name} is being tried by one call first: ${this.now.reason}`, 500)
    if (this.isTrying) throw busy
    this.isTrying = true
    const untilMs = startMs + this.system.longestCallMs
    try {
      const [taken] = await this.db.query<{ system: string }>(takeProbe, [this.system.name, this.worker, untilMs])
      if (!taken) throw busy
      return true
    } catch (error) {
      this.isTrying = false
      this.askAgain()
      throw error
    }
  }

  /** Nothing that fails here may hide the end of the call. */
  private async hear(told: Told, isTry: boolean): Promise<void> {
    const { name } = this.system
    try {
      if (typeof told === 'object') await this.close(told.down, told.retryAfterMs)
      else if (isTry && told === 'nothing') await this.db.query(leaveProbe, [name, this.worker])
      else if (isTry && (await this.db.query(openLane, [name, this.worker])).length > 0) this.opened()
      if (told === 'crowded') await this.db.query(narrowLane, [name])
      else if (told === 'up' && this.now.isNarrow) await this.widen()
      if (isTry || told === 'crowded') this.askAgain()
    } catch (error) {
      this.host.log(`What a call told of ${name} could not be kept`, { reason: String(error) })
    } finally {
      if (isTry) this.isTrying = false
    }
  }

  private async widen(): Promise<void> {
    if (this.host.monotonic() < this.widensAt) return
    this.widensAt = this.host.monotonic() + widenEveryMs
    await this.db.query(widenLane, [this.system.name])
  }

  /** The system is down or wants us to wait: all processes stop calling until then. */
  private async close(reason: string, retryAfterMs = 0): Promise<void> {
    if (planted.has('relogin-hot-loop')) return
    const [row] = await this.db.query<{ closedMs: number; failures: number }>(closeLane, [
      this.system.name,
      reason,
      retryAfterMs,
    ])
    if (!row) return
    tellWorkers(this.db, 'lanes')
    this.closedUntil = this.host.monotonic() + row.closedMs
    this.now = { ...this.now, failures: row.failures, reason, isProbed: false }
    this.askAgain()
  }

  private noteUse(): void {
    this.peak = Math.max(this.peak, this.busy.size)
    this.useTimer ??= this.host.after(tellUseMs, () => this.tellUse())
  }

  /** Goes on while there is something to tell, and once more to say that there is nothing. */
  private tellUse(): void {
    const told = this.peak
    this.peak = this.busy.size
    this.useTimer = told > 0 ? this.host.after(tellUseMs, () => this.tellUse()) : undefined
    this.db.query(tellUse, [this.system.name, this.worker, told]).catch(() => undefined)
  }

  /** Permits that nobody here needs go back, so that others find them. */
  private async giveUpIdle(): Promise<void> {
    // Not while a lease is being renewed, nor renewed while this runs: what the table says free, nobody here may use.
    if (this.leasing) return
    this.leasing = this.giveBack(this.slots).finally(() => {
      this.leasing = undefined
    })
    this.slots = this.slots.filter(slot => this.busy.has(slot))
    await this.leasing
  }

  /** Those of these slots, and of the surplus, that no call uses; a running call keeps its own until it ends. */
  private async giveBack(slots: readonly number[]): Promise<void> {
    const idle = [...slots, ...this.surplus].filter(slot => !this.busy.has(slot))
    this.surplus = this.surplus.filter(slot => this.busy.has(slot))
    if (idle.length === 0) return
    await this.db.query(releasePermits, [this.system.name, this.worker, idle]).catch(() => undefined)
  }

  private async lease(): Promise<void> {
    const isTroubled = this.now.paused || this.now.failures > 0
    if ((isTroubled || this.slots.length > 0) && !this.leasing && this.host.monotonic() < this.validUntil) return
    this.leasing ??= this.leaseNow().finally(() => {
      this.leasing = undefined
    })
    await this.leasing
  }

  private async leaseNow(): Promise<void> {
    const before = this.host.monotonic()
    const { news } = this
    const { name, longestCallMs } = this.system
    const asked = [name, this.worker, blockMs + startMs + longestCallMs, [...this.slots]]
    const [row] = await this.db.query<LaneNow>(leasePermits, asked)
    const leased = row?.slots ?? []
    this.surplus = [...this.surplus, ...this.slots].filter(slot => !leased.includes(slot))
    this.slots = leased
    this.now = row ?? calm
    this.closedUntil = before + (row?.closedMs ?? 0)
    if (this.now.paused) this.slots = leased.filter(slot => this.busy.has(slot))
    // At once, so that they are there when it is resumed or wider again.
    await this.giveBack(this.now.paused ? leased : [])
    const isTroubled = this.now.paused || this.now.failures > 0
    const holdsMs = isTroubled ? troubledMs : this.slots.length > 0 ? blockMs : 0
    this.validUntil = news === this.news ? before + holdsMs : 0
  }

  private askAgain(): void {
    this.validUntil = 0
    this.news++
  }

  private async awaitSend(): Promise<void> {
    const { perSecond, name } = this.system
    if (perSecond === undefined) return
    if (this.sendsLeft > 0) {
      this.sendsLeft--
      return
    }
    const block = perSecond <= scarcePerSecond ? 1 : Math.ceil(perSecond / 20)
    const [row] = await this.db.query<{ wait_ms: string }>(leaseSends, [name, block])
    this.sendsLeft += block - 1
    await this.host.sleep(Math.max(0, Number(row?.wait_ms ?? 0)))
  }
}

type Standing = Omit<LaneNow, 'slots' | 'closedMs'>
const calm: Standing = {
  paused: false,
  pausedBy: null,
  pauseReason: null,
  failures: 0,
  reason: null,
  isNarrow: false,
  isProbed: false,
}

function toldBy(error: unknown): Told {
  if (error instanceof Refused) return 'up'
  if (!(error instanceof Unavailable)) return 'nothing'
  if (error.tooManyAtOnce) return 'crowded'
  return error.systemIsDown ? { down: error.message, retryAfterMs: error.retryAfterMs } : 'nothing'
}
