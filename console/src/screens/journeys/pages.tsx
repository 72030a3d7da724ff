// Which rows are shown of how many, and the way to the others.
import { Button } from '@mantine/core'
import { useKeys } from '../../parts/keys.ts'
import { count } from '../../words/format.ts'
import { type Chosen, choose, ROWS } from './filter.ts'
import styles from './journeys.module.css'

type Props = {
  chosen: Chosen
  next: string | null
  rows: number
  /** Nothing where it is not counted: ended journeys are without end. */
  total: number | undefined
  onGo: (next: Chosen) => void
}

/** Where each page of a choice began, for the way back: a cursor leads forward only. */
const beginnings = new Map<string, string | undefined>()
const keyOf = (chosen: Chosen, page: number): string => `${JSON.stringify(choose(chosen, {}))} ${page}`

export function Pages({ chosen, next, rows, total, onGo }: Props) {
  const page = chosen.page ?? 1
  beginnings.set(keyOf(chosen, page), chosen.after)
  const first = (page - 1) * ROWS + 1
  const last = first + rows - 1
  const known = beginnings.has(keyOf(chosen, page - 1))
  const forward = (): void => {
    if (next !== null) onGo({ ...chosen, after: next, page: page + 1 })
  }
  const back = (): void => {
    if (page === 1) return
    const after = beginnings.get(keyOf(chosen, page - 1))
    onGo({ ...choose(chosen, {}), ...(after !== undefined && { after, page: page - 1 }) })
  }
  useKeys({ n: forward, b: back })
  return (
    <nav className={styles.pages} aria-label="Pages">
      <span className="figures">
        {count(first)}–{count(last)}
        {total !== undefined && total >= last
          ? ` of ${count(total)}`
          : next === null
            ? ` of ${count(last)}`
            : '; more follow'}
      </span>
      <span className={styles.turn}>
        <Button size="compact-sm" variant="default" disabled={page === 1} onClick={back}>
          {known || page === 1 ? 'Page before' : 'First page'}
        </Button>
        <Button size="compact-sm" variant="default" disabled={next === null} onClick={forward}>
          Next page
        </Button>
      </span>
    </nav>
  )
}
