// A loop of a stage: works while there is work, then rests until poked or until its pause is over. Polling is the
// guarantee, poking the speed.
import type { Host } from '../host.ts'

/** Of a loop that fails again and again. */
const longestPauseMs = 2_000

export class Loop {
  private readonly host: Host
  private readonly name: string
  private readonly pauseMs: number
  private readonly work: () => Promise<number>
  private readonly strands: number
  private readonly running: Promise<void>[] = []
  private resting: (() => void)[] = []
  private poked = false
  private stopped = false

  /** `strands`: how many rounds of the work may be under way at once. */
  constructor(host: Host, name: string, pauseMs: number, work: () => Promise<number | undefined | void>, strands = 1) {
    this.host = host
    this.name = name
    this.pauseMs = pauseMs
    this.work = async () => (await work()) ?? 0
    this.strands = strands
  }

  start(): void {
    for (let strand = 0; strand < this.strands; strand++) this.running.push(this.turn())
  }

  poke(): void {
    this.poked = true
    // One wakes; if it finds work, it wakes the next.
    this.resting.shift()?.()
  }

  async stop(): Promise<void> {
    this.stopped = true
    for (const wake of this.resting.splice(0)) wake()
    await Promise.all(this.running)
  }

  private async turn(): Promise<void> {
    let failures = 0
    while (!this.stopped) {
      this.poked = false
      try {
        const done = await this.work()
        failures = 0
        if (done > 0) {
          this.resting.shift()?.()
          continue
        }
      } catch (error) {
        failures++
        if (failures === 1 || failures % 20 === 0)
          this.host.log(`${this.name} failed and is tried again`, { error: (error as Error).message, failures })
      }
      if (!this.poked || failures > 0) await this.rest(this.pauseAfter(failures))
    }
  }

  /** After each failure in a row a pause more; what rests briefly when all is well, never long. */
  private pauseAfter(failures: number): number {
    return Math.max(this.pauseMs, Math.min(longestPauseMs, this.pauseMs * failures))
  }

  private rest(ms: number): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        timer.cancel()
        this.resting = this.resting.filter(other => other !== wake)
        resolve()
      }
      const timer = this.host.after(ms, wake)
      this.resting.push(wake)
    })
  }
}
