// Keeps what is on the screen fresh: the server says that something changed, and what is shown is asked for again. Without
// its word, it is asked for every few seconds.
import type { QueryClient, QueryMeta } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

export type Liveness = 'connecting' | 'live' | 'polling'

const POLL_MS = 4_000
/** Many changes are one: nobody reads faster. */
const GATHER_MS = 900
const LONGEST_REST_MS = 10_000
const AGAIN_MS = 5_000
/** The server says at least every 15 s that it is there. */
const SILENT_MS = 40_000

let liveness: Liveness = 'connecting'
const listeners = new Set<() => void>()

function become(now: Liveness): void {
  if (now === liveness) return
  liveness = now
  for (const tell of listeners) tell()
}

export const useLiveness = (): Liveness =>
  useSyncExternalStore(
    listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => liveness,
  )

/** Begins once, for as long as the page is open. */
export function keepFresh(client: QueryClient): void {
  let gathering: ReturnType<typeof setTimeout> | undefined
  let rest = GATHER_MS
  const predicate = ({ meta }: { readonly meta?: QueryMeta | undefined }): boolean => meta?.lasting !== true
  const ask = async (): Promise<void> => {
    const begun = performance.now()
    await client.invalidateQueries({ refetchType: 'active', predicate }, { cancelRefetch: false })
    // Who answers slowly is asked less often: looking on takes a third of the time at most.
    rest = Math.min(LONGEST_REST_MS, Math.max(GATHER_MS, 2 * (performance.now() - begun)))
    gathering = undefined
  }
  const refresh = (): void => {
    if (gathering !== undefined || document.hidden) return
    gathering = setTimeout(() => void ask(), rest)
  }
  listen(refresh)
  setInterval(() => {
    if (liveness !== 'live') refresh()
  }, POLL_MS)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) refresh()
  })
}

function listen(refresh: () => void): void {
  const source = new EventSource('/api/stream')
  // A connection may be dead without anybody saying so: the server is never silent for so long.
  let silence: ReturnType<typeof setTimeout> | undefined
  const heard = (): void => {
    clearTimeout(silence)
    silence = setTimeout(again, SILENT_MS)
  }
  const again = (): void => {
    clearTimeout(silence)
    source.close()
    become('polling')
    setTimeout(() => listen(refresh), AGAIN_MS)
  }
  source.addEventListener('open', () => {
    heard()
    become('live')
    // What happened while nobody listened.
    refresh()
  })
  source.addEventListener('heartbeat', heard)
  source.addEventListener('changed', () => {
    heard()
    refresh()
  })
  source.addEventListener('error', () => {
    become('polling')
    // The browser tries again by itself, unless the server said no.
    if (source.readyState === EventSource.CLOSED) again()
  })
}
