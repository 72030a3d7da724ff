// The keyboard: what there is, as the help shows it, and the two-letter ways to the screens.
import { useLayoutEffect, useRef } from 'react'
import { isWriting } from '../parts/keys.ts'

export const PLACES = [
  { to: '/journeys', name: 'Journeys', letter: 'j' },
  { to: '/tasks', name: 'Tasks', letter: 't' },
  { to: '/problems', name: 'Problems', letter: 'p' },
  { to: '/systems', name: 'Systems', letter: 's' },
  { to: '/tables', name: 'Tables', letter: 'v' },
  { to: '/owners', name: 'Owners', letter: 'o' },
  { to: '/disputes', name: 'Disputes', letter: 'd' },
  { to: '/gaps', name: 'Gaps', letter: 'a' },
  { to: '/sandbox', name: 'Sandbox', letter: 'b' },
] as const
export type Place = (typeof PLACES)[number]['to']

export const KEYS: readonly {
  readonly group: string
  readonly keys: readonly { readonly press: readonly string[]; readonly does: string }[]
}[] = [
  {
    group: 'Everywhere',
    keys: [
      { press: ['/'], does: 'Search any number or name' },
      { press: ['Ctrl', 'K'], does: 'Search, also from within a field' },
      ...PLACES.map(({ name, letter }) => ({ press: ['g', letter], does: `Go to ${name.toLowerCase()}` })),
      { press: ['?'], does: 'This help' },
      { press: ['Esc'], does: 'Close what is open' },
    ],
  },
  {
    group: 'In a list',
    keys: [
      { press: ['j'], does: 'Next row' },
      { press: ['k'], does: 'Row before' },
      { press: ['Enter'], does: 'Open the row' },
      { press: ['x'], does: 'Choose the row' },
      { press: ['n'], does: 'Next page' },
      { press: ['b'], does: 'Page before' },
    ],
  },
  {
    group: 'At a task',
    keys: [
      { press: ['j'], does: 'Next question' },
      { press: ['k'], does: 'Question before' },
      { press: ['1', '2', '…'], does: 'Give that answer' },
    ],
  },
  {
    group: 'In a story',
    keys: [
      { press: ['j'], does: 'Next moment' },
      { press: ['k'], does: 'Moment before' },
      { press: ['Enter'], does: 'Open or close it' },
      { press: ['1', '2', '…'], does: 'Give that answer to its question' },
    ],
  },
]

const IN_A_ROW_MS = 1_200

/** `g` and then a letter. */
export function useGoTo(go: (to: Place) => void): void {
  const latest = useRef(go)
  latest.current = go
  useLayoutEffect(() => {
    // Not 0: an event's time counts from when the page came, and 0 is a moment ago to whoever types at once.
    let begun: number | undefined
    const press = (event: KeyboardEvent): void => {
      // Together with another key it means something else.
      if (isWriting(event) || event.ctrlKey || event.metaKey || event.altKey) return
      const place = PLACES.find(one => one.letter === event.key)
      const isSecond = begun !== undefined && event.timeStamp - begun < IN_A_ROW_MS
      begun = event.key === 'g' ? event.timeStamp : undefined
      if (!place || !isSecond) return
      event.preventDefault()
      event.stopImmediatePropagation()
      latest.current(place.to)
    }
    // First of all listeners: the second letter may mean something else to a screen.
    document.addEventListener('keydown', press, { capture: true })
    return () => document.removeEventListener('keydown', press, { capture: true })
  }, [])
}
