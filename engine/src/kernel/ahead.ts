// How much is prepared for a lane before its permits are there: as much as it gets through in a moment, and one call more, so that a
// permit that comes free finds one. Of fast calls many are prepared together, of slow ones hardly more than there are permits, so that
// nothing waits for long and is then sent as it no longer is. And the room that is kept for what is being prepared.

const aheadMs = 250

/** Room for calls, kept until it is let go: that says whether somebody else found none meanwhile. */
export type Room = { readonly calls: number; letGo(): boolean }

export class Ahead {
  private kept = 0
  private isWanted = false
  /** How long a write takes, of late. */
  private writeMs: number | undefined

  /** What starts within a moment, at the rate that the system allows. */
  private readonly mostAtOnce: number

  constructor(perSecond = Number.POSITIVE_INFINITY) {
    this.mostAtOnce = Math.floor((aheadMs * perSecond) / 1_000)
  }

  /** Calls for which room is kept. */
  get promised(): number {
    return this.kept
  }

  /** How many calls so many permits get through in a moment; one at least. */
  atOnce(permits: number): number {
    // While nobody knows how long they take, one for each.
    const each = Math.max(1, Math.floor(aheadMs / Math.max(1, this.writeMs ?? aheadMs)))
    return Math.max(1, Math.min(permits * each, this.mostAtOnce))
  }

  /** How many calls are prepared for so many permits. */
  most(permits: number): number {
    return permits === 0 ? 0 : this.atOnce(permits) + 1
  }

  /** Hears how long a write took. One that is much slower than the others counts at once, any other a fifth. */
  wrote(ms: number): void {
    const known = this.writeMs ?? ms
    this.writeMs = ms > 5 * known ? ms : 0.8 * known + 0.2 * ms
  }

  keep(calls: number): Room {
    if (calls === 0 && this.kept > 0) this.isWanted = true
    let mine = calls
    this.kept += mine
    const letGo = (): boolean => {
      const isWanted = mine > 0 && this.isWanted
      if (isWanted) this.isWanted = false
      this.kept -= mine
      mine = 0
      return isWanted
    }
    return { calls, letGo }
  }
}
