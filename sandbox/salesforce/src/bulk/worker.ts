// Runs bulk jobs one after the other, in the background: a poll sees them queued, in progress and done. A job that was
// interrupted goes on where the journal says it was.
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../errors.ts'
import type { Org } from '../org.ts'
import { extract } from './extract.ts'
import { ingest } from './ingest.ts'
import { isQuery, type Job } from './jobs.ts'
import { JobFailure } from './rows.ts'

export class BulkWorker {
  readonly #org: Org
  readonly #pauseMs: number
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined

  /** `pauseMs` is how long a job rests before each piece of its work. */
  constructor(org: Org, pauseMs: number) {
    this.#org = org
    this.#pauseMs = pauseMs
  }

  /** Begins to work if it does not already. */
  poke(): void {
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined
    })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #work(): Promise<void> {
    // Whoever asked for it is answered first.
    while (await this.#rested()) {
      const job = this.#org.jobs.nextToRun()
      if (!job) return
      await this.#run(job)
    }
  }

  async #rested(): Promise<boolean> {
    await sleep(this.#pauseMs, undefined, { signal: this.#stop.signal }).catch(() => {})
    return !this.#stop.signal.aborted
  }

  async #run(job: Job): Promise<void> {
    const { jobs } = this.#org
    if (job.state !== 'InProgress') jobs.change(job.id, { state: 'InProgress' })
    const inProgress = () => jobs.find(job.id)?.state === 'InProgress'
    const mayGoOn = async () => (await this.#rested()) && inProgress()
    try {
      const now = jobs.find(job.id) ?? job
      await (isQuery(now) ? extract : ingest)(this.#org, now, mayGoOn)
    } catch (error) {
      if (this.#stop.signal.aborted || !inProgress()) return
      jobs.change(job.id, { state: 'Failed', errorMessage: reasonOf(error) })
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof JobFailure) return error.message
  if (error instanceof ApiError) return `InvalidBatch : Failed to process query: ${error.code}: ${error.message}`
  return `InternalServerError : ${error instanceof Error ? error.message : String(error)}`
}
