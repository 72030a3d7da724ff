// Notify after commit, coalesced: one listener per process, at most one notification per stage and short while.
import pg from 'pg'
import type { Host } from '../host.ts'
import type { Db } from './db.ts'

const channel = 'plumbline'
const coalesceMs = 25

export class Notifier {
  private readonly db: Db
  private readonly host: Host
  private readonly heard: (stage: string) => void
  private readonly due = new Set<string>()
  private timer: { cancel(): void } | undefined
  private listener: pg.Client | undefined
  private stopped = false

  constructor(db: Db, host: Host, heard: (stage: string) => void) {
    this.db = db
    this.host = host
    this.heard = heard
  }

  async start(): Promise<void> {
    await this.listen().catch(() => this.again())
  }

  /** Tells other processes that a stage may have work. Never awaited: polling is the guarantee. */
  tell(stage: string): void {
    this.due.add(stage)
    this.timer ??= this.host.after(coalesceMs, () => {
      this.timer = undefined
      const stages = [...this.due]
      this.due.clear()
      this.db
        .query({ name: 'notify', text: 'select pg_notify($1, stage) from unnest($2::text[]) as s(stage)' }, [
          channel,
          stages.map(stage => `${this.host.processName} ${stage}`),
        ])
        .catch(() => undefined)
    })
  }

  async stop(): Promise<void> {
    this.stopped = true
    this.timer?.cancel()
    await this.listener?.end().catch(() => undefined)
  }

  private async listen(): Promise<void> {
    const client = new pg.Client({ connectionString: this.db.url, keepAlive: true })
    client.on('error', () => this.again())
    client.on('notification', ({ payload }) => {
      const [process, stage] = (payload ?? '').split(' ')
      if (process !== this.host.processName && stage) this.heard(stage)
    })
    await client.connect()
    await client.query(`listen ${channel}`)
    this.listener = client
  }

  /** The connection broke: listen anew, for as long as it takes. */
  private again(): void {
    this.listener?.end().catch(() => undefined)
    this.listener = undefined
    if (!this.stopped)
      this.host.after(1_000, () => void (this.stopped || this.listener || this.listen().catch(() => this.again())))
  }
}
