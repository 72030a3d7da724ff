// What several ask for at the same moment is done at once.

/**
 * While one round is under way the next gathers; what it answers for each comes in their order. A round that fails is done
 * again one by one, so that nobody fails for another. `most`: how many one round takes.
 */
export function together<T, R = void>(
  carryOut: (all: readonly T[]) => Promise<readonly R[]> | Promise<void>,
  most = Number.POSITIVE_INFINITY,
): (one: T) => Promise<R> {
  type Asked = { readonly one: T; readonly done: (result: R) => void; readonly failed: (error: unknown) => void }
  const waiting: Asked[] = []
  let isBusy = false

  const doAll = async (all: readonly Asked[]): Promise<void> => {
    const results = await carryOut(all.map(({ one }) => one))
    for (const [i, { done }] of all.entries()) done(results?.[i] as R)
  }
  const alone = (asked: Asked): Promise<void> => doAll([asked]).catch(asked.failed)
  const round = async (all: readonly Asked[]): Promise<void> => {
    const [first, ...others] = all
    if (!first) return
    if (others.length === 0) return alone(first)
    await doAll(all).catch(async () => {
      for (const asked of all) await alone(asked)
    })
  }
  const work = async (): Promise<void> => {
    isBusy = true
    while (waiting.length > 0) await round(waiting.splice(0, most))
    isBusy = false
  }
  return one => {
    const { promise, resolve, reject } = Promise.withResolvers<R>()
    waiting.push({ one, done: resolve, failed: reject })
    // After the microtasks of this turn: whoever comes within it takes part.
    if (!isBusy && waiting.length === 1) setImmediate(() => void work())
    return promise
  }
}

/** What is asked within one turn is looked up in one go. */
export function gathered<V>(
  lookUp: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>,
): (key: string) => Promise<V | undefined> {
  let keys: string[] = []
  let found: Promise<ReadonlyMap<string, V>> | undefined
  return async key => {
    keys.push(key)
    found ??= new Promise<void>(resolve => setImmediate(resolve)).then(() => {
      const all = [...new Set(keys)]
      keys = []
      found = undefined
      return lookUp(all)
    })
    return (await found).get(key)
  }
}
