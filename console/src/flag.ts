// Something that is not so at first, then is, and stays so: whoever shows it hears of it.
import { useSyncExternalStore } from 'react'

export function flag(): { readonly useIt: () => boolean; readonly raise: () => void } {
  let isUp = false
  const watchers = new Set<() => void>()
  const watch = (watcher: () => void) => {
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  }
  return {
    useIt: () => useSyncExternalStore(watch, () => isUp),
    raise: () => {
      isUp = true
      for (const tell of watchers) tell()
    },
  }
}
