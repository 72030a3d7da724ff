// The facts behind a sentence, as they were stored.

import styles from './timeline.module.css'
import { Value } from './value.tsx'

export function FactsBehind({ facts, open }: { facts: Readonly<Record<string, unknown>>; open: boolean }) {
  const given = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined)
  if (given.length === 0) return null
  return (
    <details className={styles.facts} open={open}>
      <summary>The facts behind it</summary>
      <dl>
        {given.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Value of={value} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
