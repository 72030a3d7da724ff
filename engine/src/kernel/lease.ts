// A worker's lease: the row that says it lives. While it is alive, what it claimed is its own.
import type { Host } from '../host.ts'
import type { Db } from '../store/db.ts'
import { type Claimable, claimables, giveBackStrays, takeOver } from './claims.ts'

const leaseMs = 6_000
const beatMs = 1_500
/** What a beat may take; measured from before it was sent, so that our idea of the lease ends before the database's. */
const marginMs = 1_000

type Beat = { steady: boolean }

const beat = {
  name: 'lease-beat',
  // One that is new takes its steadiness from those alive: it says since when somebody could renew without a gap.
  text: `insert into worker (worker, build, lease_until, steady_since)
         select $1, $2, clock_timestamp() + make_interval(secs => $3 / 1000.0),
           coalesce((select min(steady_since) from worker where lease_until > clock_timestamp()), clock_timestamp())
         on conflict (worker) do update set
           steady_since = case when worker.lease_until < clock_timestamp() then clock_timestamp() else worker.steady_since end,
           lease_until = excluded.lease_until
         returning clock_timestamp() - steady_since > make_interval(secs => $3 / 1000.0) as steady`,
}

export class Lease {
  readonly worker: string
  /** Rows being worked on in this process, per table: what is in our name but not here was given back in vain. */
  readonly working = new Map<string, Set<string>>()
  private readonly db: Db
  private readonly host: Host
  private readonly build: string
  private aliveUntil = 0
  private readonly stopping = new AbortController()
  private beating: Promise<void> = Promise.resolve()

  constructor(db: Db, host: Host, build: string) {
    this.db = db
    this.host = host
    this.build = build
    this.worker = host.processName
  }

  /** Whether a call may still be made in our name. Checked with no await between this and the socket. */
  isAlive(): boolean {
    return this.host.monotonic() < this.aliveUntil
  }

  /** Milliseconds that remain of the lease by our own clock. */
  remainingMs(): number {
    return this.aliveUntil - this.host.monotonic()
  }

  async start(): Promise<void> {
    await this.renew()
    this.beating = this.keepBeating()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.beating
    await this.db.query('delete from worker where worker = $1', [this.worker]).catch(() => undefined)
  }

  /** The claims of a table's rows that this process works on. */
  workingOn(what: Claimable): Set<string> {
    const set = this.working.get(what.table) ?? new Set<string>()
    this.working.set(what.table, set)
    return set
  }

  private async keepBeating(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.host.sleep(beatMs, this.stopping.signal)
      if (this.stopping.signal.aborted) return
      await this.round().catch((error: Error) =>
        this.host.log('The lease could not be renewed', { error: error.message }),
      )
    }
  }

  private async round(): Promise<void> {
    const steady = await this.renew()
    for (const what of Object.values(claimables)) await giveBackStrays(this.db, this.worker, what, this.workingOn(what))
    if (steady) await this.takeOverFromTheDead()
  }

  private async renew(): Promise<boolean> {
    const before = this.host.monotonic()
    const [row] = await this.db.query<Beat>(beat, [this.worker, this.build, leaseMs])
    this.aliveUntil = before + leaseMs - marginMs
    return row?.steady ?? false
  }

  private async takeOverFromTheDead(): Promise<void> {
    await this.db.transaction(async tx => {
      const dead = await tx.query<{ worker: string }>(
        'delete from worker where lease_until < clock_timestamp() - make_interval(secs => 60) returning worker',
      )
      if (dead.length > 0) this.host.log('Forgot workers that are long gone', { workers: dead.length })
    })
    for (const what of Object.values(claimables)) {
      const freed = await this.db.transaction(tx => takeOver(tx, what))
      if (freed > 0) this.host.log(`Took over ${freed} of a dead worker's rows`, { table: what.table })
    }
  }
}
