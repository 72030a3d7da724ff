// What comes at the same moment is done in one go, and what comes while that runs in the next: one transaction instead of many.

type Waiting<T, R> = {
  readonly one: T
  readonly done: (result: R) => void
  readonly failed: (reason: unknown) => void
}

/** `work` answers for each of them, in their order. */
export function together<T, R>(work: (all: readonly T[]) => Promise<readonly R[]>): (one: T) => Promise<R> {
  let waiting: Waiting<T, R>[] = []
  let isAtWork = false
  const goOn = async (): Promise<void> => {
    isAtWork = true
    // Whoever comes at this very moment is still taken along.
    await undefined
    while (waiting.length > 0) {
      const all = waiting
      waiting = []
      try {
        const results = await work(all.map(({ one }) => one))
        for (const [i, { done }] of all.entries()) done(results[i] as R)
      } catch (error) {
        for (const { failed } of all) failed(error)
      }
    }
    isAtWork = false
  }
  return one => {
    const { promise, resolve: done, reject: failed } = Promise.withResolvers<R>()
    waiting.push({ one, done, failed })
    if (!isAtWork) void goOn()
    return promise
  }
}
