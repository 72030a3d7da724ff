// Keys that do something on the screen that is there: heard from the moment it stands, and not while somebody writes.
import { useLayoutEffect, useRef } from 'react'

/** What each key does, by its name: `j`, `?`, `mod+k` for Ctrl or ⌘. */
type Keys = Readonly<Record<string, () => void>>

/** Those with Ctrl or ⌘ are heard in a field too. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  // Not an effect that waits until the picture is painted: who types fast would lose the first key.
  useLayoutEffect(() => {
    latest.current = keys
  })
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const name = nameOf(event)
      const act = name !== undefined && Object.hasOwn(latest.current, name) ? latest.current[name] : undefined
      if (!act || (isWriting(event) && !name?.startsWith('mod+'))) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}

/** `1` is the first, and so on to `9`. */
export const digitKeys = (act: (place: number) => void): Keys =>
  Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit => [String(digit), () => act(digit - 1)]))

function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string | undefined {
  const isLetter = /^\p{L}$/u.test(key)
  if (altKey || (shiftKey && isLetter)) return undefined
  return `${ctrlKey || metaKey ? 'mod+' : ''}${isLetter ? key.toLowerCase() : key}`
}

const FIELDS = 'input:not([type=checkbox], [type=radio]), textarea, select'

/** Whoever writes into a field means the letter itself. */
export const isWriting = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches(FIELDS))
