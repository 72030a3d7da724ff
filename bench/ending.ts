// What a measurement has opened is closed also when somebody stops it in the middle.

const open = new Set<() => Promise<unknown>>()
let isStopping = false

/** Works with something that must be closed, however it ends. */
export async function closing<T>(close: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  let closed: Promise<unknown> | undefined
  const once = (): Promise<unknown> => {
    closed ??= close()
    return closed
  }
  open.add(once)
  try {
    return await work()
  } finally {
    await once()
    open.delete(once)
    // Who stops us ends the process; what failed because of it is no news.
    if (isStopping) await new Promise(() => undefined)
  }
}

/** From now on Ctrl-C closes what is open, the last first, and ends the process. */
export function closeWhenStopped(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, async () => {
      isStopping = true
      for (const close of [...open].reverse()) await close().catch(() => undefined)
      process.exit(130)
    })
}
