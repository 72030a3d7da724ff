// What is chosen, each with a way to take it back.
import { Icon } from '../../parts/icons.tsx'
import { type Chosen, choose, FACETS } from './filter.ts'
import styles from './journeys.module.css'
import { chipWords, titleOf } from './words.ts'

export function Chips({ chosen, onChoose }: { chosen: Chosen; onChoose: (next: Chosen) => void }) {
  const shown = FACETS.filter(name => chosen[name] !== undefined)
  if (shown.length === 0) return <p className={styles.all}>All open journeys</p>
  return (
    <ul className={styles.chips} aria-label="Chosen">
      {shown.map(name => (
        <li key={name}>
          <button
            type="button"
            className={styles.chip}
            aria-label={`Take back ${titleOf(name)}: ${chipWords(name, chosen)}`}
            onClick={() => onChoose(choose(chosen, { [name]: undefined }))}
          >
            <span className="quiet">{titleOf(name)}</span> {chipWords(name, chosen)} <Icon name="close" size={11} />
          </button>
        </li>
      ))}
      {shown.length > 1 && (
        <li>
          <button type="button" className={styles.chipAll} onClick={() => onChoose({ sort: chosen.sort })}>
            Take all back
          </button>
        </li>
      )}
    </ul>
  )
}
