// j and k go through the rows of a list; each row has one thing that takes the focus, marked data-row.
import type { RefObject } from 'react'
import { useKeys } from './keys.ts'

export function useRowSteps(list: RefObject<HTMLElement | null>): void {
  const step = (by: 1 | -1): void => {
    // A dialog above the list has the keys to itself.
    if (document.activeElement?.closest('[aria-modal=true]')) return
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
    const at = document.activeElement instanceof HTMLElement ? rows.indexOf(document.activeElement) : -1
    // From elsewhere, the first key leads to the first row, or to the last.
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))
    rows[next]?.focus()
  }
  useKeys({ j: () => step(1), k: () => step(-1) })
}
