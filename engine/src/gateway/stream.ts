// Server-sent events for those who look on: that something changed, at most once a second, and the numbers of the moment.
// However many look on, one looks for them: one LISTEN and one question a second for the whole process, none when nobody does.
import type { FastifyReply } from 'fastify'
import type { Host } from '../host.ts'
import { type Pulse, pulseOf, writtenRows } from '../observe/pulse.ts'
import type { Db } from '../store/db.ts'
import { Listener } from '../store/notify.ts'
import { problem } from './problems.ts'

const everyMs = 1_000
const heartbeatMs = 15_000
/** Looking may take this part of the time: a question that takes long is asked less often. */
const share = 5
const mostViewers = 100

type ServerResponse = FastifyReply['raw']

/** One who looks on. What it cannot take is not kept for it: when it can again it is told the latest, once. */
type Viewer = { readonly response: ServerResponse; blocked: boolean; missed: boolean }

export class Stream {
  private readonly db: Db
  private readonly host: Host
  private readonly viewers = new Set<Viewer>()
  private listener: Listener | undefined
  private looking: { cancel(): void } | undefined
  private latest: string | undefined
  private heard = false
  private rows = -1
  private toldAt = 0
  private stopped = false

  constructor(db: Db, host: Host) {
    this.db = db
    this.host = host
  }

  /** Takes the response over and keeps it until either side ends it. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
    if (this.stopped || this.viewers.size >= mostViewers)
      throw problem(
        'stream-full',
        `${this.viewers.size} look on already.`,
        'Close a window, or ask again every second.',
      )
    const viewer: Viewer = { response, blocked: false, missed: false }
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.on('drain', () => {
      viewer.blocked = false
      if (viewer.missed && this.latest) this.send(viewer, this.latest)
    })
    response.on('error', () => undefined)
    response.once('close', () => {
      this.viewers.delete(viewer)
      if (this.viewers.size === 0) this.rest()
    })
    this.viewers.add(viewer)
    this.send(viewer, 'retry: 2000\n\n')
    if (this.latest && this.looking) this.send(viewer, this.latest)
    this.begin()
  }

  /** Everybody is told to come back later. */
  stop(): void {
    this.stopped = true
    for (const { response } of this.viewers) response.end()
    this.rest()
  }

  private begin(): void {
    if (this.listener) return
    this.heard = true
    this.listener = new Listener(this.db.url, this.host, () => {
      this.heard = true
    })
    this.listener.start()
    this.looking = this.host.after(0, () => void this.look())
  }

  private rest(): void {
    this.looking?.cancel()
    this.looking = undefined
    void this.listener?.stop()
    this.listener = undefined
    this.latest = undefined
  }

  private async look(): Promise<void> {
    const { listener } = this
    const began = this.host.monotonic()
    await this.tellWhenChanged(began).catch(() => {
      // The database is away: whoever looks on asks the API and is told so; here it is tried again.
      this.heard = true
    })
    const took = this.host.monotonic() - began
    // Another may look by now: the last viewer went meanwhile, and a new one came.
    if (listener && this.listener === listener)
      this.looking = this.host.after(Math.max(everyMs - took, share * took), () => void this.look())
  }

  private async tellWhenChanged(now: number): Promise<void> {
    const heard = this.heard
    this.heard = false
    const rows = await writtenRows(this.db)
    const isNew = heard || rows !== this.rows
    this.rows = rows
    if (isNew) this.latest = changed(await pulseOf(this.db))
    else if (now - this.toldAt < heartbeatMs) return
    this.toldAt = now
    for (const viewer of this.viewers) this.send(viewer, isNew && this.latest ? this.latest : HEARTBEAT)
  }

  private send(viewer: Viewer, text: string): void {
    if (viewer.blocked) {
      viewer.missed = true
      return
    }
    viewer.missed = false
    viewer.blocked = !viewer.response.write(text)
  }
}

const HEARTBEAT = 'event: heartbeat\ndata: {}\n\n'
const changed = (pulse: Pulse): string => `event: changed\ndata: ${JSON.stringify(pulse)}\n\n`
