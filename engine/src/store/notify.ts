// Notify after commit, coalesced: one listener per process, at most one notification per stage and short while.
import pg from 'pg'
import type { Host } from '../host.ts'
import type { Db } from './db.ts'

const channel = 'plumbline'
const coalesceMs = 25
const told = { name: 'notify', text: 'select pg_notify($1, stage) from unnest($2::text[]) as s(stage)' }

export class Notifier {
  private readonly db: Db
  private readonly host: Host
  private readonly due = new Set<string>()
  private readonly listener: Listener
  private timer: { cancel(): void } | undefined

  constructor(db: Db, host: Host, heard: (stage: string) => void) {
    this.db = db
    this.host = host
    this.listener = new Listener(db.url, host, (from, stage) => {
      if (from !== host.processName) heard(stage)
    })
  }

  start(): Promise<void> {
    return this.listener.start()
  }

  /** Tells other processes that a stage may have work. Never awaited: polling is the guarantee. */
  tell(stage: string): void {
    this.due.add(stage)
    this.timer ??= this.host.after(coalesceMs, () => {
      this.timer = undefined
      const stages = [...this.due]
      this.due.clear()
      this.db.query(told, [channel, stages.map(stage => `${this.host.processName} ${stage}`)]).catch(() => undefined)
    })
  }

  async stop(): Promise<void> {
    this.timer?.cancel()
    await this.listener.stop()
  }
}

/** Hears what processes tell each other, for as long as the database is there, and again when it is back. */
export class Listener {
  private readonly url: string
  private readonly host: Host
  private readonly heard: (from: string, stage: string) => void
  private client: pg.Client | undefined
  private stopped = false
  private next: { cancel(): void } | undefined

  constructor(url: string, host: Host, heard: (from: string, stage: string) => void) {
    this.url = url
    this.host = host
    this.heard = heard
  }

  async start(): Promise<void> {
    await this.listen().catch(() => this.again())
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.client?.end().catch(() => undefined)
  }

  private async listen(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, keepAlive: true })
    client.on('error', () => this.again())
    client.on('notification', ({ payload }) => {
      const [from, ...stage] = (payload ?? '').split(' ')
      if (from && stage.length > 0) this.heard(from, stage.join(' '))
    })
    await client.connect()
    await client.query(`listen ${channel}`)
    if (this.stopped) await client.end()
    else this.client = client
  }

  /** The connection broke: listen anew, for as long as it takes. */
  private again(): void {
    this.client?.end().catch(() => undefined)
    this.client = undefined
    if (this.stopped) return
    // A server may break off a connection and refuse it at once: that is one end.
    this.next ??= this.host.after(1_000, () => {
      this.next = undefined
      if (!this.stopped) void this.listen().catch(() => this.again())
    })
  }
}

/** From one who does no work itself: tells every worker that a stage may have some. Never awaited: polling is the guarantee. */
export function tellWorkers(db: Db, ...stages: readonly string[]): void {
  db.query(told, [channel, stages.map(stage => `gateway ${stage}`)]).catch(() => undefined)
}

/** Somebody was erased: nobody opens anything any more with a key that is remembered. */
export function forgetKeys(db: Db, ...stages: readonly string[]): void {
  db.sealing.forget()
  tellWorkers(db, 'persons', ...stages)
}
