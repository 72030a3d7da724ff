// A moment: relative in the text, the exact instant on hover and for machines.
import { useSyncExternalStore } from 'react'
import { absolute, relative, span } from '../words/format.ts'

const TICK_MS = 5_000
let now = Date.now()
const watchers = new Set<() => void>()
let ticking: ReturnType<typeof setInterval> | undefined

function watch(watcher: () => void): () => void {
  watchers.add(watcher)
  ticking ??= setInterval(() => {
    now = Date.now()
    for (const tell of watchers) tell()
  }, TICK_MS)
  return () => {
    watchers.delete(watcher)
    if (watchers.size > 0) return
    clearInterval(ticking)
    ticking = undefined
  }
}

/** The time of day, a few seconds old at most: one clock for the whole page. */
export const useNow = (): number => useSyncExternalStore(watch, () => now)

/** `3 min ago`. */
export const Ago = ({ at }: { at: string }) => {
  const current = useNow()
  return (
    <time dateTime={at} title={absolute(at)}>
      {relative(at, Math.max(current, Date.now() - TICK_MS))}
    </time>
  )
}

/** `3 min`: since when something is so, where the words around it say "for". */
export const For = ({ since }: { since: string }) => {
  const current = useNow()
  return (
    <time dateTime={since} title={`since ${absolute(since)}`}>
      {span(Math.max(0, current - new Date(since).getTime()))}
    </time>
  )
}
