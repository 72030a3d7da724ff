// Whether the first screen has come. What is not needed to read it, waits until then.
import { useSyncExternalStore } from 'react'

let isLater = false
const watchers = new Set<() => void>()

function watch(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

export const useLater = (): boolean => useSyncExternalStore(watch, () => isLater)

export function becomeLater(): void {
  isLater = true
  for (const tell of watchers) tell()
}
