// A system's lane: how many calls may be under way at once and how many a second, exactly, across all processes.
// Permits are rows, leased in blocks of time; while a process holds permits no database round trip is needed.
import { Unavailable } from '@plumbline/sdk'
import type { Host } from '../host.ts'
import type { Db } from '../store/db.ts'
import type { SystemPlan } from './plan.ts'

/** How long a process may start calls on its permits before it asks again. */
const blockMs = 3_000
/** Lanes slower than this lease one send at a time. */
const scarcePerSecond = 20
/** How often a process tells how many calls it has under way, while it has any. */
const tellUseMs = 500

export type Tier = 'interactive' | 'batch'
type Waiting = { readonly tier: Tier; readonly go: () => void }

const leasePermits = {
  name: 'lane-lease',
  text: `with share as (
           select greatest(1, ceil($4::numeric / greatest(1, (select count(*) from worker where lease_until > clock_timestamp()))))::int as most
         ), kept as (
           update permit set until = clock_timestamp() + make_interval(secs => $3 / 1000.0)
           where system = $1 and worker = $2 and until > clock_timestamp() and slot = any($5::int[])
           returning slot
         ), more as (
           select slot from permit
           where system = $1 and (worker is null or until < clock_timestamp())
           order by slot limit case when (select paused from lane where system = $1) then 0
             else greatest(0, (select most from share) - (select count(*) from kept)) end for update skip locked
         ), taken as (
           update permit set worker = $2, until = clock_timestamp() + make_interval(secs => $3 / 1000.0)
           from more where permit.system = $1 and permit.slot = more.slot returning permit.slot
         )
         select coalesce((select array_agg(slot) from (select slot from kept union all select slot from taken) s), '{}') as slots,
                (select most from share) as most,
                greatest(0, extract(epoch from (select closed_until from lane where system = $1) - clock_timestamp()) * 1000) as closed_ms,
                l.paused, l.paused_by, l.pause_reason
         from (values (1)) as one left join lane l on l.system = $1`,
}
const releasePermits = {
  name: 'lane-release',
  text: 'update permit set worker = null, until = null where system = $1 and worker = $2 and slot = any($3::int[])',
}
const leaseSends = {
  name: 'lane-sends',
  text: `update lane set next_send_at = greatest(next_send_at, clock_timestamp()) + make_interval(secs => $2::numeric / per_second)
         where system = $1 returning extract(epoch from next_send_at - make_interval(secs => $2::numeric / per_second) - clock_timestamp()) * 1000 as wait_ms`,
}
const closeLane = {
  name: 'lane-close',
  text: `update lane set failures = failures + 1, reason = $2,
           closed_until = clock_timestamp() + make_interval(secs => greatest($3::numeric / 1000, least(10, 0.25 * power(2, least(failures, 6)))))
         where system = $1 and (closed_until is null or closed_until < clock_timestamp())
         returning extract(epoch from closed_until - clock_timestamp()) * 1000 as closed_ms`,
}
const openLane = {
  name: 'lane-open',
  text: 'update lane set failures = 0, reason = null, closed_until = null where system = $1 and failures > 0',
}

const tellUse = {
  name: 'lane-use',
  text: `insert into lane_use (system, worker, in_use) values ($1, $2, $3)
         on conflict (system, worker) do update set in_use = excluded.in_use, at = clock_timestamp()`,
}

type Leased = {
  readonly slots: number[]
  readonly most: number
  readonly closed_ms: string | null
  readonly paused: boolean | null
  readonly paused_by: string | null
  readonly pause_reason: string | null
}

/** Thrown instead of a call while somebody has paused the system: it waits, visibly, until it is resumed. */
export class LanePaused extends Unavailable {}

/** `s4 is paused by kim: maintenance until noon` */
export const pauseWords = (system: string, by: string | null, reason: string | null): string =>
  `${system} is paused${by ? ` by ${by}` : ''}${reason ? `: ${reason}` : ''}`

export class Lane {
  readonly system: SystemPlan
  private readonly db: Db
  private readonly host: Host
  private readonly worker: string
  private slots: number[] = []
  /** Slots that a running call uses. */
  private busy = new Set<number>()
  private validUntil = 0
  private closedUntil = 0
  private most = 1
  private failing = false
  private sendsLeft = 0
  private waiting: Waiting[] = []
  private leasing: Promise<void> | undefined
  private idleTimer: { cancel(): void } | undefined
  /** Why nothing is called now, in words. */
  private pause: string | undefined
  /** The most calls that were under way at once since that was last told. */
  private peak = 0
  private useTimer: { cancel(): void } | undefined

  constructor(system: SystemPlan, db: Db, host: Host, worker: string) {
    this.system = system
    this.db = db
    this.host = host
    this.worker = worker
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

  /** Somebody has paused or resumed it: what we know of it is asked for anew. */
  lookAgain(): void {
    this.validUntil = 0
    if (this.pause !== undefined) this.closedUntil = 0
    this.waiting[0]?.go()
  }

  /** Milliseconds until the lane takes calls again; 0 when it does. */
  closedForMs(): number {
    return Math.max(0, this.closedUntil - this.host.monotonic())
  }

  /** Runs one call within the limits. Interactive calls go before batches. Throws LanePaused while it is paused. */
  async run<T>(tier: Tier, call: () => Promise<T>): Promise<T> {
    const slot = await this.acquire(tier)
    this.noteUse()
    try {
      await this.awaitSend()
      return await call()
    } finally {
      this.busy.delete(slot)
      this.next()
    }
  }

  /** How many calls could start now, leaving one permit for interactive ones where there are several. */
  async free(): Promise<number> {
    await this.lease()
    if (this.closedForMs() > 0) return 0
    const idle = this.slots.length - this.busy.size - this.waiting.length
    return Math.max(0, this.most > 1 ? idle - 1 : idle)
  }

  /** The system is down or wants us to wait: all processes stop calling until then. */
  async close(reason: string, retryAfterMs = 0): Promise<void> {
    this.failing = true
    const [row] = await this.db.query<{ closed_ms: string }>(closeLane, [this.system.name, reason, retryAfterMs])
    if (row) this.closedUntil = this.host.monotonic() + Number(row.closed_ms)
  }

  /** A call succeeded: the breaker closes its account. */
  async succeeded(): Promise<void> {
    if (!this.failing) return
    this.failing = false
    await this.db.query(openLane, [this.system.name])
  }

  async stop(): Promise<void> {
    this.idleTimer?.cancel()
    this.useTimer?.cancel()
    await this.db
      .query('delete from lane_use where system = $1 and worker = $2', [this.system.name, this.worker])
      .catch(() => undefined)
    const idle = this.slots.filter(slot => !this.busy.has(slot))
    await this.db.query(releasePermits, [this.system.name, this.worker, idle]).catch(() => undefined)
  }

  private async acquire(tier: Tier): Promise<number> {
    for (;;) {
      await this.lease()
      if (this.pause !== undefined) throw new LanePaused(this.pause)
      const slot =
        this.closedForMs() > 0 && tier === 'batch' ? undefined : this.slots.find(slot => !this.busy.has(slot))
      if (slot !== undefined) {
        this.busy.add(slot)
        return slot
      }
      await this.turn(tier)
    }
  }

  /** Waits until a permit may have come free; interactive waits stand before batch ones. */
  private turn(tier: Tier): Promise<void> {
    return new Promise(resolve => {
      const timer = this.host.after(this.closedForMs() > 0 ? 100 : 200, () => go())
      const waiting: Waiting = { tier, go: () => go() }
      const go = (): void => {
        timer.cancel()
        this.waiting = this.waiting.filter(other => other !== waiting)
        resolve()
      }
      this.waiting = tier === 'interactive' ? [waiting, ...this.waiting] : [...this.waiting, waiting]
    })
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

  private next(): void {
    this.waiting[0]?.go()
    this.idleTimer?.cancel()
    this.idleTimer = this.host.after(blockMs, () => void this.giveUpIdle())
  }

  /** Permits that nobody here needs go back, so that others find them. */
  private async giveUpIdle(): Promise<void> {
    // Not while a lease is being renewed, nor renewed while this runs: what the table says free, nobody here may use.
    if (this.leasing) return
    const idle = this.slots.filter(slot => !this.busy.has(slot))
    this.slots = this.slots.filter(slot => this.busy.has(slot))
    this.leasing = this.release(idle).finally(() => {
      this.leasing = undefined
    })
    await this.leasing
  }

  private async release(idle: readonly number[]): Promise<void> {
    await this.db.query(releasePermits, [this.system.name, this.worker, idle]).catch(() => undefined)
  }

  private async lease(): Promise<void> {
    if (this.slots.length > 0 && !this.leasing && this.host.monotonic() < this.validUntil) return
    this.leasing ??= this.leaseNow().finally(() => {
      this.leasing = undefined
    })
    await this.leasing
  }

  private async leaseNow(): Promise<void> {
    const before = this.host.monotonic()
    const { name, concurrency, longestCallMs } = this.system
    const [row] = await this.db.query<Leased>(leasePermits, [
      name,
      this.worker,
      blockMs + longestCallMs,
      concurrency,
      [...this.slots],
    ])
    this.slots = row?.slots ?? []
    this.most = row?.most ?? 1
    this.validUntil = before + (this.slots.length > 0 ? blockMs : 0)
    this.pause = row?.paused ? pauseWords(name, row.paused_by, row.pause_reason) : undefined
    if (this.pause !== undefined) {
      // Given back at once, so that they are there when it is resumed; a running call keeps its own until it ends.
      await this.release(this.slots.filter(slot => !this.busy.has(slot)))
      this.slots = this.slots.filter(slot => this.busy.has(slot))
      this.validUntil = before
    }
    const closedMs = row?.paused ? 1_000 : Number(row?.closed_ms ?? 0)
    if (closedMs > 0) this.failing = true
    this.closedUntil = Math.max(this.closedUntil, before + closedMs)
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
