// Whose turn it is when a call may start: who a person waits for first, then journeys and batches in turn, each in the order
// in which they came. Who no longer wants to wait has left the queue.

/** `interactive`: somebody stands waiting. `journey`: a journey asks. `batch`: writes, look-ups, reads, loads. */
export type Tier = 'interactive' | 'journey' | 'batch'

type Waiting<T> = { readonly give: (turn: T) => void; readonly fail: (reason: unknown) => void }

export class Turns<T> {
  private readonly queues: Readonly<Record<Tier, Set<Waiting<T>>>> = {
    interactive: new Set(),
    journey: new Set(),
    batch: new Set(),
  }
  private lastShared: Tier = 'batch'

  get length(): number {
    return this.waiting('interactive') + this.waiting('journey') + this.waiting('batch')
  }

  waiting(tier: Tier): number {
    return this.queues[tier].size
  }

  /** Resolves with what is given when it is this one's turn; rejects when `signal` aborts or nobody gets a turn. */
  wait(tier: Tier, signal?: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const queue = this.queues[tier]
    const leave = (): void => {
      queue.delete(waiting)
      reject(signal?.reason)
    }
    const over = (): void => signal?.removeEventListener('abort', leave)
    const waiting: Waiting<T> = {
      give: turn => {
        over()
        resolve(turn)
      },
      fail: reason => {
        over()
        reject(reason)
      },
    }
    if (signal?.aborted) reject(signal.reason)
    else {
      queue.add(waiting)
      signal?.addEventListener('abort', leave, { once: true })
    }
    return promise
  }

  /** Gives the turn to whoever is next, and says whose it is; nothing, if nobody waits who may have it. */
  give(turn: T, mayBeBatch = true): Tier | undefined {
    const tier = this.next(mayBeBatch)
    if (!tier) return undefined
    if (tier !== 'interactive') this.lastShared = tier
    const [first] = this.queues[tier]
    this.queues[tier].delete(first as Waiting<T>)
    first?.give(turn)
    return tier
  }

  /** There are no turns: everybody is sent away with the reason. */
  sendAway(reason: unknown): void {
    for (const queue of Object.values(this.queues)) {
      const all = [...queue]
      queue.clear()
      for (const one of all) one.fail(reason)
    }
  }

  private next(mayBeBatch: boolean): Tier | undefined {
    const shared: readonly Tier[] = this.lastShared === 'batch' ? ['journey', 'batch'] : ['batch', 'journey']
    return (['interactive', ...shared] as const).find(
      tier => this.waiting(tier) > 0 && (mayBeBatch || tier !== 'batch'),
    )
  }
}
