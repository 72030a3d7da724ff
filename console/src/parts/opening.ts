// What opens above the page: it is not there before it is first wanted, and stays from then on, to be closed gently.
import { useEffect, useState } from 'react'

export function useWanted(opened: boolean): boolean {
  const [wanted, setWanted] = useState(opened)
  if (opened && !wanted) setWanted(true)
  return wanted
}

/** It stands closed for a moment before it opens: only so it remembers where the focus was, and gives it back. */
export function useStands(): boolean {
  const [stands, setStands] = useState(false)
  useEffect(() => setStands(true), [])
  return stands
}
