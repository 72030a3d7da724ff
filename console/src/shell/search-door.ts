// The door to the search, from anywhere: it may be opened before the search itself has come.
import { useSyncExternalStore } from 'react'

let openings = 0
const watchers = new Set<() => void>()

export function openSearch(): void {
  openings++
  for (const tell of watchers) tell()
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** How often it was opened: each time is news. */
export const useOpenings = (): number => useSyncExternalStore(watch, () => openings)
