// Work for many at once, which one of them may spoil.

/**
 * Does the work for all at once. What fails is done for each half, until somebody is alone with the error: nobody fails for
 * another. An error that is nobody's fault ends it all.
 */
export async function halving<T, R>(
  all: readonly T[],
  work: (some: readonly T[]) => Promise<R>,
  alone: (one: T, error: Error) => Promise<R>,
  isNobodysFault: (error: unknown) => boolean,
): Promise<R[]> {
  try {
    return [await work(all)]
  } catch (error) {
    const [one] = all
    if (one === undefined || isNobodysFault(error)) throw error
    if (all.length === 1) return [await alone(one, error as Error)]
    const half = Math.ceil(all.length / 2)
    const first = await halving(all.slice(0, half), work, alone, isNobodysFault)
    return [...first, ...(await halving(all.slice(half), work, alone, isNobodysFault))]
  }
}
