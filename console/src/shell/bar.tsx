// The bar at the top: the screens with what waits there, the search, how fresh all is, and the colours.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type Liveness, useLiveness } from '../api/live.ts'
import { numbersQuery, problemsQuery } from '../api/queries.ts'
import type { Numbers, Problems } from '../api/types.ts'
import { useNow } from '../parts/ago.tsx'
import { Icon } from '../parts/icons.tsx'
import { sandboxesQuery } from '../screens/sandbox/asked.ts'
import { clock, count, span } from '../words/format.ts'
import { ColourScheme } from './colour-scheme.tsx'
import { PLACES, type Place } from './keys.ts'
import { openSearch } from './search-door.ts'
import styles from './shell.module.css'

export function Bar({ onHelp }: { onHelp: () => void }) {
  const numbers = useQuery(numbersQuery).data
  const problems = useQuery(problemsQuery()).data
  const sandboxes = useQuery(sandboxesQuery).data?.sandboxes ?? []
  // There is a sandbox where `npm start` brought one along, and nowhere else.
  const places = PLACES.filter(({ to }) => to !== '/sandbox' || sandboxes.length > 0)
  return (
    <header className={styles.bar}>
      <Link to="/journeys" className={styles.brand} aria-label="Plumbline, to the journeys">
        <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
          <path d="M16 2v14" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" />
          <path d="M16 13.5l6 7.2-6 9-6-9z" fill="currentColor" />
        </svg>
        Plumbline
      </Link>
      <nav aria-label="Screens" className={styles.places}>
        {places.map(({ to, name }) => (
          <Link key={to} to={to} className={styles.place} activeProps={{ 'data-active': '' }}>
            {name}
            <Waiting {...waitingAt(to, numbers, problems)} />
          </Link>
        ))}
      </nav>
      <button type="button" className={styles.search} onClick={openSearch}>
        <Icon name="search" size={14} />
        <span>Search a number or a name</span>
        <kbd>/</kbd>
      </button>
      <Fresh />
      <ColourScheme />
      <button
        type="button"
        className={styles.quietButton}
        onClick={onHelp}
        aria-label="Keyboard help"
        title="Keyboard (?)"
      >
        <Icon name="question" />
      </button>
    </header>
  )
}

type Waits = { readonly many: number; readonly says: string; readonly tone: 'plain' | 'warn' | 'bad' }

const NOTHING: Waits = { many: 0, says: '', tone: 'plain' }

function waitingAt(place: Place, numbers: Numbers | undefined, problems: Problems | undefined): Waits {
  if (place === '/journeys') return { many: numbers?.journeys.open ?? 0, says: 'open', tone: 'plain' }
  if (place === '/tasks') {
    const late = numbers?.tasks.late ?? 0
    const says = late > 0 ? `open, ${late} of them late` : 'open'
    return { many: numbers?.tasks.open ?? 0, says, tone: late > 0 ? 'bad' : 'warn' }
  }
  if (place === '/problems') {
    const many = Object.values(problems?.counts ?? {}).reduce((sum, one) => sum + one, 0)
    return { many, says: 'not well', tone: 'bad' }
  }
  if (place !== '/systems') return NOTHING
  const away = numbers?.systems.filter(one => one.paused !== null || one.breaker.state === 'open').length ?? 0
  return { many: away, says: 'paused or not answering', tone: 'bad' }
}

const Waiting = ({ many, says, tone }: Waits) =>
  many === 0 ? null : (
    <span className={styles.count} data-tone={tone} title={`${count(many)} ${says}`}>
      {count(many)}
      <span className="sr-only"> {says}</span>
    </span>
  )

const FRESH: Readonly<Record<Liveness, { word: string; says: string }>> = {
  connecting: { word: 'Connecting', says: 'Connecting to Plumbline' },
  live: { word: 'Live', says: 'What you see follows what happens, within a second' },
  polling: { word: 'Every 4 s', says: 'There is no live connection: this page asks again every four seconds' },
}

function Fresh() {
  const liveness = useLiveness()
  const now = useNow()
  const { failureCount, dataUpdatedAt } = useQuery(numbersQuery)
  const away = failureCount > 0
  const { word, says } = away ? awayWords(dataUpdatedAt, now) : FRESH[liveness]
  return (
    <span className={styles.fresh} data-liveness={away ? 'away' : liveness} role="status" title={says}>
      {word}
    </span>
  )
}

/** Old figures look like new ones: it must be said. */
const awayWords = (since: number, now: number): { word: string; says: string } => ({
  word: since === 0 ? 'No answer' : `No answer for ${span(Math.max(0, now - since))}`,
  says: `Plumbline does not answer. ${since === 0 ? 'Nothing can be shown yet.' : `What you see is as it was at ${clock(since)}.`} This page goes on by itself as soon as it answers.`,
})
